import type { Thread } from "../object/thread";

/**
 * What belongs to one processor. The entry and exit code reads `current`; assembly reserves the memory.
 *
 * @layout
 */
export interface Cpu extends Struct<"Cpu"> {
  /** Whose registers the exit restores (I8); of nobody, sched/idle.ts. */
  current: Thread;
  /** Scratch for the entry code. */
  scratch: u64;
  /** Page tables in use, as the architecture writes them to the processor. */
  space: u64;
  /** Whose FPU state is in the registers. */
  fpuOwner: Thread | null;
  /** When the current thread began to use its budget, in ticks. */
  since: u64;
  /** The thread pointer that is loaded. */
  tls: u64;
  /** The current thread may no longer be the most urgent one. */
  needsSchedule: boolean;
  /** The alarm has to be set anew before the kernel is left. */
  needsAlarm: boolean;
  /** An interrupt came in while a long operation asked for it. */
  wasInterrupted: boolean;
}

/** How many there are: for now, one. */
export const CPUS = 1;

/** @extern cpu_state */
export declare const cpu: Cpu;
