/** @unsafe zeroes pages through the physical window */
import { clearPages, windowOf } from "@arch/mmu";
import { isUserWritable, LEAF_DEVICE, LEAF_READ, LEAF_WRITE } from "@arch/userSpace";
import { CapType, FLAG_DEVICE, FLAG_DMA, FLAG_ZEROED, isCapWith, RIGHT_READ } from "../cap/capability";
import type { Slot } from "../cap/slot";
import { sentSlot } from "../ipc/buffer";
import { ErrorCode } from "../ipc/messageInfo";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";
import { answerWord, argument, caller, target, wrong } from "../syscall/request";
import {
  type AddressSpace,
  addressSpaceIn,
  generationOf,
  isLargeAt,
  isLargeFree,
  isRangeFree,
  isRunFree,
  leafAt,
  MAX_STEP,
  mapLarge,
  mapPages,
  mapRun,
  missingTables,
  protectPages,
  spaceOfMapping,
  tableOfRun,
  USER_END,
  USER_START,
  unmapStep,
} from "./addressSpace";
import { imageLeaf, imageOf, imageRun } from "./image";
import { isMapped, isUncached, isWritable, type Mapping, pageOf, pagesOf, readMapping, writeMapping } from "./region";

/** Map, Unmap, Protect and Translate of an AddressSpace's capability, Zero and Address of a Region's. */

const LARGE_PAGES = 512n;
const LARGE_BYTES = 0x20_0000n;
const ZERO_STEP_PAGES = 32;
/** The user's rights. */
const WANT_WRITE = 2n;

/** Capability 0, if it has pages: a Region or an Image. @hot */
function pagesSlot(): Slot | null {
  const slot = sentSlot(caller(), 0);
  if (slot === null) return null;
  const isRegion = isCapWith(slot.word, CapType.Region, RIGHT_READ);
  return isRegion || isCapWith(slot.word, CapType.Image, RIGHT_READ) ? slot : null;
}

/**
 * AddressSpace.Map: address, number of pages, rights; Region or Image. Maps the next pages that the capability has
 * not mapped yet, at most MAX_STEP entries → how many pages that was. Goes on where the last call ended.
 *
 * @hot
 */
export function map(): ErrorCode {
  const slot = pagesSlot();
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 0);
  if (!isCapWith(slot.word, CapType.Image, 0n) && !isCapWith(slot.word, CapType.Region, FLAG_ZEROED)) {
    return wrong(ErrorCode.Busy, 0);
  }
  const va = argument(0);
  const count = argument(1);
  const space = addressSpaceIn(target());
  const mapping = local<Mapping>();
  readMapping(slot, mapping);
  const holder = isMapped(slot) ? spaceOfMapping(mapping) : null;
  if (holder === null) {
    // Not mapped, or in an address space that is gone.
    mapping.space = space.id;
    mapping.generation = generationOf(space);
    mapping.start = va;
    mapping.count = 0;
  } else if (holder !== space || va !== mapping.start + u64(mapping.count) * PAGE_BYTES) {
    return wrong(ErrorCode.DeleteFirst, 0);
  }
  if (va % PAGE_BYTES !== 0n) return wrong(ErrorCode.AlignmentError, 0);
  if (va < USER_START || va >= USER_END) return wrong(ErrorCode.RangeError, 0);
  const left = u64(pagesOf(slot) - mapping.count);
  if (count === 0n || count > left || count > (USER_END - va) / PAGE_BYTES) return wrong(ErrorCode.RangeError, 1);
  const isWrite = (argument(2) & WANT_WRITE) !== 0n;
  const page = (u64(pageOf(slot)) + u64(mapping.count) * PAGE_BYTES) as PhysAddr;
  let pages = count < u64(MAX_STEP) ? u32(count) : MAX_STEP;
  let flags: u64 = 0n;
  if (isCapWith(slot.word, CapType.Image, 0n)) {
    if (isWrite) return wrong(ErrorCode.Policy, 2);
    pages = imageRun(imageOf(slot), mapping.count, pages);
    flags = imageLeaf(imageOf(slot), mapping.count);
  } else {
    if (isWrite && !isWritable(slot)) return wrong(ErrorCode.IllegalOperation, 2);
    flags = (isWrite ? LEAF_WRITE : LEAF_READ) | (isUncached(slot) ? LEAF_DEVICE : 0n);
    const isAligned = ((va | u64(page)) & (LARGE_BYTES - 1n)) === 0n;
    if (isAligned && count >= LARGE_PAGES && isLargeFree(space, va)) pages = u32(LARGE_PAGES);
  }
  const isLarge = pages > MAX_STEP;
  const table = isLarge ? 0n : tableOfRun(space, va, pages);
  if (table !== 0n) {
    // The frequent case, in which the tables are walked once.
    if (!isRunFree(table, va, pages)) return wrong(ErrorCode.DeleteFirst, 0);
    mapRun(space, table, va, page, pages, flags);
  } else {
    if (missingTables(space, va, isLarge ? 1 : pages) > space.freeCount) return ErrorCode.NotEnoughMemory;
    if (!isLarge && !isRangeFree(space, va, pages)) return wrong(ErrorCode.DeleteFirst, 0);
    if (isLarge) mapLarge(space, va, page, flags);
    else mapPages(space, va, page, pages, flags);
  }
  mapping.count += pages;
  writeMapping(slot, mapping);
  answerWord(0, u64(pages));
  return ErrorCode.None;
}

