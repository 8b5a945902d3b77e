/** @unsafe names functions by their addresses, and reads what it has mapped */
import { REGISTER_ARGUMENT, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { FaultKind } from "../../kernel/fault/faultKind";
import { SLOT_SPACE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { errorOf, infoWord, invoke, type Message, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  checkEqual,
  endTest,
  FIRST,
  fails,
  makeThread,
  mapAt,
  mint,
  moveTo,
  newRegion,
  readRegister,
  remove,
  resume,
  retype,
  revoke,
  setOwnPriority,
  succeeds,
  suspend,
  type TestRow,
  writeRegister,
} from "./harness";

/** What a fault handler is told, and what its answer does. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const OTHER_REPLY = FIRST + 12;
const HANDLER = FIRST + 13;
const REGION = FIRST + 14;
const THREAD = FIRST + 20;
const HIGH = 200n;
const VA = 0x4000_0000n;
/** From what one thread loads to what the next one does. */
const APART = 64n;

interface Loaded extends Struct<"Loaded"> {
  value: u64;
  done: u64;
}
const loaded: Loaded = zeroed();

/** Loads from VA, plus the argument. @entry handler_load */
function load(offset: u64): void {
  const message = local<Message>();
  for (;;) {
    loaded.value = volatileLoad64(valueBarrier64(VA + offset));
    loaded.done += 1n;
    invoke(message, THREAD + 2 * u32(offset / APART), u32(Invocation.ThreadSuspend), 0, 0);
  }
}

function prepare(threads: u32): void {
  loaded.done = 0n;
  loaded.value = 0n;
  setOwnPriority(150n);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  succeeds(retype(CapType.Reply, 0n, REPLY), "reply");
  succeeds(retype(CapType.Reply, 0n, OTHER_REPLY), "reply");
  for (let i: u32 = 0; i < threads; i++) {
    succeeds(mint(ENDPOINT, HANDLER, 7n, u64(i) + 1n), "badge");
    makeThread(i, THREAD + 2 * i, addressOfFunction(load), HIGH);
    succeeds(writeRegister(THREAD + 2 * i, REGISTER_ARGUMENT, APART * u64(i)), "its address");
    succeeds(ask(THREAD + 2 * i, Invocation.ThreadSetFaultHandler, 0n, 0n, HANDLER), "handler");
    succeeds(moveTo(HANDLER, HANDLER + 100 + i), "keep it");
  }
}

function receive(reply: u32, message: Message): void {
  systemCall(Syscall.NbRecv, ENDPOINT, reply, message);
  succeeds(errorOf(message), "a fault has come");
}

function answer(reply: u32, label: u32): void {
  const message = local<Message>();
  message.info = infoWord(label, 0, 0);
  systemCall(Syscall.Reply, 0, reply, message);
  succeeds(errorOf(message), "answer");
}

function checkNone(): void {
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, OTHER_REPLY, message);
  fails(errorOf(message), ErrorCode.Busy, "no fault has come");
}

function told(): void {
  prepare(1);
  resume(THREAD);
  const message = local<Message>();
  receive(REPLY, message);
  checkEqual(message.info, infoWord(0, 4, 0), "four words, label 0");
  checkEqual(message.badge, 1n, "whose");
  checkEqual(message.words[0], u64(u32(FaultKind.Read)), "kind");
  checkEqual(message.words[1], VA, "address");
  checkEqual(message.words[2], readRegister(THREAD, REGISTER_PC), "program counter");
  checkEqual(message.words[3], readRegister(THREAD, REGISTER_SP), "stack pointer");
}

/** Memory on demand. */
function onDemand(): void {
  prepare(1);
  resume(THREAD);
  const message = local<Message>();
  receive(REPLY, message);
  newRegion(REGION, 1n);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, 3n), "map");
  store64(VA, 123n);
  answer(REPLY, 0);
  checkEqual(loaded.done, 1n, "it has gone on");
  checkEqual(loaded.value, 123n, "with what is there now");
}

function comesAgain(): void {
  prepare(1);
  resume(THREAD);
  const message = local<Message>();
  for (let i: u32 = 0; i < 3; i++) {
    receive(REPLY, message);
    checkEqual(message.words[1], VA, "the same");
    answer(REPLY, 0);
  }
  checkEqual(loaded.done, 0n, "it is where it was");
}

