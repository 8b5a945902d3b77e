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

/** A byte for which there is no room is dropped. */
export function putIn(ring: ByteRing, byte: u8): void {
  if (ring.filled - ring.taken >= RING_BYTES) return;
  ring.bytes[ring.filled & (RING_BYTES - 1)] = byte;
  ring.filled++;
}

/** The oldest byte, or -1 when none waits. */
export function takeOut(ring: ByteRing): i32 {
  if (ring.filled === ring.taken) return -1;
  const byte = ring.bytes[ring.taken & (RING_BYTES - 1)];
  ring.taken++;
  return i32(u32(byte));
}
