/** @unsafe names functions by their addresses, and reaches the threads' message buffers */
import { REGISTER_ARGUMENT, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import {
  SLOT_CNODE,
  SLOT_DATA,
  SLOT_FIRST_UNTYPED,
  SLOT_IMAGE,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_SPACE,
  SLOT_THREAD,
} from "../../kernel/initSlots";
import type { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { ask, mintInto, remove, retype as retypeFrom, revoke, zero } from "../../user/calls";
import {
  type Buffer,
  debugDecimal,
  debugWrite,
  errorOf,
  infoWord,
  invoke,
  type Message,
  systemCall,
} from "../../user/message";
import { addressSpaceMap, addressSpaceTranslate } from "../../user/stubs/addressSpace";
import { threadConfigure, threadReadRegisters } from "../../user/stubs/thread";

export { ask, remove, retype as retypeFrom, revoke } from "../../user/calls";

/**
 * What the conformance tests share: the runner, a pool of memory that is whole again after each test, and threads with
 * stacks and buffers of their own, most of which make one system call that the test has written down for them.
 */

/** A test by name; its name begins with its group's. */
export interface TestRow extends Struct<"TestRow"> {
  name: Bytes;
  run: Test;
}
type Test = () => void;

/** The Untyped of the tests, a larger one, and the first slot that a test may fill. */
export const POOL = 99;
export const BIG_POOL = 98;
export const FIRST = 100;
export const POOL_SIZE = 20;
export const BIG_POOL_SIZE = 25;

export const PAGE = 4096n;
/** The threads' buffers, and where they are mapped. */
export const BUFFERS = 97;
export const BUFFERS_VA = 0x3000_0000n;
const BUFFER_BYTES = 1024n;
/** Where programs begin. */
const PROGRAM_VA = 0x40_0000n;

/** Worker `i` is in slot WORKER + 2 i, its scheduling context in the slot behind. */
export const WORKER = 200;
const THREADS = 8;
const STACK_BYTES = 4096;
type Stack = FixedArray<u64, 512>;
const stacks: FixedArray<Stack, typeof THREADS> = zeroed();

interface Harness extends Struct<"Harness"> {
  /** Where the kernel has put what init has to know. */
  info: u64;
  failures: u32;
  checks: u32;
  passed: u32;
  failed: u32;
  /** The Region of the buffers of threads that are made now. */
  buffers: u32;
  /** The root of their CSpace. */
  cnode: u32;
}

export const harness: Harness = zeroed();

/** The system call that a worker makes, its answer, and how many it has made. */
interface Task extends Struct<"Task"> {
  number: Syscall;
  capability: u32;
  reply: u32;
  done: u32;
  readonly message: Inline<Message>;
}

const tasks: FixedArray<Inline<Task>, typeof THREADS> = zeroed();

/** What all tests draw on. */
export function prepareHarness(info: u64): void {
  harness.info = info;
  succeeds(retypeAnywhere(CapType.Untyped, u64(BIG_POOL_SIZE), BIG_POOL), "large pool");
  succeeds(retypeAnywhere(CapType.Untyped, u64(POOL_SIZE), POOL), "pool");
  succeeds(retypeAnywhere(CapType.Region, 2n, BUFFERS), "buffers");
  zeroAll(BUFFERS);
  succeeds(mapAt(SLOT_SPACE, BUFFERS, BUFFERS_VA, 2n, 3n), "map buffers");
}

/** From the first of init's Untypeds that has room. */
function retypeAnywhere(type: CapType, size: u64, slot: u32): u32 {
  let error: u32 = 0;
  for (let untyped: u32 = SLOT_FIRST_UNTYPED; untyped < BUFFERS; untyped++) {
    error = retypeFrom(untyped, type, size, 1, slot);
    if (error === 0) break;
  }
  return error;
}

/** Answers how many checks have failed before. */
export function beginTest(): u32 {
  harness.buffers = BUFFERS;
  harness.cnode = SLOT_CNODE;
  fillMemory(addressOf(tasks), 0, sizeOf<FixedArray<Inline<Task>, typeof THREADS>>());
  return harness.failures;
}

/** Says how the test went; after each, all memory is where it was. */
export function endTest(name: Bytes, before: u32): void {
  setOwnPriority(255n);
  cleanUp();
  const isOk = harness.failures === before;
  if (isOk) harness.passed++;
  else harness.failed++;
  debugWrite(isOk ? "ok " : "FAILED ");
  debugWrite(name);
  debugWrite("\n");
}

/** Everything that a test has made goes; then the pools take objects of their own size again (I3, I11). */
function cleanUp(): void {
  revoke(SLOT_IRQ_CONTROL);
  revoke(SLOT_IO_PORT);
  revoke(POOL);
  revoke(BIG_POOL);
  revoke(BUFFERS);
  revoke(SLOT_IMAGE);
  revoke(SLOT_DATA);
  succeeds(retype(CapType.Untyped, u64(POOL_SIZE), FIRST), "the pool is whole");
  succeeds(retypeFrom(BIG_POOL, CapType.Untyped, u64(BIG_POOL_SIZE), 1, FIRST + 1), "the large pool is whole");
  remove(FIRST);
  remove(FIRST + 1);
}

/** Counts a failure and says which check it was. */
export function check(condition: boolean, what: Bytes): void {
  harness.checks++;
  if (condition) return;
  harness.failures++;
  debugWrite("  failed: ");
  debugWrite(what);
  debugWrite("\n");
}

/** As check, with the number that was expected and the one that came. */
export function checkEqual(value: u64, expected: u64, what: Bytes): void {
  check(value === expected, what);
  if (value === expected) return;
  debugWrite("    got ");
  debugDecimal(value);
  debugWrite(", expected ");
  debugDecimal(expected);
  debugWrite("\n");
}

/** The operation's error has to be none. */
export function succeeds(error: u32, what: Bytes): void {
  checkEqual(u64(error), 0n, what);
}

/** The operation has to fail, with just this error. */
export function fails(error: u32, code: ErrorCode, what: Bytes): void {
  checkEqual(u64(error), u64(u32(code)), what);
}

export function retype(type: CapType, size: u64, slot: u32): u32 {
  return retypeFrom(POOL, type, size, 1, slot);
}

/** CNode.Mint from slot `from` to slot `to`. */
export function mint(from: u32, to: u32, rights: u64, badge: u64): u32 {
  return mintInto(SLOT_CNODE, from, to, rights, badge);
}

export function copyTo(from: u32, to: u32, rights: u64): u32 {
  return ask(SLOT_CNODE, Invocation.CNodeCopy, u64(to), rights, from);
}

export function moveTo(from: u32, to: u32): u32 {
  return ask(SLOT_CNODE, Invocation.CNodeMove, u64(to), 0n, from);
}

/** AddressSpace.Map; answers the error. */
export function mapAt(space: u32, region: u32, va: u64, pages: u64, rights: u64): u32 {
  const message = local<Message>();
  return addressSpaceMap(message, space, va, pages, rights, region);
}

/** What Translate answers for `va`: 0, 1 read, 3 read and write. */
export function rightsAt(space: u32, va: u64): u64 {
  const message = local<Message>();
  succeeds(addressSpaceTranslate(message, space, va), "translate");
  return message.words[0];
}

/** All of a Region. */
export function zeroAll(region: u32): void {
  succeeds(zero(region), "zero");
}

/** A Region that can be mapped, in `slot`. */
export function newRegion(slot: u32, pages: u64): void {
  succeeds(retype(CapType.Region, pages, slot), "region");
  zeroAll(slot);
}

/** A system call with one word and no capabilities; answers the error. */
export function sendWord(number: Syscall, capability: u32, word: u64): u32 {
  const message = local<Message>();
  message.words[0] = word;
  message.info = infoWord(5, 1, 0);
  systemCall(number, capability, 0, message);
  return errorOf(message);
}

/** The bits of a notification. */
export function pollBits(notification: u32): u64 {
  const message = local<Message>();
  systemCall(Syscall.Poll, notification, 0, message);
  checkEqual(u64(errorOf(message)), 0n, "poll");
  return message.badge;
}

/** Register `index` of a thread. */
export function readRegister(thread: u32, index: u32): u64 {
  const message = local<Message>();
  succeeds(threadReadRegisters(message, thread, u64(index)), "read a register");
  return message.words[0];
}

export function writeRegister(thread: u32, index: u32, value: u64): u32 {
  return ask(thread, Invocation.ThreadWriteRegisters, u64(index), value, 0);
}

export function suspend(slot: u32): void {
  succeeds(ask(slot, Invocation.ThreadSuspend, 0n, 0n, 0), "suspend");
}

/** Thread `index` in slots `slot` (Thread) and `slot + 1` (SchedContext), ready to be resumed at `entry`, an address. */
export function makeThread(index: u32, slot: u32, entry: u64, priority: u64): void {
  makeThreadIn(SLOT_SPACE, index, slot, entry, priority);
}

/** The same in an address space that has the program in it. */
export function makeThreadIn(space: u32, index: u32, slot: u32, entry: u64, priority: u64): void {
  const message = local<Message>();
  succeeds(retype(CapType.Thread, 0n, slot), "retype a thread");
  succeeds(retype(CapType.SchedContext, 0n, slot + 1), "retype a scheduling context");
  const offset = u64(index) * BUFFER_BYTES;
  succeeds(threadConfigure(message, slot, offset, harness.cnode, space, harness.buffers), "configure");
  const top = (addressOf(stacks[index]) + u64(STACK_BYTES) - 8n) & ~15n;
  succeeds(writeRegister(slot, REGISTER_PC, entry), "program counter");
  succeeds(writeRegister(slot, REGISTER_SP, top), "stack pointer");
  succeeds(writeRegister(slot, REGISTER_ARGUMENT, u64(index)), "argument");
  succeeds(ask(slot, Invocation.ThreadSetPriority, priority, priority, 0), "priority");
  succeeds(ask(slot + 1, Invocation.SchedContextBind, 0n, 0n, slot), "bind");
}

/** An address space in slot `space` with the program and its data; their capabilities go to the next two slots. */
export function makeSpace(space: u32): void {
  succeeds(retype(CapType.AddressSpace, 16n, space), "address space");
  succeeds(copyTo(SLOT_IMAGE, space + 1, 7n), "image");
  succeeds(copyTo(SLOT_DATA, space + 2, 7n), "data");
  let va: u64 = PROGRAM_VA;
  while (mapAt(space, space + 1, va, 1n, 1n) === 0) va += PAGE;
  while (rightsAt(SLOT_SPACE, va) !== 3n) va += PAGE;
  while (mapAt(space, space + 2, va, 1n, 3n) === 0) va += PAGE;
}

export function resume(slot: u32): void {
  succeeds(ask(slot, Invocation.ThreadResume, 0n, 0n, 0), "resume");
}

/** This thread's own priority: below it, others run only while it waits. */
export function setOwnPriority(priority: u64): void {
  succeeds(ask(SLOT_THREAD, Invocation.ThreadSetPriority, priority, 255n, 0), "own priority");
}

/** Worker `index`, that makes the system call that its task says each time it is resumed. */
export function makeWorker(index: u32, priority: u64): void {
  makeThread(index, WORKER + 2 * index, addressOfFunction(work), priority);
}

/** Makes its system call, and stops. @entry conformance_work */
function work(index: u64): void {
  const task = tasks[u32(index)];
  const message = local<Message>();
  for (;;) {
    systemCall(task.number, task.capability, task.reply, task.message);
    task.done++;
    invoke(message, WORKER + 2 * u32(index), u32(Invocation.ThreadSuspend), 0, 0);
  }
}

/** Lets the worker make a system call, with the message that it has. */
export function startWorker(index: u32, number: Syscall, capability: u32, reply: u32): void {
  const task = tasks[index];
  task.number = number;
  task.capability = capability;
  task.reply = reply;
  resume(WORKER + 2 * index);
}

/** The same with one word and label 3. */
export function startWord(index: u32, number: Syscall, capability: u32, word: u64): void {
  const message = messageOf(index);
  message.words[0] = word;
  message.info = infoWord(3, 1, 0);
  startWorker(index, number, capability, 0);
}

/** What worker `index` sends, and then what it has got. */
export function messageOf(index: u32): Message {
  return tasks[index].message;
}

/** How many system calls the worker has made, from beginning to end. */
export function doneBy(index: u32): u64 {
  return u64(tasks[index].done);
}

/** Message buffer of thread `index`. */
export function bufferOf(index: u32): Buffer {
  return cast<Buffer>(BUFFERS_VA + u64(index) * BUFFER_BYTES);
}
