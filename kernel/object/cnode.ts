/** @unsafe reaches the endpoint of a one-shot capability */
import { CapType, FLAG_ONCE, RIGHT_READ, RIGHT_WRITE, withRights } from "../cap/capability";
import { emptySlotOf, slotOfCNode } from "../cap/cspace";
import { deleteAll, revoke } from "../cap/delete";
import { dataOfCopy, derive, whyNoCopy } from "../cap/derive";
import { isNull, moveSlot, objectOf, type Slot, typeOf } from "../cap/slot";
import { sentSlot } from "../ipc/buffer";
import { ErrorCode } from "../ipc/messageInfo";
import { argument, caller, request, target, wrong } from "../syscall/request";
import type { Endpoint } from "./endpoint";
import { isWithin } from "./ioPort";

/**
 * 2^radix slots for capabilities. Its operations work on slots of the CNode that is called, named by index; the source
 * of a Copy, Mint or Move is any capability that the caller can name.
 */

/** Of Mint: a capability to be used once. */
export const MINT_ONCE = 1n;

/** The source, as capability 0 of the message: InvalidCapability when there is none. */
function sourceSlot(): Slot | null {
  const slot = sentSlot(caller(), 0);
  return slot === null || isNull(slot) ? null : slot;
}

/** CNode.Copy: slot, rights. */
export function copy(): ErrorCode {
  const source = sourceSlot();
  if (source === null) return wrong(ErrorCode.InvalidCapability, 0);
  return copyTo(source, withRights(source.word, argument(1)), dataOfCopy(source));
}

/**
 * CNode.Mint: slot, rights, badge, flags. An unbadged Endpoint or Notification takes a badge, an IoPort a narrower
 * range. With MINT_ONCE the capability is good for one Send; a place of the endpoint's ring is reserved for it.
 */
export function mint(): ErrorCode {
  const source = sourceSlot();
  if (source === null) return wrong(ErrorCode.InvalidCapability, 0);
  const type = typeOf(source);
  if (type === CapType.IoPort) return mintPorts(source);
  if (type !== CapType.Endpoint && type !== CapType.Notification) return wrong(ErrorCode.InvalidCapability, 0);
  if (source.data !== 0n) return wrong(ErrorCode.IllegalOperation, 0);
  if (argument(3) === MINT_ONCE && type === CapType.Endpoint) return mintOnce(source);
  if (argument(3) !== 0n) return wrong(ErrorCode.InvalidArgument, 3);
  return copyTo(source, withRights(source.word, argument(1)), argument(2));
}

/** The badge is the range. */
function mintPorts(source: Slot): ErrorCode {
  if (!isWithin(argument(2), source.data)) return wrong(ErrorCode.RangeError, 2);
  if (argument(3) !== 0n) return wrong(ErrorCode.InvalidArgument, 3);
  return copyTo(source, withRights(source.word, argument(1)), argument(2));
}

/** The badge tells the receiver which one was used, or destroyed: it cannot be 0. */
function mintOnce(source: Slot): ErrorCode {
  const endpoint = cast<Endpoint>(objectOf(source));
  const word = withRights(source.word, argument(1));
  if ((word & RIGHT_WRITE) === 0n) return wrong(ErrorCode.IllegalOperation, 0);
  if (argument(2) === 0n) return wrong(ErrorCode.InvalidArgument, 2);
  if (endpoint.used >= endpoint.depth) return ErrorCode.QueueFull;
  const once = (word & ~(RIGHT_READ | RIGHT_WRITE)) | FLAG_ONCE;
  const problem = copyTo(source, once, argument(2));
  if (problem === ErrorCode.None) endpoint.used++;
  return problem;
}

function copyTo(source: Slot, word: u64, data: u64): ErrorCode {
  const to = emptySlotOf(target(), argument(0));
  if (to === null) return wrong(ErrorCode.DeleteFirst, 0);
  const problem = whyNoCopy(source);
  if (problem !== ErrorCode.None) return wrong(problem, 0);
  derive(source, to, word, data);
  return ErrorCode.None;
}

/** CNode.Move: slot. */
export function move(): ErrorCode {
  const source = sourceSlot();
  if (source === null) return wrong(ErrorCode.InvalidCapability, 0);
  const to = emptySlotOf(target(), argument(0));
  if (to === null) return wrong(ErrorCode.DeleteFirst, 0);
  moveSlot(source, to);
  return ErrorCode.None;
}

/** CNode.Delete: slot. An empty one is no error. @hot */
export function remove(): ErrorCode {
  const slot = slotOfCNode(target(), argument(0));
  if (slot === null) return wrong(ErrorCode.RangeError, 0);
  if (!deleteAll(slot)) request.isRestarted = true;
  return ErrorCode.None;
}

/** CNode.Revoke: slot. Deletes all that was derived from it. @hot */
export function revokeSlot(): ErrorCode {
  const slot = slotOfCNode(target(), argument(0));
  if (slot === null) return wrong(ErrorCode.RangeError, 0);
  if (!revoke(slot)) request.isRestarted = true;
  return ErrorCode.None;
}

/** CNode.Rotate: first, second, third slot. What is in the first goes to the second, and that to the third. */
export function rotate(): ErrorCode {
  const first = slotOfCNode(target(), argument(0));
  const second = slotOfCNode(target(), argument(1));
  const third = slotOfCNode(target(), argument(2));
  if (first === null || isNull(first)) return wrong(ErrorCode.FailedLookup, 0);
  if (second === null || isNull(second)) return wrong(ErrorCode.FailedLookup, 1);
  if (third === null || !isNull(third) || argument(0) === argument(1)) return wrong(ErrorCode.DeleteFirst, 2);
  moveSlot(second, third);
  moveSlot(first, second);
  return ErrorCode.None;
}
