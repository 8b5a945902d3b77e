/**
 * Whether bytes are UTF-8 (RFC 3629, section 4): no overlong forms, no surrogates, nothing above U+10FFFF.
 *
 *   00–7F │ C2–DF T │ E0 A0–BF T │ E1–EC T T │ ED 80–9F T │ EE–EF T T │ F0 90–BF T T │ F1–F3 T T T │ F4 80–8F T T
 */
export function isUtf8(bytes: Bytes): boolean {
  let at: u32 = 0;
  while (at < bytes.length) {
    const first = u32(bytes[at]);
    at++;
    if (first < 0x80) continue;
    const tail = tailLength(first);
    if (tail === 0 || tail > bytes.length - at) return false;
    const second = u32(bytes[at]);
    if (second < leastSecond(first) || second > greatestSecond(first)) return false;
    for (let i: u32 = 1; i < tail; i++) {
      if ((u32(bytes[at + i]) & 0xc0) !== 0x80) return false;
    }
    at += tail;
  }
  return true;
}

/** Bytes behind the first; 0 when none begins so. */
function tailLength(first: u32): u32 {
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 1;
  return first < 0xf0 ? 2 : 3;
}

function leastSecond(first: u32): u32 {
  if (first === 0xe0) return 0xa0;
  return first === 0xf0 ? 0x90 : 0x80;
}

function greatestSecond(first: u32): u32 {
  if (first === 0xed) return 0x9f;
  return first === 0xf4 ? 0x8f : 0xbf;
}
