import type { CapType } from "../../kernel/cap/capability";
import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of an Untyped's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** Untyped.Retype: makes `count` objects in consecutive empty slots. */
export function untypedRetype(
  message: Message,
  untyped: u32,
  type: CapType,
  size: u64,
  count: u64,
  slot: u64,
  attributes: u64,
  cnode: u32,
): u32 {
  const buffer = bufferFor(message);
  message.words[0] = u64(u32(type));
  message.words[1] = size;
  message.words[2] = count;
  message.words[3] = slot;
  buffer.words[4] = attributes;
  buffer.sent[0] = cnode;
  return invoke(message, untyped, u32(Invocation.UntypedRetype), 5, 1);
}
