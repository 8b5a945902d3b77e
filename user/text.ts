import { MAX_WORDS, REGISTER_WORDS } from "../kernel/ipc/messageInfo";
import type { Buffer, Message } from "./message";

/** Text in messages: word 0 is the number of bytes, each further word holds eight of them, the first one lowest. */

export const MAX_TEXT = 504;
const WORD_BYTES = 8;

/** Word `index` of `text` as it lies in a message, zeros behind it. */
export function textWord(text: Bytes, index: u32): u64 {
  let word: u64 = 0n;
  const at = index * WORD_BYTES;
  for (let i: u32 = 0; i < WORD_BYTES && at + i < text.length; i++) word |= u64(u32(text[at + i])) << u64(i * 8);
  return word;
}

/** Lays `text` out in a message that is to be sent; answers its words. */
export function putText(message: Message, buffer: Buffer, text: Bytes): u32 {
  assert(text.length <= MAX_TEXT, "a message holds the text");
  message.words[0] = u64(text.length);
  let words: u32 = 1;
  for (let at: u32 = 0; at < text.length; at += WORD_BYTES) {
    const word = textWord(text, at / WORD_BYTES);
    if (words < REGISTER_WORDS) message.words[words] = word;
    else buffer.words[words] = word;
    words++;
  }
  return words;
}

/** How many bytes from word `first` on a message of `words` words has, of `claimed` ones. */
export function textLength(claimed: u64, words: u32, first: u32): u32 {
  const room = words > first ? (words - first) * WORD_BYTES : 0;
  return claimed < u64(room) ? u32(claimed) : room;
}

/** Byte `index` of the text that begins in word `first` of a message that has come. */
export function textByte(message: Message, buffer: Buffer, first: u32, index: u32): u8 {
  const at = first + index / WORD_BYTES;
  assert(at < MAX_WORDS, "the text lies in the message");
  const word = at < REGISTER_WORDS ? message.words[at] : buffer.words[at];
  return u8((word >> u64((index % WORD_BYTES) * 8)) & 0xffn);
}
