/** @unsafe names functions by their addresses */
import { HAS_PORTS } from "@arch/layout";
import { REGISTER_ARGUMENT, REGISTER_COUNT, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE, SLOT_THREAD } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { deviceUntyped } from "../../user/initInfo";
import { detailOf, errorOf, infoWord, invoke, type Message, ownBuffer, systemCall } from "../../user/message";
import {
  ask,
  BUFFERS,
  beginTest,
  checkEqual,
  copyTo,
  doneBy,
  endTest,
  FIRST,
  fails,
  harness,
  makeThread,
  makeWorker,
  PAGE,
  readRegister,
  remove,
  resume,
  retype,
  retypeFrom,
  revoke,
  setOwnPriority,
  startWord,
  startWorker,
  succeeds,
  suspend,
  type TestRow,
  WORKER,
  writeRegister,
} from "./harness";

/** Threads: their registers, what they are made of, and stopping and going on. */

const ENDPOINT = FIRST + 10;
const NOTIFICATION = FIRST + 11;
const CNODE = FIRST + 13;
const REGION = FIRST + 14;
const THREAD = FIRST + 20;
const HIGH = 200n;
const USER_END = 0x7fff_ffff_f000n;
const KERNEL_ADDRESS = 0xffff_8000_0000_0000n;
/** The flags are the register between program counter and stack pointer. */
const REGISTER_FLAGS = REGISTER_PC + 1;
/** Interrupt enable, I/O privilege, nested task, virtual-8086, and what is reserved. */
const FORBIDDEN_X86 = 0xffff_ffff_fff8_7028n;
/** All but the condition flags: exception level, masks, execution state. */
const FORBIDDEN_ARM = 0xffff_ffff_0fff_ffffn;

/** @extern test_userFlags */
declare function userFlags(): u64;
/** NbSend with those flags set; answers what they are then. @extern test_callWithFlags */
declare function callWithFlags(capability: u64, info: u64): u64;
/** @extern test_readTls */
declare function readTls(): u64;

interface Counter extends Struct<"Counter"> {
  count: u64;
  seen: u64;
}
const counter: Counter = zeroed();
const tlsA: FixedArray<u64, 2> = zeroed();
const tlsB: FixedArray<u64, 2> = zeroed();

/** @entry thread_count */
function countOn(): void {
  const message = local<Message>();
  for (;;) {
    counter.count += 1n;
    systemCall(Syscall.Yield, 0, 0, message);
  }
}

/** @entry thread_tls */
function noteTls(): void {
  const message = local<Message>();
  for (;;) {
    counter.seen = readTls();
    invoke(message, THREAD, u32(Invocation.ThreadSuspend), 0, 0);
  }
}

/** Sends from the first slot of a CNode of its own. @entry thread_ownCSpace */
function sendFromOwnCSpace(): void {
  const message = local<Message>();
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.NbSend, 1, 0, message);
  counter.seen = u64(errorOf(message));
  counter.count += 1n;
  for (;;) systemCall(Syscall.Wait, 1, 0, message);
}

function prepare(): void {
  counter.count = 0n;
  counter.seen = 0n;
  setOwnPriority(150n);
}

/** A thread that has been made and nothing else. */
function newThread(): void {
  prepare();
  succeeds(retype(CapType.Thread, 0n, THREAD), "thread");
}

/** The error, and which argument it is about. */
function configure(cnode: u32, space: u32, buffer: u32, offset: u64, code: ErrorCode, argument: u32): void {
  const message = local<Message>();
  ownBuffer().sent[0] = cnode;
  ownBuffer().sent[1] = space;
  ownBuffer().sent[2] = buffer;
  message.words[0] = offset;
  fails(invoke(message, THREAD, u32(Invocation.ThreadConfigure), 1, 3), code, "configure");
  checkEqual(u64(detailOf(message)), u64(argument), "the argument");
}

/** Its memory held the registers of one that is gone. */
function newRegisters(): void {
  newThread();
  for (let i: u32 = 0; i < REGISTER_PC; i++) succeeds(writeRegister(THREAD, i, 0x5ec2e7n + u64(i)), "write");
  succeeds(remove(THREAD), "delete");
  newThread();
  for (let i: u32 = 0; i <= REGISTER_PC; i++) checkEqual(readRegister(THREAD, i), 0n, "zero");
  checkEqual(readRegister(THREAD, REGISTER_SP), 0n, "zero");
}

