/** The first `count` ≤ 8 bytes as a number. */
export function littleEndian(bytes: Bytes, count: u32): u64 {
  let value = 0n;
  for (let i: u32 = 0; i < count; i++) value |= u64(bytes[i]) << u64(8 * i);
  return value;
}
