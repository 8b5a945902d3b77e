/** @unit O2 */
import { N, type Poly, Q } from "./ntt";

/**
 * From the bytes of public keys and signatures to polynomials and back (FIPS 204, sections 7.1, 7.2 and 7.4), for
 * ML-DSA-87:
 *
 *   key        rho 32 │ t1: 8 polynomials of 320 bytes, 10 bits a coefficient
 *   signature  hash 64 │ z: 7 polynomials of 640 bytes, 20 bits │ hint: 75 places, 8 ends
 */

export const K = 8;
export const L = 7;
export const SEED_BYTES = 32;
export const HASH_BYTES = 64;
export const T1_POLY_BYTES = 320;
export const Z_POLY_BYTES = 640;
export const W1_POLY_BYTES = 128;
export const OMEGA = 75;
export const HINT_BYTES = 83;
export const KEY_BYTES = 2592;
export const SIGNATURE_BYTES = 4627;

const GAMMA1 = 524288;
const BETA = 120;
/** (q - 1) / 32. */
const GAMMA2 = 261888;
/** Bits that t1 leaves out. */
const DROPPED_BITS = 13;

/** t1 · 2^13 from its 320 bytes at `from` (FIPS 204, algorithms 18 and 23). */
export function unpackT1(key: Bytes, from: u32, poly: Poly): void {
  assert(from <= key.length && key.length - from >= T1_POLY_BYTES, "t1 lies within the key");
  for (let i: u32 = 0; i < N / 4; i++) {
    const at = from + 5 * i;
    const b0 = u32(key[at]);
    const b1 = u32(key[at + 1]);
    const b2 = u32(key[at + 2]);
    const b3 = u32(key[at + 3]);
    const b4 = u32(key[at + 4]);
    poly[4 * i] = shiftedT1(b0 | (b1 << 8));
    poly[4 * i + 1] = shiftedT1((b1 >>> 2) | (b2 << 6));
    poly[4 * i + 2] = shiftedT1((b2 >>> 4) | (b3 << 4));
    poly[4 * i + 3] = shiftedT1((b3 >>> 6) | (b4 << 2));
  }
}

/** @inline */
function shiftedT1(bits: u32): i32 {
  return i32((bits & 0x3ff) << DROPPED_BITS);
}

/**
 * z from its 640 bytes at `from` (FIPS 204, algorithm 19); false when a coefficient is not below gamma1 - beta in
 * absolute value (algorithm 8, line 13).
 */
export function unpackZ(signature: Bytes, from: u32, poly: Poly): boolean {
  assert(from <= signature.length && signature.length - from >= Z_POLY_BYTES, "z lies within the signature");
  let isShort = true;
  for (let i: u32 = 0; i < N / 2; i++) {
    const at = from + 5 * i;
    const b2 = u32(signature[at + 2]);
    const low = u32(signature[at]) | (u32(signature[at + 1]) << 8) | ((b2 & 15) << 16);
    const high = (b2 >>> 4) | (u32(signature[at + 3]) << 4) | (u32(signature[at + 4]) << 12);
    const even = GAMMA1 - i32(low);
    const odd = GAMMA1 - i32(high);
    poly[2 * i] = even;
    poly[2 * i + 1] = odd;
    if (even >= GAMMA1 - BETA || even <= BETA - GAMMA1) isShort = false;
    if (odd >= GAMMA1 - BETA || odd <= BETA - GAMMA1) isShort = false;
  }
  return isShort;
}

/**
 * Whether the 83 bytes of a hint are well formed (FIPS 204, algorithm 21): ends grow and stay within 75, places
 * grow strictly within a polynomial, unused places are 0.
 */
export function isHint(hint: Bytes): boolean {
  assert(hint.length === HINT_BYTES, "a hint is 83 bytes");
  let index: u32 = 0;
  for (let i: u32 = 0; i < K; i++) {
    const end = hint[OMEGA + i];
    if (end < index || end > OMEGA) return false;
    for (let j = index; j < end; j++) {
      if (j > index && hint[j - 1] >= hint[j]) return false;
    }
    index = end;
  }
  for (; index < OMEGA; index++) {
    if (hint[index] !== 0) return false;
  }
  return true;
}

/**
 * Sets `marks[n]` to 1 for the places of polynomial `row` in a hint that `isHint` has accepted, to 0 elsewhere. The bound
 * on the end is for hints that have changed since.
 */
export function markHints(hint: Bytes, row: u32, marks: FixedArray<u8, typeof N>): void {
  for (let n: u32 = 0; n < N; n++) marks[n] = 0;
  const start: u32 = row === 0 ? 0 : hint[OMEGA + row - 1];
  for (let j = start; j < hint[OMEGA + row] && j < OMEGA; j++) marks[hint[j]] = 1;
}

/** w1 of one polynomial, 4 bits a coefficient (FIPS 204, algorithms 40 and 28); coefficients below q in absolute value. */
export function encodeW1(poly: Poly, marks: FixedArray<u8, typeof N>, to: FixedArray<u8, typeof W1_POLY_BYTES>): void {
  for (let i: u32 = 0; i < W1_POLY_BYTES; i++) {
    const low = useHint(poly[2 * i], marks[2 * i]);
    const high = useHint(poly[2 * i + 1], marks[2 * i + 1]);
    to[i] = u8(low | (high << 4));
  }
}

/**
 * The high part of `coefficient`, moved one step by the hint (FIPS 204, algorithms 36 and 40). The division by
 * 2 gamma2 is by multiplication: exact for 0 ≤ r < q.
 *
 * @inline
 */
function useHint(coefficient: i32, hint: u8): u32 {
  const r = coefficient + ((coefficient >> 31) & Q);
  const high = ((((r + 127) >> 7) * 1025 + 2097152) >> 22) & 15;
  if (hint === 0) return u32(high);
  let low = r - high * 2 * GAMMA2;
  if (low > (Q - 1) / 2) low -= Q;
  return u32((low > 0 ? high + 1 : high - 1) & 15);
}
