/**
 * @unit O2
 * @unsafe names slots and objects by their addresses
 */
import { WINDOW_BASE } from "@arch/layout";
import { CapType, objectIn, typeIn } from "../cap/capability";
import type { Slot } from "../cap/slot";
import type { RingMessage } from "../ipc/ring";
import { PAGE_BYTES } from "../memory/address";
import type { AddressSpace } from "../object/addressSpace";
import type { Endpoint } from "../object/endpoint";
import { imageEnd, imageStart } from "../object/image";
import { fixedBytes } from "../object/objectSize";
import { pageOf, pagesOf } from "../object/region";

/**
 * Every capability that there is, in the order of the derivation tree, and every object that one of them refers to:
 * taken anew for each check of the invariants.
 *
 * N1  The capabilities of one derivation list follow each other in `caps`, in the list's order.
 * N2  `parents[i]` is the nearest living ancestor of `caps[i]`, or NOBODY.
 */

export const MAX_CAPS = 16384;
export const NOBODY = 0xffff_ffff;

const PLACES = 32768;
const PLACE_SHIFT = 49n;
const SPREAD = 0x9e37_79b9_7f4a_7c15n;
/** No object's key ends with it: types are smaller. */
const SLOT_MARK = 31n;
const SMALL = 64n;
const ADDRESS_MASK = 0xffff_ffff_ffffn;

interface Place extends Struct<"Place"> {
  key: u64;
  /** In which census: older ones are forgotten by this. */
  run: u64;
}

interface Census extends Struct<"Census"> {
  run: u64;
  count: u32;
  readonly caps: FixedArray<u64, typeof MAX_CAPS>;
  readonly parents: FixedArray<u32, typeof MAX_CAPS>;
  /** Whether it is the first capability to its object, or to none. */
  readonly firsts: FixedArray<boolean, typeof MAX_CAPS>;
  readonly places: FixedArray<Inline<Place>, typeof PLACES>;
}

export const census: Census = zeroed();

export function beginCensus(): void {
  census.run += 1n;
  census.count = 0;
}

/** Whether there is no room for another capability: then nothing can be checked. */
export function isFull(): boolean {
  return census.count === MAX_CAPS;
}

/** Adds a capability; answers its index. */
export function addCap(slot: Slot, parent: u32): u32 {
  const index = census.count;
  census.caps[index] = addressOf(slot);
  census.parents[index] = parent;
  const key = keyOf(slot);
  census.firsts[index] = index === 0 || key === 0n || keyOf(capAt(index - 1)) !== key;
  census.count = index + 1;
  return index;
}

export function capAt(index: u32): Slot {
  return cast<Slot>(census.caps[index]);
}

export function parentOf(index: u32): u32 {
  return census.parents[index];
}

/** Notes a key; false when it has been noted before in this census. */
export function note(key: u64): boolean {
  const place = placeOf(key);
  if (place.run === census.run) return false;
  place.key = key;
  place.run = census.run;
  return true;
}

export function isNoted(key: u64): boolean {
  return placeOf(key).run === census.run;
}

function placeOf(key: u64): Place {
  let index = u32((key * SPREAD) >> PLACE_SHIFT);
  for (;;) {
    const place = census.places[index];
    if (place.run !== census.run || place.key === key) return place;
    index = (index + 1) & (PLACES - 1);
  }
}

export function slotKey(slot: Slot): u64 {
  return addressOf(slot) | SLOT_MARK;
}

/** Of the object at a kernel address; objects are aligned to 64 bytes. */
function objectKey(type: CapType, address: u64): u64 {
  return address | u64(u32(type));
}

/** Whether a capability refers to the object of this type there. */
export function isLive(type: CapType, address: u64): boolean {
  return isNoted(objectKey(type, address));
}

/**
 * What tells a capability's object from all others; 0n of a type without objects, and of an Untyped: there is one
 * capability to each, and one that lies wholly in another begins and ends with it.
 */
export function keyOf(slot: Slot): u64 {
  const type = typeIn(slot.word);
  switch (u32(type)) {
    case u32(CapType.Region):
    case u32(CapType.Image):
      return objectKey(type, pageOf(slot));
    case u32(CapType.CNode):
    case u32(CapType.Thread):
    case u32(CapType.SchedContext):
    case u32(CapType.Endpoint):
    case u32(CapType.Notification):
    case u32(CapType.Reply):
    case u32(CapType.AddressSpace):
    case u32(CapType.Timer):
    case u32(CapType.Verifier):
    case u32(CapType.Process):
      return objectKey(type, objectIn(slot.word));
    default:
      return 0n;
  }
}

/** Whether `caps[index]` is the first capability to its object; true also of those without one. */
export function isFirst(index: u32): boolean {
  return census.firsts[index];
}

/** Physical memory of an object; empty where there is none. */
export interface Extent extends Struct<"Extent"> {
  start: u64;
  end: u64;
}

export function extentOf(slot: Slot, extent: Extent): void {
  const object = objectIn(slot.word);
  extent.start = 0n;
  extent.end = 0n;
  switch (u32(typeIn(slot.word))) {
    case u32(CapType.Untyped):
      extent.start = object & ADDRESS_MASK;
      extent.end = extent.start + (1n << (slot.prev & 0xffffn));
      return;
    case u32(CapType.Image):
      extent.start = imageStart(slot);
      extent.end = imageEnd(slot);
      return;
    case u32(CapType.Region):
      extent.start = u64(pageOf(slot));
      extent.end = extent.start + u64(pagesOf(slot)) * PAGE_BYTES;
      return;
    case u32(CapType.CNode):
      setExtent(extent, object, u64(slotsOf(slot)) * 32n);
      return;
    case u32(CapType.AddressSpace):
      setExtent(extent, object, (u64(cast<AddressSpace>(object).poolPages) + 2n) * PAGE_BYTES);
      return;
    case u32(CapType.Endpoint):
      setExtent(
        extent,
        object,
        sizeOf<Endpoint>() + u64(cast<Endpoint>(object).depth) * placeBytes(cast<Endpoint>(object)),
      );
      return;
    default:
      if (fixedBytes(typeIn(slot.word)) !== 0n) setExtent(extent, object, fixedBytes(typeIn(slot.word)));
      return;
  }
}

/** Objects take multiples of 64 bytes. */
function setExtent(extent: Extent, address: u64, bytes: u64): void {
  extent.start = address - WINDOW_BASE;
  extent.end = extent.start + ((bytes + SMALL - 1n) & ~(SMALL - 1n));
}

/** Of a CNode, whose dying one's capability is in its own slot 0 and tells the radix. */
export function slotsOf(slot: Slot): u32 {
  const isDying = addressOf(slot) === objectIn(slot.word);
  return isDying ? u32(1) << u32(slot.prev & 0x1fn) : u32(slot.data);
}

/** Of a ring's place: the message and its words, four at least. */
export function placeBytes(endpoint: Endpoint): u64 {
  const words = endpoint.maxWords < 4n ? 4n : endpoint.maxWords;
  return sizeOf<RingMessage>() + words * 8n;
}

export function placeAt(endpoint: Endpoint, index: u32): RingMessage {
  return cast<RingMessage>(addressOf(endpoint) + sizeOf<Endpoint>() + u64(index) * placeBytes(endpoint));
}
