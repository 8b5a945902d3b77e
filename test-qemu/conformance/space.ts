/** @unsafe reaches what it has mapped */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_IMAGE, SLOT_SPACE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation } from "../../kernel/syscall/invocation";
import { invoke, type Message, ownBuffer } from "../../user/message";
import {
  ask,
  BIG_POOL,
  beginTest,
  check,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  fails,
  mapAt,
  newRegion,
  PAGE,
  remove,
  retype,
  retypeFrom,
  rightsAt,
  succeeds,
  type TestRow,
  zeroAll,
} from "./harness";

/** Address spaces: large pages, tables, attributes, sharing, and identifiers that come round. */

const REGION = FIRST + 10;
const COPY = FIRST + 11;
const OTHER = FIRST + 12;
const SPACE = FIRST + 13;
const CNODE = FIRST + 16;
const VA = 0x4000_0000n;
const LARGE_VA = 0x8000_0000n;
const LARGE_PAGES = 512n;
const LARGE_BYTES = 0x20_0000n;
const LAST_PAGE = 0x7fff_ffff_e000n;
const IDENTIFIERS: u32 = 4096;
const READ = 1n;
const WRITE = 3n;

/** AddressSpace.Map; answers how many pages that was. */
function mapStep(region: u32, va: u64, pages: u64): u64 {
  const message = local<Message>();
  message.words[0] = va;
  message.words[1] = pages;
  message.words[2] = WRITE;
  ownBuffer().sent[0] = region;
  succeeds(invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceMap), 3, 1), "map");
  return message.words[0];
}

/** AddressSpace.Unmap; answers how many pages are left. */
function unmapStep(region: u32): u64 {
  const message = local<Message>();
  ownBuffer().sent[0] = region;
  succeeds(invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceUnmap), 0, 1), "unmap");
  return message.words[0];
}

function protect(region: u32, first: u64, pages: u64, rights: u64): u32 {
  const message = local<Message>();
  message.words[0] = first;
  message.words[1] = pages;
  message.words[2] = rights;
  ownBuffer().sent[0] = region;
  return invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceProtect), 3, 1);
}

/** A Region of `pages` pages from the large pool, zeroed. */
function largeRegion(pages: u64): void {
  succeeds(retypeFrom(BIG_POOL, CapType.Region, pages, 1, REGION), "region");
  zeroAll(REGION);
}

function largePages(): void {
  largeRegion(2n * LARGE_PAGES);
  checkEqual(mapStep(REGION, LARGE_VA, 2n * LARGE_PAGES), LARGE_PAGES, "a whole one");
  checkEqual(mapStep(REGION, LARGE_VA + LARGE_BYTES, LARGE_PAGES), LARGE_PAGES, "and the next");
  store64(LARGE_VA + 2n * LARGE_BYTES - 8n, 5n);
  checkEqual(rightsAt(SLOT_SPACE, LARGE_VA + 2n * LARGE_BYTES - 1n), WRITE, "up to the last byte");
  checkEqual(rightsAt(SLOT_SPACE, LARGE_VA + 2n * LARGE_BYTES), 0n, "and no further");
}

function smallPages(): void {
  largeRegion(LARGE_PAGES);
  checkEqual(mapStep(REGION, LARGE_VA + PAGE, LARGE_PAGES), 256n, "no boundary: 256 of them");
  checkEqual(unmapStep(REGION), 0n, "unmapped");
  checkEqual(mapStep(REGION, LARGE_VA, LARGE_PAGES - 1n), 256n, "not all of it: 256 of them");
}

function unmapLarge(): void {
  largeRegion(LARGE_PAGES);
  mapStep(REGION, LARGE_VA, LARGE_PAGES);
  checkEqual(unmapStep(REGION), 0n, "nothing is left");
  checkEqual(rightsAt(SLOT_SPACE, LARGE_VA), 0n, "neither its first");
  checkEqual(rightsAt(SLOT_SPACE, LARGE_VA + LARGE_BYTES - PAGE), 0n, "nor its last page");
}

