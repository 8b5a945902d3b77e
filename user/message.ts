/** @unsafe hands a message to the kernel, and reaches the message buffer by its address */
import { BUFFER_ADDRESS } from "../kernel/initInfo";
import type { MAX_CAPS, MAX_WORDS } from "../kernel/ipc/messageInfo";
import { Syscall } from "../kernel/syscall/invocation";

/** System calls of user programs: a message in registers, and the rest in the thread's buffer. */

const ERROR = 0x8000_0000_0000_0000n;
const LABEL_SHIFT = 16n;
const LABEL_MASK = 0xffffn;

export interface Message extends Struct<"Message"> {
  badge: u64;
  info: u64;
  readonly words: FixedArray<u64, 4>;
  /** Of the thread that makes the call; null is init's. */
  buffer: Buffer | null;
}

/** As kernel/ipc/buffer.ts lays it out. */
export interface Buffer extends Struct<"Buffer"> {
  readonly words: FixedArray<u64, typeof MAX_WORDS>;
  readonly sent: FixedArray<u32, typeof MAX_CAPS>;
  readonly slots: FixedArray<u32, typeof MAX_CAPS>;
}

/** @extern user_syscall */
declare function enter(number: u64, capabilities: u64, message: u64): void;

/** The buffer of the thread that runs first. */
export function ownBuffer(): Buffer {
  return cast<Buffer>(BUFFER_ADDRESS);
}

/** The buffer for a call with this message. */
export function bufferFor(message: Message): Buffer {
  const buffer = message.buffer;
  return buffer === null ? ownBuffer() : buffer;
}

/** One system call; the answer is in `message` then. */
export function systemCall(number: Syscall, capability: u32, reply: u32, message: Message): void {
  enter(u64(u32(number)), (u64(reply) << 32n) | u64(capability), addressOf(message));
}

/** A number that no system call has. */
export function unknownCall(message: Message): void {
  enter(1000n, 0n, addressOf(message));
}

export function infoWord(label: u32, length: u32, caps: u32): u64 {
  return (u64(label) << LABEL_SHIFT) | u64(caps << 8) | u64(length);
}

/** The label of a message that has come. */
export function labelOf(message: Message): u32 {
  return u32((message.info >> LABEL_SHIFT) & LABEL_MASK);
}

/** The error of an answer; None when it is one. */
export function errorOf(message: Message): u32 {
  return (message.info & ERROR) === 0n ? 0 : u32((message.info >> LABEL_SHIFT) & LABEL_MASK);
}

/** What the error is about: the number of an argument, or the fate of a message. */
export function detailOf(message: Message): u32 {
  return u32((message.info >> 32n) & LABEL_MASK);
}

/** Word `index` of an answer. */
export function answerAt(message: Message, index: u32): u64 {
  return index < 4 ? message.words[index & 3] : bufferFor(message).words[index];
}

/** Asks a capability of the kernel; `caps` capabilities are in the buffer. Answers the error. */
export function invoke(message: Message, capability: u32, label: u32, length: u32, caps: u32): u32 {
  message.info = infoWord(label, length, caps);
  systemCall(Syscall.Call, capability, 0, message);
  return errorOf(message);
}

/** Writes text to the console: in debug builds only. */
export function debugWrite(text: Bytes): void {
  const message = local<Message>();
  for (let i: u32 = 0; i < text.length; i++) {
    message.words[0] = u64(u32(text[i]));
    message.info = infoWord(0, 1, 0);
    systemCall(Syscall.DebugWrite, 0, 0, message);
  }
}

export function debugDecimal(value: u64): void {
  const digits = local<FixedArray<u8, 20>>();
  let count: u32 = 0;
  let rest = value;
  do {
    digits[count] = u8((rest % 10n) + 0x30n);
    rest /= 10n;
    count++;
  } while (rest !== 0n);
  for (let i = count; i > 0; i--) debugWrite(sliceOf(digits, i - 1, 1));
}
