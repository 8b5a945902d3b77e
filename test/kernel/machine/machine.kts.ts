import { NEVER } from "../../../kernel/sched/timerWheel";

/**
 * The simulated machine, as far as it is the same on both architectures: a clock that runs by one with every reading,
 * one alarm, and a plan of what happens when the kernel lets interrupts in. The architecture's processor.kts.ts says how
 * the kernel is told.
 */

export const RAM_START = 0x20_0000n;

export interface Machine extends Struct<"Machine"> {
  /** Counts of the clock. */
  now: u64;
  /** When the alarm goes off; NEVER while there is none. */
  alarmAt: u64;
  /** Interrupts that come at polls, a bit each from the lowest: 1 when one comes. Then none comes any more. */
  polls: u64;
  /** How many polls there are before the plan begins. */
  pollsToSkip: u64;
  /** The line that such an interrupt is of; 0 for the timer. */
  line: u32;
  /** How many have come in at polls since the kernel was entered. */
  interrupts: u32;
  /** How often interrupts were let in. */
  pollCount: u64;
  /** The kernel slept, and nothing would ever have woken it. */
  sleeps: u64;
}

export const machine: Machine = zeroed();

export function resetMachine(): void {
  machine.now = 1_000_000n;
  machine.alarmAt = NEVER;
  machine.polls = 0n;
  machine.pollsToSkip = 0n;
  machine.line = 0;
  machine.interrupts = 0;
}

/** Takes the next poll from the plan: whether an interrupt comes. */
export function nextPoll(): boolean {
  machine.pollCount += 1n;
  if (machine.pollsToSkip !== 0n) {
    machine.pollsToSkip -= 1n;
    return false;
  }
  const comes = (machine.polls & 1n) !== 0n;
  machine.polls >>= 1n;
  return comes;
}

/** The clock, read once more. */
export function readClock(): u64 {
  machine.now += 1n;
  return machine.now;
}
