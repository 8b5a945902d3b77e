import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of a SchedControl's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** SchedControl.Configure: budget and period; a budget of 0 is no limit. */
export function schedControlConfigure(
  message: Message,
  schedControl: u32,
  budget: u64,
  period: u64,
  context: u32,
): u32 {
  const buffer = bufferFor(message);
  message.words[0] = budget;
  message.words[1] = period;
  buffer.sent[0] = context;
  return invoke(message, schedControl, u32(Invocation.SchedControlConfigure), 2, 1);
}
