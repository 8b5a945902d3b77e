/** @unsafe names functions by their addresses */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_THREAD } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { detailOf, errorOf, infoWord, type Message, ownBuffer, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  bufferOf,
  check,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  makeThread,
  mint,
  remove,
  resume,
  retype,
  setOwnPriority,
  type TestRow,
} from "./harness";

/** Endpoints, notifications, replies: messages, badges, capabilities, and what becomes of a broken call. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const NOTIFICATION = FIRST + 12;
const CLIENT = FIRST + 13;
const THREAD = FIRST + 20;

const HIGH = 200n;

interface Seen extends Struct<"Seen"> {
  count: u64;
  word: u64;
  badge: u64;
  info: u64;
}
const seen: Seen = zeroed();

/** Answers every call with its first word plus one. @entry test_echo */
function echo(): void {
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  for (;;) {
    seen.count += 1n;
    seen.badge = message.badge;
    seen.word = message.words[0];
    message.words[0] += 1n;
    message.info = infoWord(7, 4, 0);
    systemCall(Syscall.ReplyRecv, ENDPOINT, REPLY, message);
  }
}

/** Calls once, and notes the answer. @entry test_caller */
function caller(): void {
  const message = local<Message>();
  message.words[0] = 41n;
  message.info = infoWord(3, 1, 0);
  systemCall(Syscall.Call, CLIENT, 0, message);
  seen.word = message.words[0];
  seen.info = message.info;
  seen.count += 1n;
  for (;;) systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}

function prepare(): void {
  seen.count = 0n;
  seen.word = 0n;
  seen.badge = 0n;
  seen.info = 0n;
  setOwnPriority(150n);
  checkEqual(u64(retype(CapType.Endpoint, 0n, ENDPOINT)), 0n, "endpoint");
  checkEqual(u64(retype(CapType.Reply, 0n, REPLY)), 0n, "reply");
  checkEqual(u64(retype(CapType.Notification, 0n, NOTIFICATION)), 0n, "notification");
  checkEqual(u64(mint(ENDPOINT, CLIENT, 7n, 77n)), 0n, "client's badge");
}

function callIsAnswered(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(echo), HIGH);
  resume(THREAD);
  const message = local<Message>();
  for (let i: u64 = 0n; i < 100n; i += 1n) {
    message.words[0] = i;
    message.info = infoWord(1, 1, 0);
    systemCall(Syscall.Call, CLIENT, 0, message);
    checkEqual(message.words[0], i + 1n, "the answer");
    checkEqual(message.info, infoWord(7, 4, 0), "the answer's label and length");
  }
  checkEqual(seen.badge, 77n, "the caller's badge");
  checkEqual(seen.count, 100n, "each call once");
}

function callWaitsForReceiver(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(caller), HIGH);
  resume(THREAD);
  const message = local<Message>();
  checkEqual(seen.count, 0n, "it waits");
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(message.words[0], 41n, "its word");
  checkEqual(message.badge, 77n, "its badge");
  message.words[0] = 42n;
  message.info = infoWord(0, 1, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  checkEqual(seen.word, 42n, "it has the answer");
}

/** Nobody will answer: the caller learns that its message was received (exact fate). */
function destroyedReplyEndsCall(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(caller), HIGH);
  resume(THREAD);
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  remove(REPLY);
  message.info = seen.info;
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Gone)), "Gone");
  checkEqual(u64(detailOf(message)), 1n, "received, not answered");
}

function destroyedEndpointEndsCall(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(caller), HIGH);
  resume(THREAD);
  remove(CLIENT);
  remove(ENDPOINT);
  const message = local<Message>();
  message.info = seen.info;
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Gone)), "Gone");
  checkEqual(u64(detailOf(message)), 0n, "never received");
}

function callWithoutReplyFails(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(caller), HIGH);
  resume(THREAD);
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, 0, message);
  checkEqual(message.words[0], 41n, "the message arrives");
  message.info = seen.info;
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Gone)), "and the caller does not wait for ever");
}

function usedReplyIsBusy(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(caller), HIGH);
  resume(THREAD);
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Busy)), "a Reply takes one caller at a time (I10)");
}

function suspendedCallerIsForgotten(): void {
  prepare();
  makeThread(0, THREAD, addressOfFunction(caller), HIGH);
  resume(THREAD);
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(u64(ask(THREAD, Invocation.ThreadSuspend, 0n, 0n, 0)), 0n, "suspend");
  message.info = infoWord(0, 1, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  checkEqual(seen.count, 0n, "the answer reaches nobody (I10)");
  resume(THREAD);
  message.info = seen.info;
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Gone)), "it learns so when it goes on");
}

function nonBlockingSend(): void {
  prepare();
  const message = local<Message>();
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.NbSend, CLIENT, 0, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.QueueFull)), "nobody waits");
  systemCall(Syscall.NbRecv, ENDPOINT, 0, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Busy)), "nobody sends");
}

function sendNeedsTheRight(): void {
  prepare();
  const message = local<Message>();
  checkEqual(u64(mint(ENDPOINT, FIRST, 1n, 1n)), 0n, "receive only");
  checkEqual(u64(mint(ENDPOINT, FIRST + 1, 2n, 1n)), 0n, "send only");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.NbSend, FIRST, 0, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.IllegalOperation)), "send");
  systemCall(Syscall.NbRecv, FIRST + 1, 0, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.IllegalOperation)), "receive");
  systemCall(Syscall.Call, FIRST, 0, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.IllegalOperation)), "call");
}

