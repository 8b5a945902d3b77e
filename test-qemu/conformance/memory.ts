/** @unsafe reaches what it has mapped */
import { CapType, FLAG_ZEROED } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE, SLOT_THREAD } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation } from "../../kernel/syscall/invocation";
import { invoke, type Message, ownBuffer } from "../../user/message";
import {
  ask,
  beginTest,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  POOL,
  remove,
  retype,
  revoke,
  type TestRow,
} from "./harness";

/** Regions and address spaces. */

const VA = 0x4000_0000n;
const READ = 1n;
const WRITE = 3n;

function code(error: ErrorCode): u64 {
  return u64(u32(error));
}

/** AddressSpace.Map; answers the error. */
function mapIn(space: u32, region: u32, va: u64, pages: u64, rights: u64): u32 {
  const message = local<Message>();
  message.words[0] = va;
  message.words[1] = pages;
  message.words[2] = rights;
  ownBuffer().sent[0] = region;
  return invoke(message, space, u32(Invocation.AddressSpaceMap), 3, 1);
}

/** What Translate answers for `va` in this address space. */
function rightsAt(va: u64): u64 {
  const message = local<Message>();
  message.words[0] = va;
  invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceTranslate), 1, 0);
  return message.words[0];
}

function zero(region: u32): void {
  const message = local<Message>();
  do {
    checkEqual(u64(invoke(message, region, u32(Invocation.RegionZero), 0, 0)), 0n, "zero");
  } while (message.words[0] !== 0n);
}

function newRegion(pages: u64): void {
  checkEqual(u64(retype(CapType.Region, pages, FIRST)), 0n, "region");
  zero(FIRST);
}

function mappedMemoryWorks(): void {
  newRegion(4n);
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA, 4n, WRITE)), 0n, "map");
  store64(VA + 0x3ff8n, 0x1234n);
  checkEqual(load64(VA + 0x3ff8n), 0x1234n, "what was written");
  checkEqual(load64(VA), 0n, "the rest is zero");
  checkEqual(rightsAt(VA), 3n, "read and write");
}

function regionMustBeZeroed(): void {
  checkEqual(u64(retype(CapType.Region, 1n, FIRST)), 0n, "region");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA, 1n, READ)), code(ErrorCode.Busy), "not before Zero");
  checkEqual(u64(copyTo(FIRST, FIRST + 1, 7n)), code(ErrorCode.Busy), "nor copied");
}

/** By Retype with the attribute Zeroed; answers the error. */
function retypeZeroed(type: CapType, size: u64, slot: u32): u32 {
  const message = local<Message>();
  message.words[0] = u64(u32(type));
  message.words[1] = size;
  message.words[2] = 1n;
  message.words[3] = u64(slot);
  ownBuffer().words[4] = FLAG_ZEROED;
  ownBuffer().sent[0] = SLOT_CNODE;
  return invoke(message, POOL, u32(Invocation.UntypedRetype), 5, 1);
}

function retypeCanZero(): void {
  newRegion(32n);
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA, 32n, WRITE)), 0n, "map");
  for (let i: u64 = 0n; i < 32n; i += 1n) store64(VA + i * 4096n + 4088n, 0x5ec2e7n);
  remove(FIRST);
  checkEqual(u64(retypeZeroed(CapType.Region, 32n, FIRST)), 0n, "the same memory again");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA, 32n, READ)), 0n, "at once");
  for (let i: u64 = 0n; i < 32n; i += 1n) checkEqual(load64(VA + i * 4096n + 4088n), 0n, "zero to its end");
  checkEqual(u64(retypeZeroed(CapType.Region, 33n, FIRST + 1)), code(ErrorCode.RangeError), "one call zeroes 128 KiB");
  checkEqual(u64(retypeZeroed(CapType.Untyped, 12n, FIRST + 1)), code(ErrorCode.InvalidArgument), "only a Region");
}

function oldContentsAreGone(): void {
  newRegion(1n);
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA, 1n, WRITE)), 0n, "map");
  store64(VA, 0x5ec2e7n);
  remove(FIRST);
  newRegion(1n);
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA, 1n, READ)), 0n, "the same memory again");
  checkEqual(load64(VA), 0n, "zero");
}

function unmapEndsAccess(): void {
  newRegion(2n);
  mapIn(SLOT_SPACE, FIRST, VA, 2n, WRITE);
  store64(VA, 1n);
  checkEqual(u64(ask(SLOT_SPACE, Invocation.AddressSpaceUnmap, 0n, 0n, FIRST)), 0n, "unmap");
  checkEqual(rightsAt(VA), 0n, "nothing there (I7)");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA + 0x10000n, 2n, READ)), 0n, "and can be mapped elsewhere");
  checkEqual(load64(VA + 0x10000n), 1n, "with its contents");
}

function revokeUnmaps(): void {
  newRegion(1n);
  checkEqual(u64(copyTo(FIRST, FIRST + 1, 1n)), 0n, "a shared one");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST + 1, VA, 1n, READ)), 0n, "map it");
  checkEqual(rightsAt(VA), 1n, "read only");
  revoke(FIRST);
  checkEqual(rightsAt(VA), 0n, "gone with its capability (I7)");
}

function oneMappingPerCapability(): void {
  newRegion(2n);
  mapIn(SLOT_SPACE, FIRST, VA, 2n, READ);
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA + 0x10000n, 1n, READ)), code(ErrorCode.DeleteFirst), "second mapping");
}

function placeMustBeFree(): void {
  newRegion(1n);
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, 0x40_0000n, 1n, READ)), code(ErrorCode.DeleteFirst), "over the text");
}

