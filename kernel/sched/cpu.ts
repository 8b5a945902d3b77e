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
  /** When the alarm goes off, in ticks; NEVER while none is set. */
  alarmAt: u64;
  /** The thread pointer that is loaded. */
  tls: u64;
  /** What has to be done before the kernel is left: WORK_SCHEDULE, WORK_ALARM. */
  work: u8;
  /** An interrupt came in while a long operation asked for it. */
  wasInterrupted: boolean;
}

/** How many processors the kernel uses. */
export const CPUS = 1;

/** @extern cpu_state */
export declare const cpu: Cpu;

/** The current thread may no longer be the most urgent one. */
export const WORK_SCHEDULE: u8 = 1;
/** The alarm may have to come earlier. */
export const WORK_ALARM: u8 = 2;
