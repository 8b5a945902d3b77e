import { CapType } from "../../kernel/cap/capability";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { errorOf, infoWord, type Message, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  checkEqual,
  copyTo,
  doneBy,
  endTest,
  FIRST,
  fails,
  makeWorker,
  messageOf,
  mint,
  pollBits,
  remove,
  resume,
  retype,
  sendWord,
  setOwnPriority,
  startWord,
  startWorker,
  succeeds,
  suspend,
  type TestRow,
  WORKER,
} from "./harness";

/** Notifications: bits, who waits for them, and threads that are bound to one. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const NOTIFICATION = FIRST + 12;
const BADGED = FIRST + 13;
const OTHER = FIRST + 14;
const CLIENT = FIRST + 15;
const HIGH = 200n;
const BIT = 0x8000_0000_0000_0000n;

function prepare(workers: u32): void {
  setOwnPriority(150n);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  succeeds(retype(CapType.Reply, 0n, REPLY), "reply");
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(mint(NOTIFICATION, BADGED, 7n, BIT), "badge");
  succeeds(mint(ENDPOINT, CLIENT, 7n, 77n), "client");
  for (let i: u32 = 0; i < workers; i++) makeWorker(i, HIGH);
}

function bind(thread: u32, notification: u32): u32 {
  return ask(thread, Invocation.ThreadBindNotification, 0n, 0n, notification);
}

function signal(notification: u32): void {
  succeeds(sendWord(Syscall.NbSend, notification, 0n), "signal");
}

function waitWaits(): void {
  prepare(1);
  startWorker(0, Syscall.Wait, NOTIFICATION, 0);
  checkEqual(doneBy(0), 0n, "it waits");
  signal(BADGED);
  checkEqual(messageOf(0).badge, BIT, "the badge's bits, up to the highest");
  checkEqual(messageOf(0).info, 0n, "and no message");
  checkEqual(pollBits(NOTIFICATION), 0n, "nothing is left of them");
}

/** The one that has waited longest. */
function oneIsWoken(): void {
  prepare(3);
  for (let i: u32 = 0; i < 3; i++) startWorker(i, Syscall.Wait, NOTIFICATION, 0);
  for (let i: u32 = 0; i < 3; i++) {
    signal(NOTIFICATION);
    for (let j: u32 = 0; j < 3; j++) checkEqual(doneBy(j), j <= i ? 1n : 0n, "in order");
  }
}

function signalsMerge(): void {
  prepare(0);
  signal(BADGED);
  signal(BADGED);
  checkEqual(pollBits(NOTIFICATION), BIT, "one bit");
  checkEqual(pollBits(NOTIFICATION), 0n, "once");
}

function unbadgedSignal(): void {
  prepare(0);
  signal(NOTIFICATION);
  signal(BADGED);
  checkEqual(pollBits(NOTIFICATION), BIT | 1n, "besides the others");
}

function rightsAreTwo(): void {
  prepare(0);
  const message = local<Message>();
  succeeds(copyTo(NOTIFICATION, OTHER, 1n), "to wait");
  fails(sendWord(Syscall.Send, OTHER, 0n), ErrorCode.IllegalOperation, "not to signal");
  succeeds(copyTo(NOTIFICATION, FIRST, 2n), "to signal");
  systemCall(Syscall.Poll, FIRST, 0, message);
  fails(errorOf(message), ErrorCode.IllegalOperation, "not to poll");
  systemCall(Syscall.Wait, FIRST, 0, message);
  fails(errorOf(message), ErrorCode.IllegalOperation, "nor to wait");
}

function endWakesAll(): void {
  prepare(3);
  for (let i: u32 = 0; i < 3; i++) startWorker(i, Syscall.Wait, NOTIFICATION, 0);
  succeeds(remove(BADGED), "delete");
  checkEqual(doneBy(0), 0n, "one capability is left");
  succeeds(remove(NOTIFICATION), "delete");
  for (let i: u32 = 0; i < 3; i++) fails(errorOf(messageOf(i)), ErrorCode.Gone, "Gone");
}

/** I8. */
function suspendedWaiter(): void {
  prepare(2);
  startWorker(0, Syscall.Wait, NOTIFICATION, 0);
  startWorker(1, Syscall.Wait, NOTIFICATION, 0);
  suspend(WORKER);
  signal(BADGED);
  checkEqual(messageOf(1).badge, BIT, "the next one has it");
}

