import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of a CNode's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** CNode.Copy: a child of the source, with no more than these rights. */
export function cnodeCopy(message: Message, cnode: u32, slot: u64, rights: u64, source: u32): u32 {
  const buffer = bufferFor(message);
  message.words[0] = slot;
  message.words[1] = rights;
  buffer.sent[0] = source;
  return invoke(message, cnode, u32(Invocation.CNodeCopy), 2, 1);
}

/** CNode.Mint: the same with a badge, a narrower range of ports, or (flag 1) to be used once. */
export function cnodeMint(
  message: Message,
  cnode: u32,
  slot: u64,
  rights: u64,
  badge: u64,
  flags: u64,
  source: u32,
): u32 {
  const buffer = bufferFor(message);
  message.words[0] = slot;
  message.words[1] = rights;
  message.words[2] = badge;
  message.words[3] = flags;
  buffer.sent[0] = source;
  return invoke(message, cnode, u32(Invocation.CNodeMint), 4, 1);
}

/** CNode.Move: the capability itself to another slot. */
export function cnodeMove(message: Message, cnode: u32, slot: u64, source: u32): u32 {
  const buffer = bufferFor(message);
  message.words[0] = slot;
  buffer.sent[0] = source;
  return invoke(message, cnode, u32(Invocation.CNodeMove), 1, 1);
}

/** CNode.Delete: empties the slot; an object dies with its last capability. */
export function cnodeDelete(message: Message, cnode: u32, slot: u64): u32 {
  message.words[0] = slot;
  return invoke(message, cnode, u32(Invocation.CNodeDelete), 1, 0);
}

/** CNode.Revoke: deletes everything that was derived from the capability, the newest first; should the capability itself go with it, in a CNode of what was derived, the rest stays with its parent. */
export function cnodeRevoke(message: Message, cnode: u32, slot: u64): u32 {
  message.words[0] = slot;
  return invoke(message, cnode, u32(Invocation.CNodeRevoke), 1, 0);
}

/** CNode.Rotate: what is in the first slot goes to the second, and that to the third. */
export function cnodeRotate(message: Message, cnode: u32, first: u64, second: u64, third: u64): u32 {
  message.words[0] = first;
  message.words[1] = second;
  message.words[2] = third;
  return invoke(message, cnode, u32(Invocation.CNodeRotate), 3, 0);
}