function protectLarge(): void {
  largeRegion(LARGE_PAGES);
  mapStep(REGION, LARGE_VA, LARGE_PAGES);
  fails(protect(REGION, 0n, 1n, READ), ErrorCode.AlignmentError, "its first page");
  fails(protect(REGION, 3n, 100n, READ), ErrorCode.AlignmentError, "some in the middle");
  checkEqual(rightsAt(SLOT_SPACE, LARGE_VA), WRITE, "none has changed it (I12)");
  succeeds(protect(REGION, 0n, LARGE_PAGES, READ), "all of it");
  checkEqual(rightsAt(SLOT_SPACE, LARGE_VA), READ, "to be read only");
  checkEqual(rightsAt(SLOT_SPACE, LARGE_VA + LARGE_BYTES - PAGE), READ, "up to the end");
}

/** One page twice in a row is no page of 2 MiB. */
function protectTwins(): void {
  largeRegion(1n);
  succeeds(copyTo(REGION, COPY, 7n), "a copy");
  mapStep(REGION, VA, 1n);
  mapStep(COPY, VA + PAGE, 1n);
  succeeds(protect(REGION, 0n, 1n, READ), "the first");
  checkEqual(rightsAt(SLOT_SPACE, VA), READ, "to be read only");
  checkEqual(rightsAt(SLOT_SPACE, VA + PAGE), WRITE, "its twin is as it was");
}

/** I13: 256 pages a call. */
function longMapping(): void {
  largeRegion(600n);
  let done: u64 = 0n;
  while (done < 600n) done += mapStep(REGION, VA + PAGE + done * PAGE, 600n - done);
  checkEqual(unmapStep(REGION), 344n, "the last 256");
  checkEqual(rightsAt(SLOT_SPACE, VA + PAGE + 344n * PAGE), 0n, "they are gone");
  checkEqual(rightsAt(SLOT_SPACE, VA + PAGE + 343n * PAGE), WRITE, "the one before is there");
  checkEqual(unmapStep(REGION), 88n, "256 more");
  checkEqual(unmapStep(REGION), 0n, "the rest");
}

function crossesTables(): void {
  newRegion(REGION, 8n);
  const va = LARGE_VA - 4n * PAGE;
  checkEqual(mapStep(REGION, va, 8n), 8n, "over a gigabyte's boundary");
  for (let i: u64 = 0n; i < 8n; i += 1n) store64(va + i * PAGE, i);
  for (let i: u64 = 0n; i < 8n; i += 1n) checkEqual(load64(va + i * PAGE), i, "each page is its own");
}

function lastPage(): void {
  newRegion(REGION, 1n);
  succeeds(mapAt(SLOT_SPACE, REGION, LAST_PAGE, 1n, WRITE), "map");
  store64(LAST_PAGE + PAGE - 8n, 3n);
  checkEqual(load64(LAST_PAGE + PAGE - 8n), 3n, "up to its last word");
}

function sharedPage(): void {
  newRegion(REGION, 1n);
  succeeds(copyTo(REGION, COPY, 7n), "copy");
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, WRITE), "map");
  succeeds(mapAt(SLOT_SPACE, COPY, VA + 16n * PAGE, 1n, READ), "map the copy");
  store64(VA, 42n);
  checkEqual(load64(VA + 16n * PAGE), 42n, "the same memory");
  succeeds(remove(REGION), "delete the first");
  checkEqual(rightsAt(SLOT_SPACE, VA), 0n, "its mapping is gone");
  checkEqual(load64(VA + 16n * PAGE), 42n, "the other's is not (I7)");
}

