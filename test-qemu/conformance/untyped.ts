/** @unsafe reaches what it has mapped */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { detailOf, invoke, type Message, ownBuffer } from "../../user/message";
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
  POOL,
  pollBits,
  remove,
  retype,
  retypeFrom,
  revoke,
  sendWord,
  succeeds,
  type TestRow,
  zeroAll,
} from "./harness";

/** Memory and what is made of it: where objects lie, and when it is whole again. */

const PIECE = FIRST + 10;
const CNODE = FIRST + 12;
const REGION = FIRST + 13;
const MADE = FIRST + 20;
const MANY = 300;
const VA = 0x4000_0000n;
const LARGE_VA = 0x8000_0000n;
const ATTRIBUTE_DMA = 0x200n;

/** Retype with every argument; answers the error, of which `argument` is told. */
function make(untyped: u32, type: u64, size: u64, count: u64, slot: u64, attributes: u64, cnode: u32): u32 {
  const message = local<Message>();
  message.words[0] = type;
  message.words[1] = size;
  message.words[2] = count;
  message.words[3] = slot;
  ownBuffer().words[4] = attributes;
  ownBuffer().sent[0] = cnode;
  const error = invoke(message, untyped, u32(Invocation.UntypedRetype), 5, 1);
  return error | (detailOf(message) << 8);
}

function refuses(type: CapType, size: u64, count: u64, code: ErrorCode, argument: u32): void {
  const error = make(POOL, u64(u32(type)), size, count, u64(MADE), 0n, SLOT_CNODE);
  checkEqual(u64(error), u64(u32(code) | (argument << 8)), "the error, and the argument");
}

/** A memory of 2^size bytes. */
function piece(size: u64): void {
  succeeds(retype(CapType.Untyped, size, PIECE), "memory");
}

function manyAtOnce(): void {
  succeeds(retypeFrom(POOL, CapType.Notification, 0n, 128, MANY), "128 (I13)");
  succeeds(sendWord(Syscall.NbSend, MANY, 0n), "the first works");
  succeeds(sendWord(Syscall.NbSend, MANY + 127, 0n), "and the last");
  checkEqual(pollBits(MANY + 126), 0n, "each is its own");
  checkEqual(pollBits(MANY + 127), 1n, "signalled");
}

/** I12. */
function allOrNothing(): void {
  piece(12n);
  succeeds(retype(CapType.Reply, 0n, MADE + 3), "the fourth slot is taken");
  fails(retypeFrom(PIECE, CapType.Notification, 0n, 4, MADE), ErrorCode.DeleteFirst, "four");
  for (let i: u32 = 0; i < 3; i++) {
    fails(copyTo(MADE + i, FIRST, 7n), ErrorCode.InvalidCapability, "none was made");
  }
  succeeds(retypeFrom(PIECE, CapType.Untyped, 12n, 1, MADE), "and no memory was taken");
}

/** I11: what is left out before a Region is taken too. */
function alignmentCounts(): void {
  piece(13n);
  succeeds(retypeFrom(PIECE, CapType.Reply, 0n, 1, MADE), "64 bytes");
  succeeds(retypeFrom(PIECE, CapType.Region, 1n, 1, MADE + 1), "a page, at the next boundary");
  fails(retypeFrom(PIECE, CapType.Reply, 0n, 1, MADE + 2), ErrorCode.NotEnoughMemory, "nothing is left");
}

function ownAlignment(): void {
  piece(14n);
  succeeds(retypeFrom(PIECE, CapType.Reply, 0n, 1, MADE), "64 bytes");
  succeeds(retypeFrom(PIECE, CapType.Untyped, 13n, 1, MADE + 1), "the second half");
  fails(retypeFrom(PIECE, CapType.Reply, 0n, 1, MADE + 2), ErrorCode.NotEnoughMemory, "the first is passed");
}

function sizeLimits(): void {
  refuses(CapType.Untyped, 5n, 1n, ErrorCode.RangeError, 1);
  refuses(CapType.Untyped, 48n, 1n, ErrorCode.RangeError, 1);
  refuses(CapType.CNode, 0n, 1n, ErrorCode.RangeError, 1);
  refuses(CapType.Region, 0n, 1n, ErrorCode.RangeError, 1);
  refuses(CapType.Region, 65536n, 1n, ErrorCode.RangeError, 1);
  refuses(CapType.AddressSpace, 1024n, 1n, ErrorCode.RangeError, 1);
  succeeds(retype(CapType.Untyped, 6n, MADE), "the smallest");
}

/** I13. */
function clearLimit(): void {
  refuses(CapType.CNode, 12n, 2n, ErrorCode.RangeError, 2);
  refuses(CapType.AddressSpace, 1n, 2n, ErrorCode.NotEnoughMemory, 0);
  refuses(CapType.CNode, 11n, 2n, ErrorCode.RangeError, 2);
  refuses(CapType.CNode, 5n, 65n, ErrorCode.RangeError, 2);
  succeeds(retypeFrom(POOL, CapType.CNode, 4n, 128, MANY), "64 KiB together");
  succeeds(retype(CapType.CNode, 12n, MADE), "the largest c node");
}

