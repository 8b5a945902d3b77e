/** @unsafe makes objects in raw memory */
import { clearPages, windowOf } from "@arch/mmu";
import { initFrame } from "@arch/userFrame";
import {
  ALL_RIGHTS,
  CAP_TYPES,
  CapType,
  capWord,
  FLAG_DEVICE,
  FLAG_DMA,
  FLAG_PROTECTED,
  FLAG_READ_ONLY,
  FLAG_UNCACHED,
  FLAG_ZEROED,
  objectIn,
} from "../cap/capability";
import { areEmpty } from "../cap/cspace";
import { extraOf, insertChild, levelOf, MAX_LEVEL, objectOf, SLOT_BYTES, type Slot, slotAt } from "../cap/slot";
import { initLink } from "../ipc/link";
import { ErrorCode } from "../ipc/messageInfo";
import { endpointBytes, initRing } from "../ipc/ring";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";
import { countFree, countTaken } from "../memory/frames";
import { TimerKind } from "../sched/timerWheel";
import { argument, capability, target, wrong } from "../syscall/request";
import { findFreeId, initAddressSpace, MAX_POOL, spaceBytes } from "./addressSpace";
import type { Endpoint } from "./endpoint";
import { isPolicy, setPolicy } from "./endpointPolicy";
import { fixedBytes } from "./objectSize";
import { MAX_REGION_PAGES, regionWord } from "./region";
import type { SchedContext } from "./schedContext";
import type { Thread } from "./thread";

/**
 * Memory from which objects are made: 2^size bytes, RAM or device. Objects are carved one behind the other; when the
 * last of them is gone the memory is whole again.
 *
 *   ┌────────┬────────┬─────────┬──────────────┐
 *   │ object │ object │ padding │    free      │    data: watermark in bytes    extra: size as a power of two
 *   └────────┴────────┴─────────┴──────────────┘
 *                               ▲ watermark
 *
 * U1  Objects never overlap, lie inside, and below the watermark (I3).
 * U2  Device memory becomes Regions and Untypeds only: the kernel never reads or writes it.
 */

/** Of one call (I13). */
const MAX_OBJECTS = 128n;
const MAX_WRITTEN = 0x2_0000n;
/** Of several objects: making them takes as long as clearing the rest would. */
const MAX_WRITTEN_TOGETHER = 0x1_0000n;
const SMALL_ALIGNMENT = 64n;
const MAX_RADIX = 12n;
const MIN_UNTYPED = 6n;
const MAX_UNTYPED = 47n;
const LARGE_PAGE = 0x20_0000n;
/** What a device with 32 bits of address can reach. */
const DMA_END = 0x1_0000_0000n;
const USER_ATTRIBUTES = FLAG_DMA | FLAG_UNCACHED | FLAG_PROTECTED | FLAG_READ_ONLY | FLAG_ZEROED;

/** The arguments: type, size (by type), count, first slot, attributes; capability: the CNode of the slots. */
const ARGUMENT_TYPE = 0;
const ARGUMENT_SIZE = 1;
const ARGUMENT_COUNT = 2;
export const ARGUMENT_SLOT = 3;
export const ARGUMENT_ATTRIBUTES = 4;

/** @inline */
export function untypedWord(p: PhysAddr, isDevice: boolean): u64 {
  return capWord(CapType.Untyped, ALL_RIGHTS, p) | (isDevice ? FLAG_DEVICE : 0n);
}

/** Physical address of its first byte. @inline */
export function baseOf(slot: Slot): u64 {
  return objectIn(slot.word) & 0xffff_ffff_ffffn;
}

/** Untyped.Retype: makes `count` objects in consecutive empty slots. @hot */
export function retype(): ErrorCode {
  const cnode = capability(0, CapType.CNode);
  const size = argument(ARGUMENT_SIZE);
  const count = argument(ARGUMENT_COUNT);
  const attributes = argument(ARGUMENT_ATTRIBUTES);
  return carve(target(), cnode, argument(ARGUMENT_TYPE), size, count, argument(ARGUMENT_SLOT), attributes);
}

/**
 * Retype of the memory behind `untyped`, into slots of the CNode in `cnode`; errors are about Retype's arguments.
 *
 * @hot
 */
