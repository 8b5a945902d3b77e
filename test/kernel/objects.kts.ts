/**
 * @unit O2
 * @unsafe looks at the kernel's objects behind their capabilities
 */
import { wordOf } from "@arch/userFrame";
import { CapType, rightsIn } from "../../kernel/cap/capability";
import { firstChild, isFinal, isNull, levelOf, objectOf, type Slot, slotAt, typeOf } from "../../kernel/cap/slot";
import { SLOT_CNODE, SLOT_SCHED_CONTROL, SLOT_SPACE, SLOT_THREAD } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import type { AddressSpace } from "../../kernel/object/addressSpace";
import { type Endpoint, EndpointState } from "../../kernel/object/endpoint";
import type { Notification } from "../../kernel/object/notification";
import { type Mapping, readMapping } from "../../kernel/object/region";
import type { Reply } from "../../kernel/object/reply";
import type { SchedContext } from "../../kernel/object/schedContext";
import { type Thread, ThreadState } from "../../kernel/object/thread";
import type { Timer } from "../../kernel/object/timer";
import { Sink, setSink, writeText } from "../../kernel/output";
import { cpu } from "../../kernel/sched/cpu";
import { Syscall } from "../../kernel/syscall/invocation";
import { SLOT_POOL } from "../../test-qemu/script/world";
import { copyInto, copyWith, mintInto, moveInto, remove, retype, revoke, signal, zero } from "../../user/calls";
import { infoWord, type Message, systemCall } from "../../user/message";
import { addressSpaceMap, addressSpaceTranslate, addressSpaceUnmap } from "../../user/stubs/addressSpace";
import { cnodeRotate } from "../../user/stubs/cnode";
import { schedContextBind, schedContextUnbind } from "../../user/stubs/schedContext";
import { schedControlConfigure } from "../../user/stubs/schedControl";
import { threadConfigure, threadResume, threadSetPriority } from "../../user/stubs/thread";
import { timerArm, timerCancel, timerNow } from "../../user/stubs/timer";
import { boot, bootWorld, mapMemory } from "./boot.kts";

/**
 * Each kind of object by itself: made by system calls of the keeper, and looked at where the kernel keeps it. The
 * invariants are checked after every call. objects.test.ts gives each test a machine of its own.
 */

interface TestRow extends Struct<"TestRow"> {
  name: Bytes;
  run: Test;
}
type Test = () => void;

/** The keeper's slots: what a test makes, and what the worker is made of. */
const FIRST = 20;
const WORKER = 40;
const CONTEXT = 41;
const BUFFERS = 42;

const ALL = 7n;
const READ = 1n;
const PAGE = 4096n;
const WORKER_PRIORITY = 100n;
/** Of four places, two for each badge. */
const RING_POLICY = 0x2_0000_0004n;
const WORD = 42n;
const BADGE = 6n;

/** Unlike `assert` it does not tell tsc what the kernel's fields are: the next call changes them. */
function check(condition: boolean, what: Bytes): void {
  if (condition) return;
  setSink(Sink.Console);
  writeText(what);
  panic("a check has failed");
}

function must(error: u32): void {
  check(error === 0, "the call goes through");
}

function fails(error: u32, code: ErrorCode): void {
  check(error === u32(code), "the call fails as it should");
}

function make(type: CapType, size: u64, slot: u32): u64 {
  must(retype(SLOT_POOL, type, size, 1, slot));
  return objectOf(slotOf(slot));
}

/** Of the keeper's. */
function slotOf(index: u32): Slot {
  return slotAt(boot.root, index);
}

function watermark(): u64 {
  return slotOf(SLOT_POOL).data;
}

// ---- capabilities and memory ----

function cnodeIsEmpty(): void {
  const base = make(CapType.CNode, 3n, FIRST);
  check(slotOf(FIRST).data === 8n, "2^3 slots");
  for (let i: u32 = 0; i < 8; i++) check(isNull(slotAt(base, i)), "each is null");
}

function capabilitiesMove(): void {
  const object = make(CapType.Notification, 0n, FIRST);
  must(moveInto(SLOT_CNODE, FIRST, FIRST + 1));
  check(isNull(slotOf(FIRST)) && objectOf(slotOf(FIRST + 1)) === object, "it is there, and no longer here");
  fails(moveInto(SLOT_CNODE, FIRST + 1, SLOT_CNODE), ErrorCode.DeleteFirst);
  const other = make(CapType.Reply, 0n, FIRST);
  const message = local<Message>();
  must(cnodeRotate(message, SLOT_CNODE, u64(FIRST), u64(FIRST + 1), u64(FIRST + 2)));
  check(objectOf(slotOf(FIRST + 1)) === other && objectOf(slotOf(FIRST + 2)) === object, "each is one further");
  check(isNull(slotOf(FIRST)), "the first is empty");
}

