/** @unsafe writes page tables through the physical window */
import { type BootInfo, MemoryKind } from "../../boot/bootInfo";
import { PAGE_BYTES, type PhysAddr, pageAlignDown, pageAlignUp } from "../../kernel/memory/address";
import { takeFrame } from "../../kernel/memory/frames";
import { readCr3, writeCr3 } from "./cpu";
import { KERNEL_BASE, WINDOW_BASE } from "./layout";

/**
 * The kernel's own page tables: four levels, no user access anywhere (SDM volume 3, 4.5).
 *
 *   WINDOW_BASE + p   all memory: read-write, never executable; where the kernel's text and constants lie read-only
 *   KERNEL_BASE + p   the image in 4 KiB pages: epitaph RW, text RX, constants R, data and stack RW
 *
 * M1  No page is writable and executable, under either address.
 * M2  Page 0, the page below the stack, and everything below WINDOW_BASE are not mapped.
 */

const PRESENT = 1n;
const WRITABLE = 2n;
const WRITE_THROUGH = 8n;
const CACHE_DISABLE = 0x10n;
const LARGE = 0x80n;
const NO_EXECUTE = 0x8000_0000_0000_0000n;
const ADDRESS = 0x000f_ffff_ffff_f000n;
const LARGE_BYTES = 0x20_0000n;
const IMAGE_START = 0x10_0000n;

const READ_WRITE = PRESENT | WRITABLE | NO_EXECUTE;
const READ_ONLY = PRESENT | NO_EXECUTE;
const EXECUTE = PRESENT;
const DEVICE = PRESENT | WRITABLE | NO_EXECUTE | WRITE_THROUGH | CACHE_DISABLE;

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
/** @extern kernel_stack_bottom */
declare const stackBottom: Mark;
/** @extern kernel_end */
declare const imageLast: Mark;

let root: PhysAddr = 0n as PhysAddr;

export function imageStart(): PhysAddr {
  return IMAGE_START as PhysAddr;
}

export function imageEnd(): PhysAddr {
  return physicalOf(addressOf(imageLast));
}

/** Where the kernel sees physical address `p`. @inline */
export function windowOf(p: PhysAddr): u64 {
  return WINDOW_BASE + u64(p);
}

/** Builds the final tables and switches to them. Frames must be within the boot stub's first 4 GiB. */
export function initMmu(info: BootInfo): void {
  root = newTable();
  mapImage();
  for (let i: u32 = 0; i < info.memoryRangeCount; i++) {
    const range = info.memoryRanges[i];
    if (range.kind === MemoryKind.Reserved) continue;
    mapMemory(pageAlignUp(range.start), pageAlignDown(u64(range.start) + range.bytes));
  }
  writeCr3(root);
}

/** Maps `bytes` bytes from `p` uncached in the window; answers where. */
export function mapDevice(p: PhysAddr, bytes: u64): u64 {
  const start = pageAlignDown(p);
  mapRange(WINDOW_BASE + start, start, pageAlignUp(u64(p) + bytes) - start, DEVICE);
  return windowOf(p);
}

/** The page-table entry that maps `va`, or 0n. */
export function translate(va: u64): u64 {
  let table = tableAt((readCr3() & ADDRESS) as PhysAddr);
  for (let level: u32 = 3; level > 0; level--) {
    const entry = table.entries[slotOf(va, level)];
    if ((entry & PRESENT) === 0n) return 0n;
    if ((entry & LARGE) !== 0n) return entry;
    table = tableAt((entry & ADDRESS) as PhysAddr);
  }
  const entry = table.entries[slotOf(va, 0)];
  return (entry & PRESENT) === 0n ? 0n : entry;
}

function mapImage(): void {
  const guard = addressOf(stackBottom) - PAGE_BYTES;
  mapKernel(addressOf(epitaphStart), addressOf(textStart), READ_WRITE);
  mapKernel(addressOf(textStart), addressOf(rodataStart), EXECUTE);
  mapKernel(addressOf(rodataStart), addressOf(rodataEnd), READ_ONLY);
  mapKernel(addressOf(dataStart), guard, READ_WRITE);
  mapKernel(addressOf(stackBottom), addressOf(imageLast), READ_WRITE);
}

function mapKernel(from: u64, to: u64, rights: u64): void {
  mapRange(from, physicalOf(from), to - from, rights);
}

/** Memory in the window, except page 0; the image's text and constants stay read-only there too (M1). */
function mapMemory(from: u64, to: u64): void {
  const start = from === 0n ? PAGE_BYTES : from;
  const fixedStart = u64(physicalOf(addressOf(textStart)));
  const fixedEnd = u64(physicalOf(addressOf(rodataEnd)));
  mapPart(start, to, 0n, fixedStart, READ_WRITE);
  mapPart(start, to, fixedStart, fixedEnd, READ_ONLY);
  mapPart(start, to, fixedEnd, ADDRESS, READ_WRITE);
}

/** What of from … to lies within low … high. */
function mapPart(from: u64, to: u64, low: u64, high: u64, rights: u64): void {
  const start = from < low ? low : from;
  const end = to > high ? high : to;
  if (start < end) mapRange(WINDOW_BASE + start, start, end - start, rights);
}

/** 2 MiB pages where both addresses allow it, 4 KiB pages elsewhere. All arguments are multiples of 4 KiB. */
function mapRange(va: u64, pa: u64, bytes: u64, rights: u64): void {
  let done: u64 = 0n;
  while (done < bytes) {
    const isLarge = ((va + done) & (LARGE_BYTES - 1n)) === 0n && ((pa + done) & (LARGE_BYTES - 1n)) === 0n && bytes - done >= LARGE_BYTES;
    if (isLarge) {
      setEntry(va + done, 1, (pa + done) | rights | LARGE);
      done += LARGE_BYTES;
    } else {
      setEntry(va + done, 0, (pa + done) | rights);
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
    if ((entry & LARGE) !== 0n) return;
    if ((entry & PRESENT) === 0n) {
      const fresh = newTable();
      table.entries[slot] = u64(fresh) | PRESENT | WRITABLE;
      table = tableAt(fresh);
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
  return (kernelAddress - KERNEL_BASE) as PhysAddr;
}
