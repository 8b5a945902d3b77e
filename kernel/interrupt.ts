import { stopAlarm } from "@arch/timer";
import { TraceKind } from "./trace/record";
import { traceEvent } from "./trace/ring";
import { onAlarm } from "./userEntry";

/** What the architectures' interrupt dispatch calls when the timer has expired, with interrupts off. */

let timerInterrupts: u64 = 0n;

/** How many timer interrupts there have been. */
export function timerCount(): u64 {
  return timerInterrupts;
}

/** The one-shot timer has expired. @hot */
export function onTimer(): void {
  timerInterrupts += 1n;
  traceEvent(TraceKind.Irq, 1, 0n, 0n);
  // A timer that has gone off may go on asking: a long operation would never get past its next poll.
  stopAlarm();
  onAlarm();
}
