/** Where things lie on x86_64, and what the assembly shares with TypeScript. */

/** The kernel's image: physical address 0 would be here. @layout */
export const KERNEL_BASE = 0xffff_ffff_8000_0000n;
/** All physical memory, for the kernel alone. @layout */
export const WINDOW_BASE = 0xffff_8000_0000_0000n;
/** @layout */
export const KERNEL_STACK_SIZE = 16384;
/** Of each stack on which traps run that cannot trust the kernel's. @layout */
export const TRAP_STACK_SIZE = 8192;

/** What boot.asm passes to `arch_start` as the loader. @layout */
export const LOADER_MULTIBOOT2 = 0;
/** @layout */
export const LOADER_PVH = 1;

/** QEMU's isa-debug-exit: writing v ends it with status 2 v + 1. @layout */
export const EXIT_PORT = 0xf4;
/** Added to the status, so that no status is taken for one of QEMU's own. @layout */
export const EXIT_BASE = 0x10;
/** @layout */
export const EXIT_STATUS_PANIC = 2;

/** Devices are also behind ports. */
export const HAS_PORTS = true;
