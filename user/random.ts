/** Numbers that look random, and are the same again from the same seed. No secret can be made of them. */

/** Of a seed from which nothing would follow. */
const ANY = 0x9e37_79b9_7f4a_7c15n;
const WARM_UP = 8;

/** The number behind `x` in the sequence (xorshift64: Marsaglia, 2003). 0 is followed by itself alone. */
export function nextRandom(x: u64): u64 {
  let y = x;
  y ^= y << 13n;
  y ^= y >> 7n;
  y ^= y << 17n;
  return y;
}

export interface Random extends Struct<"Random"> {
  state: u64;
}

/** Any seed will do: neighbouring ones give unlike numbers. */
export function seedRandom(random: Random, seed: u64): void {
  const mixed = (seed + 1n) * ANY;
  random.state = mixed === 0n ? ANY : mixed;
  for (let i: u32 = 0; i < WARM_UP; i++) drawRandom(random);
}

/** The next number. */
export function drawRandom(random: Random): u64 {
  random.state = nextRandom(random.state);
  return random.state;
}

/** A number below `limit`, which is not 0. */
export function randomBelow(random: Random, limit: u32): u32 {
  return u32((drawRandom(random) >> 16n) % u64(limit));
}
