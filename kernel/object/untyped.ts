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
  isCapWith,
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
import type { Notification } from "./notification";
import type { Process } from "./process";
import { MAX_REGION_PAGES, regionWord } from "./region";
import type { Reply } from "./reply";
import type { SchedContext } from "./schedContext";
import type { Thread } from "./thread";
import type { Timer } from "./timer";
import type { Verifier } from "./verifier";

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
const MAX_CLEARED = 0x2_0000n;
/** Of several objects that the kernel writes: making them takes as long as clearing the rest would. */
const MAX_CLEARED_TOGETHER = 0x1_0000n;
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
const ARGUMENT_SLOT = 3;
const ARGUMENT_ATTRIBUTES = 4;

/** What one object takes. */
interface Shape extends Struct<"Shape"> {
  bytes: u64;
  alignment: u64;
}

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
  const count = argument(ARGUMENT_COUNT);
  const attributes = argument(ARGUMENT_ATTRIBUTES);
  return carve(target(), argument(ARGUMENT_TYPE), argument(ARGUMENT_SIZE), count, argument(ARGUMENT_SLOT), attributes);
}

/** Retype of the memory behind `untyped`, whoever asks for it; errors are about Retype's arguments. */
export function carve(untyped: Slot, type: u64, size: u64, count: u64, first: u64, attributes: u64): ErrorCode {
  const cnode = capability(0, CapType.CNode);
  const shape = local<Shape>();
  if (cnode === null) return wrong(ErrorCode.InvalidCapability, 0);
  const allowed = type === u64(u32(CapType.Region)) ? USER_ATTRIBUTES : 0n;
  if ((attributes & ~allowed) !== 0n) return wrong(ErrorCode.InvalidArgument, ARGUMENT_ATTRIBUTES);
  if (count === 0n || count > MAX_OBJECTS) return wrong(ErrorCode.RangeError, ARGUMENT_COUNT);
  const problem = shapeOf(type, size, shape);
  if (problem !== ErrorCode.None) return problem;
  const isDevice = isCapWith(untyped.word, CapType.Untyped, FLAG_DEVICE);
  if (isDevice && holdsData(type)) return wrong(ErrorCode.InvalidArgument, ARGUMENT_TYPE);
  const isZeroed = (attributes & FLAG_ZEROED) !== 0n;
  if (isZeroed && (isDevice || type !== u64(u32(CapType.Region)))) {
    return wrong(ErrorCode.InvalidArgument, ARGUMENT_ATTRIBUTES);
  }
  // `count` and `bytes` are bounded, so that nothing wraps.
  const bytes = count * shape.bytes;
  if (bytes > MAX_CLEARED && (isZeroed || holdsData(type))) return wrong(ErrorCode.RangeError, ARGUMENT_COUNT);
  if (bytes > MAX_CLEARED_TOGETHER && count > 1n && holdsData(type)) {
    return wrong(ErrorCode.RangeError, ARGUMENT_COUNT);
  }
  if (levelOf(untyped) >= MAX_LEVEL) return ErrorCode.NotEnoughMemory;
  const base = baseOf(untyped);
  const start = (base + untyped.data + shape.alignment - 1n) & ~(shape.alignment - 1n);
  const end = base + (1n << u64(extraOf(untyped)));
  if (start > end || bytes > end - start) return ErrorCode.NotEnoughMemory;
  if ((attributes & FLAG_DMA) !== 0n && start + bytes > DMA_END)
    return wrong(ErrorCode.RangeError, ARGUMENT_ATTRIBUTES);
  if (!areEmpty(cnode, first, count)) return wrong(ErrorCode.DeleteFirst, ARGUMENT_SLOT);
  if (type === u64(u32(CapType.AddressSpace)) && (count > 1n || findFreeId() === 0)) return ErrorCode.NotEnoughMemory;
  const slots = objectOf(cnode);
  const flags = attributes | (isDevice ? FLAG_DEVICE : 0n);
  if (holdsData(type) && type !== u64(u32(CapType.AddressSpace))) fillMemory(windowOf(start as PhysAddr), 0, bytes);
  for (let i: u64 = 0n; i < count; i += 1n) {
    const p = (start + i * shape.bytes) as PhysAddr;
    const slot = slotAt(slots, u32(first + i));
    if (type === u64(u32(CapType.Region))) makeRegion(untyped, slot, u32(size), p, flags);
    else make(untyped, slot, u32(type), size, p, flags);
  }
  const watermark = start + bytes - base;
  if (!isDevice) {
    countTaken(watermark - untyped.data);
    if (type === u64(u32(CapType.Untyped))) countFree(bytes);
  }
  untyped.data = watermark;
  return ErrorCode.None;
}

