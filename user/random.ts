/**
 * The number behind `x` in a sequence that looks random, and is the same again from the same one (xorshift64: Marsaglia, 2003).
 * No secret can be made of it. 0 is followed by itself alone.
 */
export function nextRandom(x: u64): u64 {
  let y = x;
  y ^= y << 13n;
  y ^= y >> 7n;
  y ^= y << 17n;
  return y;
}
