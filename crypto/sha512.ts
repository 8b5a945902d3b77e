/**
 * @unit O3
 * @unsafe loads the words of a block, and of the schedule, whose lengths are known
 */

/**
 * SHA-512 and SHA-384 (FIPS 180-4, sections 5.1.2, 5.3.4, 5.3.5, 6.4 and 6.5).
 *
 *   start512 or start384 ──▶ update … update ──▶ finish
 *
 * The message schedule is made of two blocks side by side, so that four words are always independent of each other: what
 * vector units want. A single block has stale words beside it. The majority of a, b and c is written so that a round's
 * a ^ b is the next one's b ^ c.
 */

export const SHA512_BYTES = 64;
const BLOCK_BYTES = 128;
const ROUNDS = 80;
const WORDS = 160;

/** Word t of the block in lane n is words[2 t + n]. */
type Schedule = FixedArray<u64, typeof WORDS>;
/** a to h, and b ^ c. */
type Working = FixedArray<u64, 9>;

export interface Sha512 extends Struct<"Sha512"> {
  readonly hash: FixedArray<u64, 8>;
  readonly block: FixedArray<u8, typeof BLOCK_BYTES>;
  /** Scratch. */
  readonly words: Schedule;
  /** Bytes of the message so far. */
  lengthBytes: u64;
}

/** FIPS 180-4, section 4.2.3: the first 64 bits of the fractional parts of the cube roots of the first 80 primes. */
const roundConstants: FixedArray<u64, typeof ROUNDS> = [
  0x428a2f98d728ae22n,
  0x7137449123ef65cdn,
  0xb5c0fbcfec4d3b2fn,
  0xe9b5dba58189dbbcn,
  0x3956c25bf348b538n,
  0x59f111f1b605d019n,
  0x923f82a4af194f9bn,
  0xab1c5ed5da6d8118n,
  0xd807aa98a3030242n,
  0x12835b0145706fben,
  0x243185be4ee4b28cn,
  0x550c7dc3d5ffb4e2n,
  0x72be5d74f27b896fn,
  0x80deb1fe3b1696b1n,
  0x9bdc06a725c71235n,
  0xc19bf174cf692694n,
  0xe49b69c19ef14ad2n,
  0xefbe4786384f25e3n,
  0x0fc19dc68b8cd5b5n,
  0x240ca1cc77ac9c65n,
  0x2de92c6f592b0275n,
  0x4a7484aa6ea6e483n,
  0x5cb0a9dcbd41fbd4n,
  0x76f988da831153b5n,
  0x983e5152ee66dfabn,
  0xa831c66d2db43210n,
  0xb00327c898fb213fn,
  0xbf597fc7beef0ee4n,
  0xc6e00bf33da88fc2n,
  0xd5a79147930aa725n,
  0x06ca6351e003826fn,
  0x142929670a0e6e70n,
  0x27b70a8546d22ffcn,
  0x2e1b21385c26c926n,
  0x4d2c6dfc5ac42aedn,
  0x53380d139d95b3dfn,
  0x650a73548baf63den,
  0x766a0abb3c77b2a8n,
  0x81c2c92e47edaee6n,
  0x92722c851482353bn,
  0xa2bfe8a14cf10364n,
  0xa81a664bbc423001n,
  0xc24b8b70d0f89791n,
  0xc76c51a30654be30n,
  0xd192e819d6ef5218n,
  0xd69906245565a910n,
  0xf40e35855771202an,
  0x106aa07032bbd1b8n,
  0x19a4c116b8d2d0c8n,
  0x1e376c085141ab53n,
  0x2748774cdf8eeb99n,
  0x34b0bcb5e19b48a8n,
  0x391c0cb3c5c95a63n,
  0x4ed8aa4ae3418acbn,
  0x5b9cca4f7763e373n,
  0x682e6ff3d6b2b8a3n,
  0x748f82ee5defb2fcn,
  0x78a5636f43172f60n,
  0x84c87814a1f0ab72n,
  0x8cc702081a6439ecn,
  0x90befffa23631e28n,
  0xa4506cebde82bde9n,
  0xbef9a3f7b2c67915n,
  0xc67178f2e372532bn,
  0xca273eceea26619cn,
  0xd186b8c721c0c207n,
  0xeada7dd6cde0eb1en,
  0xf57d4f7fee6ed178n,
  0x06f067aa72176fban,
  0x0a637dc5a2c898a6n,
  0x113f9804bef90daen,
  0x1b710b35131c471bn,
  0x28db77f523047d84n,
  0x32caab7b40c72493n,
  0x3c9ebe0a15c9bebcn,
  0x431d67c49c100d4cn,
  0x4cc5d4becb3e42b6n,
  0x597f299cfc657e2an,
  0x5fcb6fab3ad6faecn,
  0x6c44198c4a475817n,
];

