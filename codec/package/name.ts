/**
 * Names of modules, services, schemas, publishers and capabilities: identifiers with dots between them.
 *
 *   name        identifier (. identifier)*          at most 64 bytes
 *   identifier  (letter | digit | - | _)+
 */

export const MAX_NAME_BYTES = 64;
const DOT = 0x2e;

export function isName(bytes: Bytes): boolean {
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES) return false;
  let isAtStart = true;
  for (let i: u32 = 0; i < bytes.length; i++) {
    const byte = u32(bytes[i]);
    if (byte === DOT) {
      if (isAtStart) return false;
      isAtStart = true;
    } else {
      if (!isIdentifierByte(byte)) return false;
      isAtStart = false;
    }
  }
  return !isAtStart;
}

function isIdentifierByte(byte: u32): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f;
}

/** Whether `name` is `prefix`, or goes on behind it with a dot. The empty prefix is every name's. */
export function isUnder(name: Bytes, prefix: Bytes): boolean {
  if (prefix.length === 0) return true;
  if (name.length < prefix.length) return false;
  for (let i: u32 = 0; i < prefix.length; i++) {
    if (name[i] !== prefix[i]) return false;
  }
  return name.length === prefix.length || u32(name[prefix.length]) === DOT;
}
