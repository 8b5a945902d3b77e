/**
 * The last bytes of the kernel log. Old bytes give way to new ones.
 *
 *   bytes:  … newest │ oldest …        next = written % RING_BYTES is where the next byte goes
 *
 * L1  The ring holds the last min(written, RING_BYTES) bytes.
 */

export const RING_BYTES = 16384;

export interface LogRing extends Struct<"LogRing"> {
  /** Bytes ever appended. */
  written: u64;
  readonly bytes: FixedArray<u8, typeof RING_BYTES>;
}

export function appendByte(ring: LogRing, byte: u8): void {
  ring.bytes[u32(ring.written) & (RING_BYTES - 1)] = byte;
  ring.written += 1n;
}

/** The number of the oldest byte that the ring still holds. */
export function oldestByte(ring: LogRing): u64 {
  return ring.written > u64(RING_BYTES) ? ring.written - u64(RING_BYTES) : 0n;
}

/** Byte number `index`, which lies between `oldestByte` and `written`. */
export function byteAt(ring: LogRing, index: u64): u8 {
  return ring.bytes[u32(index) & (RING_BYTES - 1)];
}
