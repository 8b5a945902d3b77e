/** @unsafe tells the image by the linker's marks */
import { type PhysAddr, Rights } from "../../kernel/memory/address";
import { readCr3, writeCr3 } from "./cpu";
import { KERNEL_BASE, WINDOW_BASE } from "./layout";

/** What page tables look like on x86_64 (SDM volume 3, 4.5), and where the image lies. */

const PRESENT = 1n;
const WRITABLE = 2n;
const WRITE_THROUGH = 8n;
const CACHE_DISABLE = 0x10n;
const LARGE = 0x80n;
const NO_EXECUTE = 0x8000_0000_0000_0000n;
const ADDRESS = 0x000f_ffff_ffff_f000n;
/** Where boot.asm begins. */
const IMAGE_START = 0x10_0000n;

/** @extern kernel_end */
declare const imageLast: FixedArray<u8, 1>;

/** Zeroes whole pages of ordinary memory. @extern cpu_clearPages */
export declare function clearPages(address: u64, bytes: u64): void;

export function imageStart(): PhysAddr {
  return IMAGE_START as PhysAddr;
}

export function imageEnd(): PhysAddr {
  return physicalOf(addressOf(imageLast));
}

/** The physical address behind an address of the kernel's image. */
export function physicalOf(imageAddress: u64): PhysAddr {
  return (imageAddress - KERNEL_BASE) as PhysAddr;
}

/** Where the kernel sees physical address `p`. @inline */
export function windowOf(p: PhysAddr): u64 {
  return WINDOW_BASE + u64(p);
}

/** @inline */
export function isPresent(entry: u64): boolean {
  return (entry & PRESENT) !== 0n;
}

/** Of a present entry above the last level: whether it maps a page. @inline */
export function isLeaf(entry: u64): boolean {
  return (entry & LARGE) !== 0n;
}

/** The page or table of a present entry. @inline */
export function addressIn(entry: u64): PhysAddr {
  return (entry & ADDRESS) as PhysAddr;
}

/** @inline */
export function tableEntry(table: PhysAddr): u64 {
  return u64(table) | PRESENT | WRITABLE;
}

/** A page at `level`: 0 of 4 KiB, 1 of 2 MiB. */
export function leafEntry(page: PhysAddr, rights: Rights, level: u32): u64 {
  return u64(page) | PRESENT | (level === 0 ? 0n : LARGE) | bitsOf(rights);
}

/** New entries need nothing here: the processor keeps no translation of what was not present (4.10.2.3). */
export function publishTables(): void {
  compilerBarrier();
}

export function activate(root: PhysAddr): void {
  writeCr3(root);
}

export function activeRoot(): PhysAddr {
  return (readCr3() & ADDRESS) as PhysAddr;
}

function bitsOf(rights: Rights): u64 {
  switch (rights) {
    case Rights.ReadWrite:
      return WRITABLE | NO_EXECUTE;
    case Rights.ReadOnly:
      return NO_EXECUTE;
    case Rights.Execute:
      return 0n;
    case Rights.Device:
      return WRITABLE | NO_EXECUTE | WRITE_THROUGH | CACHE_DISABLE;
    default:
      unreachable(rights);
  }
}
