import { setInfo, setWord, wordOf } from "@arch/userFrame";
import { type CapType, isCapWith, RIGHT_WRITE } from "../cap/capability";
import type { Slot } from "../cap/slot";
import { bufferOf, bufferWord, sentSlot, setBufferWord } from "../ipc/buffer";
import { type ErrorCode, MAX_WORDS, REGISTER_WORDS } from "../ipc/messageInfo";
import type { Thread } from "../object/thread";

/** A Call on a capability of the kernel, while it is decoded. Its answer goes back in the caller's registers. */
export interface Request extends Struct<"Request"> {
  thread: Thread;
  slot: Slot;
  /** With an error: which argument, or what else the code's meaning names. */
  detail: u32;
  /** Words of the answer. */
  answers: u32;
  /** An interrupt came in: the call is made again, and there is no answer yet. */
  isRestarted: boolean;
}

export const request: Request = zeroed();

/** The capability that is called. @hot @inline */
export function target(): Slot {
  return request.slot;
}

/** @hot @inline */
export function caller(): Thread {
  return request.thread;
}

/** Word `index` of the message; the table has checked that there are so many. @inline */
export function argument(index: u32): u64 {
  const thread = caller();
  return index < REGISTER_WORDS ? wordOf(thread.frame, index) : bufferWord(thread, index);
}

/** The slot of capability `index` of the message if it is of `type` and writable, else null. @hot */
export function capability(index: u32, type: CapType): Slot | null {
  const slot = sentSlot(caller(), index);
  return slot !== null && isCapWith(slot.word, type, RIGHT_WRITE) ? slot : null;
}

/** How many words an answer can have: those behind the registers go to the buffer, if the caller has one. */
export function answerRoom(): u32 {
  return bufferOf(caller()) === null ? REGISTER_WORDS : MAX_WORDS;
}

/** Sets word `index` of the answer, which is in a register, or below `answerRoom`. @hot */
export function answerWord(index: u32, value: u64): void {
  if (index < REGISTER_WORDS) setWord(caller().frame, index, value);
  else setBufferWord(caller(), index, value);
  if (request.answers <= index) request.answers = index + 1;
}

/** An error that says which argument it is about. @hot */
export function wrong(code: ErrorCode, detail: u32): ErrorCode {
  request.detail = detail;
  return code;
}

/** The call that has just been answered leaves `info` with its caller. @hot */
export function finish(info: u64): void {
  setInfo(caller().frame, info);
}
