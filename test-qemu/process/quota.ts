/** @unsafe writes memory that it has mapped */
import { SLOT_CNODE, SLOT_SPACE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Syscall } from "../../kernel/syscall/invocation";
import { detailOf, errorOf, infoWord, type Message, systemCall } from "../../user/message";
import { addressSpaceMap, addressSpaceTranslate } from "../../user/stubs/addressSpace";
import { cnodeCopy } from "../../user/stubs/cnode";
import { processAllocateMemoryRegion, processCreateEndpoint, processTerminate } from "../../user/stubs/process";
import { regionAddress, regionZero } from "../../user/stubs/region";
import { ALL, check, checkEqual, freeBytes, PAGE, POOL, remove, settle, WRITABLE } from "./harness";
import { BUDGET_SIZE, createChild, FREE_SLOT, makeNeeds, PROCESS, prepare } from "./making";

/**
 * The spec's AllocateMemoryRegion and CreateEndpoint: what a process's budget gives, with which attributes and policy,
 * and what it refuses, with the argument that is at fault. What is refused takes nothing (I12).
 */

const REGION = FREE_SLOT;
const OTHER = FREE_SLOT + 1;
const ENDPOINT = FREE_SLOT + 2;
const NO_SLOT = 0x1_0000n;
const VA = 0x3000_0000n;

const EXECUTABLE = 1n;
const DEVICE = 0x100n;
const DMA = 0x200n;
const UNCACHED = 0x400n;
const PROTECTED = 0x800n;
const ZEROED = 0x1000n;
const READ_ONLY = 0x2000n;
/** More than the pages of one capability. */
const TOO_LARGE = 0x1000_0000n;

/** Of an Endpoint's policy: badged senders only, no capabilities, the largest message, the share of a badge. */
const BADGED = 1n << 56n;
const NO_CAPS = 2n << 56n;
const WORDS_SHIFT = 48n;
const SHARE_SHIFT = 32n;

/** What AllocateMemoryRegion's and CreateEndpoint's arguments are numbered. */
const OF_SIZE = 0;
const OF_ATTRIBUTES = 1;
const OF_REGION_SLOT = 2;
const OF_ENDPOINT_SLOT = 1;

function allocate(bytes: u64, attributes: u64, slot: u32, message: Message): u32 {
  return processAllocateMemoryRegion(message, PROCESS, bytes, attributes, u64(slot), SLOT_CNODE);
}

function refuses(bytes: u64, attributes: u64, error: ErrorCode, argument: u32, what: Bytes): void {
  const message = local<Message>();
  const before = freeBytes();
  checkEqual(u64(allocate(bytes, attributes, REGION, message)), u64(u32(error)), what);
  checkEqual(u64(detailOf(message)), u64(argument), what);
  checkEqual(freeBytes(), before, what);
}

function refusesEndpoint(policy: u64, error: ErrorCode, what: Bytes): void {
  const message = local<Message>();
  const before = freeBytes();
  const got = processCreateEndpoint(message, PROCESS, policy, u64(ENDPOINT), SLOT_CNODE);
  checkEqual(u64(got), u64(u32(error)), what);
  checkEqual(u64(detailOf(message)), u64(OF_SIZE), what);
  checkEqual(freeBytes(), before, what);
}

function zero(slot: u32): void {
  const message = local<Message>();
  let error: u32 = 0;
  do error = regionZero(message, slot);
  while (error === 0 && message.words[0] !== 0n);
  checkEqual(u64(error), 0n, "zero");
}

function mapOne(slot: u32, rights: u64): u32 {
  const message = local<Message>();
  return addressSpaceMap(message, SLOT_SPACE, VA, 1n, rights, slot);
}