/** Whether the kernel itself writes objects of `type`. @inline */
function holdsData(type: u64): boolean {
  return type !== u64(u32(CapType.Region)) && type !== u64(u32(CapType.Untyped));
}

/** Bytes and alignment of one object of `type`; None, or why there is no such object. @hot */
function shapeOf(type: u64, size: u64, shape: Shape): ErrorCode {
  shape.alignment = SMALL_ALIGNMENT;
  shape.bytes = SMALL_ALIGNMENT;
  if (type >= u64(CAP_TYPES)) return wrong(ErrorCode.InvalidArgument, ARGUMENT_TYPE);
  switch (u32(type)) {
    case u32(CapType.Untyped):
      if (size < MIN_UNTYPED || size > MAX_UNTYPED) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);
      shape.bytes = 1n << size;
      shape.alignment = shape.bytes;
      return ErrorCode.None;
    case u32(CapType.CNode):
      if (size < 1n || size > MAX_RADIX) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);
      shape.bytes = SLOT_BYTES << size;
      return ErrorCode.None;
    case u32(CapType.AddressSpace):
      if (size > u64(MAX_POOL)) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);
      shape.bytes = spaceBytes(size);
      shape.alignment = PAGE_BYTES;
      return ErrorCode.None;
    case u32(CapType.Region):
      if (size === 0n || size > u64(MAX_REGION_PAGES)) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);
      shape.bytes = size * PAGE_BYTES;
      shape.alignment = shape.bytes >= LARGE_PAGE ? LARGE_PAGE : PAGE_BYTES;
      return ErrorCode.None;
    case u32(CapType.Thread):
      shape.bytes = roundUp(sizeOf<Thread>());
      return ErrorCode.None;
    case u32(CapType.SchedContext):
      shape.bytes = roundUp(sizeOf<SchedContext>());
      return ErrorCode.None;
    case u32(CapType.Endpoint):
      if (!isPolicy(size)) return wrong(ErrorCode.InvalidArgument, ARGUMENT_SIZE);
      shape.bytes = roundUp(endpointBytes(size));
      return ErrorCode.None;
    case u32(CapType.Notification):
      shape.bytes = roundUp(sizeOf<Notification>());
      return ErrorCode.None;
    case u32(CapType.Reply):
      shape.bytes = roundUp(sizeOf<Reply>());
      return ErrorCode.None;
    case u32(CapType.Timer):
      shape.bytes = roundUp(sizeOf<Timer>());
      return ErrorCode.None;
    case u32(CapType.Verifier):
      shape.bytes = roundUp(sizeOf<Verifier>());
      return ErrorCode.None;
    case u32(CapType.Process):
      shape.bytes = roundUp(sizeOf<Process>());
      return ErrorCode.None;
    default:
      return wrong(ErrorCode.InvalidArgument, ARGUMENT_TYPE);
  }
}

/** @inline */
function roundUp(bytes: u64): u64 {
  return (bytes + SMALL_ALIGNMENT - 1n) & ~(SMALL_ALIGNMENT - 1n);
}

/** A Region of `size` pages at `p`. Nobody zeroes a device; its registers are what they are. @hot @inline */
function makeRegion(untyped: Slot, slot: Slot, size: u32, p: PhysAddr, flags: u64): void {
  if ((flags & FLAG_ZEROED) !== 0n) clearPages(windowOf(p), u64(size) * PAGE_BYTES);
  const known = (flags & FLAG_DEVICE) !== 0n ? FLAG_ZEROED : 0n;
  insertChild(untyped, slot, regionWord(ALL_RIGHTS, p) | flags | known, 0n, size);
}

/**
 * Makes any other object at `p` and its capability in `slot`. Its memory is zero, but for an AddressSpace, whose pages
 * are cleared as they are used. Cannot fail.
 *
 * @noinline
 */
function make(untyped: Slot, slot: Slot, type: u32, size: u64, p: PhysAddr, flags: u64): void {
  const capType = toEnum<CapType>(type);
  const address = windowOf(p);
  switch (u32(capType)) {
    case u32(CapType.Untyped):
      insertChild(untyped, slot, untypedWord(p, (flags & FLAG_DEVICE) !== 0n), 0n, u32(size));
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
