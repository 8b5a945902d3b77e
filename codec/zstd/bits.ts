/** @unit O3 */

/**
 * Bit by bit through the two kinds of streams of a compressed block (RFC 8878, sections 4.1.1 and 4.1):
 *
 *   forward    from the first byte's lowest bit upwards: descriptions of FSE tables
 *   backward   from the last byte's highest set bit, which only marks the end, downwards: everything else
 *
 * What would lie outside the stream reads as zeros. These readers are the careful ones: the hot loops read eight bytes
 * at a time and leave a stream's last bytes to them.
 */

export interface ForwardBits extends Struct<"ForwardBits"> {
  bytes: Bytes;
  /** Bits already read. */
  position: u32;
}

export interface BackwardBits extends Struct<"BackwardBits"> {
  bytes: Bytes;
  /** Bits not yet read: those below bit `left` of the stream. */
  left: u32;
  /** More bits were taken than there were. */
  isOverrun: boolean;
}

/** The next `count` ≤ 24 bits, which stay unread. */
export function peekForward(bits: ForwardBits, count: u32): u32 {
  return bitsAt(bits.bytes, bits.position, count);
}

/** Begins with `bytes`, at most 2^28 of them; false when they hold no end mark. */
export function openBackward(bits: BackwardBits, bytes: Bytes): boolean {
  bits.bytes = bytes;
  bits.left = 0;
  bits.isOverrun = false;
  if (bytes.length === 0) return false;
  const last = u32(bytes[bytes.length - 1]);
  if (last === 0) return false;
  bits.left = 8 * bytes.length - 1 - (clz32(last) - 24);
  return true;
}

/** The next `count` ≤ 24 bits, which stay unread. */
export function peekBackward(bits: BackwardBits, count: u32): u32 {
  const left = bits.left;
  return left >= count ? bitsAt(bits.bytes, left - count, count) : bitsAt(bits.bytes, 0, left) << (count - left);
}

/** Marks `count` bits as read. */
export function skipBackward(bits: BackwardBits, count: u32): void {
  if (count > bits.left) bits.isOverrun = true;
  bits.left = count > bits.left ? 0 : bits.left - count;
}

/** The next `count` ≤ 24 bits. */
export function takeBackward(bits: BackwardBits, count: u32): u32 {
  const value = peekBackward(bits, count);
  skipBackward(bits, count);
  return value;
}

/** `count` ≤ 24 bits from bit `position`. */
function bitsAt(bytes: Bytes, position: u32, count: u32): u32 {
  const first = position >>> 3;
  const length = bytes.length;
  let value: u32 = 0;
  if (length >= 4 && first <= length - 4) {
    value =
      u32(bytes[first]) | (u32(bytes[first + 1]) << 8) | (u32(bytes[first + 2]) << 16) | (u32(bytes[first + 3]) << 24);
  } else {
    for (let at = first; at < length; at++) value |= u32(bytes[at]) << (8 * (at - first));
  }
  return (value >>> (position & 7)) & ((1 << count) - 1);
}
