/** @unit O3 */

/**
 * The permutation Keccak-f[1600] of SHA-3 and SHAKE (FIPS 202, section 3).
 *
 *   lane (x, y) is lanes[x + 5 y]; byte 8 (x + 5 y) + i of the state is bits 8 i … 8 i + 7 of that lane
 *
 * Rounds alternate between two copies of the state, so that every lane is read once and written once.
 */

export const LANES = 25;
export type Lanes = FixedArray<u64, typeof LANES>;

const ROUNDS = 24;

/** FIPS 202, algorithm 5 (rc) and section 3.2.5 (iota). */
const roundConstants: FixedArray<u64, typeof ROUNDS> = [
  0x0000000000000001n,
  0x0000000000008082n,
  0x800000000000808an,
  0x8000000080008000n,
  0x000000000000808bn,
  0x0000000080000001n,
  0x8000000080008081n,
  0x8000000000008009n,
  0x000000000000008an,
  0x0000000000000088n,
  0x0000000080008009n,
  0x000000008000000an,
  0x000000008000808bn,
  0x800000000000008bn,
  0x8000000000008089n,
  0x8000000000008003n,
  0x8000000000008002n,
  0x8000000000000080n,
  0x000000000000800an,
  0x800000008000000an,
  0x8000000080008081n,
  0x8000000000008080n,
  0x0000000080000001n,
  0x8000000080008008n,
];

/** All 24 rounds, in place (FIPS 202, section 3.3, algorithm 7). */
export function permute(state: Lanes): void {
  const even = local<Lanes>();
  const odd = local<Lanes>();
  copyStruct(even, state);
  for (let i: u32 = 0; i < ROUNDS; i += 2) {
    round(even, odd, roundConstants[i]);
    round(odd, even, roundConstants[i + 1]);
  }
  copyStruct(state, even);
}

/**
 * theta, rho, pi, chi and iota (FIPS 202, algorithms 1 to 4 and 6). The rotations are the offsets of table 2.
 *
 * @inline
 */
function round(from: Lanes, to: Lanes, constant: u64): void {
  const c0 = from[0] ^ from[5] ^ from[10] ^ from[15] ^ from[20];
  const c1 = from[1] ^ from[6] ^ from[11] ^ from[16] ^ from[21];
  const c2 = from[2] ^ from[7] ^ from[12] ^ from[17] ^ from[22];
  const c3 = from[3] ^ from[8] ^ from[13] ^ from[18] ^ from[23];
  const c4 = from[4] ^ from[9] ^ from[14] ^ from[19] ^ from[24];
  const d0 = c4 ^ rotl64(c1, 1);
  const d1 = c0 ^ rotl64(c2, 1);
  const d2 = c1 ^ rotl64(c3, 1);
  const d3 = c2 ^ rotl64(c4, 1);
  const d4 = c3 ^ rotl64(c0, 1);
  chi(
    to,
    0,
    from[0] ^ d0,
    rotl64(from[6] ^ d1, 44),
    rotl64(from[12] ^ d2, 43),
    rotl64(from[18] ^ d3, 21),
    rotl64(from[24] ^ d4, 14),
  );
  chi(
    to,
    5,
    rotl64(from[3] ^ d3, 28),
    rotl64(from[9] ^ d4, 20),
    rotl64(from[10] ^ d0, 3),
    rotl64(from[16] ^ d1, 45),
    rotl64(from[22] ^ d2, 61),
  );
  chi(
    to,
    10,
    rotl64(from[1] ^ d1, 1),
    rotl64(from[7] ^ d2, 6),
    rotl64(from[13] ^ d3, 25),
    rotl64(from[19] ^ d4, 8),
    rotl64(from[20] ^ d0, 18),
  );
  chi(
    to,
    15,
    rotl64(from[4] ^ d4, 27),
    rotl64(from[5] ^ d0, 36),
    rotl64(from[11] ^ d1, 10),
    rotl64(from[17] ^ d2, 15),
    rotl64(from[23] ^ d3, 56),
  );
  chi(
    to,
    20,
    rotl64(from[2] ^ d2, 62),
    rotl64(from[8] ^ d3, 55),
    rotl64(from[14] ^ d4, 39),
    rotl64(from[15] ^ d0, 41),
    rotl64(from[21] ^ d1, 2),
  );
  to[0] ^= constant;
}

/**
 * Row y of the next state, of which `b0` … `b4` are the lanes after pi; `row` is 5 y (FIPS 202, algorithm 4).
 *
 * @inline
 */
function chi(to: Lanes, row: u32, b0: u64, b1: u64, b2: u64, b3: u64, b4: u64): void {
  to[row] = b0 ^ (~b1 & b2);
  to[row + 1] = b1 ^ (~b2 & b3);
  to[row + 2] = b2 ^ (~b3 & b4);
  to[row + 3] = b3 ^ (~b4 & b0);
  to[row + 4] = b4 ^ (~b0 & b1);
}
