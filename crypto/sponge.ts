/** @unit O3 */
import { LANES, type Lanes, permute } from "./keccak";

/**
 * The sponge of SHA-3 and SHAKE, byte by byte or in long runs (FIPS 202, sections 4 to 6).
 *
 *   start ──▶ absorb … absorb ──▶ finish ──▶ squeeze … squeeze
 *
 * P1  While absorbing, `position` < `rateBytes` bytes of the current block have been taken in.
 * P2  While squeezing, `position` ≤ `rateBytes` bytes of the current block have been given out.
 */

/** Bytes of a block: 1600 bits less twice the security strength (FIPS 202, section 6). */
export const SHAKE128_RATE = 168;
export const SHAKE256_RATE = 136;
export const SHA3_256_RATE = 136;
export const SHA3_384_RATE = 104;
export const SHA3_512_RATE = 72;

/** Domain separation and the first bit of the padding (FIPS 202, sections 6.1, 6.2 and B.2). */
export const SHAKE_SUFFIX = 0x1f;
export const SHA3_SUFFIX = 0x06;

export interface Sponge extends Struct<"Sponge"> {
  readonly lanes: Lanes;
  position: u32;
  rateBytes: u32;
}

/** Begins a new message; `rateBytes` is one of the rates above. */
export function startSponge(sponge: Sponge, rateBytes: u32): void {
  assert(rateBytes <= SHAKE128_RATE && (rateBytes & 7) === 0, "a sponge's rate is a number of lanes");
  for (let i: u32 = 0; i < LANES; i++) sponge.lanes[i] = 0n;
  sponge.position = 0;
  sponge.rateBytes = rateBytes;
}

/** Takes in `bytes`; any number of calls makes one message. */
export function absorb(sponge: Sponge, bytes: Bytes): void {
  const rate = sponge.rateBytes;
  const length = bytes.length;
  let position = sponge.position;
  let taken: u32 = 0;
  while (taken < length) {
    if ((position & 7) === 0 && length - taken >= 8) {
      sponge.lanes[position >>> 3] ^= laneAt(bytes, taken);
      position += 8;
      taken += 8;
    } else {
      sponge.lanes[position >>> 3] ^= u64(bytes[taken]) << u64((position & 7) * 8);
      position++;
      taken++;
    }
    if (position === rate) {
      permute(sponge.lanes);
      position = 0;
    }
  }
  sponge.position = position;
}

/** Ends the message: `suffix` is SHA3_SUFFIX or SHAKE_SUFFIX. The first block of output is then ready. */
export function finish(sponge: Sponge, suffix: u8): void {
  const position = sponge.position;
  const last = sponge.rateBytes - 1;
  sponge.lanes[position >>> 3] ^= u64(suffix) << u64((position & 7) * 8);
  sponge.lanes[last >>> 3] ^= 0x80n << u64((last & 7) * 8);
  permute(sponge.lanes);
  sponge.position = 0;
}

/** Fills `bytes` with the next bytes of output. */
export function squeeze(sponge: Sponge, bytes: Bytes): void {
  const length = bytes.length;
  let position = sponge.position;
  for (let given: u32 = 0; given < length; given++) {
    if (position === sponge.rateBytes) {
      permute(sponge.lanes);
      position = 0;
    }
    bytes[given] = u8(sponge.lanes[position >>> 3] >> u64((position & 7) * 8));
    position++;
  }
  sponge.position = position;
}

/**
 * Eight bytes from `from` as a little-endian number. The caller knows that they are there.
 *
 * @inline
 */
function laneAt(bytes: Bytes, from: u32): u64 {
  return (
    u64(bytes[from]) |
    (u64(bytes[from + 1]) << 8n) |
    (u64(bytes[from + 2]) << 16n) |
    (u64(bytes[from + 3]) << 24n) |
    (u64(bytes[from + 4]) << 32n) |
    (u64(bytes[from + 5]) << 40n) |
    (u64(bytes[from + 6]) << 48n) |
    (u64(bytes[from + 7]) << 56n)
  );
}
