import { MAX_CAPS, MAX_WORDS } from "../../kernel/ipc/messageInfo";
import type { Buffer, Message } from "../../user/message";
import { passOn } from "./passOn.kts";

/** What test/protocol/marshal-host.ts calls. */

const from: Message = zeroed();
const to: Message = zeroed();
const fromBuffer: Buffer = zeroed();
const toBuffer: Buffer = zeroed();

function fill(message: Message, buffer: Buffer, value: u64): void {
  message.buffer = buffer;
  message.info = 0n;
  for (let i: u32 = 0; i < 4; i++) message.words[i] = value;
  for (let i: u32 = 0; i < MAX_WORDS; i++) buffer.words[i] = value;
  for (let i: u32 = 0; i < MAX_CAPS; i++) buffer.sent[i] = 0;
}

/** The message to decode: 64 words, and the slots in which capabilities arrive. @entry set_message */
export function setMessage(info: u64, words: Slice<u64>): void {
  fill(from, fromBuffer, 0n);
  from.info = info;
  for (let i: u32 = 0; i < MAX_WORDS; i++) {
    if (i < 4) from.words[i] = words[i];
    else fromBuffer.words[i] = words[i];
  }
  for (let i: u32 = 0; i < MAX_CAPS; i++) fromBuffer.slots[i] = 100 + i;
}

/** Takes the record with this label out of it, and makes a message of the record; answers the fault. @entry pass_on */
export function passOnMessage(label: u32): u32 {
  // Whatever is not written stays odd.
  fill(to, toBuffer, 0xdeadn);
  return u32(passOn(label, from, to));
}

/** Of the message that was made: 64 words, its info word, and the capabilities that it sends. @entry get_message */
export function getMessage(words: Slice<u64>): void {
  for (let i: u32 = 0; i < MAX_WORDS; i++) words[i] = i < 4 ? to.words[i] : toBuffer.words[i];
  words[MAX_WORDS] = to.info;
  for (let i: u32 = 0; i < MAX_CAPS; i++) words[MAX_WORDS + 1 + i] = u64(toBuffer.sent[i]);
}
