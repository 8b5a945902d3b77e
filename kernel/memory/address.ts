/** Addresses by what they mean: mixing the two is a compile error. */

export type PhysAddr = u64 & Brand<"PhysAddr">;
export type VirtAddr = u64 & Brand<"VirtAddr">;

export const PAGE_BYTES = 4096n;

/** @inline */
export function pageAlignDown(address: u64): u64 {
  return address & ~(PAGE_BYTES - 1n);
}

/** @inline */
export function pageAlignUp(address: u64): u64 {
  return (address + PAGE_BYTES - 1n) & ~(PAGE_BYTES - 1n);
}

/** What a mapping of the kernel allows; none is open to users. @storage u8 */
export const enum Rights {
  ReadWrite,
  ReadOnly,
  /** And read. */
  Execute,
  /** Read and write, uncached. */
  Device,
}