function registersKeep(): void {
  newThread();
  for (let i: u32 = 0; i <= REGISTER_SP; i++) {
    if (i !== REGISTER_FLAGS) succeeds(writeRegister(THREAD, i, 0x1000n + u64(i)), "write");
  }
  const message = local<Message>();
  for (let i: u32 = 0; i <= REGISTER_SP; i++) {
    if (i === REGISTER_FLAGS) continue;
    checkEqual(readRegister(THREAD, i), 0x1000n + u64(i), "one at a time");
  }
  message.words[0] = u64(REGISTER_ARGUMENT);
  succeeds(invoke(message, THREAD, u32(Invocation.ThreadReadRegisters), 1, 0), "four of them");
  checkEqual(message.words[3], 0x1000n + u64(REGISTER_ARGUMENT) + 3n, "the fourth");
  message.words[0] = u64(REGISTER_SP);
  succeeds(invoke(message, THREAD, u32(Invocation.ThreadReadRegisters), 1, 0), "the last");
  checkEqual(message.info, 1n, "there is no other behind it");
}

function noOtherRegisters(): void {
  newThread();
  const message = local<Message>();
  fails(writeRegister(THREAD, REGISTER_COUNT, 0n), ErrorCode.RangeError, "write");
  message.words[0] = u64(REGISTER_COUNT);
  fails(invoke(message, THREAD, u32(Invocation.ThreadReadRegisters), 1, 0), ErrorCode.RangeError, "read");
  message.words[0] = 0x1_0000_0000n;
  fails(invoke(message, THREAD, u32(Invocation.ThreadReadRegisters), 1, 0), ErrorCode.RangeError, "64 bits of them");
}

/** Nor to one that is not canonical: the return itself would fault in the kernel. */
function programCounterIsUsers(): void {
  newThread();
  fails(writeRegister(THREAD, REGISTER_PC, KERNEL_ADDRESS), ErrorCode.RangeError, "the kernel's");
  fails(writeRegister(THREAD, REGISTER_PC, 0x8000_0000_0000n), ErrorCode.RangeError, "not canonical");
  fails(writeRegister(THREAD, REGISTER_PC, USER_END), ErrorCode.RangeError, "the last page");
  checkEqual(readRegister(THREAD, REGISTER_PC), 0n, "none has changed it (I12)");
  succeeds(writeRegister(THREAD, REGISTER_PC, USER_END - 1n), "the last that is");
}

/** Neither the interrupt flag nor a level can be had by writing the flags. */
function flagsAreUsers(): void {
  newThread();
  const before = readRegister(THREAD, REGISTER_FLAGS);
  succeeds(writeRegister(THREAD, REGISTER_FLAGS, 0xffff_ffff_ffff_ffffn), "write all");
  const forbidden = HAS_PORTS ? FORBIDDEN_X86 : FORBIDDEN_ARM;
  checkEqual(readRegister(THREAD, REGISTER_FLAGS) & forbidden, before & forbidden, "those are as they were");
  succeeds(writeRegister(THREAD, REGISTER_FLAGS, 0n), "write none");
  checkEqual(readRegister(THREAD, REGISTER_FLAGS) & forbidden, before & forbidden, "and cannot be taken away");
}

function runningRegisters(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(countOn), 100n);
  resume(THREAD);
  const pc = readRegister(THREAD, REGISTER_PC);
  fails(writeRegister(THREAD, REGISTER_PC, 0x1000n), ErrorCode.Busy, "ready");
  checkEqual(readRegister(THREAD, REGISTER_PC), pc, "unchanged (I12)");
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  makeWorker(1, HIGH);
  startWorker(1, Syscall.Wait, NOTIFICATION, 0);
  fails(writeRegister(WORKER + 2, REGISTER_PC, 0x1000n), ErrorCode.Busy, "waiting");
}

function resumeTwice(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(countOn), 100n);
  resume(THREAD);
  fails(ask(THREAD, Invocation.ThreadResume, 0n, 0n, 0), ErrorCode.Busy, "ready");
  fails(ask(SLOT_THREAD, Invocation.ThreadResume, 0n, 0n, 0), ErrorCode.Busy, "running");
}

function suspendAndResume(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(countOn), 150n);
  resume(THREAD);
  const message = local<Message>();
  for (let i: u32 = 0; i < 5; i++) systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(counter.count, 5n, "a turn each");
  suspend(THREAD);
  suspend(THREAD);
  for (let i: u32 = 0; i < 5; i++) systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(counter.count, 5n, "none");
  resume(THREAD);
  for (let i: u32 = 0; i < 5; i++) systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(counter.count, 10n, "a turn each");
}

function suspendItself(): void {
  prepare();
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  makeWorker(0, HIGH);
  startWord(0, Syscall.NbSend, NOTIFICATION, 0n);
  checkEqual(doneBy(0), 1n, "it has stopped behind its call");
  startWord(0, Syscall.NbSend, NOTIFICATION, 0n);
  checkEqual(doneBy(0), 2n, "and gone on");
}