function sharedBetweenSpaces(): void {
  newRegion(REGION, 1n);
  succeeds(copyTo(REGION, COPY, 7n), "copy");
  succeeds(retype(CapType.AddressSpace, 4n, SPACE), "another space");
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, WRITE), "here");
  succeeds(mapAt(SPACE, COPY, VA, 1n, READ), "there, at the same address");
  checkEqual(rightsAt(SLOT_SPACE, VA), WRITE, "each with rights of its own");
  checkEqual(rightsAt(SPACE, VA), READ, "and there");
}

function unmapElsewhere(): void {
  newRegion(REGION, 1n);
  succeeds(retype(CapType.AddressSpace, 4n, SPACE), "another space");
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, WRITE), "here");
  fails(ask(SPACE, Invocation.AddressSpaceUnmap, 0n, 0n, REGION), ErrorCode.InvalidCapability, "not there");
  fails(mapAt(SPACE, REGION, VA, 1n, READ), ErrorCode.DeleteFirst, "nor can it be mapped there");
  checkEqual(rightsAt(SLOT_SPACE, VA), WRITE, "it is still here (I12)");
}

function unmapNothing(): void {
  newRegion(REGION, 1n);
  checkEqual(unmapStep(REGION), 0n, "nothing is left");
}

function translateBeyond(): void {
  const message = local<Message>();
  message.words[0] = LAST_PAGE + PAGE;
  fails(invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceTranslate), 1, 0), ErrorCode.RangeError, "beyond");
}

function protectArguments(): void {
  newRegion(REGION, 4n);
  fails(protect(REGION, 0n, 1n, READ), ErrorCode.InvalidCapability, "not mapped");
  mapStep(REGION, VA, 3n);
  fails(protect(SLOT_IMAGE, 0n, 1n, READ), ErrorCode.InvalidCapability, "an Image");
  fails(protect(REGION, 3n, 1n, READ), ErrorCode.RangeError, "a page that is not mapped");
  fails(protect(REGION, 4n, 1n, READ), ErrorCode.RangeError, "one behind it (I7)");
  fails(protect(REGION, 0xffff_ffff_ffff_fffen, 1n, READ), ErrorCode.RangeError, "one before it (I7)");
  fails(protect(REGION, 0n, 4n, READ), ErrorCode.RangeError, "more than is mapped");
  fails(protect(REGION, 0n, 0n, READ), ErrorCode.RangeError, "none");
  fails(protect(REGION, 0n, 1n, WRITE), ErrorCode.IllegalOperation, "wider");
  for (let i: u64 = 0n; i < 3n; i += 1n) checkEqual(rightsAt(SLOT_SPACE, VA + i * PAGE), WRITE, "unchanged (I12)");
}

/** I5. */
function imageIsNotWritable(): void {
  succeeds(copyTo(SLOT_IMAGE, COPY, 7n), "copy");
  fails(mapAt(SLOT_SPACE, COPY, VA, 1n, WRITE), ErrorCode.Policy, "no right to write");
  succeeds(mapAt(SLOT_SPACE, COPY, VA, 1n, READ), "to be read and executed");
  checkEqual(rightsAt(SLOT_SPACE, VA), READ, "no more");
  checkEqual(load64(VA), load64(0x40_0000n), "the program's text");
}

function zeroInSteps(): void {
  const message = local<Message>();
  succeeds(retype(CapType.Region, 70n, REGION), "region");
  for (let left: u64 = 38n; left > 0n; left = left > 32n ? left - 32n : 0n) {
    succeeds(invoke(message, REGION, u32(Invocation.RegionZero), 0, 0), "zero");
    checkEqual(message.words[0], left, "32 pages a call");
    fails(mapAt(SLOT_SPACE, REGION, VA, 1n, READ), ErrorCode.Busy, "not yet");
  }
  succeeds(invoke(message, REGION, u32(Invocation.RegionZero), 0, 0), "the last");
  checkEqual(message.words[0], 0n, "nothing is left");
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, WRITE), "map");
  store64(VA, 4n);
  succeeds(invoke(message, REGION, u32(Invocation.RegionZero), 0, 0), "once more");
  checkEqual(load64(VA), 4n, "clears nothing any more");
}

