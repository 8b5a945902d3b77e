import { armTimer, uptimeNs } from "@arch/timer";
import { signalLine } from "./object/irqHandler";
import { cpu } from "./sched/cpu";
import { idleThread } from "./sched/idle";
import { onAlarm } from "./userEntry";

/** What the architectures' interrupt dispatch calls, with interrupts off. */

const HEARTBEAT_NS = 100_000_000n;

let timerInterrupts: u64 = 0n;

/** How many timer interrupts there have been. */
export function timerCount(): u64 {
  return timerInterrupts;
}

/** Arms the timer for the first time; from then on every expiry arms it again. */
export function startHeartbeat(): void {
  armTimer(uptimeNs() + HEARTBEAT_NS);
}

/** A line's interrupt: false when it is nobody's. */
export function onLine(line: u32): boolean {
  return signalLine(line);
}

/** The one-shot timer has expired. */
export function onTimer(): void {
  timerInterrupts += 1n;
  if (cpu.current !== idleThread) {
    onAlarm();
    return;
  }
  armTimer(uptimeNs() + HEARTBEAT_NS);
}
