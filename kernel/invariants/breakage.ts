/** @unsafe spoils objects behind capabilities */
import { LEAF_EXECUTE, LEAF_READ, LEAF_WRITE } from "@arch/userSpace";
import { bootInfo, isOption } from "../../boot/bootInfo";
import { CapType, isCapWith, objectIn, RIGHT_WRITE, typeIn } from "../cap/capability";
import { extraOf, type Slot, setExtra } from "../cap/slot";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";
import { type AddressSpace, protectPages, spaceOfMapping } from "../object/addressSpace";
import type { Endpoint } from "../object/endpoint";
import { imageOf, isText } from "../object/image";
import { type Mapping, pageOf, readMapping } from "../object/region";
import type { Reply } from "../object/reply";
import { type Thread, ThreadState } from "../object/thread";
import { cpu, WORK_SCHEDULE } from "../sched/cpu";
import { capAt, census, type Extent, extentOf, NOBODY, parentOf } from "./census";

/**
 * Breaks one invariant on purpose, as the command line asks (`break-invariant=I3`), to show that the checker sees it:
 * one field of the first capability or object that has it.
 */

type Breakage = (slot: Slot) => boolean;

interface BreakageRow extends Struct<"BreakageRow"> {
  name: Bytes;
  /** Whether it found what to spoil at this capability. */
  run: Breakage;
}

const BREAKAGES = 12;
const breakages: FixedArray<Inline<BreakageRow>, typeof BREAKAGES> = [
  { name: "I1", run: spoilNullSlot },
  { name: "I2", run: takeRightFromParent },
  { name: "I3", run: lowerWatermark },
  { name: "I4", run: lengthenRegion },
  { name: "I5", run: makeTextWritable },
  { name: "I5-seal", run: breakSeal },
  { name: "I6", run: moveBuffer },
  { name: "I7", run: forgetPage },
  { name: "I8", run: stopCurrent },
  { name: "I9", run: reservePlace },
  { name: "I10", run: tieReply },
  { name: "I11", run: loseFrame },
];

/** True when something has been broken: call after a census. */
export function breakInvariant(): boolean {
  for (let i: u32 = 0; i < breakages.length; i++) {
    if (!isOption(bootInfo, "break-invariant", breakages[i].name)) continue;
    for (let cap: u32 = 0; cap < census.count; cap++) {
      if (breakages[i].run(capAt(cap))) return true;
    }
  }
  return false;
}

function spoilNullSlot(slot: Slot): boolean {
  if (typeIn(slot.word) !== CapType.Thread) return false;
  const handler: Slot = cast<Thread>(objectIn(slot.word)).handler;
  if (handler.word !== 0n) return false;
  handler.data = 1n;
  return true;
}

function takeRightFromParent(slot: Slot): boolean {
  const parent = parentOfSlot(slot);
  if (parent === null || !isCapWith(slot.word, typeIn(parent.word), RIGHT_WRITE)) return false;
  parent.word &= ~RIGHT_WRITE;
  return true;
}

function parentOfSlot(slot: Slot): Slot | null {
  for (let i: u32 = 0; i < census.count; i++) {
    if (census.caps[i] === addressOf(slot)) return parentOf(i) === NOBODY ? null : capAt(parentOf(i));
  }
  return null;
}

function lowerWatermark(slot: Slot): boolean {
  if (typeIn(slot.word) !== CapType.Untyped || slot.data === 0n) return false;
  slot.data = 0n;
  return true;
}

/** By a page that begins another object. */
function lengthenRegion(slot: Slot): boolean {
  const own = local<Extent>();
  const other = local<Extent>();
  if (typeIn(slot.word) !== CapType.Region || parentOfSlot(slot) !== null) return false;
  extentOf(slot, own);
  for (let i: u32 = 0; i < census.count; i++) {
    extentOf(capAt(i), other);
    if (parentOf(i) !== NOBODY || other.start !== own.end) continue;
    setExtra(slot, extraOf(slot) + 1);
    return true;
  }
  return false;
}

/** The first task's own Image, of which text is mapped. */
function breakSeal(slot: Slot): boolean {
  if (typeIn(slot.word) !== CapType.Image) return false;
  imageOf(slot).isSealed = false;
  return true;
}

function makeTextWritable(slot: Slot): boolean {
  const mapping = local<Mapping>();
  if (typeIn(slot.word) !== CapType.Image) return false;
  readMapping(slot, mapping);
  const space = spaceOfMapping(mapping);
  if (space === null) return false;
  for (let i: u32 = 0; i < mapping.count; i++) {
    const page = (u64(pageOf(slot)) + u64(i) * PAGE_BYTES) as PhysAddr;
    if (!isText(imageOf(slot), i)) continue;
    // The one's bits that the other has not: to be executed and written.
    protectPages(space, mapping.start + u64(i) * PAGE_BYTES, page, 1, LEAF_EXECUTE ^ LEAF_READ ^ LEAF_WRITE);
    return true;
  }
  return false;
}

function moveBuffer(slot: Slot): boolean {
  if (typeIn(slot.word) !== CapType.Thread) return false;
  const thread = cast<Thread>(objectIn(slot.word));
  if (thread.buffer.word === 0n) return false;
  thread.bufferOffset = 0xf000_0000;
  return true;
}

/** The slot knows one page less than is mapped. */
function forgetPage(slot: Slot): boolean {
  const mapping = local<Mapping>();
  if (typeIn(slot.word) !== CapType.Region || slot.data === 0n) return false;
  readMapping(slot, mapping);
  if (spaceOfMapping(mapping) === null || mapping.count < 2) return false;
  slot.data -= 1n;
  return true;
}

function stopCurrent(slot: Slot): boolean {
  if ((cpu.work & WORK_SCHEDULE) !== 0) return false;
  cpu.current.state = ThreadState.Inactive;
  return true;
}

function reservePlace(slot: Slot): boolean {
  if (typeIn(slot.word) !== CapType.Endpoint) return false;
  cast<Endpoint>(objectIn(slot.word)).used++;
  return true;
}

function tieReply(slot: Slot): boolean {
  if (typeIn(slot.word) !== CapType.Reply) return false;
  cast<Reply>(objectIn(slot.word)).caller = cpu.current;
  return true;
}

function loseFrame(slot: Slot): boolean {
  if (typeIn(slot.word) !== CapType.AddressSpace) return false;
  const space = cast<AddressSpace>(objectIn(slot.word));
  if (space.freeCount === 0) return false;
  space.freeCount--;
  return true;
}
