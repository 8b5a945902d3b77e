/** @unit O2 */

/** The fuzzer's choices: bytes, of which every decision takes some; when they are used up the rest is 0. */
export interface Input extends Struct<"Input"> {
  bytes: Bytes;
  at: u32;
}

export function openInput(input: Input, bytes: Bytes): void {
  input.bytes = bytes;
  input.at = 0;
}

export function next8(input: Input): u32 {
  const at = input.at;
  if (at >= input.bytes.length) return 0;
  input.at = at + 1;
  return u32(input.bytes[at]);
}

export function next16(input: Input): u32 {
  return next8(input) | (next8(input) << 8);
}

export function next64(input: Input): u64 {
  let value: u64 = 0n;
  for (let i: u32 = 0; i < 8; i++) value |= u64(next8(input)) << u64(8 * i);
  return value;
}
