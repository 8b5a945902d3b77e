/** @unsafe writes mapped memory */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Syscall } from "../../kernel/syscall/invocation";
import { detailOf, errorOf, infoWord, type Message, ownBuffer, systemCall } from "../../user/message";
import { cnodeCopy, cnodeMove } from "../../user/stubs/cnode";
import { regionAddress } from "../../user/stubs/region";
import { threadConfigure } from "../../user/stubs/thread";
import { untypedRetype } from "../../user/stubs/untyped";
import {
  beginTest,
  bufferOf,
  check,
  checkEqual,
  endTest,
  FIRST,
  fails,
  makeWorker,
  mapAt,
  messageOf,
  newRegion,
  PAGE,
  POOL,
  retype,
  setOwnPriority,
  startWorker,
  succeeds,
  type TestRow,
  zeroAll,
} from "./harness";

/** Attributes of Regions: for devices that write memory themselves, past the caches, and with one holder only. */

const REGION = FIRST + 10;
const OTHER = FIRST + 11;
const ENDPOINT = FIRST + 12;
const CNODE = FIRST + 13;
const THREAD = FIRST + 14;
const DMA = 0x200n;
const UNCACHED = 0x400n;
const PROTECTED = 0x800n;
const VA = 0x4000_0000n;
const HIGH = 200n;

function make(type: CapType, size: u64, slot: u32, attributes: u64, message: Message): u32 {
  return untypedRetype(message, POOL, type, size, 1n, u64(slot), attributes, SLOT_CNODE);
}

function attributesAreOfRegions(): void {
  const message = local<Message>();
  fails(make(CapType.Notification, 0n, REGION, DMA, message), ErrorCode.InvalidArgument, "an object with attributes");
  checkEqual(u64(detailOf(message)), 4n, "the error names them");
  fails(make(CapType.Untyped, 12n, REGION, PROTECTED, message), ErrorCode.InvalidArgument, "memory with attributes");
}

/** Two of them lie one behind the other, each as a whole. */
function dmaMemoryTellsItsAddress(): void {
  const message = local<Message>();
  succeeds(make(CapType.Region, 3n, REGION, DMA, message), "region");
  succeeds(make(CapType.Region, 1n, OTHER, DMA, message), "region");
  succeeds(regionAddress(message, REGION), "address");
  const first = message.words[0];
  check(first !== 0n && first % PAGE === 0n, "a page's address");
  succeeds(regionAddress(message, OTHER), "address");
  checkEqual(message.words[0], first + 3n * PAGE, "the next one's");
}

function otherMemoryTellsNoAddress(): void {
  const message = local<Message>();
  succeeds(make(CapType.Region, 1n, REGION, UNCACHED | PROTECTED, message), "region");
  fails(regionAddress(message, REGION), ErrorCode.IllegalOperation, "address");
}

function uncachedMemoryWorks(): void {
  const message = local<Message>();
  succeeds(make(CapType.Region, 1n, REGION, UNCACHED, message), "region");
  zeroAll(REGION);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, 3n), "map");
  checkEqual(load64(VA), 0n, "it is zero");
  store64(VA, 0x1234n);
  checkEqual(volatileLoad64(VA), 0x1234n, "and holds what is written");
}

/** Copied, it would have two holders; moved, it has one. */
function protectedRegionIsNotShared(): void {
  const message = local<Message>();
  succeeds(make(CapType.Region, 1n, REGION, PROTECTED, message), "region");
  zeroAll(REGION);
  fails(cnodeCopy(message, SLOT_CNODE, u64(OTHER), 7n, REGION), ErrorCode.IllegalOperation, "copy");
  succeeds(cnodeMove(message, SLOT_CNODE, u64(OTHER), REGION), "move");
  succeeds(mapAt(SLOT_SPACE, OTHER, VA, 1n, 3n), "its holder sees it");
}

/** The kernel would hold it, too. */
function protectedRegionIsNoBuffer(): void {
  const message = local<Message>();
  succeeds(make(CapType.Region, 1n, REGION, PROTECTED, message), "region");
  zeroAll(REGION);
  succeeds(retype(CapType.Thread, 0n, THREAD), "thread");
  succeeds(retype(CapType.CNode, 2n, CNODE), "cnode");
  const error = threadConfigure(message, THREAD, 0n, CNODE, SLOT_SPACE, REGION);
  check(error !== 0 && detailOf(message) === 2, "the buffer is refused");
  newRegion(OTHER, 1n);
  succeeds(threadConfigure(message, THREAD, 0n, CNODE, SLOT_SPACE, OTHER), "another one is not");
}

/** In a message it goes from hand to hand. */
function protectedRegionIsHandedOver(): void {
  const message = local<Message>();
  setOwnPriority(150n);
  succeeds(make(CapType.Region, 1n, REGION, PROTECTED, message), "region");
  zeroAll(REGION);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  makeWorker(0, HIGH);
  bufferOf(0).sent[0] = REGION;
  messageOf(0).info = infoWord(0, 0, 1);
  startWorker(0, Syscall.Send, ENDPOINT, 0);
  ownBuffer().slots[0] = OTHER;
  systemCall(Syscall.Recv, ENDPOINT, 0, message);
  checkEqual(u64(errorOf(message)), 0n, "received");
  checkEqual(message.info, infoWord(0, 0, 1), "with the capability");
  succeeds(mapAt(SLOT_SPACE, OTHER, VA, 1n, 3n), "the receiver has it");
  fails(cnodeMove(message, SLOT_CNODE, u64(FIRST), REGION), ErrorCode.InvalidCapability, "the sender has it no more");
}

const TESTS = 7;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "attributes: attributes are of regions", run: attributesAreOfRegions },
  { name: "attributes: dma memory tells its address", run: dmaMemoryTellsItsAddress },
  { name: "attributes: other memory tells no address", run: otherMemoryTellsNoAddress },
  { name: "attributes: uncached memory works", run: uncachedMemoryWorks },
  { name: "attributes: protected region is not shared", run: protectedRegionIsNotShared },
  { name: "attributes: protected region is no buffer", run: protectedRegionIsNoBuffer },
  { name: "attributes: protected region is handed over", run: protectedRegionIsHandedOver },
];

export function runAttributes(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
