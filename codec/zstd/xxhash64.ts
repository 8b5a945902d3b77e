/** @unit O3 @unsafe reads stripes of 32 bytes eight bytes at a time */

/**
 * XXH64 (xxHash's specification, "XXH64 algorithm description"), the checksum of Zstandard frames.
 *
 *   start ──▶ update … update ──▶ digest
 *
 * X1  The first `lengthBytes % 32` bytes of `rest` are taken in and not yet in the lanes.
 */

const STRIPE_BYTES = 32;

const PRIME1 = 0x9e3779b185ebca87n;
const PRIME2 = 0xc2b2ae3d27d4eb4fn;
const PRIME3 = 0x165667b19e3779f9n;
const PRIME4 = 0x85ebca77c2b2ae63n;
const PRIME5 = 0x27d4eb2f165667c5n;

export interface XxHash64 extends Struct<"XxHash64"> {
  lane1: u64;
  lane2: u64;
  lane3: u64;
  lane4: u64;
  seed: u64;
  lengthBytes: u64;
  readonly rest: FixedArray<u8, typeof STRIPE_BYTES>;
}

/** Begins a new message (step 1). Zstandard's seed is 0. */
export function startXxHash64(hash: XxHash64, seed: u64): void {
  hash.lane1 = seed + PRIME1 + PRIME2;
  hash.lane2 = seed + PRIME2;
  hash.lane3 = seed;
  hash.lane4 = seed - PRIME1;
  hash.seed = seed;
  hash.lengthBytes = 0n;
}

/** Takes in `bytes`; any number of calls makes one message (step 2). */
export function updateXxHash64(hash: XxHash64, bytes: Bytes): void {
  const kept = u32(hash.lengthBytes) & (STRIPE_BYTES - 1);
  hash.lengthBytes += u64(bytes.length);
  let taken: u32 = 0;
  if (kept > 0) {
    taken = keep(hash, kept, bytes, 0);
    if (kept + taken < STRIPE_BYTES) return;
    takeStripes(hash, sliceOf(hash.rest, 0, STRIPE_BYTES));
  }
  const whole = (bytes.length - taken) & ~(STRIPE_BYTES - 1);
  takeStripes(hash, subslice(bytes, taken, whole));
  keep(hash, 0, bytes, taken + whole);
}

/** The hash of all bytes so far (steps 3 to 6); more may follow. */
export function digestXxHash64(hash: XxHash64): u64 {
  let h = hash.lengthBytes < u64(STRIPE_BYTES) ? hash.seed + PRIME5 : convergeLanes(hash);
  h += hash.lengthBytes;
  const length = u32(hash.lengthBytes) & (STRIPE_BYTES - 1);
  let at: u32 = 0;
  for (; length - at >= 8; at += 8) {
    h ^= roundOf(0n, littleEndian(hash, at, 8));
    h = rotl64(h, 27) * PRIME1 + PRIME4;
  }
  if (length - at >= 4) {
    h ^= littleEndian(hash, at, 4) * PRIME1;
    h = rotl64(h, 23) * PRIME2 + PRIME3;
    at += 4;
  }
  for (; at < length; at++) {
    h ^= u64(hash.rest[at]) * PRIME5;
    h = rotl64(h, 11) * PRIME1;
  }
  h = (h ^ (h >> 33n)) * PRIME2;
  h = (h ^ (h >> 29n)) * PRIME3;
  return h ^ (h >> 32n);
}

/** Keeps what of `bytes` from `from` fits behind the first `position` bytes of the rest; answers how many. */
function keep(hash: XxHash64, position: u32, bytes: Bytes, from: u32): u32 {
  let count: u32 = 0;
  while (position + count < STRIPE_BYTES && from + count < bytes.length) {
    hash.rest[position + count] = bytes[from + count];
    count++;
  }
  return count;
}

/** `bytes` is whole stripes, so that every read of a round stays within it. */
function takeStripes(hash: XxHash64, bytes: Bytes): void {
  let lane1 = hash.lane1;
  let lane2 = hash.lane2;
  let lane3 = hash.lane3;
  let lane4 = hash.lane4;
  const end = addressOf(bytes) + u64(bytes.length);
  for (let at = addressOf(bytes); at < end; at += 32n) {
    lane1 = roundOf(lane1, load64(at));
    lane2 = roundOf(lane2, load64(at + 8n));
    lane3 = roundOf(lane3, load64(at + 16n));
    lane4 = roundOf(lane4, load64(at + 24n));
  }
  hash.lane1 = lane1;
  hash.lane2 = lane2;
  hash.lane3 = lane3;
  hash.lane4 = lane4;
}

function convergeLanes(hash: XxHash64): u64 {
  let h = rotl64(hash.lane1, 1) + rotl64(hash.lane2, 7) + rotl64(hash.lane3, 12) + rotl64(hash.lane4, 18);
  h = mergeLane(h, hash.lane1);
  h = mergeLane(h, hash.lane2);
  h = mergeLane(h, hash.lane3);
  return mergeLane(h, hash.lane4);
}

function mergeLane(h: u64, lane: u64): u64 {
  return (h ^ roundOf(0n, lane)) * PRIME1 + PRIME4;
}

/** @inline */
function roundOf(lane: u64, input: u64): u64 {
  return rotl64(lane + input * PRIME2, 31) * PRIME1;
}

function littleEndian(hash: XxHash64, from: u32, count: u32): u64 {
  let value = 0n;
  for (let i: u32 = 0; i < count; i++) value |= u64(hash.rest[from + i]) << u64(8 * i);
  return value;
}