function copiesDescend(): void {
  make(CapType.Endpoint, 0n, FIRST);
  must(copyWith(SLOT_CNODE, FIRST, FIRST + 1, READ));
  must(copyWith(SLOT_CNODE, FIRST + 1, FIRST + 2, ALL));
  const child = slotOf(FIRST + 1);
  const grandchild = slotOf(FIRST + 2);
  check(levelOf(child) === levelOf(slotOf(FIRST)) + 1 && levelOf(grandchild) === levelOf(child) + 1, "levels grow");
  check(rightsIn(slotOf(FIRST).word) === ALL && rightsIn(grandchild.word) === READ, "rights do not");
  check(firstChild(slotOf(FIRST)) === child && firstChild(child) === grandchild, "each below its source");
  check(firstChild(grandchild) === null, "the last one has no child");
}

function revokeTakesWhatIsBelow(): void {
  make(CapType.Endpoint, 0n, FIRST);
  for (let i: u32 = 0; i < 4; i++) must(copyInto(SLOT_CNODE, FIRST + i, FIRST + i + 1));
  must(revoke(FIRST + 1));
  check(!isNull(slotOf(FIRST)) && !isNull(slotOf(FIRST + 1)), "it stays, and what it comes from");
  for (let i: u32 = 2; i < 5; i++) check(isNull(slotOf(FIRST + i)), "no descendant does");
  must(remove(FIRST + 1));
  check(isFinal(slotOf(FIRST)), "now it is the only one");
}

function untypedCarves(): void {
  const before = watermark();
  const notification = make(CapType.Notification, 0n, FIRST);
  const region = make(CapType.Region, 2n, FIRST + 1);
  check(watermark() % PAGE === 0n && watermark() >= before + 2n * PAGE, "pages begin at pages");
  check(region !== notification, "one behind the other");
  must(remove(FIRST));
  check(watermark() >= before + 2n * PAGE, "as long as a child is left, nothing is given back");
  must(remove(FIRST + 1));
  check(watermark() === 0n && firstChild(slotOf(SLOT_POOL)) === null, "then all is");
}

function untypedRefuses(): void {
  must(retype(SLOT_POOL, CapType.Untyped, 13n, 1, FIRST));
  fails(retype(FIRST, CapType.Region, 3n, 1, FIRST + 1), ErrorCode.NotEnoughMemory);
  check(isNull(slotOf(FIRST + 1)) && slotOf(FIRST).data === 0n, "nothing has changed (I12)");
  must(retype(FIRST, CapType.Region, 2n, 1, FIRST + 1));
  check(slotOf(FIRST).data === 2n * PAGE, "it is full");
}

// ---- threads, and where they meet ----

/** A thread that is more urgent than the keeper from then on, and runs until it waits. */
function startWorker(): Thread {
  const message = local<Message>();
  must(retype(SLOT_POOL, CapType.Region, 1n, 1, BUFFERS));
  must(zero(BUFFERS));
  const thread = cast<Thread>(make(CapType.Thread, 0n, WORKER));
  check(thread.state === ThreadState.Inactive && thread.schedContext === null, "a new thread does not run");
  make(CapType.SchedContext, 0n, CONTEXT);
  must(threadConfigure(message, WORKER, 0n, SLOT_CNODE, SLOT_SPACE, BUFFERS));
  must(threadSetPriority(message, WORKER, WORKER_PRIORITY, WORKER_PRIORITY));
  must(schedContextBind(message, CONTEXT, WORKER));
  must(threadResume(message, WORKER));
  check(thread.state === ThreadState.Ready && cpu.current === boot.keeper, "it is ready, but less urgent");
  must(threadSetPriority(message, SLOT_THREAD, 1n, ALL));
  check(thread.state === ThreadState.Running && cpu.current === thread, "now it runs");
  return thread;
}

/** A system call of the thread that runs, with one word. */
function say(number: Syscall, capability: u32, reply: u32): void {
  const message = local<Message>();
  message.words[0] = WORD;
  message.info = infoWord(0, 1, 0);
  systemCall(number, capability, reply, message);
}

