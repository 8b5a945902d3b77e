/** @unsafe writes page tables through the physical window */
import { type BootInfo, MemoryKind } from "../../boot/bootInfo";
import { PAGE_BYTES, type PhysAddr, pageAlignDown, pageAlignUp } from "../../kernel/memory/address";
import { takeFrame } from "../../kernel/memory/frames";
import { ATTRIBUTE_DEVICE, ATTRIBUTE_NORMAL, IMAGE_OFFSET, KERNEL_BASE, KERNEL_STACK_SIZE, WINDOW_BASE } from "./layout";

/**
 * The kernel's own page tables: four levels of 4 KiB tables in TTBR1, no user access anywhere (Arm ARM, D5.3).
 *
 *   WINDOW_BASE + p             all memory: read-write, never executable; the kernel's text and constants read-only
 *   KERNEL_BASE + IMAGE_OFFSET  the image in 4 KiB pages: epitaph RW, text RX, constants R, data and stacks RW
 *
 * M1  No page is writable and executable, under either address; SCTLR_EL1.WXN enforces it once more.
 * M2  The lower half, the stub, and the pages around the stack are not mapped.
 */

const VALID = 1n;
/** A table in the upper levels, a page in the last. */
const TABLE = 2n;
const READ_ONLY_BIT = 0x80n;
const INNER_SHAREABLE = 0x300n;
const ACCESSED = 0x400n;
const PRIVILEGED_NO_EXECUTE = 1n << 53n;
const USER_NO_EXECUTE = 1n << 54n;
const ADDRESS = 0x0000_ffff_ffff_f000n;
const BLOCK_BYTES = 0x20_0000n;

const NORMAL = VALID | ACCESSED | INNER_SHAREABLE | (u64(ATTRIBUTE_NORMAL) << 2n) | USER_NO_EXECUTE;
const READ_WRITE = NORMAL | PRIVILEGED_NO_EXECUTE;
const READ_ONLY = NORMAL | PRIVILEGED_NO_EXECUTE | READ_ONLY_BIT;
const EXECUTE = NORMAL | READ_ONLY_BIT;
const DEVICE = VALID | ACCESSED | (u64(ATTRIBUTE_DEVICE) << 2n) | USER_NO_EXECUTE | PRIVILEGED_NO_EXECUTE;

const WRITE_IMPLIES_NO_EXECUTE = 1n << 19n;
const NO_LOWER_HALF = 1n << 7n;

interface PageTable extends Struct<"PageTable"> {
  readonly entries: FixedArray<u64, 512>;
}

/** A mark of the linker script. */
type Mark = FixedArray<u8, 1>;
/** @extern kernel_epitaph */
declare const epitaphStart: Mark;
/** @extern kernel_text_start */
declare const textStart: Mark;
/** @extern kernel_rodata_start */
declare const rodataStart: Mark;
/** @extern kernel_rodata_end */
declare const rodataEnd: Mark;
/** @extern kernel_data_start */
declare const dataStart: Mark;
/** @extern kernel_bss_end */
declare const bssEnd: Mark;
/** @extern kernel_stack_bottom */
declare const stackBottom: Mark;
/** @extern overflow_stack_bottom */
declare const overflowStackBottom: Mark;
/** @extern kernel_end */
declare const imageLast: Mark;

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
/** @extern cpu_publishTables */
declare function publishTables(): void;

let root: PhysAddr = 0n as PhysAddr;
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

/** Where the kernel sees physical address `p`. @inline */
export function windowOf(p: PhysAddr): u64 {
  return WINDOW_BASE + u64(p);
}

/** Builds the final tables and switches to them. Frames must be within what the boot stub has mapped. */
export function initMmu(info: BootInfo): void {
  root = newTable();
  mapImage();
  for (let i: u32 = 0; i < info.memoryRangeCount; i++) {
    const range = info.memoryRanges[i];
    if (range.kind === MemoryKind.Reserved) continue;
    mapMemory(pageAlignUp(range.start), pageAlignDown(u64(range.start) + range.bytes));
  }
  publishTables();
  writeTtbr1(root);
  writeTcr(readTcr() | NO_LOWER_HALF);
  writeTtbr0(0n);
  flushTlb();
  writeSctlr(readSctlr() | WRITE_IMPLIES_NO_EXECUTE);
}

/** Maps `bytes` bytes from `p` as device memory in the window; answers where. Before `initMmu` the stub has done so. */
export function mapDevice(p: PhysAddr, bytes: u64): u64 {
  if (root !== 0n) {
    const start = pageAlignDown(p);
    mapRange(WINDOW_BASE + start, start, pageAlignUp(u64(p) + bytes) - start, DEVICE);
    publishTables();
  }
  return windowOf(p);
}

