/** Sizes of memory: in pages, and as powers of two. */

const PAGE_BYTES = 4096n;
const PAGE_SIZE = 12;

/** The least number of pages that holds `bytes` bytes. */
export function pagesFor(bytes: u64): u64 {
  return (bytes + PAGE_BYTES - 1n) / PAGE_BYTES;
}

/** The least power of two that holds `bytes` bytes, a page or more. */
export function sizeFor(bytes: u64): u32 {
  return bytes > PAGE_BYTES ? 64 - clz64(bytes - 1n) : PAGE_SIZE;
}
