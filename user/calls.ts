import type { CapType } from "../kernel/cap/capability";
import { SLOT_CNODE } from "../kernel/initSlots";
import { ErrorCode } from "../kernel/ipc/messageInfo";
import { type Invocation, Syscall } from "../kernel/syscall/invocation";
import { bufferFor, errorOf, invoke, type Message, systemCall } from "./message";
import { addressSpaceMap, addressSpaceUnmap } from "./stubs/addressSpace";
import { cnodeCopy, cnodeDelete, cnodeMint, cnodeMove, cnodeRevoke } from "./stubs/cnode";
import { regionZero } from "./stubs/region";
import { untypedRetype } from "./stubs/untyped";

/**
 * The frequent calls on capabilities of the kernel, for programs with a root CNode in SLOT_CNODE that do not want the
 * answer's words: the stubs with a message of their own, long operations to their end. Each answers its error.
 */

const ALL = 7n;
const PAGE_BYTES = 4096n;
/** Pages that are tried at once where it is not known how many there are. */
const LONGEST_RUN = 64n;
/** Of CNode.Mint. */
const MINT_ONCE = 1n;

/** The address of slot `inner` of the CNode in slot `cnode`. */
export function slotIn(cnode: u32, inner: u32): u32 {
  return (inner << 16) | cnode;
}

/** Any operation that takes up to two words and one capability; what it does not take is ignored. */
export function ask(capability: u32, label: Invocation, word0: u64, word1: u64, sent: u32): u32 {
  const message = local<Message>();
  message.words[0] = word0;
  message.words[1] = word1;
  bufferFor(message).sent[0] = sent;
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
  return untypedRetype(message, untyped, type, size, u64(count), u64(slot), 0n, cnode);
}

/** Copies a capability into slot `to` of `cnode`, with all its rights. */
export function copyInto(cnode: u32, from: u32, to: u32): u32 {
  return copyWith(cnode, from, to, ALL);
}

/** The same with no more than these rights. */
export function copyWith(cnode: u32, from: u32, to: u32, rights: u64): u32 {
  const message = local<Message>();
  return cnodeCopy(message, cnode, u64(to), rights, from);
}

/** A copy of an endpoint's or a notification's with these rights and a badge. */
export function mintInto(cnode: u32, from: u32, to: u32, rights: u64, badge: u64): u32 {
  const message = local<Message>();
  return cnodeMint(message, cnode, u64(to), rights, badge, 0n, from);
}

/** A capability to send to the endpoint in `from` once, as the place to answer to; in slot `to` of the root CNode. */
export function mintOnce(from: u32, to: u32, rights: u64, badge: u64): u32 {
  const message = local<Message>();
  return cnodeMint(message, SLOT_CNODE, u64(to), rights, badge, MINT_ONCE, from);
}

/** Moves the capability in `from` to slot `to` of `cnode`. */
export function moveInto(cnode: u32, from: u32, to: u32): u32 {
  const message = local<Message>();
  return cnodeMove(message, cnode, u64(to), from);
}

/** Whether a slot of the root CNode has no capability. */
export function isEmptySlot(slot: u32): boolean {
  return moveInto(SLOT_CNODE, slot, slot) === u32(ErrorCode.InvalidCapability);
}

/** Whether slot `slot` of `cnode` has none: what is in a full one cannot move to itself. */
export function isEmptyIn(cnode: u32, slot: u32): boolean {
  return moveInto(cnode, slotIn(cnode, slot), slot) === u32(ErrorCode.InvalidCapability);
}

/** Deletes the capability in a slot of the root CNode. */
export function remove(slot: u32): u32 {
  return removeIn(SLOT_CNODE, slot);
}

/** Deletes the capability in slot `slot` of `cnode`. */
export function removeIn(cnode: u32, slot: u32): u32 {
  const message = local<Message>();
  return cnodeDelete(message, cnode, u64(slot));
}

/** Deletes everything that was made from what is in a slot of the root CNode. */
export function revoke(slot: u32): u32 {
  return revokeIn(SLOT_CNODE, slot);
}

/** The same in slot `slot` of `cnode`. */
export function revokeIn(cnode: u32, slot: u32): u32 {
  const message = local<Message>();
  return cnodeRevoke(message, cnode, u64(slot));
}

/** Maps all pages of a Region or an Image from `va` on. */
export function mapAll(space: u32, pages: u32, va: u64, count: u64, rights: u64): u32 {
  const message = local<Message>();
  for (let done: u64 = 0n; done < count; done += message.words[0]) {
    const error = addressSpaceMap(message, space, va + done * PAGE_BYTES, count - done, rights, pages);
    if (error !== 0) return error;
  }
  return 0;
}

/** The same with a capability that lies outside of this process: where one before it had it mapped does not count. */
export function mapAgain(space: u32, pages: u32, va: u64, count: u64, rights: u64): u32 {
  unmapAll(space, pages);
  return mapAll(space, pages, va, count, rights);
}

/** The same with all of a Region, whose size nobody tells; answers its bytes, 0 when it cannot be mapped. */
export function mapWhole(space: u32, region: u32, va: u64, rights: u64): u64 {
  let pages: u64 = 0n;
  unmapAll(space, region);
  for (let run = LONGEST_RUN; run !== 0n; run /= 2n) {
    while (mapAll(space, region, va + pages * PAGE_BYTES, run, rights) === 0) pages += run;
  }
  return pages * PAGE_BYTES;
}

export function unmapAll(space: u32, pages: u32): u32 {
  const message = local<Message>();
  do {
    const error = addressSpaceUnmap(message, space, pages);
    if (error !== 0) return error;
  } while (message.words[0] !== 0n);
  return 0;
}

/** Makes the contents of a new Region known: zeros. */
export function zero(region: u32): u32 {
  const message = local<Message>();
  do {
    const error = regionZero(message, region);
    if (error !== 0) return error;
  } while (message.words[0] !== 0n);
  return 0;
}

/** Adds the badge's bits to a notification's; to an endpoint an empty message that nobody waits for. */
export function signal(notification: u32): u32 {
  const message = local<Message>();
  message.info = 0n;
  systemCall(Syscall.NbSend, notification, 0, message);
  return errorOf(message);
}

/** The next signals, or those that have come; answers their bits. */
export function waitFor(notification: u32): u64 {
  const message = local<Message>();
  systemCall(Syscall.Wait, notification, 0, message);
  return message.badge;
}