/** Sizes, slots and attributes that there are not. */
function testRefused(): void {
  const message = local<Message>();
  createChild(false);
  refuses(PAGE, EXECUTABLE, ErrorCode.Policy, OF_ATTRIBUTES, "memory to execute");
  refuses(PAGE, EXECUTABLE | DMA, ErrorCode.Policy, OF_ATTRIBUTES, "memory to execute and for devices");
  refuses(PAGE, DEVICE, ErrorCode.InvalidArgument, OF_ATTRIBUTES, "a device's memory");
  refuses(PAGE, ZEROED, ErrorCode.InvalidArgument, OF_ATTRIBUTES, "memory that nobody has zeroed");
  refuses(PAGE, 2n, ErrorCode.InvalidArgument, OF_ATTRIBUTES, "no such attribute");
  refuses(PAGE, 1n << 63n, ErrorCode.InvalidArgument, OF_ATTRIBUTES, "no such attribute either");
  refuses(0n, 0n, ErrorCode.RangeError, OF_SIZE, "no bytes");
  refuses(TOO_LARGE, 0n, ErrorCode.RangeError, OF_SIZE, "too many bytes");
  refuses(~0n, 0n, ErrorCode.RangeError, OF_SIZE, "as many bytes as there are numbers");
  refuses(1n << BUDGET_SIZE, 0n, ErrorCode.NotEnoughMemory, OF_SIZE, "more than the budget");
  const taken = processAllocateMemoryRegion(message, PROCESS, PAGE, 0n, u64(PROCESS), SLOT_CNODE);
  checkEqual(u64(taken), u64(u32(ErrorCode.DeleteFirst)), "a slot that is taken");
  checkEqual(u64(detailOf(message)), u64(OF_REGION_SLOT), "the slot is at fault");
  const nowhere = processAllocateMemoryRegion(message, PROCESS, PAGE, 0n, NO_SLOT, SLOT_CNODE);
  checkEqual(u64(nowhere), u64(u32(ErrorCode.DeleteFirst)), "a slot that is not there");
  const none = processAllocateMemoryRegion(message, PROCESS, PAGE, 0n, u64(REGION), PROCESS);
  checkEqual(u64(none), u64(u32(ErrorCode.InvalidCapability)), "slots of what is no CNode");
  refusesEndpoint(257n, ErrorCode.InvalidArgument, "a ring of 257 messages");
  refusesEndpoint(4n | (5n << SHARE_SHIFT), ErrorCode.InvalidArgument, "a share of more than all");
  refusesEndpoint(65n << WORDS_SHIFT, ErrorCode.InvalidArgument, "messages of 65 words");
  refusesEndpoint(1n << 63n, ErrorCode.InvalidArgument, "no such policy");
  const occupied = processCreateEndpoint(message, PROCESS, 0n, u64(PROCESS), SLOT_CNODE);
  checkEqual(u64(occupied), u64(u32(ErrorCode.DeleteFirst)), "a slot that is taken");
  checkEqual(u64(detailOf(message)), u64(OF_ENDPOINT_SLOT), "the slot is at fault");
  settle();
}

/** Each attribute does what it says. */
function testAttributes(): void {
  const message = local<Message>();
  createChild(false);
  checkEqual(u64(allocate(1n, 0n, REGION, message)), 0n, "a byte takes a page");
  checkEqual(u64(mapOne(REGION, WRITABLE)), u64(u32(ErrorCode.Busy)), "not to be seen before it is zeroed");
  zero(REGION);
  checkEqual(u64(mapOne(REGION, WRITABLE)), 0n, "then it can be mapped");
  store64(VA + PAGE - 8n, 5n);
  checkEqual(u64(regionAddress(message, REGION)), u64(u32(ErrorCode.IllegalOperation)), "where it is nobody is told");
  remove(REGION);
  checkEqual(u64(allocate(PAGE, DMA, REGION, message)), 0n, "memory for devices");
  checkEqual(u64(regionAddress(message, REGION)), 0n, "tells its address");
  remove(REGION);
  checkEqual(u64(allocate(PAGE, READ_ONLY, REGION, message)), 0n, "read-only memory");
  zero(REGION);
  checkEqual(u64(mapOne(REGION, WRITABLE)), u64(u32(ErrorCode.IllegalOperation)), "is not mapped to be written");
  checkEqual(u64(mapOne(REGION, 1n)), 0n, "but to be read");
  addressSpaceTranslate(message, SLOT_SPACE, VA);
  checkEqual(message.words[0], 1n, "and that is what its page says");
  remove(REGION);
  checkEqual(u64(allocate(PAGE, PROTECTED | UNCACHED, REGION, message)), 0n, "protected memory");
  zero(REGION);
  const copy = cnodeCopy(message, SLOT_CNODE, u64(OTHER), ALL, REGION);
  checkEqual(u64(copy), u64(u32(ErrorCode.IllegalOperation)), "has one holder");
  settle();
}

