import { absorb, finish, SHAKE_SUFFIX, SHAKE256_RATE, type Sponge, squeeze, startSponge } from "../sponge";
import {
  encodeW1,
  HASH_BYTES,
  HINT_BYTES,
  isHint,
  K,
  KEY_BYTES,
  L,
  markHints,
  SEED_BYTES,
  SIGNATURE_BYTES,
  T1_POLY_BYTES,
  unpackT1,
  unpackZ,
  W1_POLY_BYTES,
  Z_POLY_BYTES,
} from "./encoding";
import {
  beginInverse,
  beginTransform,
  endInverse,
  endTransform,
  N,
  type Poly,
  reduceDifference,
  type WidePoly,
} from "./ntt";
import { accumulateBlock, type EntrySampler, sampleInBall, startEntry } from "./sample";

/**
 * ML-DSA-87 verification (FIPS 204, algorithms 3 and 8) as a machine of short steps, so that a kernel can do it
 * on the caller's time: no step exceeds 20,000 instructions. Rows of the matrix are made, used and forgotten.
 *
 *   Key ──▶ Message ──▶ Response ─▶ ResponseTransform (×7) ──▶ Challenge ─▶ ChallengeTransform
 *                                                            │
 *          ┌─────────────────────────────────────────────────┘
 *          ▼
 *        Entry (7 entries) ──▶ Product ─▶ ProductTransform ──▶ Difference ──▶ Inverse ──▶ Hint
 *                                                      ──▶ next row, after 8: Valid or Invalid
 *
 * V1  What the caller hands over must stay as it is until the verdict: whoever cannot trust that copies first.
 * V2  `Invalid` is final; malformed input leads there, never to a panic.
 */

export const MAX_CONTEXT_BYTES = 255;
/** Blocks of 136 bytes that one step takes in. */
const BLOCKS_PER_STEP = 3;

/** @storage u8 */
export const enum Verdict {
  More,
  Valid,
  Invalid,
}

/** @storage u8 */
const enum Phase {
  Key,
  Message,
  Response,
  ResponseTransform,
  Challenge,
  ChallengeTransform,
  Entry,
  Product,
  ProductTransform,
  Difference,
  Inverse,
  Hint,
  Done,
}

export interface Verification extends Struct<"Verification"> {
  key: Bytes;
  signature: Bytes;
  message: Bytes;
  phase: Phase;
  verdict: Verdict;
  /** Bytes of the key or of the message already taken in. */
  position: u32;
  row: u32;
  column: u32;
  isEntryStarted: boolean;
  isTransformBegun: boolean;
  /** 0, the context's length and the context; empty for the internal interface. */
  prefixLength: u32;
  readonly prefix: FixedArray<u8, 257>;
  readonly mu: FixedArray<u8, typeof HASH_BYTES>;
  readonly sponge: Inline<Sponge>;
  /** Takes in mu and w1, row by row. */
  readonly commitment: Inline<Sponge>;
  readonly sampler: Inline<EntrySampler>;
  readonly responses: FixedArray<Poly, typeof L>;
  readonly challenge: Poly;
  readonly t1: Poly;
  readonly w: Poly;
  readonly sums: WidePoly;
  readonly marks: FixedArray<u8, typeof N>;
  readonly w1: FixedArray<u8, typeof W1_POLY_BYTES>;
}

/** Pure ML-DSA: `message` under `context` of at most 255 bytes (algorithm 3). A wrong length is `Invalid`. */
export function startPure(v: Verification, key: Bytes, signature: Bytes, context: Bytes, message: Bytes): void {
  start(v, key, signature, message);
  if (context.length > MAX_CONTEXT_BYTES) {
    conclude(v, Verdict.Invalid);
    return;
  }
  v.prefix[0] = 0;
  v.prefix[1] = u8(context.length);
  for (let i: u32 = 0; i < context.length; i++) v.prefix[2 + i] = context[i];
  v.prefixLength = 2 + context.length;
}

/** The internal interface: `message` is M' already formatted (algorithm 8). */
export function startInternal(v: Verification, key: Bytes, signature: Bytes, message: Bytes): void {
  start(v, key, signature, message);
}

