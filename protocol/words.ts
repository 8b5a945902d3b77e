import { capsIn, lengthIn, REGISTER_WORDS } from "../kernel/ipc/messageInfo";
import { answerAt, bufferFor, labelOf, type Message } from "../user/message";
import { MessageFault } from "./error";

/**
 * What records are made of, in a message: each number one word, each text its length and then its bytes, eight in a word,
 * the first one lowest. protocol/marshal is written in terms of these.
 */

const WORD_BYTES = 8;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

export function putWord(message: Message, index: u32, value: u64): void {
  if (index < REGISTER_WORDS) message.words[index & 3] = value;
  else bufferFor(message).words[index] = value;
}

/** The bytes fill whole words. */
export function putBytes(message: Message, first: u32, bytes: Bytes): void {
  for (let at: u32 = 0; at < bytes.length; at += WORD_BYTES) {
    let word: u64 = 0n;
    for (let i: u32 = 0; i < WORD_BYTES; i++) word |= u64(u32(bytes[at + i])) << u64(i * 8);
    putWord(message, first + at / WORD_BYTES, word);
  }
}

/** Its length, and the text in as many bytes as there are: whatever they have behind it does not travel. */
export function putText(message: Message, first: u32, bytes: Bytes, length: u32): void {
  putWord(message, first, u64(length));
  for (let at: u32 = 0; at < bytes.length; at += WORD_BYTES) {
    let word: u64 = 0n;
    for (let i: u32 = 0; i < WORD_BYTES && at + i < length; i++) word |= u64(u32(bytes[at + i])) << u64(i * 8);
    putWord(message, first + 1 + at / WORD_BYTES, word);
  }
}

export function takeBytes(message: Message, first: u32, bytes: Bytes): void {
  for (let i: u32 = 0; i < bytes.length; i++) {
    const word = answerAt(message, first + i / WORD_BYTES);
    bytes[i] = u8((word >> u64((i % WORD_BYTES) * 8)) & 0xffn);
  }
}

/** Takes a text of at most `bytes.length` bytes; Value when it is none. */
export function takeText(message: Message, first: u32, bytes: Bytes): MessageFault {
  const claimed = answerAt(message, first);
  takeBytes(message, first + 1, bytes);
  for (let i: u32 = 0; i < bytes.length; i++) {
    const isInside = u64(i) < claimed;
    if (isInside !== isPrintable(bytes[i]) || (!isInside && bytes[i] !== 0)) return MessageFault.Value;
  }
  return claimed <= u64(bytes.length) ? MessageFault.None : MessageFault.Value;
}

function isPrintable(byte: u8): boolean {
  return byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE;
}

/** Whether a message has the label and the words of a record, and `caps` capabilities or up to `most`. */
export function faultOfShape(message: Message, label: u32, words: u32, caps: u32, most: u32): MessageFault {
  if (labelOf(message) !== label) return MessageFault.Label;
  if (lengthIn(message.info) !== words) return MessageFault.Length;
  const count = capsIn(message.info);
  return count >= caps && count <= most ? MessageFault.None : MessageFault.Capabilities;
}

/** The slot in which capability `index` has come, or 0 when it has not. */
export function arrivedIn(message: Message, index: u32): u32 {
  return index < capsIn(message.info) ? bufferFor(message).slots[index & 3] : 0;
}