/** It is told of in the log: there is no handler. */
function noAddressSpace(): void {
  newThread();
  succeeds(retype(CapType.SchedContext, 0n, THREAD + 1), "context");
  succeeds(ask(THREAD + 1, Invocation.SchedContextBind, 0n, 0n, THREAD), "bind");
  succeeds(ask(THREAD, Invocation.ThreadSetPriority, HIGH, HIGH, 0), "priority");
  succeeds(writeRegister(THREAD, REGISTER_PC, addressOfFunction(countOn)), "program counter");
  resume(THREAD);
  checkEqual(counter.count, 0n, "nothing was executed");
  succeeds(writeRegister(THREAD, REGISTER_PC, 0x1000n), "it is stopped");
}

function configuredOnce(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(countOn), 100n);
  configure(SLOT_CNODE, SLOT_SPACE, BUFFERS, 0n, ErrorCode.DeleteFirst, 0);
}

function configureArguments(): void {
  newThread();
  succeeds(retype(CapType.Region, 1n, REGION), "region");
  configure(SLOT_SPACE, SLOT_SPACE, BUFFERS, 0n, ErrorCode.InvalidCapability, 0);
  configure(SLOT_CNODE, SLOT_CNODE, BUFFERS, 0n, ErrorCode.InvalidCapability, 1);
  configure(SLOT_CNODE, SLOT_SPACE, SLOT_CNODE, 0n, ErrorCode.InvalidCapability, 2);
  configure(SLOT_CNODE, SLOT_SPACE, REGION, 0n, ErrorCode.InvalidCapability, 2);
  configure(SLOT_CNODE, SLOT_SPACE, BUFFERS, 8n, ErrorCode.AlignmentError, 0);
  configure(SLOT_CNODE, SLOT_SPACE, BUFFERS, 2n * PAGE, ErrorCode.RangeError, 0);
  configure(SLOT_CNODE, SLOT_SPACE, BUFFERS, 1n << 40n, ErrorCode.RangeError, 0);
  ownBuffer().sent[0] = SLOT_CNODE;
  ownBuffer().sent[1] = SLOT_SPACE;
  ownBuffer().sent[2] = BUFFERS;
  const message = local<Message>();
  message.words[0] = 1024n;
  succeeds(invoke(message, THREAD, u32(Invocation.ThreadConfigure), 1, 3), "none has done half of it (I12)");
}

/** I2: the kernel writes in it in the holder's name. */
function bufferRights(): void {
  newThread();
  succeeds(copyTo(BUFFERS, REGION, 1n), "to be read");
  configure(SLOT_CNODE, SLOT_SPACE, REGION, 0n, ErrorCode.InvalidCapability, 2);
}

function deviceBuffer(): void {
  newThread();
  const device = deviceUntyped(harness.info, HAS_PORTS ? 0xfed0_0000n : 0x900_0000n);
  succeeds(retypeFrom(device, CapType.Region, 1n, 1, REGION), "device memory");
  configure(SLOT_CNODE, SLOT_SPACE, REGION, 0n, ErrorCode.Policy, 2);
  succeeds(revoke(device), "given back");
}

function ownCSpace(): void {
  prepare();
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(retype(CapType.CNode, 2n, CNODE), "c node");
  succeeds(ask(CNODE, Invocation.CNodeCopy, 1n, 7n, NOTIFICATION), "into its first slot");
  harness.cnode = CNODE;
  makeThread(0, THREAD, addressOfFunction(sendFromOwnCSpace), HIGH);
  resume(THREAD);
  checkEqual(counter.count, 1n, "it ran");
  checkEqual(counter.seen, 0n, "its slot 1 is the notification");
}

function threadPointers(): void {
  prepare();
  tlsA[0] = 0xaaaan;
  tlsB[0] = 0xbbbbn;
  makeThread(0, THREAD, addressOfFunction(noteTls), HIGH);
  succeeds(ask(THREAD, Invocation.ThreadSetTls, addressOf(tlsA), 0n, 0), "its own");
  succeeds(ask(SLOT_THREAD, Invocation.ThreadSetTls, addressOf(tlsB), 0n, 0), "this thread's");
  resume(THREAD);
  checkEqual(counter.seen, 0xaaaan, "its own");
  checkEqual(readTls(), 0xbbbbn, "this thread's");
  succeeds(ask(THREAD, Invocation.ThreadSetTls, addressOf(tlsB), 0n, 0), "another");
  resume(THREAD);
  checkEqual(counter.seen, 0xbbbbn, "from the next time on");
  fails(ask(THREAD, Invocation.ThreadSetTls, KERNEL_ADDRESS, 0n, 0), ErrorCode.RangeError, "not the kernel's");
  succeeds(ask(SLOT_THREAD, Invocation.ThreadSetTls, 0n, 0n, 0), "none");
}

