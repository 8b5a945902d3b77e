/**
 * The word that tells what a message is, in the register after the capability.
 *
 *   ┌───────┬───────┬──────┬────────┐
 *   │ error │ label │ caps │ length │   length: up to 64 words, the first four in registers
 *   └───────┴───────┴──────┴────────┘   caps: up to 4 capabilities
 *    63     62    16 15   8 7      0    error: from the kernel; then the label is an ErrorCode
 */

export const REGISTER_WORDS = 4;
export const MAX_WORDS = 64;
export const MAX_CAPS = 4;

const BYTE_MASK = 0xffn;
/** Length and number of capabilities. */
export const COUNTS = 0xffffn;
const CAPS_SHIFT = 8n;
const LABEL_SHIFT = 16n;
/** Set by the kernel alone. */
export const ERROR = 0x8000_0000_0000_0000n;
const LABEL_MASK = 0x7fff_ffff_ffff_0000n;

/** Why a system call failed; each has one meaning. @storage u8 */
export const enum ErrorCode {
  None,
  /** An argument has a value that is never allowed; the detail tells which argument. */
  InvalidArgument,
  /** A capability argument is of the wrong type or null; the detail tells which argument. */
  InvalidCapability,
  /** The capability has no such operation, or not the right for it. */
  IllegalOperation,
  /** An argument lies outside its range; the detail tells which argument. */
  RangeError,
  /** An address or size is not aligned; the detail tells which argument. */
  AlignmentError,
  /** The capability address leads nowhere. */
  FailedLookup,
  /** The message has too few words or capabilities. */
  TruncatedMessage,
  /** The place is taken: a slot, an address, a binding. */
  DeleteFirst,
  /** The capability has descendants. */
  RevokeFirst,
  /** The Untyped, the pool or the table of identifiers has no room. */
  NotEnoughMemory,
  /** The endpoint takes no more messages now. */
  QueueFull,
  /** The other side no longer exists; the detail tells what became of the message. */
  Gone,
  /** The receiver refuses such senders. */
  Refused,
  /** The system's policy forbids it. */
  Policy,
  /** Not now: something else has to end first. */
  Busy,
}

/** @inline */
export function lengthIn(info: u64): u32 {
  return u32(info & BYTE_MASK);
}

/** @inline */
export function capsIn(info: u64): u32 {
  return u32((info >> CAPS_SHIFT) & BYTE_MASK);
}

/** @inline */
export function labelIn(info: u64): u64 {
  return (info & LABEL_MASK) >> LABEL_SHIFT;
}

/** Whether all of the message is in registers: no capabilities, few words. So is an error. @inline */
export function isShort(info: u64): boolean {
  return (info & COUNTS) <= u64(REGISTER_WORDS);
}

/** The same label with other counts. */
export function messageInfo(info: u64, length: u32, caps: u32): u64 {
  return (info & LABEL_MASK) | (u64(caps) << CAPS_SHIFT) | u64(length);
}

/** The answer to a call that has failed. The detail goes into its label's upper part, so that no word changes. */
export function errorInfo(code: ErrorCode, detail: u64): u64 {
  return ERROR | ((detail & 0xffffn) << 32n) | (u64(u32(code)) << LABEL_SHIFT);
}