function receiverWaits(): void {
  const endpoint = cast<Endpoint>(make(CapType.Endpoint, 0n, FIRST));
  check(endpoint.state === EndpointState.Idle && endpoint.waiters.head === null, "nobody is there (E1)");
  const worker = startWorker();
  say(Syscall.Recv, FIRST, 0);
  check(endpoint.state === EndpointState.Receiving && endpoint.waiters.head === worker, "the worker waits (E2)");
  check(worker.state === ThreadState.Receiving && worker.endpoint === endpoint, "and says where");
  say(Syscall.Send, FIRST, 0);
  check(endpoint.state === EndpointState.Idle && endpoint.waiters.head === null, "they have met");
  check(cpu.current === worker && wordOf(worker.frame, 0) === WORD, "it has the word, and runs");
}

function senderWaits(): void {
  const endpoint = cast<Endpoint>(make(CapType.Endpoint, 0n, FIRST));
  const worker = startWorker();
  say(Syscall.Send, FIRST, 0);
  check(endpoint.state === EndpointState.Sending && endpoint.waiters.head === worker, "the worker waits (E2)");
  check(worker.state === ThreadState.Sending && worker.endpoint === endpoint, "and says where");
  const keeper = cpu.current;
  check(keeper === boot.keeper, "the keeper runs");
  say(Syscall.Recv, FIRST, 0);
  check(endpoint.state === EndpointState.Idle && wordOf(keeper.frame, 0) === WORD, "they have met");
  check(worker.state === ThreadState.Running && worker.endpoint === null, "the worker goes on");
}

function ringKeeps(): void {
  const endpoint = cast<Endpoint>(make(CapType.Endpoint, RING_POLICY, FIRST));
  check(endpoint.depth === 4 && endpoint.share === 2, "as its policy says");
  say(Syscall.NbSend, FIRST, 0);
  say(Syscall.NbSend, FIRST, 0);
  check(endpoint.state === EndpointState.Sending && endpoint.used === 2, "two messages wait, and nobody with them");
  check(endpoint.waiters.head === null, "for nobody");
  const message = local<Message>();
  message.info = infoWord(0, 1, 0);
  systemCall(Syscall.NbSend, FIRST, 0, message);
  check(endpoint.used === 2, "one badge has no more than its share (G2)");
  say(Syscall.NbRecv, FIRST, 0);
  say(Syscall.NbRecv, FIRST, 0);
  check(endpoint.state === EndpointState.Idle && endpoint.used === 0, "both have been received");
}

function replyTies(): void {
  make(CapType.Endpoint, 0n, FIRST);
  const reply = cast<Reply>(make(CapType.Reply, 0n, FIRST + 1));
  const worker = startWorker();
  say(Syscall.Call, FIRST, 0);
  say(Syscall.Recv, FIRST, FIRST + 1);
  check(worker.state === ThreadState.AwaitingReply, "the caller waits for its answer");
  check(reply.caller === worker && worker.reply === reply, "they name each other (R1)");
  say(Syscall.Reply, 0, FIRST + 1);
  check(reply.caller === null && worker.reply === null, "and nobody any more");
  check(cpu.current === worker && wordOf(worker.frame, 0) === WORD, "the caller has its answer, and runs");
}

function notificationKeepsBits(): void {
  const notification = cast<Notification>(make(CapType.Notification, 0n, FIRST));
  must(mintInto(SLOT_CNODE, FIRST, FIRST + 1, ALL, BADGE));
  must(signal(FIRST));
  must(signal(FIRST + 1));
  check(notification.bits === (BADGE | 1n), "bits add up");
  say(Syscall.Poll, FIRST, 0);
  check(notification.bits === 0n, "and are taken together");
}

function notificationWakes(): void {
  const notification = cast<Notification>(make(CapType.Notification, 0n, FIRST));
  const worker = startWorker();
  say(Syscall.Wait, FIRST, 0);
  check(worker.state === ThreadState.Waiting && notification.waiters.head === worker, "it waits");
  check(worker.notification === notification, "and says for what (T1)");
  signal(FIRST);
  check(worker.state === ThreadState.Running && notification.waiters.head === null, "the signal wakes it");
  check(notification.bits === 0n, "and is not kept (N1)");
}

// ---- time and space ----

