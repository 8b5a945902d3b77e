/**
 * Bytes between an interrupt that receives them and whoever reads them.
 *
 * R1  `filled` - `taken`, modulo 2^32, is how many bytes wait, at most RING_BYTES.
 */

const RING_BYTES = 256;

export interface ByteRing extends Struct<"ByteRing"> {
  /** Bytes ever put in, and ever taken out. */
  filled: u32;
  taken: u32;
  readonly bytes: FixedArray<u8, typeof RING_BYTES>;
}

export function hasRoomFor(ring: ByteRing, count: u32): boolean {
  return ring.filled - ring.taken + count <= RING_BYTES;
}

/** The caller knows that there is room. */
export function putIn(ring: ByteRing, byte: u8): void {
  ring.bytes[ring.filled & (RING_BYTES - 1)] = byte;
  ring.filled++;
}

/** Copies the oldest bytes into `piece`, as many as wait and fit; answers their number. They stay. */
export function peek(ring: ByteRing, piece: Bytes): u32 {
  const waiting = ring.filled - ring.taken;
  const count = waiting < piece.length ? waiting : piece.length;
  for (let i: u32 = 0; i < count; i++) piece[i] = ring.bytes[(ring.taken + i) & (RING_BYTES - 1)];
  return count;
}

/** Forgets the oldest `count` bytes, of those that wait. */
export function drop(ring: ByteRing, count: u32): void {
  ring.taken += count;
}