/** The page-table entry that maps `va`, or 0n. */
export function translate(va: u64): u64 {
  let table = tableAt((readTtbr1() & ADDRESS) as PhysAddr);
  for (let level: u32 = 3; level > 0; level--) {
    const entry = table.entries[slotOf(va, level)];
    if ((entry & VALID) === 0n) return 0n;
    if ((entry & TABLE) === 0n) return entry;
    table = tableAt((entry & ADDRESS) as PhysAddr);
  }
  const entry = table.entries[slotOf(va, 0)];
  return (entry & VALID) === 0n ? 0n : entry;
}

function mapImage(): void {
  mapKernel(addressOf(epitaphStart), addressOf(textStart), READ_WRITE);
  mapKernel(addressOf(textStart), addressOf(rodataStart), EXECUTE);
  mapKernel(addressOf(rodataStart), addressOf(rodataEnd), READ_ONLY);
  mapKernel(addressOf(dataStart), pageAlignUp(addressOf(bssEnd)), READ_WRITE);
  mapKernel(addressOf(stackBottom), addressOf(stackBottom) + u64(KERNEL_STACK_SIZE), READ_WRITE);
  mapKernel(addressOf(overflowStackBottom), addressOf(imageLast), READ_WRITE);
}

function mapKernel(from: u64, to: u64, rights: u64): void {
  mapRange(from, physicalOf(from), to - from, rights);
}

/** Memory in the window; the image's text and constants stay read-only there too (M1). */
function mapMemory(from: u64, to: u64): void {
  const fixedStart = u64(physicalOf(addressOf(textStart)));
  const fixedEnd = u64(physicalOf(addressOf(rodataEnd)));
  mapPart(from, to, 0n, fixedStart, READ_WRITE);
  mapPart(from, to, fixedStart, fixedEnd, READ_ONLY);
  mapPart(from, to, fixedEnd, ADDRESS, READ_WRITE);
}

/** What of from … to lies within low … high. */
function mapPart(from: u64, to: u64, low: u64, high: u64, rights: u64): void {
  const start = from < low ? low : from;
  const end = to > high ? high : to;
  if (start < end) mapRange(WINDOW_BASE + start, start, end - start, rights);
}

/** 2 MiB blocks where both addresses allow it, 4 KiB pages elsewhere. All arguments are multiples of 4 KiB. */
function mapRange(va: u64, pa: u64, bytes: u64, rights: u64): void {
  let done: u64 = 0n;
  while (done < bytes) {
    const isAligned = ((va + done) & (BLOCK_BYTES - 1n)) === 0n && ((pa + done) & (BLOCK_BYTES - 1n)) === 0n;
    if (isAligned && bytes - done >= BLOCK_BYTES) {
      setEntry(va + done, 1, (pa + done) | rights);
      done += BLOCK_BYTES;
    } else {
      setEntry(va + done, 0, (pa + done) | rights | TABLE);
      done += PAGE_BYTES;
    }
  }
}

/** Writes the entry of `level` for `va`, making the tables above it. What is already mapped there stays. */
function setEntry(va: u64, level: u32, value: u64): void {
  let table = tableAt(root);
  for (let above: u32 = 3; above > level; above--) {
    const slot = slotOf(va, above);
    const entry = table.entries[slot];
    if ((entry & VALID) === 0n) {
      const fresh = newTable();
      table.entries[slot] = u64(fresh) | VALID | TABLE;
      table = tableAt(fresh);
    } else if ((entry & TABLE) === 0n) {
      return;
    } else {
      table = tableAt((entry & ADDRESS) as PhysAddr);
    }
  }
  const slot = slotOf(va, level);
  if (table.entries[slot] === 0n) table.entries[slot] = value;
}

function newTable(): PhysAddr {
  const frame = takeFrame();
  fillMemory(windowOf(frame), 0, PAGE_BYTES);
  return frame;
}

/** @inline */
function tableAt(p: PhysAddr): PageTable {
  return cast<PageTable>(windowOf(p));
}

/** @inline */
function slotOf(va: u64, level: u32): u32 {
  return u32((va >> u64(12 + 9 * level)) & 511n);
}

function physicalOf(kernelAddress: u64): PhysAddr {
  return (kernelAddress - KERNEL_BASE - IMAGE_OFFSET + u64(image)) as PhysAddr;
}
