/** A place in bytes that the holder knows: it stays right when they are copied elsewhere. */
export interface Span extends Struct<"Span"> {
  at: u32;
  length: u32;
}

export function bytesOf(bytes: Bytes, span: Span): Bytes {
  return subslice(bytes, span.at, span.length);
}

export function isSameBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i: u32 = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** Bytewise order: below 0, 0, above 0. */
export function compareBytes(a: Bytes, b: Bytes): i32 {
  const shorter = a.length < b.length ? a.length : b.length;
  for (let i: u32 = 0; i < shorter; i++) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  }
  if (a.length === b.length) return 0;
  return a.length < b.length ? -1 : 1;
}
