/** @unsafe reaches message buffers through the physical window */
import { windowOf } from "@arch/mmu";
import { CapType, FLAG_ZEROED, isCapWith } from "../cap/capability";
import { lookupSlot } from "../cap/cspace";
import type { Slot } from "../cap/slot";
import { pageOf } from "../object/region";
import type { Thread } from "../object/thread";
import { type MAX_CAPS, type MAX_WORDS, REGISTER_WORDS } from "./messageInfo";

/** A thread's message buffer: words beyond the registers, and the addresses of capabilities. In a pinned Region (I6). */
export interface MessageBuffer extends Struct<"MessageBuffer"> {
  readonly words: FixedArray<u64, typeof MAX_WORDS>;
  /** Capabilities to send. */
  readonly sent: FixedArray<u32, typeof MAX_CAPS>;
  /** Empty slots for those that arrive. */
  readonly slots: FixedArray<u32, typeof MAX_CAPS>;
}

export const BUFFER_BYTES = 1024n;

/** The buffer, or null when the thread has none. The kernel reads and writes it by its physical address (I6). @hot */
export function bufferOf(thread: Thread): MessageBuffer | null {
  if (!isCapWith(thread.buffer.word, CapType.Region, FLAG_ZEROED)) return null;
  return cast<MessageBuffer>(windowOf(pageOf(thread.buffer)) + u64(thread.bufferOffset));
}

/** Words from the fifth on; answers the message's length, cut off where a side has no buffer. @hot */
export function copyRest(from: Thread, to: Thread, length: u32): u32 {
  if (length <= REGISTER_WORDS) return length;
  const source = bufferOf(from);
  const target = bufferOf(to);
  if (source === null || target === null) return REGISTER_WORDS;
  copyBehindRegisters(addressOf(target.words), addressOf(source.words), length);
  return length;
}

/** Up to here a call of memcpy costs more than it saves. */
const SHORT_WORDS = 20;

/** Words REGISTER_WORDS to `length`. @hot */
export function copyBehindRegisters(to: u64, from: u64, length: u32): void {
  if (length <= SHORT_WORDS) {
    copyPairs(to, from, length);
    return;
  }
  const start = u64(REGISTER_WORDS) * 8n;
  copyMemory(to + start, from + start, u64(length - REGISTER_WORDS) * 8n);
}

/** Two at a time; volatile, so that it does not become a call of memcpy. @hot */
function copyPairs(to: u64, from: u64, length: u32): void {
  let at = u64(REGISTER_WORDS) * 8n;
  const end = u64(length) * 8n;
  while (at + 8n < end) {
    const first = volatileLoad64(from + at);
    const second = volatileLoad64(from + at + 8n);
    volatileStore64(to + at, first);
    volatileStore64(to + at + 8n, second);
    at += 16n;
  }
  if (at < end) volatileStore64(to + at, volatileLoad64(from + at));
}

/** Word `index` of a request: from a register, or from the buffer. The caller checked the length. @hot */
export function bufferWord(thread: Thread, index: u32): u64 {
  const buffer = bufferOf(thread);
  return buffer === null ? 0n : buffer.words[index];
}

/** Word `index` of an answer: the thread has a buffer. */
export function setBufferWord(thread: Thread, index: u32, value: u64): void {
  const buffer = bufferOf(thread);
  if (buffer !== null) buffer.words[index] = value;
}

/** The slot of capability `index` of a request, or null. @hot */
export function sentSlot(thread: Thread, index: u32): Slot | null {
  const buffer = bufferOf(thread);
  return buffer === null ? null : lookupSlot(thread.cspace, buffer.sent[index]);
}