function contextBinds(): void {
  const message = local<Message>();
  const thread = cast<Thread>(make(CapType.Thread, 0n, WORKER));
  const context = cast<SchedContext>(make(CapType.SchedContext, 0n, CONTEXT));
  check(context.thread === null && context.budget === 0n, "nobody's, and without a limit");
  must(schedContextBind(message, CONTEXT, WORKER));
  check(context.thread === thread && thread.schedContext === context, "they name each other (C1)");
  fails(schedContextBind(message, CONTEXT, WORKER), ErrorCode.DeleteFirst);
  must(schedControlConfigure(message, SLOT_SCHED_CONTROL, 20_000n, 100_000n, CONTEXT));
  check(context.budget !== 0n && context.remaining === context.budget, "the budget is full");
  check(context.period > context.budget && context.thread === thread, "and the thread's");
  must(schedContextUnbind(message, CONTEXT));
  check(context.thread === null && thread.schedContext === null, "nobody's again");
}

function timerArms(): void {
  const message = local<Message>();
  const timer = cast<Timer>(make(CapType.Timer, 0n, FIRST));
  make(CapType.Notification, 0n, FIRST + 1);
  must(timerNow(message, FIRST));
  must(timerArm(message, FIRST, message.words[0] + 1_000_000_000n, FIRST + 1));
  check(timer.node.isArmed && typeOf(timer.target) === CapType.Notification, "it knows whom to signal (T1)");
  must(timerCancel(message, FIRST));
  check(!timer.node.isArmed && isNull(timer.target), "and forgets it");
}

function spaceTakesTables(): void {
  const message = local<Message>();
  const space = cast<AddressSpace>(make(CapType.AddressSpace, 4n, FIRST));
  check(space.freeCount === 4, "all frames are free");
  must(retype(SLOT_POOL, CapType.Region, 2n, 1, FIRST + 1));
  fails(addressSpaceMap(message, FIRST, 0x40_0000n, 2n, ALL, FIRST + 1), ErrorCode.Busy);
  must(zero(FIRST + 1));
  must(addressSpaceMap(message, FIRST, 0x40_0000n, 2n, ALL, FIRST + 1));
  check(space.freeCount === 1, "a table of each level below the root");
  const mapping = local<Mapping>();
  readMapping(slotOf(FIRST + 1), mapping);
  check(mapping.space === space.id && mapping.start === 0x40_0000n && mapping.count === 2, "the slot knows it (I7)");
  must(addressSpaceTranslate(message, FIRST, 0x40_1000n));
  check(message.words[0] === 3n, "to be read and written");
  must(addressSpaceUnmap(message, FIRST, FIRST + 1));
  check(space.freeCount === 4 && slotOf(FIRST + 1).data === 0n, "the tables are back in the pool");
  must(addressSpaceTranslate(message, FIRST, 0x40_1000n));
  check(message.words[0] === 0n, "nothing is there any more");
}

// ---- the checker itself ----

function brokenLinkIsNoticed(): void {
  make(CapType.Endpoint, 0n, FIRST);
  must(copyInto(SLOT_CNODE, FIRST, FIRST + 1));
  slotOf(FIRST + 1).word |= 0xe0n;
  slotOf(FIRST).word &= ~0xe0n;
  must(remove(FIRST + 2));
}

const TESTS = 15;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "CNode: 2^radix null slots", run: cnodeIsEmpty },
  { name: "CNode: Move and Rotate", run: capabilitiesMove },
  { name: "derivation: a copy is below its source, with no more rights", run: copiesDescend },
  { name: "derivation: Revoke takes what is below", run: revokeTakesWhatIsBelow },
  { name: "Untyped: the watermark", run: untypedCarves },
  { name: "Untyped: what has no room changes nothing", run: untypedRefuses },
  { name: "Endpoint: a receiver waits", run: receiverWaits },
  { name: "Endpoint: a sender waits", run: senderWaits },
  { name: "Endpoint: a ring keeps messages", run: ringKeeps },
  { name: "Reply: names its caller", run: replyTies },
  { name: "Notification: keeps bits", run: notificationKeepsBits },
  { name: "Notification: wakes a waiter", run: notificationWakes },
  { name: "SchedContext: Bind, Configure, Unbind", run: contextBinds },
  { name: "Timer: Arm, Cancel", run: timerArms },
  { name: "AddressSpace: takes tables from its pool, and gives them back", run: spaceTakesTables },
];

/** @entry objects_run */
export function run(test: u32): void {
  mapMemory();
  bootWorld("invariants=1");
  tests[test].run();
}

/** What the checker has to notice. @entry objects_break */
export function runBroken(): void {
  mapMemory();
  bootWorld("invariants=1");
  brokenLinkIsNoticed();
}
