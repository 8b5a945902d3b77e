import { ErrorCode } from "../ipc/messageInfo";
import { CapType, FLAG_ONCE, FLAG_PROTECTED, FLAG_ZEROED, isCapWith, typeIn } from "./capability";
import { insertChild, levelOf, MAX_LEVEL, moveSlot, type Slot } from "./slot";

/** Making capabilities from capabilities: never with more rights than the parent (I2). */

/** Why `source` cannot be copied, or None. @hot */
export function whyNoCopy(source: Slot): ErrorCode {
  switch (u32(typeIn(source.word))) {
    case u32(CapType.Null):
      return ErrorCode.InvalidCapability;
    case u32(CapType.Untyped):
    case u32(CapType.Reply):
    case u32(CapType.IrqHandler):
      return ErrorCode.IllegalOperation;
    case u32(CapType.Region):
      if (!isCapWith(source.word, CapType.Region, FLAG_ZEROED)) return ErrorCode.Busy;
      if (isCapWith(source.word, CapType.Region, FLAG_PROTECTED)) return ErrorCode.IllegalOperation;
      break;
    case u32(CapType.Endpoint):
      if (isCapWith(source.word, CapType.Endpoint, FLAG_ONCE)) return ErrorCode.IllegalOperation;
      break;
    default:
      break;
  }
  return levelOf(source) >= MAX_LEVEL ? ErrorCode.NotEnoughMemory : ErrorCode.None;
}

/**
 * A child of `source` in the empty slot `to`. The caller has asked `whyNoCopy`, and narrowed `word` from the parent's.
 *
 * @hot
 */
export function derive(source: Slot, to: Slot, word: u64, data: u64): void {
  insertChild(source, to, word, data, u32(source.prev & 0xffffn));
}

/** What a copy starts with: a Region's is not mapped anywhere. @hot */
export function dataOfCopy(source: Slot): u64 {
  const type = typeIn(source.word);
  return type === CapType.Region || type === CapType.Image ? 0n : source.data;
}

/** For a message: a copy, or the capability itself where there can be only one. False when neither is possible. @hot */
export function deriveMessage(source: Slot, to: Slot): boolean {
  const problem = whyNoCopy(source);
  if (problem === ErrorCode.None) {
    derive(source, to, source.word, dataOfCopy(source));
    return true;
  }
  if (problem !== ErrorCode.IllegalOperation) return false;
  moveSlot(source, to);
  return true;
}
