/**
 * @unit O2
 * @unsafe knows where the kernel lies
 */
import { imageEnd, imageStart } from "@arch/mmu";
import { CapType, typeIn } from "../cap/capability";
import type { Slot } from "../cap/slot";
import { capAt, census, type Extent, extentOf, isFirst, type MAX_CAPS, NOBODY, parentOf } from "./census";

/**
 * I3, I4 and I11. What is carved from one Untyped lies in its list behind it, the newest first: so the objects of one
 * Untyped must come with falling addresses, none above the one before.
 */

const MAX_ROOTS = 1024;

interface Memory extends Struct<"Memory"> {
  /** Of an Untyped: its objects so far lie from here on. */
  readonly lowest: FixedArray<u64, typeof MAX_CAPS>;
  rootCount: u32;
  /** What no Untyped is known of, by rising address; those for which there is no room are not compared. */
  readonly roots: FixedArray<Inline<Extent>, typeof MAX_ROOTS>;
}

const memory: Memory = zeroed();

export function checkMemory(): void {
  memory.rootCount = 0;
  addRoot(u64(imageStart()), u64(imageEnd()));
  for (let i: u32 = 0; i < census.count; i++) {
    if (isFirst(i)) checkObject(i);
  }
  for (let i: u32 = 0; i < census.count; i++) {
    if (typeIn(capAt(i).word) === CapType.Untyped) checkUntyped(i);
  }
  for (let i: u32 = 1; i < memory.rootCount; i++) {
    assert(memory.roots[i - 1].end <= memory.roots[i].start, "I4: a page of memory is one thing only");
  }
}

function checkObject(index: u32): void {
  const slot = capAt(index);
  const extent = local<Extent>();
  extentOf(slot, extent);
  if (extent.start === extent.end) return;
  if (typeIn(slot.word) === CapType.Untyped) memory.lowest[index] = extent.start + slot.data;
  const parent = parentOf(index);
  if (parent === NOBODY) {
    addRoot(extent.start, extent.end);
    return;
  }
  const untyped = capAt(parent);
  assert(typeIn(untyped.word) === CapType.Untyped, "I11: an object is made from an Untyped");
  const budget = local<Extent>();
  extentOf(untyped, budget);
  assert(extent.start >= budget.start && extent.end <= budget.end, "I3: an object lies inside its Untyped");
  assert(extent.end <= budget.start + untyped.data, "I3: an object lies below its Untyped's watermark");
  assert(extent.end <= memory.lowest[parent], "I3: objects of one Untyped do not overlap");
  memory.lowest[parent] = extent.start;
}

function checkUntyped(index: u32): void {
  const slot: Slot = capAt(index);
  const extent = local<Extent>();
  extentOf(slot, extent);
  assert(slot.data <= extent.end - extent.start, "I11: a budget has not given out more than it has");
  const hasObjects = memory.lowest[index] !== extent.start + slot.data;
  assert(hasObjects || slot.data === 0n, "I3: the watermark is 0 when no child is left");
}

/** Keeps the roots in order; they come nearly so. */
function addRoot(start: u64, end: u64): void {
  if (memory.rootCount === MAX_ROOTS) return;
  let at = memory.rootCount;
  while (at > 0 && memory.roots[at - 1].start > start) {
    copyStruct(memory.roots[at], memory.roots[at - 1]);
    at--;
  }
  memory.roots[at].start = start;
  memory.roots[at].end = end;
  memory.rootCount++;
}