function inOrder(): void {
  prepare(3);
  const message = local<Message>();
  for (let i: u32 = 0; i < 3; i++) resume(THREAD + 2 * i);
  for (let i: u32 = 0; i < 3; i++) {
    receive(REPLY, message);
    checkEqual(message.words[1], VA + APART * u64(i), "its address");
    checkEqual(message.badge, u64(i) + 1n, "its badge");
    answer(REPLY, 1);
  }
  checkNone();
}

function sideBySide(): void {
  prepare(2);
  resume(THREAD);
  resume(THREAD + 2);
  const message = local<Message>();
  receive(REPLY, message);
  receive(OTHER_REPLY, message);
  newRegion(REGION, 1n);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, 3n), "map");
  answer(OTHER_REPLY, 0);
  checkEqual(loaded.done, 1n, "the second goes on");
  answer(REPLY, 0);
  checkEqual(loaded.done, 2n, "then the first");
}

/** I10: and it does not take an error for an answer. */
function destroyedReply(): void {
  prepare(1);
  resume(THREAD);
  const message = local<Message>();
  receive(REPLY, message);
  const argument = readRegister(THREAD, REGISTER_ARGUMENT);
  succeeds(remove(REPLY), "delete");
  checkEqual(readRegister(THREAD, REGISTER_ARGUMENT), argument, "its registers are its own");
  resume(THREAD);
  receive(OTHER_REPLY, message);
  checkEqual(message.words[1], VA, "it faults anew");
}

function endedHandler(): void {
  prepare(1);
  resume(THREAD);
  succeeds(remove(HANDLER + 100), "delete");
  succeeds(revoke(ENDPOINT), "what the thread holds");
  succeeds(remove(ENDPOINT), "and the endpoint");
  checkEqual(loaded.done, 0n, "it does not go on");
  newRegion(REGION, 1n);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, 3n), "map");
  resume(THREAD);
  checkEqual(loaded.done, 1n, "until somebody says so");
}

function secondAnswer(): void {
  prepare(1);
  resume(THREAD);
  const message = local<Message>();
  receive(REPLY, message);
  answer(REPLY, 1);
  answer(REPLY, 0);
  succeeds(writeRegister(THREAD, REGISTER_ARGUMENT, 0n), "it is stopped");
  checkNone();
}

function suspendedFault(): void {
  prepare(1);
  resume(THREAD);
  const message = local<Message>();
  receive(REPLY, message);
  suspend(THREAD);
  answer(REPLY, 0);
  checkNone();
  resume(THREAD);
  receive(REPLY, message);
  checkEqual(message.words[1], VA, "it faults when it goes on");
}

function suspendedInQueue(): void {
  prepare(2);
  resume(THREAD);
  resume(THREAD + 2);
  suspend(THREAD);
  const message = local<Message>();
  receive(REPLY, message);
  checkEqual(message.words[1], VA + APART, "the other's");
  checkNone();
}

function deletedThread(): void {
  prepare(2);
  resume(THREAD);
  const message = local<Message>();
  receive(REPLY, message);
  succeeds(remove(THREAD), "delete");
  resume(THREAD + 2);
  receive(REPLY, message);
  checkEqual(message.words[1], VA + APART, "the Reply is free for the next");
}

/** The thread has not called: its registers stay. */
function registersStay(): void {
  prepare(1);
  newRegion(REGION, 1n);
  resume(THREAD);
  const message = local<Message>();
  receive(REPLY, message);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, 3n), "map");
  store64(VA, 9n);
  for (let i: u32 = 0; i < 4; i++) message.words[i] = 0xdead_beefn;
  message.info = infoWord(0, 4, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  checkEqual(loaded.value, 9n, "it has loaded from where it wanted to");
}

const TESTS = 12;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "handler: it is told kind, address and registers", run: told },
  { name: "handler: it mends the cause and the access is made", run: onDemand },
  { name: "handler: an unmended fault comes again", run: comesAgain },
  { name: "handler: faults wait for the handler in order", run: inOrder },
  { name: "handler: two faults can be served side by side", run: sideBySide },
  { name: "handler: a destroyed reply leaves the thread stopped", run: destroyedReply },
  { name: "handler: a handler that ends leaves the thread stopped", run: endedHandler },
  { name: "handler: a second answer does nothing", run: secondAnswer },
  { name: "handler: a suspended fault is not answered", run: suspendedFault },
  { name: "handler: a fault that waits can be suspended", run: suspendedInQueue },
  { name: "handler: a deleted thread leaves its fault", run: deletedThread },
  { name: "handler: an answer's words are not the thread's", run: registersStay },
];

export function runHandler(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