/** AddressSpace.Unmap: Region or Image. Takes the last MAX_STEP entries away → how many pages are still mapped. @hot */
export function unmap(): ErrorCode {
  const slot = pagesSlot();
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 0);
  const mapping = local<Mapping>();
  if (isMapped(slot)) {
    readMapping(slot, mapping);
    const holder = spaceOfMapping(mapping);
    if (holder !== null && holder !== addressSpaceIn(target())) return wrong(ErrorCode.InvalidCapability, 0);
    unmapStep(slot);
    readMapping(slot, mapping);
  }
  answerWord(0, u64(mapping.count));
  return ErrorCode.None;
}

/**
 * AddressSpace.Protect: first page of the mapping, number of pages (up to MAX_STEP, or one page of 2 MiB), rights;
 * Region. Only takes writing away.
 */
export function protect(): ErrorCode {
  const slot = pagesSlot();
  if (slot === null || !isCapWith(slot.word, CapType.Region, 0n)) return wrong(ErrorCode.InvalidCapability, 0);
  const mapping = local<Mapping>();
  readMapping(slot, mapping);
  if (!isMapped(slot) || spaceOfMapping(mapping) !== addressSpaceIn(target())) {
    return wrong(ErrorCode.InvalidCapability, 0);
  }
  const first = argument(0);
  const count = argument(1);
  if (first >= u64(mapping.count)) return wrong(ErrorCode.RangeError, 0);
  if (count === 0n || count > u64(mapping.count) - first) return wrong(ErrorCode.RangeError, 1);
  if ((argument(2) & WANT_WRITE) !== 0n) return wrong(ErrorCode.IllegalOperation, 2);
  const space = addressSpaceIn(target());
  const va = mapping.start + first * PAGE_BYTES;
  const isOneLarge = count === LARGE_PAGES && va % LARGE_BYTES === 0n && isLargeAt(space, va);
  if (count > u64(MAX_STEP) && !isOneLarge) return wrong(ErrorCode.RangeError, 1);
  if (!isWholePages(space, va, u32(count))) return wrong(ErrorCode.AlignmentError, 1);
  const page = (u64(pageOf(slot)) + first * PAGE_BYTES) as PhysAddr;
  protectPages(space, va, page, u32(count), LEAF_READ | (isUncached(slot) ? LEAF_DEVICE : 0n));
  return ErrorCode.None;
}

/** No part of a page of 2 MiB: those that are mapped so begin and end within the range. */
function isWholePages(space: AddressSpace, va: u64, pages: u32): boolean {
  const end = va + u64(pages) * PAGE_BYTES;
  return !isWithinLarge(space, va) && !isWithinLarge(space, end);
}

/** Whether a page of 2 MiB lies on both sides of `va`. */
function isWithinLarge(space: AddressSpace, va: u64): boolean {
  return va % LARGE_BYTES !== 0n && isLargeAt(space, va);
}

/** AddressSpace.Translate: address → 0 not mapped, 1 read, 3 read and write. */
export function translate(): ErrorCode {
  const va = argument(0);
  if (va >= USER_END) return wrong(ErrorCode.RangeError, 0);
  const leaf = leafAt(addressSpaceIn(target()), va);
  answerWord(0, leaf === 0n ? 0n : isUserWritable(leaf) ? 3n : 1n);
  return ErrorCode.None;
}

/** Region.Zero: clears the next 128 KiB of a new Region → how many pages are left. @hot */
export function zero(): ErrorCode {
  const slot = target();
  if (isCapWith(slot.word, CapType.Region, FLAG_ZEROED)) {
    answerWord(0, 0n);
    return ErrorCode.None;
  }
  // A Region that is not zeroed is not mapped either: the mapping's place counts the pages that are.
  const done = u32(slot.data);
  const left = pagesOf(slot) - done;
  const pages = left < ZERO_STEP_PAGES ? left : ZERO_STEP_PAGES;
  clearPages(windowOf(pageOf(slot)) + u64(done) * PAGE_BYTES, u64(pages) * PAGE_BYTES);
  slot.data = u64(done + pages);
  if (pages === left) {
    slot.data = 0n;
    slot.word |= FLAG_ZEROED;
  }
  answerWord(0, u64(left - pages));
  return ErrorCode.None;
}

/** Region.Address → the physical address of a Region that is for devices. */
export function address(): ErrorCode {
  const slot = target();
  if ((slot.word & (FLAG_DMA | FLAG_DEVICE)) === 0n) return ErrorCode.IllegalOperation;
  answerWord(0, u64(pageOf(slot)));
  return ErrorCode.None;
}
