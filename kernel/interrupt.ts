import { armTimer, stopAlarm, uptimeNs } from "@arch/timer";
import { TraceKind } from "./trace/record";
import { traceEvent } from "./trace/ring";
import { onAlarm } from "./userEntry";

/** What the architectures' interrupt dispatch calls when the timer has expired, with interrupts off. */

const HEARTBEAT_NS = 100_000_000n;

let timerInterrupts: u64 = 0n;
/** While there are no threads every expiry arms the timer again. */
let isBeating = false;

/** How many timer interrupts there have been. */
export function timerCount(): u64 {
  return timerInterrupts;
}

export function startHeartbeat(): void {
  isBeating = true;
  armTimer(uptimeNs() + HEARTBEAT_NS);
}

/** From now on the scheduler sets the alarm. */
export function stopHeartbeat(): void {
  isBeating = false;
  stopAlarm();
}

/** The one-shot timer has expired. @hot */
export function onTimer(): void {
  timerInterrupts += 1n;
  traceEvent(TraceKind.Irq, 1, 0n, 0n);
  if (isBeating) {
    armTimer(uptimeNs() + HEARTBEAT_NS);
    return;
  }
  // A timer that has gone off may go on asking: a long operation would never get past its next poll.
  stopAlarm();
  onAlarm();
}
