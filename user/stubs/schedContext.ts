import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of a SchedContext's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** SchedContext.Bind: the thread may run. */
export function schedContextBind(message: Message, schedContext: u32, thread: u32): u32 {
  const buffer = bufferFor(message);
  buffer.sent[0] = thread;
  return invoke(message, schedContext, u32(Invocation.SchedContextBind), 0, 1);
}

/** SchedContext.Unbind: its thread does not run any more. */
export function schedContextUnbind(message: Message, schedContext: u32): u32 {
  return invoke(message, schedContext, u32(Invocation.SchedContextUnbind), 0, 0);
}

/** SchedContext.Consumed: time used since it was made → used (ns). */
export function schedContextConsumed(message: Message, schedContext: u32): u32 {
  return invoke(message, schedContext, u32(Invocation.SchedContextConsumed), 0, 0);
}
