import { imageEnd, imageStart } from "@arch/mmu";
import { type BootInfo, MemoryKind } from "../../boot/bootInfo";
import { LogLevel, log } from "../log";
import { PAGE_BYTES, type PhysAddr, pageAlignDown, pageAlignUp } from "./address";

/**
 * The physical memory that nobody has yet: what the loader calls usable, less everything that is in use.
 *
 *   usable ranges ── reserved ranges ── kernel image ── boot modules ── device tree ── page 0 ──▶ free ranges
 *
 * F1  Free ranges are page-aligned, not empty, and disjoint.
 * F2  `freeBytes` is their sum.
 * F3  No two of them touch.
 */

const MAX_FREE_RANGES = 256;
const LOW_MEMORY_END = 0x10_0000n;
const DEVICES_END = 0x1_0000_0000n;

interface FreeRange extends Struct<"FreeRange"> {
  start: u64;
  end: u64;
}

interface FreeMemory extends Struct<"FreeMemory"> {
  count: u32;
  readonly ranges: FixedArray<Inline<FreeRange>, typeof MAX_FREE_RANGES>;
  usableBytes: u64;
  freeBytes: u64;
  /** In Untypeds, above their watermarks. */
  untypedBytes: u64;
  dropped: u32;
}

const memory: FreeMemory = zeroed();

/** Works out what is free. Call once, before the first `takeFrame`. */
export function initFrames(info: BootInfo): void {
  for (let i: u32 = 0; i < info.memoryRangeCount; i++) {
    const range = info.memoryRanges[i];
    if (range.kind === MemoryKind.Usable) {
      memory.usableBytes += range.bytes;
      release(pageAlignUp(range.start), pageAlignDown(u64(range.start) + range.bytes));
    }
  }
  for (let i: u32 = 0; i < info.memoryRangeCount; i++) {
    const range = info.memoryRanges[i];
    if (range.kind !== MemoryKind.Usable) reserve(range.start, range.bytes);
  }
  for (let i: u32 = 0; i < info.moduleCount; i++) {
    const module = info.modules[i];
    reserve(module.start, module.bytes);
  }
  reserve(info.deviceTree, info.deviceTreeBytes);
  reserve(info.framebuffer.address, u64(info.framebuffer.pitchBytes) * u64(info.framebuffer.height));
  reserve(imageStart(), u64(imageEnd()) - u64(imageStart()));
  reserve(0n as PhysAddr, LOW_MEMORY_END);
  if (memory.dropped !== 0) log(LogLevel.Warn, "memory: too many ranges, some memory stays unused");
}

/** The lowest free 4 KiB, contents unknown: low, so that the boot stub's own mapping reaches it. Panics when memory is out. */
export function takeFrame(): PhysAddr {
  assert(memory.count > 0, "boot memory is exhausted");
  let lowest: u32 = 0;
  for (let i: u32 = 1; i < memory.count; i++) {
    if (memory.ranges[i].start < memory.ranges[lowest].start) lowest = i;
  }
  const range = memory.ranges[lowest];
  const frame = range.start as PhysAddr;
  range.start += PAGE_BYTES;
  memory.freeBytes -= PAGE_BYTES;
  if (range.start === range.end) removeRange(lowest);
  return frame;
}

/** `pages` contiguous pages, contents unknown. Panics when there are none: only while the system starts. */
export function takePages(pages: u64): PhysAddr {
  const bytes = pages * PAGE_BYTES;
  for (let i: u32 = 0; i < memory.count; i++) {
    const range = memory.ranges[i];
    if (range.end - range.start < bytes) continue;
    const start = range.start as PhysAddr;
    range.start += bytes;
    memory.freeBytes -= bytes;
    if (range.start === range.end) removeRange(i);
    return start;
  }
  panic("boot memory is exhausted");
}

/** A free block of 2^size bytes at a multiple of its size. */
export interface Block extends Struct<"Block"> {
  start: PhysAddr;
  size: u32;
}

/** Takes the largest aligned block at the start of a free range; false when nothing is free any more. */
export function takeBlock(block: Block): boolean {
  if (memory.count === 0) return false;
  const range = memory.ranges[0];
  const bytes = range.end - range.start;
  const fitting = 63 - clz64(bytes);
  const aligned = ctz64(range.start);
  const size = fitting < aligned ? fitting : aligned;
  block.start = range.start as PhysAddr;
  block.size = size;
  range.start += 1n << u64(size);
  memory.freeBytes -= 1n << u64(size);
  if (range.start === range.end) removeRange(0);
  return true;
}

/** Once all memory has been taken: whatever below 4 GiB the loader does not know, which is where devices are. */
export function openDevices(info: BootInfo): void {
  assert(memory.count === 0, "memory and devices are not mixed");
  release(LOW_MEMORY_END, DEVICES_END);
  for (let i: u32 = 0; i < info.memoryRangeCount; i++) reserve(info.memoryRanges[i].start, info.memoryRanges[i].bytes);
}

/** Keeps a range for the kernel. */
export function withhold(address: PhysAddr, bytes: u64): void {
  reserve(address, bytes);
}

/** Gives back the pages that lie within `bytes` bytes from `start`: nobody uses them any more. */
export function releasePages(start: PhysAddr, bytes: u64): void {
  release(pageAlignUp(start), pageAlignDown(u64(start) + bytes));
}

export function usableBytes(): u64 {
  return memory.usableBytes;
}

/** In free ranges, and in Untypeds above their watermarks. */
export function freeBytes(): u64 {
  return memory.freeBytes + memory.untypedBytes;
}

/** An Untyped of memory has `bytes` more above its watermark, or is new. @inline */
export function countFree(bytes: u64): void {
  memory.untypedBytes += bytes;
}

/** @inline */
export function countTaken(bytes: u64): void {
  memory.untypedBytes -= bytes;
}

/** Makes start … end free, also where it already is (loaders may list a range twice), in one range with its neighbours. */
function release(from: u64, to: u64): void {
  if (from >= to) return;
  reserve(from as PhysAddr, to - from);
  let start = from;
  let end = to;
  let i: u32 = 0;
  while (i < memory.count) {
    const range = memory.ranges[i];
    if (range.end !== start && range.start !== end) {
      i++;
      continue;
    }
    if (range.end === start) start = range.start;
    else end = range.end;
    removeRange(i);
  }
  append(start, end);
}

function append(start: u64, end: u64): void {
  if (start >= end) return;
  const index = memory.count;
  if (index >= MAX_FREE_RANGES) {
    memory.dropped++;
    return;
  }
  memory.ranges[index].start = start;
  memory.ranges[index].end = end;
  memory.count = index + 1;
  memory.freeBytes += end - start;
}

/** Takes every page that `bytes` bytes from `address` touch out of the free ranges. */
function reserve(address: PhysAddr, bytes: u64): void {
  if (bytes === 0n) return;
  const start = pageAlignDown(address);
  const end = pageAlignUp(u64(address) + bytes);
  let i: u32 = 0;
  while (i < memory.count) {
    const range = memory.ranges[i];
    const rangeStart = range.start;
    const rangeEnd = range.end;
    if (start >= rangeEnd || end <= rangeStart) {
      i++;
      continue;
    }
    removeRange(i);
    append(rangeStart, start < rangeStart ? rangeStart : start);
    append(end > rangeEnd ? rangeEnd : end, rangeEnd);
  }
}

/** The last range takes the place of the one removed. */
function removeRange(index: u32): void {
  const last = memory.count - 1;
  const range = memory.ranges[index];
  memory.freeBytes -= range.end - range.start;
  copyStruct(range, memory.ranges[last]);
  memory.count = last;
}