/** FIPS 180-4, section 5.3.5. */
const initial512: FixedArray<u64, 8> = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
];

/** FIPS 180-4, section 5.3.4. */
const initial384: FixedArray<u64, 8> = [
  0xcbbb9d5dc1059ed8n,
  0x629a292a367cd507n,
  0x9159015a3070dd17n,
  0x152fecd8f70e5939n,
  0x67332667ffc00b31n,
  0x8eb44a8768581511n,
  0xdb0c2e0d64f98fa7n,
  0x47b5481dbefa4fa4n,
];

export function sha512(message: Bytes, digest: Bytes): void {
  const state = local<Sha512>();
  start512(state);
  update(state, message);
  finish512(state, digest);
}

export function sha384(message: Bytes, digest: Bytes): void {
  const state = local<Sha512>();
  start384(state);
  update(state, message);
  finish512(state, digest);
}

export function start512(state: Sha512): void {
  for (let i: u32 = 0; i < 8; i++) state.hash[i] = initial512[i];
  state.lengthBytes = 0n;
}

export function start384(state: Sha512): void {
  for (let i: u32 = 0; i < 8; i++) state.hash[i] = initial384[i];
  state.lengthBytes = 0n;
}

/** Takes in `bytes`; any number of calls makes one message. */
export function update(state: Sha512, bytes: Bytes): void {
  const position = u32(state.lengthBytes) & (BLOCK_BYTES - 1);
  state.lengthBytes += u64(bytes.length);
  let taken: u32 = 0;
  if (position > 0) {
    taken = keep(state, position, bytes, 0);
    if (position + taken < BLOCK_BYTES) return;
    compress(state, sliceOf(state.block, 0, BLOCK_BYTES), 0);
  }
  for (; bytes.length - taken >= 2 * BLOCK_BYTES; taken += 2 * BLOCK_BYTES) compressPair(state, bytes, taken);
  if (bytes.length - taken >= BLOCK_BYTES) {
    compress(state, bytes, taken);
    taken += BLOCK_BYTES;
  }
  keep(state, 0, bytes, taken);
}

/** Ends the message and gives the digest: 64 bytes, or 48 after `start384`. */
export function finish512(state: Sha512, digest: Bytes): void {
  assert(digest.length <= SHA512_BYTES && (digest.length & 7) === 0, "a digest is a number of words");
  let position = u32(state.lengthBytes) & (BLOCK_BYTES - 1);
  state.block[position] = 0x80;
  position++;
  if (position > BLOCK_BYTES - 16) {
    fill(state, position, BLOCK_BYTES);
    compress(state, sliceOf(state.block, 0, BLOCK_BYTES), 0);
    position = 0;
  }
  fill(state, position, BLOCK_BYTES - 8);
  const bits = state.lengthBytes << 3n;
  state.block[BLOCK_BYTES - 9] = u8(state.lengthBytes >> 61n);
  for (let i: u32 = 0; i < 8; i++) state.block[BLOCK_BYTES - 1 - i] = u8(bits >> u64(8 * i));
  compress(state, sliceOf(state.block, 0, BLOCK_BYTES), 0);
  for (let i: u32 = 0; i < digest.length; i++) {
    digest[i] = u8(state.hash[(i >>> 3) & 7] >> u64(56 - (i & 7) * 8));
  }
}

/** Keeps what of `bytes` from `from` fits into the block after its first `position` bytes; answers how many. */
function keep(state: Sha512, position: u32, bytes: Bytes, from: u32): u32 {
  let count: u32 = 0;
  while (position + count < BLOCK_BYTES && from + count < bytes.length) {
    state.block[position + count] = bytes[from + count];
    count++;
  }
  return count;
}

function fill(state: Sha512, from: u32, to: u32): void {
  for (let i = from; i < to; i++) state.block[i] = 0;
}

