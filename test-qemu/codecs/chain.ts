import { hash, isEqual } from "./hash";
import { Kind } from "./kind";

/**
 * The Monte Carlo chains of NIST's ACVP hash tests, as test/crypto/monte-carlo.ts has them for the host: 100 results with
 * 1,000 hashes between one and the next.
 */

const HASHES = 1000;
const SHAKE_MESSAGE_BYTES = 16;
const DIGEST_BYTES = 64;
/** The last three digests, and the next. */
const DIGESTS = 4;
const MAX_BYTES = 512;

const message: FixedArray<u8, typeof MAX_BYTES> = zeroed();
const output: FixedArray<u8, typeof MAX_BYTES> = zeroed();
const digests: FixedArray<u8, 256> = zeroed();

/**
 * Whether the chain of `kind` from `seed` gives `results`, one behind the other. SHAKE's outputs have `leastBytes` to
 * `mostBytes` ≤ 512.
 */
export function isChain(kind: u32, seed: Bytes, results: Bytes, leastBytes: u32, mostBytes: u32): boolean {
  if (kind === u32(Kind.Sha512)) return isSha2Chain(kind, seed, results);
  const isShake = kind === u32(Kind.Shake128) || kind === u32(Kind.Shake256);
  let length = isShake ? mostBytes : seed.length;
  let messageBytes = seed.length;
  copy(sliceOf(message, 0, messageBytes), seed);
  let at: u32 = 0;
  while (at < results.length) {
    for (let i: u32 = 0; i < HASHES; i++) {
      const got = sliceOf(output, 0, length);
      hash(kind, sliceOf(message, 0, messageBytes), got);
      if (i === HASHES - 1) {
        if (length > results.length - at || !isEqual(got, subslice(results, at, length))) return false;
        at += length;
      }
      messageBytes = isShake ? SHAKE_MESSAGE_BYTES : length;
      copy(sliceOf(message, 0, messageBytes), subslice(got, 0, messageBytes));
      if (isShake) {
        const last = (u32(got[length - 2]) << 8) | u32(got[length - 1]);
        length = leastBytes + (last % (mostBytes - leastBytes + 1));
      }
    }
  }
  return true;
}

/** SHA-2, "alternate": the last three digests, cut or filled with zeros to the seed's length, are the next message. */
function isSha2Chain(kind: u32, seed: Bytes, results: Bytes): boolean {
  let a = seed;
  let b = seed;
  let c = seed;
  let slot: u32 = 0;
  for (let at: u32 = 0; at < results.length; at += DIGEST_BYTES) {
    for (let i: u32 = 0; i < HASHES; i++) {
      const whole = sliceOf(message, 0, seed.length);
      const behindA = copy(whole, a);
      const behindB = behindA + copy(subslice(whole, behindA, whole.length - behindA), b);
      const end = behindB + copy(subslice(whole, behindB, whole.length - behindB), c);
      for (let k = end; k < whole.length; k++) whole[k] = 0;
      slot = (slot + 1) % DIGESTS;
      const digest = sliceOf(digests, slot * DIGEST_BYTES, DIGEST_BYTES);
      hash(kind, whole, digest);
      a = b;
      b = c;
      c = digest;
    }
    if (results.length - at < DIGEST_BYTES || !isEqual(c, subslice(results, at, DIGEST_BYTES))) return false;
    a = c;
    b = c;
  }
  return true;
}

/** As much of `from` as `to` has room for; answers how much. */
function copy(to: Bytes, from: Bytes): u32 {
  const count = from.length < to.length ? from.length : to.length;
  for (let i: u32 = 0; i < count; i++) to[i] = from[i];
  return count;
}