function suspendedWaiterIsTold(): void {
  prepare(1);
  messageOf(0).info = infoWord(0, 0, 0);
  startWorker(0, Syscall.Wait, NOTIFICATION, 0);
  suspend(WORKER);
  resume(WORKER);
  checkEqual(doneBy(0), 1n, "it goes on");
  fails(errorOf(messageOf(0)), ErrorCode.Busy, "there was no signal");
}

function boundReceiver(): void {
  prepare(1);
  succeeds(bind(WORKER, NOTIFICATION), "bind");
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  signal(BADGED);
  checkEqual(messageOf(0).badge, BIT, "its bits");
  fails(sendWord(Syscall.NbSend, CLIENT, 1n), ErrorCode.QueueFull, "it does not receive any more");
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  succeeds(sendWord(Syscall.NbSend, CLIENT, 1n), "its Reply is free, and so is its place");
}

function signalFirst(): void {
  prepare(2);
  succeeds(bind(WORKER, NOTIFICATION), "bind");
  signal(BADGED);
  startWord(1, Syscall.Send, CLIENT, 5n);
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  checkEqual(messageOf(0).badge, BIT, "the signal");
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  checkEqual(messageOf(0).badge, 77n, "then the message");
}

function signalEndsNbRecv(): void {
  prepare(1);
  succeeds(bind(WORKER, NOTIFICATION), "bind");
  signal(BADGED);
  startWorker(0, Syscall.NbRecv, ENDPOINT, REPLY);
  succeeds(errorOf(messageOf(0)), "no error");
  checkEqual(messageOf(0).badge, BIT, "the signal");
}

function boundSender(): void {
  prepare(1);
  succeeds(bind(WORKER, NOTIFICATION), "bind");
  startWord(0, Syscall.Send, CLIENT, 5n);
  signal(BADGED);
  checkEqual(doneBy(0), 0n, "it waits to send");
  checkEqual(pollBits(NOTIFICATION), BIT, "the bits are kept");
}

function endUnbinds(): void {
  prepare(1);
  succeeds(bind(WORKER, NOTIFICATION), "bind");
  succeeds(remove(BADGED), "delete");
  succeeds(remove(NOTIFICATION), "delete");
  succeeds(retype(CapType.Notification, 0n, OTHER), "another");
  succeeds(bind(WORKER, OTHER), "the thread can be bound again");
}

function threadEndUnbinds(): void {
  prepare(2);
  succeeds(bind(WORKER, NOTIFICATION), "bind");
  fails(bind(WORKER + 2, NOTIFICATION), ErrorCode.DeleteFirst, "one thread only");
  succeeds(remove(WORKER), "delete");
  succeeds(bind(WORKER + 2, NOTIFICATION), "the notification can be bound again");
}

function bindNeedsRight(): void {
  prepare(1);
  succeeds(copyTo(NOTIFICATION, OTHER, 2n), "to signal only");
  fails(bind(WORKER, OTHER), ErrorCode.InvalidCapability, "not enough");
  fails(bind(WORKER, ENDPOINT), ErrorCode.InvalidCapability, "not a notification");
  succeeds(bind(WORKER, NOTIFICATION), "neither has bound it (I12)");
}

const TESTS = 15;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "notification: wait waits for a signal", run: waitWaits },
  { name: "notification: a signal wakes one of the waiting", run: oneIsWoken },
  { name: "notification: the same signal twice is one", run: signalsMerge },
  { name: "notification: a signal without badge sets bit 0", run: unbadgedSignal },
  { name: "notification: rights to signal and to wait are two", run: rightsAreTwo },
  { name: "notification: the end of a notification wakes all", run: endWakesAll },
  { name: "notification: a suspended waiter takes no signal", run: suspendedWaiter },
  { name: "notification: a suspended waiter is told when it goes on", run: suspendedWaiterIsTold },
  { name: "notification: a bound thread's receive ends with a signal", run: boundReceiver },
  { name: "notification: a signal comes before a message", run: signalFirst },
  { name: "notification: a signal ends also a receive that would not wait", run: signalEndsNbRecv },
  { name: "notification: a bound thread that does not receive is not disturbed", run: boundSender },
  { name: "notification: the end of a notification unbinds it", run: endUnbinds },
  { name: "notification: the end of a thread unbinds it", run: threadEndUnbinds },
  { name: "notification: binding needs the right to wait", run: bindNeedsRight },
];

export function runNotification(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
