/** @unsafe tells the image by the linker's marks */
import { type PhysAddr, Rights } from "../../kernel/memory/address";
import { ATTRIBUTE_DEVICE, ATTRIBUTE_NORMAL, IMAGE_OFFSET, KERNEL_BASE, WINDOW_BASE } from "./layout";

/** What page tables look like on aarch64 (Arm ARM, D5.3), and where the image lies. */

const VALID = 1n;
/** A table in the upper levels, a page in the last. */
const TABLE = 2n;
const READ_ONLY = 0x80n;
const INNER_SHAREABLE = 0x300n;
const ACCESSED = 0x400n;
const PRIVILEGED_NO_EXECUTE = 0x20_0000_0000_0000n;
const USER_NO_EXECUTE = 0x40_0000_0000_0000n;
const ADDRESS = 0x0000_ffff_ffff_f000n;

/** SCTLR_EL1.WXN: what is writable is not executable, whatever its entry says. */
const WRITE_IMPLIES_NO_EXECUTE = 0x8_0000n;
/** TCR_EL1.EPD0: no walks for the lower half. */
const NO_LOWER_HALF = 0x80n;

/** @extern kernel_end */
declare const imageLast: FixedArray<u8, 1>;
/** @extern cpu_read_tcr */
declare function readTcr(): u64;
/** @extern cpu_write_tcr */
declare function writeTcr(value: u64): void;
/** @extern cpu_read_sctlr */
declare function readSctlr(): u64;
/** @extern cpu_write_sctlr */
declare function writeSctlr(value: u64): void;
/** @extern cpu_read_ttbr1 */
declare function readTtbr1(): u64;
/** @extern cpu_write_ttbr0 */
declare function writeTtbr0(value: u64): void;
/** @extern cpu_write_ttbr1 */
declare function writeTtbr1(value: u64): void;
/** @extern cpu_flushTlb */
declare function flushTlb(): void;
/** What was written into tables is seen by the next walk (D5.10.1). @extern cpu_publishTables */
export declare function publishTables(): void;

/** Zeroes whole pages of ordinary memory. @extern cpu_clearPages */
export declare function clearPages(address: u64, bytes: u64): void;

let image: PhysAddr = 0n as PhysAddr;

/** Where the loader put the image. Call before anything else of this file. */
export function setImageAddress(p: PhysAddr): void {
  image = p;
}

export function imageStart(): PhysAddr {
  return image;
}

export function imageEnd(): PhysAddr {
  return physicalOf(addressOf(imageLast));
}

/** The physical address behind an address of the kernel's image. */
export function physicalOf(imageAddress: u64): PhysAddr {
  return (imageAddress - KERNEL_BASE - IMAGE_OFFSET + u64(image)) as PhysAddr;
}

/** Where the kernel sees physical address `p`. @inline */
export function windowOf(p: PhysAddr): u64 {
  return WINDOW_BASE + u64(p);
}

/** @inline */
export function isPresent(entry: u64): boolean {
  return (entry & VALID) !== 0n;
}

/** Of a present entry above the last level: whether it maps a page. @inline */
export function isLeaf(entry: u64): boolean {
  return (entry & TABLE) === 0n;
}

/** The page or table of a present entry. @inline */
export function addressIn(entry: u64): PhysAddr {
  return (entry & ADDRESS) as PhysAddr;
}

/** @inline */
export function tableEntry(table: PhysAddr): u64 {
  return u64(table) | VALID | TABLE;
}

/** A page at `level`: 0 of 4 KiB, 1 of 2 MiB. */
export function leafEntry(page: PhysAddr, rights: Rights, level: u32): u64 {
  return u64(page) | VALID | ACCESSED | USER_NO_EXECUTE | (level === 0 ? TABLE : 0n) | bitsOf(rights);
}

export function activate(root: PhysAddr): void {
  publishTables();
  writeTtbr1(root);
  writeTcr(readTcr() | NO_LOWER_HALF);
  writeTtbr0(0n);
  flushTlb();
  writeSctlr(readSctlr() | WRITE_IMPLIES_NO_EXECUTE);
}

export function activeRoot(): PhysAddr {
  return (readTtbr1() & ADDRESS) as PhysAddr;
}

function bitsOf(rights: Rights): u64 {
  const normal = INNER_SHAREABLE | u64(ATTRIBUTE_NORMAL << 2);
  switch (rights) {
    case Rights.ReadWrite:
      return normal | PRIVILEGED_NO_EXECUTE;
    case Rights.ReadOnly:
      return normal | PRIVILEGED_NO_EXECUTE | READ_ONLY;
    case Rights.Execute:
      return normal | READ_ONLY;
    case Rights.Device:
      return u64(ATTRIBUTE_DEVICE << 2) | PRIVILEGED_NO_EXECUTE;
    default:
      unreachable(rights);
  }
}