/** One block, 128 bytes from `from` (FIPS 180-4, section 6.4.2). */
function compress(state: Sha512, bytes: Bytes, from: u32): void {
  loadBlock(state.words, bytes, from, 0);
  expand(state.words);
  mix(state, 0);
}

/** Two blocks, one behind the other from `from`. */
function compressPair(state: Sha512, bytes: Bytes, from: u32): void {
  loadBlock(state.words, bytes, from, 0);
  loadBlock(state.words, bytes, from + BLOCK_BYTES, 1);
  expand(state.words);
  mix(state, 0);
  mix(state, 1);
}

/** The first sixteen words of a lane. */
function loadBlock(words: Schedule, bytes: Bytes, from: u32, lane: u32): void {
  const block = subslice(bytes, from, BLOCK_BYTES);
  const start = addressOf(block);
  for (let t: u32 = 0; t < 16; t++) words[2 * t + (lane & 1)] = byteSwap64(load64(start + u64(8 * t)));
}

/** All other words of both lanes: sixteen a turn, so that what is loaded is used more than once. */
function expand(words: Schedule): void {
  for (let i: u32 = 32; i < WORDS; i += 16) {
    fourWords(words, i);
    fourWords(words, i + 4);
    fourWords(words, i + 8);
    fourWords(words, i + 12);
  }
}

/** Four words at once, each of which needs none of the others: two of each lane. @inline */
function fourWords(words: Schedule, i: u32): void {
  const first = nextWord(words, i);
  const second = nextWord(words, i + 1);
  const third = nextWord(words, i + 2);
  const fourth = nextWord(words, i + 3);
  words[i] = first;
  words[i + 1] = second;
  words[i + 2] = third;
  words[i + 3] = fourth;
}

/** @inline */
function nextWord(words: Schedule, i: u32): u64 {
  return words[i - 32] + sigma0(words[i - 30]) + words[i - 14] + sigma1(words[i - 4]);
}

/** The rounds of one lane. */
function mix(state: Sha512, lane: u32): void {
  const v = local<Working>();
  for (let i: u32 = 0; i < 8; i++) v[i] = state.hash[i];
  v[8] = v[1] ^ v[2];
  let at = addressOf(state.words) + u64(8 * lane);
  const end = at + u64(16 * ROUNDS);
  let constants = addressOf(roundConstants);
  do {
    round(v, at, constants, 0);
    round(v, at, constants, 1);
    round(v, at, constants, 2);
    round(v, at, constants, 3);
    round(v, at, constants, 4);
    round(v, at, constants, 5);
    round(v, at, constants, 6);
    round(v, at, constants, 7);
    at += 128n;
    constants += 64n;
  } while (at < end);
  for (let i: u32 = 0; i < 8; i++) state.hash[i] += v[i];
}

/**
 * Round `base` + `t`, whose word is 16 t bytes behind `at`. The working variables a to h move down a place with each round,
 * which after eight has no effect: here they stay, and the round counts their places from its own number, so that all of
 * them are constants.
 *
 * @inline
 */
function round(v: Working, at: u64, constants: u64, t: u32): void {
  const a = v[(8 - t) & 7];
  const b = v[(9 - t) & 7];
  const e = v[(12 - t) & 7];
  const f = v[(13 - t) & 7];
  const g = v[(14 - t) & 7];
  const word = load64(at + u64(16 * t));
  const t1 = v[(15 - t) & 7] + word + load64(constants + u64(8 * t)) + (e & f) + (~e & g) + sum1(e);
  const ab = a ^ b;
  v[(11 - t) & 7] += t1;
  v[(15 - t) & 7] = t1 + ((v[8] & ab) ^ b) + sum0(a);
  v[8] = ab;
}

/**
 * FIPS 180-4, section 4.1.3.
 *
 * @inline
 */
function sum0(x: u64): u64 {
  return rotl64(x, 36) ^ rotl64(x, 30) ^ rotl64(x, 25);
}

/** @inline */
function sum1(x: u64): u64 {
  return rotl64(x, 50) ^ rotl64(x, 46) ^ rotl64(x, 23);
}

/** @inline */
function sigma0(x: u64): u64 {
  return rotl64(x, 63) ^ rotl64(x, 56) ^ (x >> 7n);
}

/** @inline */
function sigma1(x: u64): u64 {
  return rotl64(x, 45) ^ rotl64(x, 3) ^ (x >> 6n);
}
