/**
 * What a capability is: a type, rights, flags, and what they refer to, packed into the first two words of a slot.
 *
 *   word  ┌───────────────────────────────────────┬───────┬────────┬──────┐
 *         │ object: address, or page · generation │ flags │ rights │ type │
 *         └───────────────────────────────────────┴───────┴────────┴──────┘
 *          63                                   16 15    8 7      5 4    0
 *   data   by type: badge, number of slots, watermark, mapping, line, ports
 *
 * The object's address is kept in the upper 48 bits, so that one arithmetic shift gives a kernel address back.
 */

/** @storage u8 */
export const enum CapType {
  Null,
  Untyped,
  CNode,
  Thread,
  SchedContext,
  SchedControl,
  Endpoint,
  Notification,
  Reply,
  AddressSpace,
  Region,
  Image,
  Timer,
  IrqControl,
  IrqHandler,
  IoPort,
  Inspect,
  TraceControl,
  PowerControl,
  Verifier,
  Process,
  ProcessControl,
  TrustControl,
}
export const CAP_TYPES = 23;

export const TYPE_MASK = 0x1fn;
const RIGHTS_SHIFT = 5n;

/** Rights, as they lie in the word: receive or read; send, signal or write; pass capabilities on. */
export const RIGHT_READ = 0x20n;
export const RIGHT_WRITE = 0x40n;
export const RIGHT_GRANT = 0x80n;
export const ALL_RIGHTS = 0xe0n;

/** Flags of an Endpoint's capability: it can be used once; its holder got it in a message. */
export const FLAG_ONCE = 0x100n;
export const FLAG_RECEIVED = 0x200n;
/** Flag of a Process's capability: the process's own, which exits but does nothing else to its life. */
export const FLAG_SELF = 0x100n;
/** Flag of an Image that is being filled: its Verifier alone has it. */
export const FLAG_UNSEALED = 0x100n;
/** Flags of an Untyped and a Region. */
export const FLAG_DEVICE = 0x100n;
/** Flags of a Region: the spec's attributes, and that its contents are known. */
export const FLAG_DMA = 0x200n;
export const FLAG_UNCACHED = 0x400n;
export const FLAG_PROTECTED = 0x800n;
export const FLAG_ZEROED = 0x1000n;
export const FLAG_READ_ONLY = 0x2000n;

/** All flags of any type. */
export const FLAGS_SHIFT = 8n;
export const FLAGS_MASK = 0xffn;

const OBJECT_SHIFT = 16n;
const OBJECT_MASK = 0xffff_ffff_ffff_0000n;

/** @inline */
export function capWord(type: CapType, rights: u64, object: u64): u64 {
  return (object << OBJECT_SHIFT) | rights | u64(u32(type));
}

/** @inline */
export function typeIn(word: u64): CapType {
  return toEnum<CapType>(u32(word & TYPE_MASK));
}

/** As the user's bits 0 to 2. */
export function rightsIn(word: u64): u64 {
  return (word & ALL_RIGHTS) >> RIGHTS_SHIFT;
}

/** Whether the capability is of `type` and has all of `rights` (and flags). @inline */
export function isCapWith(word: u64, type: CapType, rights: u64): boolean {
  return (word & (TYPE_MASK | rights)) === (u64(u32(type)) | rights);
}

/** Whether the capability is of `type`, has all of `rights`, and none of `flags`. @inline */
export function isCapWithout(word: u64, type: CapType, rights: u64, flags: u64): boolean {
  return (word & (TYPE_MASK | rights | flags)) === (u64(u32(type)) | rights);
}

/** The object's address. @inline */
export function objectIn(word: u64): u64 {
  return u64(i64(word) >> OBJECT_SHIFT);
}

/** The same capability with no more than `rights`, given as the user's bits 0 to 2. @inline */
export function withRights(word: u64, rights: u64): u64 {
  return word & ~(ALL_RIGHTS & ~((rights << RIGHTS_SHIFT) & ALL_RIGHTS));
}

/** Whether two capabilities refer to the same object: type and address. @inline */
export function isSameObject(a: u64, b: u64): boolean {
  return ((a ^ b) & (OBJECT_MASK | TYPE_MASK)) === 0n;
}
