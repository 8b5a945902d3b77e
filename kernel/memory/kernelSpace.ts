/** @unsafe writes page tables through the physical window */

import { WINDOW_BASE } from "@arch/layout";
import {
  activate,
  activeRoot,
  addressIn,
  isLeaf,
  isPresent,
  leafEntry,
  physicalOf,
  publishTables,
  tableEntry,
  windowOf,
} from "@arch/mmu";
import { type BootInfo, MemoryKind } from "../../boot/bootInfo";
import { PAGE_BYTES, type PhysAddr, pageAlignDown, pageAlignUp, Rights } from "./address";
import { takeFrame } from "./frames";

/**
 * The kernel's own address space: four levels of tables of 512 entries, no user access anywhere. The architecture
 * says what an entry looks like (`@arch/mmu`).
 *
 *   WINDOW_BASE + p   all memory: read-write, never executable; where the kernel's text and constants lie read-only
 *   the image         in 4 KiB pages: epitaph RW, text RX, constants R, data RW, stack RW
 *
 * K1  No page is writable and executable, under either address.
 * K2  Page 0, the page below the stack, and everything below WINDOW_BASE are not mapped.
 * K3  What `mapDevice` has mapped stays mapped.
 */

const LARGE_BYTES = 0x20_0000n;
const MAX_EARLY_DEVICES = 4;
const HIGHEST_ADDRESS = 0xf_ffff_ffff_f000n;
const TOP_LEVEL = 3;
const LARGE_LEVEL = 1;
const PAGE_LEVEL = 0;

interface PageTable extends Struct<"PageTable"> {
  readonly entries: FixedArray<u64, 512>;
}

/** A device that was mapped while the boot stub's tables were still in use. */
interface EarlyDevice extends Struct<"EarlyDevice"> {
  start: PhysAddr;
  bytes: u64;
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
/** @extern kernel_data_end */
declare const dataEnd: Mark;
/** @extern kernel_stack_bottom */
declare const stackBottom: Mark;
/** @extern kernel_stack_top */
declare const stackTop: Mark;

/** 0n until `initKernelSpace`. */
let root: PhysAddr = 0n as PhysAddr;
let earlyCount: u32 = 0;
const earlyDevices: FixedArray<Inline<EarlyDevice>, typeof MAX_EARLY_DEVICES> = zeroed();

/** Builds the tables and switches to them. The frames that it takes must be within what the boot stub has mapped. */
export function initKernelSpace(info: BootInfo): void {
  root = newTable();
  mapImage(addressOf(epitaphStart), addressOf(textStart), Rights.ReadWrite);
  mapImage(addressOf(textStart), addressOf(rodataStart), Rights.Execute);
  mapImage(addressOf(rodataStart), addressOf(rodataEnd), Rights.ReadOnly);
  mapImage(addressOf(dataStart), addressOf(dataEnd), Rights.ReadWrite);
  mapImage(addressOf(stackBottom), addressOf(stackTop), Rights.ReadWrite);
  for (let i: u32 = 0; i < info.memoryRangeCount; i++) {
    const range = info.memoryRanges[i];
    if (range.kind === MemoryKind.Reserved) continue;
    mapMemory(pageAlignUp(range.start), pageAlignDown(u64(range.start) + range.bytes));
  }
  for (let i: u32 = 0; i < earlyCount; i++) mapDevice(earlyDevices[i].start, earlyDevices[i].bytes);
  activate(root);
}

/** Maps `bytes` bytes from `p` uncached in the window; answers where. */
export function mapDevice(p: PhysAddr, bytes: u64): u64 {
  if (root === 0n) {
    earlyDevices[earlyCount].start = p;
    earlyDevices[earlyCount].bytes = bytes;
    earlyCount++;
    return windowOf(p);
  }
  const start = pageAlignDown(p);
  mapRange(WINDOW_BASE + start, start, pageAlignUp(u64(p) + bytes) - start, Rights.Device);
  publishTables();
  return windowOf(p);
}

/** The entry that maps `va` in the tables in use, or 0n. */
export function translate(va: u64): u64 {
  let table = tableAt(activeRoot());
  for (let level: u32 = TOP_LEVEL; level > PAGE_LEVEL; level--) {
    const entry = table.entries[slotOf(va, level)];
    if (!isPresent(entry)) return 0n;
    if (isLeaf(entry)) return entry;
    table = tableAt(addressIn(entry));
  }
  const entry = table.entries[slotOf(va, PAGE_LEVEL)];
  return isPresent(entry) ? entry : 0n;
}

function mapImage(from: u64, to: u64, rights: Rights): void {
  mapRange(from, physicalOf(from), to - from, rights);
}

/** Memory in the window, except page 0; the image's text and constants stay read-only there too (K1). */
function mapMemory(from: u64, to: u64): void {
  const start = from === 0n ? PAGE_BYTES : from;
  const fixedStart = u64(physicalOf(addressOf(textStart)));
  const fixedEnd = u64(physicalOf(addressOf(rodataEnd)));
  mapPart(start, to, 0n, fixedStart, Rights.ReadWrite);
  mapPart(start, to, fixedStart, fixedEnd, Rights.ReadOnly);
  mapPart(start, to, fixedEnd, HIGHEST_ADDRESS, Rights.ReadWrite);
}

/** What of from … to lies within low … high. */
function mapPart(from: u64, to: u64, low: u64, high: u64, rights: Rights): void {
  const start = from < low ? low : from;
  const end = to > high ? high : to;
  if (start < end) mapRange(WINDOW_BASE + start, start, end - start, rights);
}

/** 2 MiB pages where both addresses allow it, 4 KiB pages elsewhere. All numbers are multiples of 4 KiB. */
function mapRange(va: u64, pa: u64, bytes: u64, rights: Rights): void {
  let done: u64 = 0n;
  while (done < bytes) {
    const isAligned = (((va + done) | (pa + done)) & (LARGE_BYTES - 1n)) === 0n;
    const isLarge = isAligned && bytes - done >= LARGE_BYTES;
    setEntry(va + done, isLarge ? LARGE_LEVEL : PAGE_LEVEL, (pa + done) as PhysAddr, rights);
    done += isLarge ? LARGE_BYTES : PAGE_BYTES;
  }
}

/** Maps one page at `level`, making the tables above it. What is already mapped there stays. */
function setEntry(va: u64, level: u32, pa: PhysAddr, rights: Rights): void {
  let table = tableAt(root);
  for (let above: u32 = TOP_LEVEL; above > level; above--) {
    const slot = slotOf(va, above);
    const entry = table.entries[slot];
    if (!isPresent(entry)) {
      const fresh = newTable();
      table.entries[slot] = tableEntry(fresh);
      table = tableAt(fresh);
    } else if (isLeaf(entry)) {
      return;
    } else {
      table = tableAt(addressIn(entry));
    }
  }
  const slot = slotOf(va, level);
  if (!isPresent(table.entries[slot])) table.entries[slot] = leafEntry(pa, rights, level);
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
