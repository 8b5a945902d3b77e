import {
  CapType,
  capWord,
  FLAG_DEVICE,
  FLAG_READ_ONLY,
  FLAG_UNCACHED,
  FLAG_ZEROED,
  isCapWith,
  objectIn,
  RIGHT_WRITE,
} from "../cap/capability";
import { extraOf, type Slot } from "../cap/slot";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";

/**
 * Contiguous pages of memory for users, and the one place where a capability has mapped them. There is no object:
 * everything stands in the capability's slot.
 *
 *   word   object field: ┌───────────────┬───────────────┐    generation: of the address space's identifier
 *                        │ page number   │ generation 12 │
 *                        └───────────────┴───────────────┘
 *   data   ┌──────────────────┬──────────┬───────────┐        0 while not mapped
 *          │ first page's va  │ space 12 │ mapped 16 │        mapped: how many pages, from the first on
 *          └──────────────────┴──────────┴───────────┘
 *           63              28 27      16 15        0
 *   extra  number of pages; a new Region's: how many are zeroed lies in `mapped`
 */

export const MAX_REGION_PAGES = 0xffff;
const GENERATION_MASK = 0xfffn;
const SPACE_SHIFT = 16n;
const SPACE_MASK = 0xfffn;
const VA_SHIFT = 28n;
const COUNT_MASK = 0xffffn;
const WORD_GENERATION_SHIFT = 16n;

/** What a capability to pages needs to be mapped somewhere. */
export interface Mapping extends Struct<"Mapping"> {
  /** Identifier of the address space, and which of its uses. */
  space: u32;
  generation: u32;
  start: u64;
  count: u32;
}

/** Physical address of the first page. @inline */
export function pageOf(slot: Slot): PhysAddr {
  return (objectIn(slot.word) & ~GENERATION_MASK & 0xffff_ffff_ffffn) as PhysAddr;
}

/** @inline */
export function regionWord(rights: u64, page: PhysAddr): u64 {
  return capWord(CapType.Region, rights, page);
}

/** @hot */
export function pagesOf(slot: Slot): u32 {
  return extraOf(slot);
}

/** Whether the pages may be mapped: a Region's once they are zeroed, an Image's always. */
export function hasKnownContents(slot: Slot): boolean {
  return !isCapWith(slot.word, CapType.Region, 0n) || isCapWith(slot.word, CapType.Region, FLAG_ZEROED);
}

/** Of pages whose contents are known. @inline */
export function isMapped(slot: Slot): boolean {
  return slot.data !== 0n;
}

/** @hot */
export function readMapping(slot: Slot, mapping: Mapping): void {
  mapping.space = u32((slot.data >> SPACE_SHIFT) & SPACE_MASK);
  mapping.generation = u32(objectIn(slot.word) & GENERATION_MASK);
  mapping.start = (slot.data >> VA_SHIFT) * PAGE_BYTES;
  mapping.count = u32(slot.data & COUNT_MASK);
}

/** With `count` 0 the capability is not mapped any more. @hot */
export function writeMapping(slot: Slot, mapping: Mapping): void {
  slot.word &= ~(GENERATION_MASK << WORD_GENERATION_SHIFT);
  if (mapping.count === 0) {
    slot.data = 0n;
    return;
  }
  slot.word |= u64(mapping.generation) << WORD_GENERATION_SHIFT;
  slot.data = ((mapping.start / PAGE_BYTES) << VA_SHIFT) | (u64(mapping.space) << SPACE_SHIFT) | u64(mapping.count);
}

/** @inline */
export function isWritable(slot: Slot): boolean {
  return (slot.word & (RIGHT_WRITE | FLAG_READ_ONLY)) === RIGHT_WRITE;
}

export function isUncached(slot: Slot): boolean {
  return (slot.word & (FLAG_DEVICE | FLAG_UNCACHED)) !== 0n;
}