/** Its senders are held to the policy. */
function testPolicy(): void {
  const message = local<Message>();
  createChild(false);
  const policy = 2n | (1n << WORDS_SHIFT) | NO_CAPS;
  checkEqual(u64(processCreateEndpoint(message, PROCESS, policy, u64(ENDPOINT), SLOT_CNODE)), 0n, "an endpoint");
  checkEqual(u64(send(2, 0)), u64(u32(ErrorCode.Policy)), "two words");
  checkEqual(u64(send(1, 1)), u64(u32(ErrorCode.Policy)), "a capability");
  checkEqual(u64(send(1, 0)), 0n, "one word");
  checkEqual(u64(send(1, 0)), 0n, "and another message");
  checkEqual(u64(send(1, 0)), u64(u32(ErrorCode.QueueFull)), "a third");
  remove(ENDPOINT);
  checkEqual(u64(processCreateEndpoint(message, PROCESS, 1n | BADGED, u64(ENDPOINT), SLOT_CNODE)), 0n, "another one");
  checkEqual(u64(send(1, 0)), u64(u32(ErrorCode.Refused)), "a sender without a badge");
  settle();
}

function send(words: u32, caps: u32): u32 {
  const message = local<Message>();
  message.info = infoWord(0, words, caps);
  systemCall(Syscall.NbSend, ENDPOINT, 0, message);
  return errorOf(message);
}

/** The quota is the budget: to the last page, and back with Terminate; without a budget there is none. */
function testQuota(): void {
  const message = local<Message>();
  makeNeeds(POOL, false);
  refuses(PAGE, 0n, ErrorCode.IllegalOperation, 0, "before it is created");
  settle();
  createChild(false);
  const before = freeBytes();
  let pages: u64 = 0n;
  while (allocate(PAGE, 0n, REGION, message) === 0) {
    remove(REGION);
    pages += 1n;
  }
  check(pages > 100n && pages < (1n << BUDGET_SIZE) / PAGE, "some, but not as many as the whole budget has");
  const taken = before - freeBytes();
  check(taken >= pages * PAGE && taken < (pages + 1n) * PAGE, "every page is counted, and what lies before the first");
  checkEqual(u64(allocate(PAGE, 0n, REGION, message)), u64(u32(ErrorCode.NotEnoughMemory)), "no page more");
  let endpoints: u32 = 0;
  while (processCreateEndpoint(message, PROCESS, 0n, u64(ENDPOINT), SLOT_CNODE) === 0) {
    remove(ENDPOINT);
    endpoints++;
  }
  check(endpoints < 64, "nor more endpoints than the rest of a page has");
  const error = processCreateEndpoint(message, PROCESS, 0n, u64(ENDPOINT), SLOT_CNODE);
  checkEqual(u64(error), u64(u32(ErrorCode.NotEnoughMemory)), "no endpoint more");
  prepare();
  checkEqual(u64(processTerminate(message, PROCESS)), 0n, "terminate");
  refuses(PAGE, 0n, ErrorCode.IllegalOperation, 0, "after its end");
  refusesEndpoint(0n, ErrorCode.IllegalOperation, "after its end");
  settle();
}

export function testQuotas(): void {
  testRefused();
  testAttributes();
  testPolicy();
  testQuota();
}
