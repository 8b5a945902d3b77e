/**
 * One event of a trace, as TraceControl.Read tells it.
 *
 *   ┌──────┬──────────────────────────┬────────┬────────┐   head: ┌──────┬────────┬───────────┐
 *   │ time │           head           │ word 0 │ word 1 │         │ kind │ detail │ thread 48 │
 *   └──────┴──────────────────────────┴────────┴────────┘          63  60 59    48 47        0
 *
 *   kind     detail                 word 0                        word 1
 *   Entry    type · system call 6   capabilities                  info         type: of the capability, or 0
 *   Exit     0                      badge                         info         of the thread that goes on
 *   Ipc      0                      receiver                      info         as the receiver gets it
 *   Switch   0                      thread that goes on           0
 *   Fault    FaultKind              address                       program counter
 *   Irq      0 a line, 1 the timer  line                          0
 *   Map      rights                 address                       pages
 */

export const TRACE_RECORDS = 1024;
export const TRACE_KINDS = 7;

/** @storage u8 */
export const enum TraceKind {
  Entry,
  Exit,
  Ipc,
  Switch,
  Fault,
  Irq,
  Map,
}

export interface TraceRecord extends Struct<"TraceRecord"> {
  /** Nanoseconds since boot. */
  time: u64;
  head: u64;
  word0: u64;
  word1: u64;
}
