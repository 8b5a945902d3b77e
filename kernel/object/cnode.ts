import { CapType, FLAG_RECEIVED, withRights } from "../cap/capability";
import { emptySlotOf, slotOfCNode } from "../cap/cspace";
import { deleteAll, revoke } from "../cap/delete";
import { dataOfCopy, derive, whyNoCopy } from "../cap/derive";
import { isNull, moveSlot, type Slot, typeOf } from "../cap/slot";
import { sentSlot } from "../ipc/buffer";
import { ErrorCode } from "../ipc/messageInfo";
import { argument, caller, request, target, wrong } from "../syscall/request";

/**
 * 2^radix slots for capabilities. Its operations work on slots of the CNode that is called, named by index; the source
 * of a Copy, Mint or Move is any capability that the caller can name.
 */

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

/** CNode.Mint: slot, rights, badge. Only an unbadged Endpoint or Notification takes a badge. */
export function mint(): ErrorCode {
  const source = sourceSlot();
  if (source === null) return wrong(ErrorCode.InvalidCapability, 0);
  const type = typeOf(source);
  if (type !== CapType.Endpoint && type !== CapType.Notification) return wrong(ErrorCode.InvalidCapability, 0);
  if (source.data !== 0n) return wrong(ErrorCode.IllegalOperation, 0);
  if (argument(3) !== 0n) return wrong(ErrorCode.InvalidArgument, 3);
  return copyTo(source, withRights(source.word, argument(1)) & ~FLAG_RECEIVED, argument(2));
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

/** CNode.Delete: slot. An empty one is no error. */
export function remove(): ErrorCode {
  const slot = slotOfCNode(target(), argument(0));
  if (slot === null) return wrong(ErrorCode.RangeError, 0);
  if (!deleteAll(slot)) request.isRestarted = true;
  return ErrorCode.None;
}

/** CNode.Revoke: slot. Deletes all that was derived from it. */
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
