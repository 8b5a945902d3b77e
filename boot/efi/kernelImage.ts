/** The head of an arm64 Image (Linux, Documentation/arch/arm64/booting.rst), as arch/aarch64/boot.S begins. */

export const HEAD_BYTES = 64;
/** An Image begins at a multiple of it. */
export const ALIGNMENT = 0x20_0000n;

const TEXT_OFFSET = 8;
const IMAGE_BYTES = 16;
const MAGIC = 56;
const MAGIC_CHARACTERS = 4;

/**
 * The memory that the Image with this head takes, from its first byte on; 0n when it is none that can stand at a multiple of
 * ALIGNMENT, or when its file of `fileBytes` bytes is not within that memory.
 */
export function imageBytes(head: Bytes, fileBytes: u64): u64 {
  if (head.length < HEAD_BYTES || fileBytes < u64(HEAD_BYTES)) return 0n;
  const magic: Bytes = "ARM\x64";
  for (let i: u32 = 0; i < MAGIC_CHARACTERS; i++) {
    if (head[MAGIC + i] !== magic[i]) return 0n;
  }
  const bytes = number(head, IMAGE_BYTES);
  return number(head, TEXT_OFFSET) === 0n && bytes >= fileBytes ? bytes : 0n;
}

/** Eight bytes, little-endian. */
function number(head: Bytes, at: u32): u64 {
  let value: u64 = 0n;
  for (let i: u32 = 8; i > 0; i--) value = (value << 8n) | u64(head[at + i - 1]);
  return value;
}