/** Sends a capability with its call. @entry test_giver */
function giver(): void {
  const message = local<Message>();
  bufferOf(3).sent[0] = FIRST;
  message.info = infoWord(0, 0, 1);
  systemCall(Syscall.Call, CLIENT, 0, message);
  seen.count += 1n;
  for (;;) systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}

function capabilityIsHandedOver(): void {
  prepare();
  checkEqual(u64(retype(CapType.Notification, 0n, FIRST)), 0n, "what is given");
  makeThread(3, THREAD, addressOfFunction(giver), HIGH);
  resume(THREAD);
  const message = local<Message>();
  ownBuffer().slots[0] = FIRST + 1;
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(message.info, infoWord(0, 0, 1), "one capability has come");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.NbSend, FIRST + 1, 0, message);
  checkEqual(u64(errorOf(message)), 0n, "and works");
  systemCall(Syscall.Poll, FIRST, 0, message);
  checkEqual(message.badge, 1n, "on the same object");
}

function capabilityNeedsGrant(): void {
  prepare();
  remove(CLIENT);
  checkEqual(u64(mint(ENDPOINT, CLIENT, 2n, 77n)), 0n, "no grant");
  checkEqual(u64(retype(CapType.Notification, 0n, FIRST)), 0n, "what is given");
  makeThread(3, THREAD, addressOfFunction(giver), HIGH);
  resume(THREAD);
  const message = local<Message>();
  ownBuffer().slots[0] = FIRST + 1;
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(message.info, infoWord(0, 0, 0), "no capability has come");
  checkEqual(u64(copyTo(FIRST + 1, FIRST + 2, 7n)), u64(u32(ErrorCode.InvalidCapability)), "the slot is empty");
}

function signalsAreCollected(): void {
  prepare();
  const message = local<Message>();
  mint(NOTIFICATION, FIRST, 7n, 4n);
  mint(NOTIFICATION, FIRST + 1, 7n, 8n);
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.NbSend, FIRST, 0, message);
  systemCall(Syscall.Send, FIRST + 1, 0, message);
  systemCall(Syscall.Wait, NOTIFICATION, 0, message);
  checkEqual(message.badge, 12n, "both bits");
  systemCall(Syscall.Poll, NOTIFICATION, 0, message);
  checkEqual(message.badge, 0n, "and then none");
}

function boundNotificationEndsRecv(): void {
  prepare();
  const message = local<Message>();
  checkEqual(u64(ask(SLOT_THREAD, Invocation.ThreadBindNotification, 0n, 0n, NOTIFICATION)), 0n, "bind");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.NbSend, NOTIFICATION, 0, message);
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(message.badge, 1n, "the signal ends the Recv");
  const error = ask(SLOT_THREAD, Invocation.ThreadBindNotification, 0n, 0n, NOTIFICATION);
  check(error === u32(ErrorCode.DeleteFirst), "one binding only");
}

function timerSignals(): void {
  prepare();
  const message = local<Message>();
  checkEqual(u64(retype(CapType.Timer, 0n, FIRST)), 0n, "timer");
  mint(NOTIFICATION, FIRST + 1, 7n, 32n);
  checkEqual(u64(ask(FIRST, Invocation.TimerArm, 0n, 0n, FIRST + 1)), 0n, "arm for a time that has passed");
  systemCall(Syscall.Wait, NOTIFICATION, 0, message);
  checkEqual(message.badge, 32n, "it comes at once");
  checkEqual(u64(ask(FIRST, Invocation.TimerArm, 0xffff_ffff_ffffn, 0n, FIRST + 1)), 0n, "arm far away");
  checkEqual(u64(ask(FIRST, Invocation.TimerCancel, 0n, 0n, 0)), 0n, "cancel");
  systemCall(Syscall.Poll, NOTIFICATION, 0, message);
  checkEqual(message.badge, 0n, "nothing came");
}

const TESTS = 14;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "ipc: call is answered", run: callIsAnswered },
  { name: "ipc: call waits for receiver", run: callWaitsForReceiver },
  { name: "ipc: destroyed reply ends call", run: destroyedReplyEndsCall },
  { name: "ipc: destroyed endpoint ends call", run: destroyedEndpointEndsCall },
  { name: "ipc: call without reply fails", run: callWithoutReplyFails },
  { name: "ipc: used reply is busy", run: usedReplyIsBusy },
  { name: "ipc: suspended caller is forgotten", run: suspendedCallerIsForgotten },
  { name: "ipc: non blocking send", run: nonBlockingSend },
  { name: "ipc: send needs the right", run: sendNeedsTheRight },
  { name: "ipc: capability is handed over", run: capabilityIsHandedOver },
  { name: "ipc: capability needs grant", run: capabilityNeedsGrant },
  { name: "ipc: signals are collected", run: signalsAreCollected },
  { name: "ipc: bound notification ends recv", run: boundNotificationEndsRecv },
  { name: "ipc: timer signals", run: timerSignals },
];

export function runIpc(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
