/** Where things lie on aarch64, and what the assembly shares with TypeScript. */

/** The kernel's image: 2 MiB above it stands what the loader loaded. @layout */
export const KERNEL_BASE = 0xffff_ffff_8000_0000n;
/** From KERNEL_BASE to the first byte of the image. @layout */
export const IMAGE_OFFSET = 0x20_0000n;
/** All physical memory, for the kernel alone. @layout */
export const WINDOW_BASE = 0xffff_8000_0000_0000n;
/** A power of two: see trapEntry.S. @layout */
export const KERNEL_STACK_SIZE = 16384;
/** @layout */
export const KERNEL_STACK_SHIFT = 14;
/** Where a trap runs that finds the kernel stack overflowed. @layout */
export const TRAP_STACK_SIZE = 8192;

/**
 * Memory attributes by index (Arm ARM, MAIR_EL1): 0 device nGnRnE, 1 normal write-back.
 *
 * @layout
 */
export const MEMORY_ATTRIBUTES = 0xff00n;
/** @layout */
export const ATTRIBUTE_DEVICE = 0;
/** @layout */
export const ATTRIBUTE_NORMAL = 1;

/** Devices are in memory alone. */
export const HAS_PORTS = false;