function faultHandlerOnce(): void {
  newThread();
  succeeds(retype(CapType.Endpoint, 2n, ENDPOINT), "endpoint");
  fails(ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, THREAD), ErrorCode.InvalidCapability, "no endpoint");
  succeeds(copyTo(ENDPOINT, FIRST, 1n), "to receive only");
  fails(ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, FIRST), ErrorCode.InvalidCapability, "cannot be sent to");
  succeeds(ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, ENDPOINT), "first");
  fails(ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, ENDPOINT), ErrorCode.DeleteFirst, "second");
}

function manyYield(): void {
  prepare();
  const message = local<Message>();
  for (let i: u32 = 0; i < 8; i++) {
    makeThread(i, THREAD + 2 * i, addressOfFunction(countOn), 150n);
    resume(THREAD + 2 * i);
  }
  for (let round: u64 = 1n; round <= 4n; round += 1n) {
    systemCall(Syscall.Yield, 0, 0, message);
    checkEqual(counter.count, 8n * round, "each of them once");
  }
}

/** I8. */
function deletedWhileReady(): void {
  prepare();
  const message = local<Message>();
  for (let i: u32 = 0; i < 3; i++) {
    makeThread(i, THREAD + 2 * i, addressOfFunction(countOn), 150n);
    resume(THREAD + 2 * i);
  }
  succeeds(remove(THREAD + 2), "the one in the middle");
  systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(counter.count, 2n, "the others have their turn");
}

function lastCapability(): void {
  prepare();
  const message = local<Message>();
  makeThread(0, THREAD, addressOfFunction(countOn), 150n);
  succeeds(copyTo(THREAD, FIRST, 7n), "copy");
  resume(THREAD);
  succeeds(remove(THREAD), "the first");
  systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(counter.count, 1n, "it runs");
  succeeds(remove(FIRST), "the last");
  systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(counter.count, 1n, "it is gone");
}

/** Direction, nested task, alignment checks: a long message is copied as ever, and they are as they were. */
function flagsDoNotLeak(): void {
  prepare();
  succeeds(retype(CapType.Endpoint, 1n, ENDPOINT), "a ring");
  for (let i: u32 = 0; i < 64; i++) ownBuffer().words[i] = 900n + u64(i);
  checkEqual(callWithFlags(u64(ENDPOINT), infoWord(0, 64, 0)), userFlags(), "the flags");
  for (let i: u32 = 0; i < 64; i++) ownBuffer().words[i] = 0n;
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, 0, message);
  checkEqual(message.info, infoWord(0, 64, 0), "the message");
  for (let i: u32 = 4; i < 64; i++) checkEqual(ownBuffer().words[i], 900n + u64(i), "all of it");
}

const TESTS = 21;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "thread: a new thread has no registers of others", run: newRegisters },
  { name: "thread: registers are read as they were written", run: registersKeep },
  { name: "thread: there are no other registers", run: noOtherRegisters },
  { name: "thread: no thread returns to an address that is not a user's", run: programCounterIsUsers },
  { name: "thread: no thread returns with more privilege", run: flagsAreUsers },
  { name: "thread: the registers of one that is not stopped can be read only", run: runningRegisters },
  { name: "thread: only one that is stopped can be resumed", run: resumeTwice },
  { name: "thread: a suspended thread does not run, and goes on where it was", run: suspendAndResume },
  { name: "thread: a thread can suspend itself", run: suspendItself },
  { name: "thread: a thread without address space faults at once", run: noAddressSpace },
  { name: "thread: a thread is configured once", run: configuredOnce },
  { name: "thread: what a thread is made of is checked", run: configureArguments },
  { name: "thread: a buffer must be writable", run: bufferRights },
  { name: "thread: the kernel keeps no buffer in a device", run: deviceBuffer },
  { name: "thread: a thread has a c space of its own", run: ownCSpace },
  { name: "thread: each thread has its own thread pointer", run: threadPointers },
  { name: "thread: a thread has one fault handler", run: faultHandlerOnce },
  { name: "thread: threads of one priority take turns by yielding", run: manyYield },
  { name: "thread: a thread deleted while ready is not chosen", run: deletedWhileReady },
  { name: "thread: a thread lives as long as a capability to it", run: lastCapability },
  { name: "thread: a user's flags are its own, and not the kernel's", run: flagsDoNotLeak },
];

export function runThread(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