/** The internal interface with `mu` (64 bytes) computed elsewhere (algorithm 8, line 7). */
export function startMu(v: Verification, key: Bytes, signature: Bytes, mu: Bytes): void {
  start(v, key, signature, mu);
  if (mu.length !== HASH_BYTES) {
    conclude(v, Verdict.Invalid);
    return;
  }
  for (let i: u32 = 0; i < HASH_BYTES; i++) v.mu[i] = mu[i];
  if (v.phase === Phase.Key) enterResponse(v);
}

/** Does the next step: at most 20,000 instructions. Answers More until the verdict is known, then always the verdict. */
export function step(v: Verification): Verdict {
  switch (v.phase) {
    case Phase.Key:
      hashKey(v);
      break;
    case Phase.Message:
      hashMessage(v);
      break;
    case Phase.Response:
      takeResponse(v);
      break;
    case Phase.ResponseTransform:
      transformResponse(v);
      break;
    case Phase.Challenge:
      sampleInBall(v.sponge, challengeHash(v), v.challenge);
      v.phase = Phase.ChallengeTransform;
      break;
    case Phase.ChallengeTransform:
      if (transformHalf(v, v.challenge)) enterRow(v, 0);
      break;
    case Phase.Entry:
      sampleEntry(v);
      break;
    case Phase.Product:
      unpackT1(v.key, SEED_BYTES + v.row * T1_POLY_BYTES, v.t1);
      v.phase = Phase.ProductTransform;
      break;
    case Phase.ProductTransform:
      if (transformHalf(v, v.t1)) v.phase = Phase.Difference;
      break;
    case Phase.Difference:
      reduceDifference(v.w, v.sums, v.challenge, v.t1);
      v.phase = Phase.Inverse;
      break;
    case Phase.Inverse:
      invertHalf(v);
      break;
    case Phase.Hint:
      takeRow(v);
      break;
    case Phase.Done:
      break;
    default:
      unreachable(v.phase);
  }
  return v.verdict;
}

/** All steps at once; whether `signature` is `key`'s over `message` under `context`. */
export function verify(v: Verification, key: Bytes, signature: Bytes, context: Bytes, message: Bytes): boolean {
  startPure(v, key, signature, context, message);
  return finishVerification(v);
}

/** The rest of the steps; whether the verdict is Valid. */
export function finishVerification(v: Verification): boolean {
  let verdict = Verdict.More as Verdict;
  while (verdict === Verdict.More) verdict = step(v);
  return verdict === Verdict.Valid;
}

function start(v: Verification, key: Bytes, signature: Bytes, message: Bytes): void {
  v.key = key;
  v.signature = signature;
  v.message = message;
  v.verdict = Verdict.More;
  v.phase = Phase.Key;
  v.isTransformBegun = false;
  v.position = 0;
  v.prefixLength = 0;
  if (key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES || !isHint(hintOf(v))) {
    conclude(v, Verdict.Invalid);
    return;
  }
  startSponge(v.sponge, SHAKE256_RATE);
}

function conclude(v: Verification, verdict: Verdict): void {
  v.verdict = verdict;
  v.phase = Phase.Done;
}

/** tr = H(key, 64), and the beginning of mu = H(tr ‖ M', 64) (algorithm 8, lines 6 and 7). */
function hashKey(v: Verification): void {
  if (takeIn(v, v.key)) return;
  finish(v.sponge, SHAKE_SUFFIX);
  squeeze(v.sponge, sliceOf(v.mu, 0, HASH_BYTES));
  startSponge(v.sponge, SHAKE256_RATE);
  absorb(v.sponge, sliceOf(v.mu, 0, HASH_BYTES));
  absorb(v.sponge, sliceOf(v.prefix, 0, v.prefixLength));
  v.position = 0;
  v.phase = Phase.Message;
}

function hashMessage(v: Verification): void {
  if (takeIn(v, v.message)) return;
  finish(v.sponge, SHAKE_SUFFIX);
  squeeze(v.sponge, sliceOf(v.mu, 0, HASH_BYTES));
  enterResponse(v);
}