function unknownAttributes(): void {
  const region = u64(u32(CapType.Region));
  const wrong = u32(ErrorCode.InvalidArgument) | (4 << 8);
  checkEqual(u64(make(POOL, region, 1n, 1n, u64(MADE), 1n << 40n, SLOT_CNODE)), u64(wrong), "a bit without meaning");
  checkEqual(u64(make(POOL, region, 1n, 1n, u64(MADE), 0x4000n, SLOT_CNODE)), u64(wrong), "above the last one");
  checkEqual(u64(make(POOL, region, 1n, 1n, u64(MADE), 0x100n, SLOT_CNODE)), u64(wrong), "a device's");
  checkEqual(u64(make(POOL, region, 1n, 1n, u64(MADE), ATTRIBUTE_DMA, SLOT_CNODE)), 0n, "one that there is");
}

function slotsDoNotWrap(): void {
  const type = u64(u32(CapType.Reply));
  const taken = u64(u32(ErrorCode.DeleteFirst) | (3 << 8));
  checkEqual(u64(make(POOL, type, 0n, 2n, 0xffff_ffff_ffff_ffffn, 0n, SLOT_CNODE)), taken, "the last number");
  checkEqual(u64(make(POOL, type, 0n, 1n, 0x1_0000_0000n + u64(MADE), 0n, SLOT_CNODE)), taken, "beyond 32 bits");
  checkEqual(u64(make(POOL, type, 0n, 1n, 0n, 0n, SLOT_CNODE)), taken, "slot 0");
}

function destination(): void {
  const type = u64(u32(CapType.Reply));
  const wrong = u64(u32(ErrorCode.InvalidCapability));
  checkEqual(u64(make(POOL, type, 0n, 1n, u64(MADE), 0n, SLOT_SPACE)), wrong, "not a c node");
  checkEqual(u64(make(POOL, type, 0n, 1n, u64(MADE), 0n, 0)), wrong, "nothing");
  succeeds(retype(CapType.CNode, 4n, CNODE), "c node");
  succeeds(ask(SLOT_CNODE, Invocation.CNodeCopy, u64(FIRST), 1n, CNODE), "to be read");
  checkEqual(u64(make(POOL, type, 0n, 1n, 1n, 0n, FIRST)), wrong, "it cannot be filled");
  checkEqual(u64(make(POOL, type, 0n, 1n, 15n, 0n, CNODE)), 0n, "its last slot");
}

/** I1: a new c node is empty whatever lay there. */
function dirtyMemory(): void {
  piece(13n);
  succeeds(retypeFrom(PIECE, CapType.Region, 2n, 1, REGION), "region");
  zeroAll(REGION);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 2n, 3n), "map");
  for (let i: u64 = 0n; i < 1024n; i += 1n) store64(VA + i * 8n, 0xffff_8000_0000_00e7n + (i << 16n));
  succeeds(revoke(PIECE), "memory again");
  succeeds(retypeFrom(PIECE, CapType.CNode, 8n, 1, CNODE), "c node");
  for (let i: u32 = 1; i < 256; i++) {
    check(copyTo((i << 16) | CNODE, FIRST, 7n) === u32(ErrorCode.InvalidCapability), "empty");
  }
}

/** So that they can be mapped in large pages. */
function largeRegion(): void {
  succeeds(retypeFrom(BIG_POOL, CapType.Reply, 0n, 1, MADE), "64 bytes");
  succeeds(retypeFrom(BIG_POOL, CapType.Region, 512n, 1, REGION), "2 MiB");
  zeroAll(REGION);
  const message = local<Message>();
  message.words[0] = LARGE_VA;
  message.words[1] = 512n;
  message.words[2] = 3n;
  ownBuffer().sent[0] = REGION;
  succeeds(invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceMap), 3, 1), "map");
  checkEqual(message.words[0], 512n, "all of it, as one page");
}

/** I3: whole again level by level. */
function nestedUntyped(): void {
  piece(16n);
  succeeds(retypeFrom(PIECE, CapType.Untyped, 14n, 1, MADE), "inner");
  succeeds(retypeFrom(MADE, CapType.Untyped, 12n, 1, MADE + 1), "innermost");
  succeeds(retypeFrom(MADE + 1, CapType.Reply, 0n, 1, MADE + 2), "object");
  succeeds(remove(MADE + 1), "the one between");
  fails(retypeFrom(MADE, CapType.Untyped, 14n, 1, FIRST), ErrorCode.NotEnoughMemory, "the object lives in it");
  succeeds(remove(MADE + 2), "delete");
  succeeds(retypeFrom(MADE, CapType.Untyped, 14n, 1, FIRST), "now it is whole");
}

const TESTS = 12;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "untyped: many objects are made at once", run: manyAtOnce },
  { name: "untyped: all slots are free or nothing is made", run: allOrNothing },
  { name: "untyped: alignment counts", run: alignmentCounts },
  { name: "untyped: an untyped lies at a multiple of its size", run: ownAlignment },
  { name: "untyped: sizes have limits", run: sizeLimits },
  { name: "untyped: one call clears no more than 128 kib", run: clearLimit },
  { name: "untyped: unknown attributes are refused", run: unknownAttributes },
  { name: "untyped: slots are named by 64 bits", run: slotsDoNotWrap },
  { name: "untyped: objects go to a c node", run: destination },
  { name: "untyped: used memory makes no capabilities", run: dirtyMemory },
  { name: "untyped: large regions lie at multiples of 2 mib", run: largeRegion },
  { name: "untyped: memory within memory", run: nestedUntyped },
];

export function runUntyped(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
