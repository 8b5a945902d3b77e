import type { CapType } from "../kernel/cap/capability";
import { SLOT_CNODE } from "../kernel/initSlots";
import { ErrorCode } from "../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../kernel/syscall/invocation";
import { invoke, type Message, ownBuffer, systemCall } from "./message";

/** Of CNode.Mint. */
const MINT_ONCE = 1n;

/** Calls on capabilities of the kernel, for programs with a root CNode in SLOT_CNODE. Each answers its error. */

/** The address of slot `inner` of the CNode in slot `cnode`. */
export function slotIn(cnode: u32, inner: u32): u32 {
  return (inner << 16) | cnode;
}

/** A call with up to two words and one capability. */
export function ask(capability: u32, label: Invocation, word0: u64, word1: u64, sent: u32): u32 {
  const message = local<Message>();
  message.words[0] = word0;
  message.words[1] = word1;
  ownBuffer().sent[0] = sent;
  return invoke(message, capability, u32(label), 2, 1);
}

/** Makes `count` objects in consecutive slots of the root CNode. */
export function retype(untyped: u32, type: CapType, size: u64, count: u32, slot: u32): u32 {
  return retypeMany(SLOT_CNODE, untyped, type, size, count, slot);
}

/** Makes one in slot `slot` of `cnode`. */
export function retypeInto(cnode: u32, untyped: u32, type: CapType, size: u64, slot: u32): u32 {
  return retypeMany(cnode, untyped, type, size, 1, slot);
}

/** Makes `count` in consecutive slots of `cnode`. */
export function retypeMany(cnode: u32, untyped: u32, type: CapType, size: u64, count: u32, slot: u32): u32 {
  const message = local<Message>();
  message.words[0] = u64(u32(type));
  message.words[1] = size;
  message.words[2] = u64(count);
  message.words[3] = u64(slot);
  ownBuffer().words[4] = 0n;
  ownBuffer().sent[0] = cnode;
  return invoke(message, untyped, u32(Invocation.UntypedRetype), 5, 1);
}

/** Copies a capability into slot `to` of `cnode`, with all its rights. */
export function copyInto(cnode: u32, from: u32, to: u32): u32 {
  return copyWith(cnode, from, to, 7n);
}

/** The same with no more than these rights. */
export function copyWith(cnode: u32, from: u32, to: u32, rights: u64): u32 {
  return ask(cnode, Invocation.CNodeCopy, u64(to), rights, from);
}

/** A copy of an endpoint's or a notification's with these rights and a badge. */
export function mintInto(cnode: u32, from: u32, to: u32, rights: u64, badge: u64): u32 {
  return mint(cnode, from, to, rights, badge, 0n);
}

/** A capability to send to the endpoint in `from` once, as the place to answer to; in slot `to` of the root CNode. */
export function mintOnce(from: u32, to: u32, rights: u64, badge: u64): u32 {
  return mint(SLOT_CNODE, from, to, rights, badge, MINT_ONCE);
}

function mint(cnode: u32, from: u32, to: u32, rights: u64, badge: u64, flags: u64): u32 {
  const message = local<Message>();
  message.words[0] = u64(to);
  message.words[1] = rights;
  message.words[2] = badge;
  message.words[3] = flags;
  ownBuffer().sent[0] = from;
  return invoke(message, cnode, u32(Invocation.CNodeMint), 4, 1);
}

/** Moves the capability in `from` to slot `to` of `cnode`. */
export function moveInto(cnode: u32, from: u32, to: u32): u32 {
  return ask(cnode, Invocation.CNodeMove, u64(to), 0n, from);
}

/** Whether a slot of the root CNode has no capability: a full one cannot move to itself. */
export function isEmptySlot(slot: u32): boolean {
  return moveInto(SLOT_CNODE, slot, slot) === u32(ErrorCode.InvalidCapability);
}

/** Deletes the capability in a slot of the root CNode. */
export function remove(slot: u32): u32 {
  return ask(SLOT_CNODE, Invocation.CNodeDelete, u64(slot), 0n, 0);
}

/** Deletes everything that was made from it. */
export function revoke(slot: u32): u32 {
  return revokeIn(SLOT_CNODE, slot);
}

/** The same in slot `slot` of `cnode`. */
export function revokeIn(cnode: u32, slot: u32): u32 {
  return ask(cnode, Invocation.CNodeRevoke, u64(slot), 0n, 0);
}

/** Deletes the capability in slot `slot` of `cnode`. */
export function removeIn(cnode: u32, slot: u32): u32 {
  return ask(cnode, Invocation.CNodeDelete, u64(slot), 0n, 0);
}

/** Maps all pages of a Region or an Image from `va` on. */
export function mapAll(space: u32, pages: u32, va: u64, count: u64, rights: u64): u32 {
  const message = local<Message>();
  for (let done: u64 = 0n; done < count; done += message.words[0]) {
    message.words[0] = va + done * 4096n;
    message.words[1] = count - done;
    message.words[2] = rights;
    ownBuffer().sent[0] = pages;
    const error = invoke(message, space, u32(Invocation.AddressSpaceMap), 3, 1);
    if (error !== 0) return error;
  }
  return 0;
}

export function unmapAll(space: u32, pages: u32): u32 {
  const message = local<Message>();
  do {
    ownBuffer().sent[0] = pages;
    const error = invoke(message, space, u32(Invocation.AddressSpaceUnmap), 0, 1);
    if (error !== 0) return error;
  } while (message.words[0] !== 0n);
  return 0;
}

/** Makes the contents of a new Region known: zeros. */
export function zero(region: u32): u32 {
  const message = local<Message>();
  do {
    const error = invoke(message, region, u32(Invocation.RegionZero), 0, 0);
    if (error !== 0) return error;
  } while (message.words[0] !== 0n);
  return 0;
}

/** The next signals, or those that have come; answers their bits. */
export function waitFor(notification: u32): u64 {
  const message = local<Message>();
  systemCall(Syscall.Wait, notification, 0, message);
  return message.badge;
}