function mapWrongArguments(): void {
  newRegion(2n);
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA + 1n, 1n, READ)), code(ErrorCode.AlignmentError), "alignment");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, 0n, 1n, READ)), code(ErrorCode.RangeError), "page 0");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, 0x7fff_ffff_f000n, 1n, READ)), code(ErrorCode.RangeError), "last page");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, 0xffff_8000_0000_0000n, 1n, READ)), code(ErrorCode.RangeError), "kernel");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA, 3n, READ)), code(ErrorCode.RangeError), "more than it has");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA, 0n, READ)), code(ErrorCode.RangeError), "nothing");
  checkEqual(u64(mapIn(SLOT_SPACE, SLOT_THREAD, VA, 1n, READ)), code(ErrorCode.InvalidCapability), "no Region");
}

function readOnlyCannotBeWritten(): void {
  newRegion(1n);
  checkEqual(u64(copyTo(FIRST, FIRST + 1, 5n)), 0n, "without write");
  const error = mapIn(SLOT_SPACE, FIRST + 1, VA, 1n, WRITE);
  checkEqual(u64(error), code(ErrorCode.IllegalOperation), "rights no wider than the capability's");
}

function protectOnlyNarrows(): void {
  newRegion(2n);
  mapIn(SLOT_SPACE, FIRST, VA, 2n, WRITE);
  const message = local<Message>();
  message.words[0] = 1n;
  message.words[1] = 1n;
  message.words[2] = READ;
  ownBuffer().sent[0] = FIRST;
  checkEqual(u64(invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceProtect), 3, 1)), 0n, "take writing away");
  checkEqual(rightsAt(VA), 3n, "the first page keeps it");
  checkEqual(rightsAt(VA + 4096n), 1n, "the second has lost it");
  message.words[0] = 1n;
  message.words[1] = 1n;
  message.words[2] = WRITE;
  const error = invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceProtect), 3, 1);
  checkEqual(u64(error), code(ErrorCode.IllegalOperation), "and does not get it back");
}

/** The pool of tables is the space's own: an exhausted one fails, and what was mapped stays. */
function poolRunsOut(): void {
  checkEqual(u64(retype(CapType.AddressSpace, 3n, FIRST + 2)), 0n, "three tables");
  newRegion(1n);
  checkEqual(u64(mapIn(FIRST + 2, FIRST, VA, 1n, READ)), 0n, "takes all three");
  copyTo(FIRST, FIRST + 1, 7n);
  checkEqual(u64(mapIn(FIRST + 2, FIRST + 1, 0x80_0000_0000n, 1n, READ)), code(ErrorCode.NotEnoughMemory), "none left");
  ask(FIRST + 2, Invocation.AddressSpaceUnmap, 0n, 0n, FIRST);
  checkEqual(u64(mapIn(FIRST + 2, FIRST + 1, 0x80_0000_0000n, 1n, READ)), 0n, "empty tables come back");
}

/** A space that is gone leaves capabilities that can be mapped again. */
function deadSpaceLeavesNothing(): void {
  checkEqual(u64(retype(CapType.AddressSpace, 3n, FIRST + 2)), 0n, "space");
  newRegion(1n);
  checkEqual(u64(mapIn(FIRST + 2, FIRST, VA, 1n, READ)), 0n, "map");
  copyTo(FIRST, FIRST + 1, 7n);
  checkEqual(u64(mapIn(FIRST + 2, FIRST + 1, VA + 4096n, 1n, READ)), 0n, "map a copy");
  remove(FIRST + 2);
  checkEqual(u64(ask(SLOT_SPACE, Invocation.AddressSpaceUnmap, 0n, 0n, FIRST)), 0n, "the stale mapping is forgotten");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST, VA, 1n, READ)), 0n, "map here");
  checkEqual(u64(mapIn(SLOT_SPACE, FIRST + 1, VA + 4096n, 1n, READ)), 0n, "and without asking");
  checkEqual(rightsAt(VA + 4096n), 1n, "from its first page on");
}

function longRegionInSteps(): void {
  newRegion(200n);
  const message = local<Message>();
  let done: u64 = 0n;
  while (done < 200n) {
    message.words[0] = VA + done * 4096n;
    message.words[1] = 200n - done;
    message.words[2] = WRITE;
    ownBuffer().sent[0] = FIRST;
    checkEqual(u64(invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceMap), 3, 1)), 0n, "a step");
    if (message.words[0] === 0n) return;
    done += message.words[0];
  }
  store64(VA + 199n * 4096n, 9n);
  revoke(FIRST);
  remove(FIRST);
  checkEqual(rightsAt(VA + 199n * 4096n), 0n, "deleted, and not mapped");
}

const TESTS = 14;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "memory: mapped memory works", run: mappedMemoryWorks },
  { name: "memory: region must be zeroed", run: regionMustBeZeroed },
  { name: "memory: retype can zero", run: retypeCanZero },
  { name: "memory: old contents are gone", run: oldContentsAreGone },
  { name: "memory: unmap ends access", run: unmapEndsAccess },
  { name: "memory: revoke unmaps", run: revokeUnmaps },
  { name: "memory: one mapping per capability", run: oneMappingPerCapability },
  { name: "memory: place must be free", run: placeMustBeFree },
  { name: "memory: map wrong arguments", run: mapWrongArguments },
  { name: "memory: read only cannot be written", run: readOnlyCannotBeWritten },
  { name: "memory: protect only narrows", run: protectOnlyNarrows },
  { name: "memory: pool runs out", run: poolRunsOut },
  { name: "memory: dead space leaves nothing", run: deadSpaceLeavesNothing },
  { name: "memory: long region in steps", run: longRegionInSteps },
];

export function runMemory(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
