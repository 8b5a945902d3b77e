/** Comparing and reading the bytes of text. */

export function isEqual(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i: u32 = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** The place of the first `byte` at or after `from`, or the length when there is none. */
export function indexOf(text: Bytes, byte: u8, from: u32): u32 {
  let i = from;
  while (i < text.length && text[i] !== byte) i++;
  return i;
}