/** Absorbs the next few blocks of `bytes`; false when there were none left. */
function takeIn(v: Verification, bytes: Bytes): boolean {
  const left = bytes.length - v.position;
  if (left === 0) return false;
  const most: u32 = BLOCKS_PER_STEP * SHAKE256_RATE;
  const count = left < most ? left : most;
  absorb(v.sponge, subslice(bytes, v.position, count));
  v.position += count;
  return true;
}

function enterResponse(v: Verification): void {
  startSponge(v.commitment, SHAKE256_RATE);
  absorb(v.commitment, sliceOf(v.mu, 0, HASH_BYTES));
  v.column = 0;
  v.phase = Phase.Response;
}

/** One polynomial of z; too large a coefficient ends it (algorithm 8, line 13). */
function takeResponse(v: Verification): void {
  const poly = v.responses[v.column];
  if (!unpackZ(v.signature, HASH_BYTES + v.column * Z_POLY_BYTES, poly)) {
    conclude(v, Verdict.Invalid);
    return;
  }
  v.phase = Phase.ResponseTransform;
}

/** The first half of a transform, or the second: then it is done, and the answer true. */
function transformHalf(v: Verification, poly: Poly): boolean {
  v.isTransformBegun = !v.isTransformBegun;
  if (v.isTransformBegun) beginTransform(poly);
  else endTransform(poly);
  return !v.isTransformBegun;
}

function invertHalf(v: Verification): void {
  v.isTransformBegun = !v.isTransformBegun;
  if (v.isTransformBegun) {
    beginInverse(v.w);
  } else {
    endInverse(v.w);
    v.phase = Phase.Hint;
  }
}

function transformResponse(v: Verification): void {
  if (!transformHalf(v, v.responses[v.column])) return;
  v.column++;
  v.phase = v.column === L ? Phase.Challenge : Phase.Response;
}

function enterRow(v: Verification, row: u32): void {
  for (let i: u32 = 0; i < N; i++) v.sums[i] = 0n;
  v.row = row;
  v.column = 0;
  v.isEntryStarted = false;
  v.phase = Phase.Entry;
}

/** A few blocks of one entry of the matrix, multiplied into the row's sums (algorithm 8, lines 5 and 9). */
function sampleEntry(v: Verification): void {
  if (!v.isEntryStarted) {
    startEntry(v.sampler, subslice(v.key, 0, SEED_BYTES), u8(v.row), u8(v.column));
    v.isEntryStarted = true;
    return;
  }
  const poly = v.responses[v.column];
  for (let block: u32 = 0; block < BLOCKS_PER_STEP; block++) {
    if (accumulateBlock(v.sampler, poly, v.sums)) {
      v.isEntryStarted = false;
      v.column++;
      if (v.column === L) v.phase = Phase.Product;
      return;
    }
  }
}

/** w1 of one row goes into the commitment; after the last row the two hashes decide (algorithm 8, lines 10 to 13). */
function takeRow(v: Verification): void {
  markHints(hintOf(v), v.row, v.marks);
  encodeW1(v.w, v.marks, v.w1);
  absorb(v.commitment, sliceOf(v.w1, 0, W1_POLY_BYTES));
  if (v.row + 1 < K) {
    enterRow(v, v.row + 1);
    return;
  }
  finish(v.commitment, SHAKE_SUFFIX);
  squeeze(v.commitment, sliceOf(v.mu, 0, HASH_BYTES));
  conclude(v, isSame(sliceOf(v.mu, 0, HASH_BYTES), challengeHash(v)) ? Verdict.Valid : Verdict.Invalid);
}

function challengeHash(v: Verification): Bytes {
  return subslice(v.signature, 0, HASH_BYTES);
}

function hintOf(v: Verification): Bytes {
  return subslice(v.signature, SIGNATURE_BYTES - HINT_BYTES, HINT_BYTES);
}

function isSame(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  let difference: u32 = 0;
  for (let i: u32 = 0; i < a.length; i++) difference |= u32(a[i] ^ b[i]);
  return difference === 0;
}