export function carve(
  untyped: Slot,
  cnode: Slot | null,
  type: u64,
  size: u64,
  count: u64,
  first: u64,
  attributes: u64,
): ErrorCode {
  if (cnode === null) return wrong(ErrorCode.InvalidCapability, 0);
  if (count === 0n || count > MAX_OBJECTS) return wrong(ErrorCode.RangeError, ARGUMENT_COUNT);
  const isRegion = type === u64(u32(CapType.Region));
  const problem = isRegion ? whyNoRegion(size, attributes) : whyNoObject(type, size, count, attributes);
  if (problem !== ErrorCode.None) return problem;
  const each = isRegion ? size * PAGE_BYTES : bytesOf(type, size);
  const alignment = isRegion ? regionAlignment(each) : alignmentOf(type, each);
  // What the kernel writes of each: all or nothing.
  const written = (attributes & FLAG_ZEROED) !== 0n || holdsData(type) ? each : 0n;
  const deviceFlag = untyped.word & FLAG_DEVICE;
  if (deviceFlag !== 0n && written !== 0n) {
    return wrong(ErrorCode.InvalidArgument, isRegion ? ARGUMENT_ATTRIBUTES : ARGUMENT_TYPE);
  }
  // All of these are bounded, so that nothing wraps.
  const limit = count === 1n ? MAX_WRITTEN : MAX_WRITTEN_TOGETHER;
  if (count * written > limit) return wrong(ErrorCode.RangeError, ARGUMENT_COUNT);
  if (levelOf(untyped) >= MAX_LEVEL) return ErrorCode.NotEnoughMemory;
  const base = baseOf(untyped);
  const bytes = count * each;
  const start = (base + untyped.data + alignment - 1n) & ~(alignment - 1n);
  const end = base + (1n << (u64(extraOf(untyped)) & 63n));
  if (start + bytes > end) return ErrorCode.NotEnoughMemory;
  if ((attributes & FLAG_DMA) !== 0n && start + bytes > DMA_END) {
    return wrong(ErrorCode.RangeError, ARGUMENT_ATTRIBUTES);
  }
  if (!areEmpty(cnode, first, count)) return wrong(ErrorCode.DeleteFirst, ARGUMENT_SLOT);
  if (deviceFlag === 0n) countTaken(start + bytes - base - untyped.data);
  untyped.data = start + bytes - base;
  const slot = slotAt(objectOf(cnode), u32(first));
  if (isRegion) makeRegions(untyped, slot, count, u32(size), start as PhysAddr, attributes | deviceFlag);
  else makeObjects(untyped, slot, count, u32(type), size, start as PhysAddr, each);
  return ErrorCode.None;
}

/** Why there is no Region of `size` pages with these attributes, or None. @inline */
function whyNoRegion(size: u64, attributes: u64): ErrorCode {
  if ((attributes & ~USER_ATTRIBUTES) !== 0n) return wrong(ErrorCode.InvalidArgument, ARGUMENT_ATTRIBUTES);
  if (size === 0n || size > u64(MAX_REGION_PAGES)) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);
  return ErrorCode.None;
}

/** The same of `count` other objects. @noinline */
function whyNoObject(type: u64, size: u64, count: u64, attributes: u64): ErrorCode {
  if (type >= u64(CAP_TYPES)) return wrong(ErrorCode.InvalidArgument, ARGUMENT_TYPE);
  if (attributes !== 0n) return wrong(ErrorCode.InvalidArgument, ARGUMENT_ATTRIBUTES);
  switch (u32(type)) {
    case u32(CapType.Untyped):
      if (size < MIN_UNTYPED || size > MAX_UNTYPED) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);
      return ErrorCode.None;
    case u32(CapType.CNode):
      if (size < 1n || size > MAX_RADIX) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);
      return ErrorCode.None;
    case u32(CapType.AddressSpace):
      if (size > u64(MAX_POOL)) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);
      return count > 1n || findFreeId() === 0 ? ErrorCode.NotEnoughMemory : ErrorCode.None;
    case u32(CapType.Endpoint):
      if (!isPolicy(size)) return wrong(ErrorCode.InvalidArgument, ARGUMENT_SIZE);
      return ErrorCode.None;
    default:
      if (fixedBytes(toEnum<CapType>(u32(type))) === 0n) return wrong(ErrorCode.InvalidArgument, ARGUMENT_TYPE);
      return ErrorCode.None;
  }
}