/**
 * I7: a capability that was mapped in a space that is gone knows nothing of a later one with the same identifier, and
 * takes nothing from it.
 */
function identifiersComeRound(): void {
  newRegion(REGION, 1n);
  newRegion(OTHER, 1n);
  succeeds(retype(CapType.AddressSpace, 4n, SPACE), "space");
  succeeds(mapAt(SPACE, REGION, VA, 1n, WRITE), "map");
  succeeds(remove(SPACE), "the space ends");
  for (let i: u32 = 0; i < IDENTIFIERS - 2; i++) {
    check(retypeFrom(BIG_POOL, CapType.AddressSpace, 0n, 1, SPACE) === 0, "another");
    check(remove(SPACE) === 0, "and its end");
  }
  for (let i: u32 = 0; i < 4; i++) {
    succeeds(retype(CapType.AddressSpace, 4n, SPACE), "one of these has the identifier again");
    succeeds(ask(SPACE, Invocation.AddressSpaceUnmap, 0n, 0n, OTHER), "of the round before");
    succeeds(mapAt(SPACE, OTHER, VA, 1n, WRITE), "with another page there");
    succeeds(ask(SPACE, Invocation.AddressSpaceUnmap, 0n, 0n, REGION), "the stale mapping is forgotten");
    checkEqual(rightsAt(SPACE, VA), WRITE, "the page is still there");
    succeeds(remove(SPACE), "end");
  }
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, WRITE), "the capability can be mapped anew");
}

function allIdentifiers(): void {
  succeeds(retypeFrom(BIG_POOL, CapType.CNode, 12n, 1, CNODE), "slots");
  const message = local<Message>();
  let made: u32 = 0;
  let error: u32 = 0;
  while (error === 0 && made < IDENTIFIERS) {
    message.words[0] = u64(u32(CapType.AddressSpace));
    message.words[1] = 0n;
    message.words[2] = 1n;
    message.words[3] = u64(made) + 1n;
    ownBuffer().words[4] = 0n;
    ownBuffer().sent[0] = CNODE;
    error = invoke(message, BIG_POOL, u32(Invocation.UntypedRetype), 5, 1);
    if (error === 0) made++;
  }
  fails(error, ErrorCode.NotEnoughMemory, "no more");
  check(made > 4070, "nearly all of the memory and the identifiers");
  succeeds(remove(CNODE), "all of them end");
  succeeds(retype(CapType.AddressSpace, 0n, SPACE), "there are some again");
}

const TESTS = 18;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "space: large pages are used where they fit", run: largePages },
  { name: "space: small pages are used where large ones do not fit", run: smallPages },
  { name: "space: a large page is unmapped at once", run: unmapLarge },
  { name: "space: a large page is protected as a whole", run: protectLarge },
  { name: "space: a page beside itself is protected alone", run: protectTwins },
  { name: "space: a long mapping is made and undone in steps", run: longMapping },
  { name: "space: a mapping crosses tables", run: crossesTables },
  { name: "space: the last page of users can be mapped", run: lastPage },
  { name: "space: two capabilities share a page", run: sharedPage },
  { name: "space: two spaces share a page", run: sharedBetweenSpaces },
  { name: "space: unmap is asked of the right space", run: unmapElsewhere },
  { name: "space: unmapping what is not mapped is no error", run: unmapNothing },
  { name: "space: translate knows no address beyond users", run: translateBeyond },
  { name: "space: protect checks its arguments", run: protectArguments },
  { name: "space: an image is never writable", run: imageIsNotWritable },
  { name: "space: zero goes on where it was", run: zeroInSteps },
  { name: "space: identifiers come round", run: identifiersComeRound },
  { name: "space: there are as many spaces as identifiers", run: allIdentifiers },
];

export function runSpace(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
