/** @unit O3 */
import { permute } from "../keccak";
import {
  absorb,
  finish,
  SHAKE_SUFFIX,
  SHAKE128_RATE,
  SHAKE256_RATE,
  type Sponge,
  squeeze,
  startSponge,
} from "../sponge";
import { N, type Poly, Q, type WidePoly } from "./ntt";

/** The two samplers that verification needs: a row entry of the matrix, and the challenge (FIPS 204, section 7.3). */

const CANDIDATE = 0x7f_ffffn;
const LANES_PER_GROUP = 3;
const GROUPS = 7;
const TAU = 60;

/** A matrix entry while it is sampled: `count` of its 256 coefficients are known and have been used. */
export interface EntrySampler extends Struct<"EntrySampler"> {
  readonly sponge: Inline<Sponge>;
  count: u32;
}

/** Begins entry (row, column) of the matrix that `seed` (32 bytes) stands for (FIPS 204, algorithms 32 and 30). */
export function startEntry(sampler: EntrySampler, seed: Bytes, row: u8, column: u8): void {
  const place = local<FixedArray<u8, 2>>();
  place[0] = column;
  place[1] = row;
  startSponge(sampler.sponge, SHAKE128_RATE);
  absorb(sampler.sponge, seed);
  absorb(sampler.sponge, sliceOf(place, 0, 2));
  finish(sampler.sponge, SHAKE_SUFFIX);
  sampler.count = 0;
}

/**
 * Uses up one block of output: adds entry[n] factor[n] to sums[n] for every coefficient that the block holds, and
 * makes the next block when the entry is not complete. True when it is.
 *
 *   lanes  0 1 2 │ 3 4 5 │ … │ 18 19 20      three lanes are eight candidates of 24 bits
 */
export function accumulateBlock(sampler: EntrySampler, factor: Poly, sums: WidePoly): boolean {
  let count = sampler.count;
  for (let group: u32 = 0; group < GROUPS; group++) {
    const first = group * LANES_PER_GROUP;
    const a = sampler.sponge.lanes[first];
    const b = sampler.sponge.lanes[first + 1];
    const c = sampler.sponge.lanes[first + 2];
    count = accumulate(a, count, factor, sums);
    count = accumulate(a >> 24n, count, factor, sums);
    count = accumulate((a >> 48n) | (b << 16n), count, factor, sums);
    count = accumulate(b >> 8n, count, factor, sums);
    count = accumulate(b >> 32n, count, factor, sums);
    count = accumulate((b >> 56n) | (c << 8n), count, factor, sums);
    count = accumulate(c >> 16n, count, factor, sums);
    count = accumulate(c >> 40n, count, factor, sums);
  }
  sampler.count = count;
  if (count === N) return true;
  permute(sampler.sponge.lanes);
  return false;
}

/**
 * FIPS 204, algorithm 14: the low 23 bits are a coefficient when they are below q.
 *
 * @inline
 */
function accumulate(bits: u64, count: u32, factor: Poly, sums: WidePoly): u32 {
  const candidate = bits & CANDIDATE;
  if (candidate >= u64(Q) || count >= N) return count;
  sums[count] += i64(candidate) * i64(factor[count]);
  return count + 1;
}

/** The challenge: 60 coefficients 1 or -1, the others 0, from its hash (FIPS 204, algorithm 29). */
export function sampleInBall(sponge: Sponge, hash: Bytes, challenge: Poly): void {
  const bytes = local<FixedArray<u8, 8>>();
  startSponge(sponge, SHAKE256_RATE);
  absorb(sponge, hash);
  finish(sponge, SHAKE_SUFFIX);
  squeeze(sponge, sliceOf(bytes, 0, 8));
  let signs: u64 = 0n;
  for (let i: u32 = 8; i > 0; i--) signs = (signs << 8n) | u64(bytes[i - 1]);
  for (let i: u32 = 0; i < N; i++) challenge[i] = 0;
  for (let i: u32 = N - TAU; i < N; i++) {
    do {
      squeeze(sponge, sliceOf(bytes, 0, 1));
    } while (bytes[0] > i);
    const j = bytes[0];
    challenge[i] = challenge[j];
    challenge[j] = (signs & 1n) === 0n ? 1 : -1;
    signs >>= 1n;
  }
}