/** Of one object that there can be, but no Region. @noinline */
function bytesOf(type: u64, size: u64): u64 {
  switch (u32(type)) {
    case u32(CapType.Untyped):
      return 1n << size;
    case u32(CapType.CNode):
      return roundUp(SLOT_BYTES << size);
    case u32(CapType.AddressSpace):
      return spaceBytes(size);
    case u32(CapType.Endpoint):
      return roundUp(endpointBytes(size));
    default:
      return roundUp(fixedBytes(toEnum<CapType>(u32(type))));
  }
}

/** @inline */
function roundUp(bytes: u64): u64 {
  return (bytes + SMALL_ALIGNMENT - 1n) & ~(SMALL_ALIGNMENT - 1n);
}

/** Of an object of `bytes` bytes that is no Region. @noinline */
function alignmentOf(type: u64, bytes: u64): u64 {
  if (type === u64(u32(CapType.Untyped))) return bytes;
  return type === u64(u32(CapType.AddressSpace)) ? PAGE_BYTES : SMALL_ALIGNMENT;
}

/** @inline */
function regionAlignment(bytes: u64): u64 {
  return bytes >= LARGE_PAGE ? LARGE_PAGE : PAGE_BYTES;
}

/** Whether the kernel itself writes objects of `type`. @inline */
function holdsData(type: u64): boolean {
  return type !== u64(u32(CapType.Region)) && type !== u64(u32(CapType.Untyped));
}

/** Regions of `size` pages from `start` on. Nobody zeroes a device; its registers are what they are. @hot @inline */
function makeRegions(untyped: Slot, first: Slot, count: u64, size: u32, start: PhysAddr, flags: u64): void {
  const bytes = u64(size) * PAGE_BYTES;
  if ((flags & FLAG_ZEROED) !== 0n) clearPages(windowOf(start), count * bytes);
  const known = (flags & FLAG_DEVICE) !== 0n ? FLAG_ZEROED : 0n;
  for (let i: u64 = 0n; i < count; i += 1n) {
    const word = regionWord(ALL_RIGHTS, (start + i * bytes) as PhysAddr) | flags | known;
    insertChild(untyped, slotAt(addressOf(first), u32(i)), word, 0n, size);
  }
}

/** Any other objects, of `bytes` bytes each. An AddressSpace clears its pages as it uses them. @noinline */
function makeObjects(untyped: Slot, first: Slot, count: u64, type: u32, size: u64, start: PhysAddr, bytes: u64): void {
  if (type === u32(CapType.Untyped)) {
    // As free as before.
    if (!isDevice(untyped)) countFree(count * bytes);
  } else if (type !== u32(CapType.AddressSpace)) {
    fillMemory(windowOf(start), 0, count * bytes);
  }
  for (let i: u64 = 0n; i < count; i += 1n) {
    make(untyped, slotAt(addressOf(first), u32(i)), type, size, (start + i * bytes) as PhysAddr);
  }
}

/** @inline */
function isDevice(untyped: Slot): boolean {
  return (untyped.word & FLAG_DEVICE) !== 0n;
}

/** One of them at `p`, and its capability in `slot`. */
function make(untyped: Slot, slot: Slot, type: u32, size: u64, p: PhysAddr): void {
  const capType = toEnum<CapType>(type);
  const address = windowOf(p);
  switch (u32(capType)) {
    case u32(CapType.Untyped):
      insertChild(untyped, slot, untypedWord(p, isDevice(untyped)), 0n, u32(size));
      return;
    case u32(CapType.CNode):
      insertChild(untyped, slot, capWord(capType, ALL_RIGHTS, address), 1n << size, 0);
      return;
    case u32(CapType.AddressSpace):
      initAddressSpace(p, u32(size), findFreeId());
      break;
    case u32(CapType.Thread): {
      const thread = cast<Thread>(address);
      initFrame(thread.frame);
      initLink(thread.outbox);
      break;
    }
    case u32(CapType.Endpoint):
      setPolicy(cast<Endpoint>(address), size);
      initRing(cast<Endpoint>(address));
      break;
    case u32(CapType.SchedContext):
      cast<SchedContext>(address).refill.kind = TimerKind.Refill;
      break;
    default:
      break;
  }
  insertChild(untyped, slot, capWord(capType, ALL_RIGHTS, address), 0n, 0);
}
