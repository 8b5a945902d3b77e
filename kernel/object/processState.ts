/** Where a process is in its life (process.ts). @storage u8 */
export const enum ProcessState {
  Empty,
  Filling,
  Prepared,
  Running,
  Ended,
  Dying,
  Gone,
}

/** Why it ended. @storage u8 */
export const enum ProcessEnd {
  None,
  /** By its own Exit. */
  Exited,
  /** By a fault that nobody handles. */
  Faulted,
  /** By Terminate. */
  Terminated,
  /** With its first thread, or its memory. */
  Destroyed,
}
