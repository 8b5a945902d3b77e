import { Invocation } from "../../kernel/syscall/invocation";
import { invoke, type Message } from "../message";

/**
 * Operations of a TraceControl's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** TraceControl.Start: empties the ring, and records these kinds of events from now on, a bit each. */
export function traceControlStart(message: Message, traceControl: u32, events: u64): u32 {
  message.words[0] = events;
  return invoke(message, traceControl, u32(Invocation.TraceControlStart), 1, 0);
}

/** TraceControl.Stop: what has been recorded stays to be read. */
export function traceControlStop(message: Message, traceControl: u32): u32 {
  return invoke(message, traceControl, u32(Invocation.TraceControlStop), 0, 0);
}

/** TraceControl.Read: records from a position on, at first 0, four words each; what has been overwritten is left out → next (position), found (count), records. */
export function traceControlRead(message: Message, traceControl: u32, position: u64): u32 {
  message.words[0] = position;
  return invoke(message, traceControl, u32(Invocation.TraceControlRead), 1, 0);
}
