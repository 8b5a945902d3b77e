/** Conversions between clocks: factors are 32.32 fixed-point numbers. */

/** numerator / denominator as a factor; the quotient must be below 2^32. */
export function factorOf(numerator: u64, denominator: u64): u64 {
  return (numerator << 32n) / denominator;
}

/** value · factor, rounded down; wraps at 64 bits. @inline */
export function scale(value: u64, factor: u64): u64 {
  return (mulHigh(value, factor) << 32n) | ((value * factor) >> 32n);
}
