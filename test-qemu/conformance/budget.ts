/** @unsafe names functions by their addresses */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CONTEXT, SLOT_INSPECT, SLOT_SCHED_CONTROL } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { errorOf, infoWord, invoke, type Message, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  check,
  checkEqual,
  doneBy,
  endTest,
  FIRST,
  fails,
  makeThread,
  makeWorker,
  messageOf,
  mint,
  remove,
  resume,
  retype,
  sendWord,
  setOwnPriority,
  startWorker,
  succeeds,
  suspend,
  type TestRow,
  WORKER,
} from "./harness";

/** Scheduling contexts: who may run for how long, and who has how much left. */

const NOTIFICATION = FIRST + 10;
const SIGNAL = FIRST + 11;
const TIMER = FIRST + 12;
const ENDPOINT = FIRST + 13;
const REPLY = FIRST + 14;
const SPARE = FIRST + 15;
const A = FIRST + 20;
const B = FIRST + 22;
const HIGH = 200n;
const BUDGET_NS = 1_000_000n;
const PERIOD_NS = 20_000_000n;
const LONGEST_NS = 0x100_0000_0000n;

interface Counts extends Struct<"Counts"> {
  a: u64;
  b: u64;
}
const counts: Counts = zeroed();

/** @entry budget_spin_a */
function spinA(): void {
  for (;;) atomicAdd64(addressOf(counts), 1n);
}
/** @entry budget_spin_b */
function spinB(): void {
  for (;;) atomicAdd64(addressOf(counts) + 8n, 1n);
}

function prepare(): void {
  counts.a = 0n;
  counts.b = 0n;
  setOwnPriority(220n);
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(mint(NOTIFICATION, SIGNAL, 7n, 1n), "signal");
  succeeds(retype(CapType.Timer, 0n, TIMER), "timer");
  makeThread(0, A, addressOfFunction(spinA), HIGH);
}

function setBudget(context: u32, budget: u64, period: u64): u32 {
  return ask(SLOT_SCHED_CONTROL, Invocation.SchedControlConfigure, budget, period, context);
}

function now(): u64 {
  const message = local<Message>();
  invoke(message, SLOT_INSPECT, u32(Invocation.InspectSystem), 0, 0);
  return message.words[0];
}

function sleep(ns: u64): void {
  const message = local<Message>();
  succeeds(ask(TIMER, Invocation.TimerArm, now() + ns, 0n, SIGNAL), "arm");
  systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}

function usedBy(context: u32): u64 {
  const message = local<Message>();
  succeeds(invoke(message, context, u32(Invocation.SchedContextConsumed), 0, 0), "consumed");
  return message.words[0];
}

function bind(context: u32, thread: u32): u32 {
  return ask(context, Invocation.SchedContextBind, 0n, 0n, thread);
}

function unbind(context: u32): void {
  succeeds(ask(context, Invocation.SchedContextUnbind, 0n, 0n, 0), "unbind");
}

/** A with its budget used up, early in its period. */
function exhaust(): void {
  prepare();
  succeeds(setBudget(A + 1, BUDGET_NS, PERIOD_NS), "budget");
  resume(A);
  sleep(2n * BUDGET_NS);
  checkSpent(1n);
}

/** That A has used `budgets` budgets, and the odd thousand instructions. */
function checkSpent(budgets: u64): void {
  const used = usedBy(A + 1);
  check(used + BUDGET_NS / 100n >= budgets * BUDGET_NS, "all of it");
  check(used < budgets * BUDGET_NS + BUDGET_NS / 5n, "and no more");
}

function leavesToOthers(): void {
  exhaust();
  makeThread(1, B, addressOfFunction(spinB), 100n);
  resume(B);
  sleep(2n * BUDGET_NS);
  check(counts.b > 0n, "to one that is less urgent");
  checkSpent(1n);
}

function refilled(): void {
  exhaust();
  sleep(PERIOD_NS);
  checkSpent(2n);
  sleep(PERIOD_NS);
  checkSpent(3n);
}

function noLimit(): void {
  exhaust();
  succeeds(setBudget(A + 1, 0n, 0n), "no limit");
  sleep(5n * BUDGET_NS);
  check(usedBy(A + 1) > 5n * BUDGET_NS, "it runs at once, as long as it likes");
}

function newBudget(): void {
  exhaust();
  succeeds(setBudget(A + 1, BUDGET_NS, PERIOD_NS), "the same once more");
  sleep(2n * BUDGET_NS);
  checkSpent(2n);
}

function wholePeriod(): void {
  prepare();
  succeeds(setBudget(A + 1, BUDGET_NS, BUDGET_NS), "budget");
  resume(A);
  sleep(10n * BUDGET_NS);
  check(usedBy(A + 1) > 9n * BUDGET_NS, "it has run all the time");
}

/** Who has no SchedControl cannot make time. */
function rebindingDoesNotRefill(): void {
  exhaust();
  for (let i: u32 = 0; i < 5; i++) {
    unbind(A + 1);
    succeeds(bind(A + 1, A), "bind");
    sleep(BUDGET_NS);
  }
  checkSpent(1n);
  sleep(PERIOD_NS);
  checkSpent(2n);
}

function resumingDoesNotRefill(): void {
  exhaust();
  for (let i: u32 = 0; i < 5; i++) {
    suspend(A);
    resume(A);
    sleep(BUDGET_NS);
  }
  checkSpent(1n);
  sleep(PERIOD_NS);
  checkSpent(2n);
}

function priorityDoesNotRefill(): void {
  exhaust();
  succeeds(ask(A, Invocation.ThreadSetPriority, 210n, 210n, 0), "priority");
  sleep(2n * BUDGET_NS);
  checkSpent(1n);
}

function oneToOne(): void {
  prepare();
  makeThread(1, B, addressOfFunction(spinB), HIGH);
  fails(bind(A + 1, B), ErrorCode.DeleteFirst, "both are bound");
  succeeds(retype(CapType.SchedContext, 0n, SPARE), "another context");
  fails(bind(SPARE, B), ErrorCode.DeleteFirst, "the thread has one");
  unbind(B + 1);
  fails(bind(A + 1, B), ErrorCode.DeleteFirst, "the context has one");
  succeeds(bind(SPARE, B), "none of them has changed anything (I12)");
}

/** With what is left in it. */
function handedOn(): void {
  exhaust();
  makeThread(1, B, addressOfFunction(spinB), HIGH);
  unbind(B + 1);
  resume(B);
  unbind(A + 1);
  succeeds(bind(A + 1, B), "bind");
  sleep(2n * BUDGET_NS);
  checkEqual(counts.b, 0n, "there is nothing left in it");
  sleep(PERIOD_NS);
  check(counts.b > 0n, "until it is refilled");
}

function unbindTwice(): void {
  prepare();
  unbind(A + 1);
  unbind(A + 1);
  resume(A);
  sleep(BUDGET_NS);
  checkEqual(counts.a, 0n, "it does not run");
}

function unbindsItself(): void {
  prepare();
  setOwnPriority(150n);
  makeWorker(1, HIGH);
  messageOf(1).info = infoWord(u32(Invocation.SchedContextUnbind), 0, 0);
  startWorker(1, Syscall.Call, WORKER + 3, 0);
  checkEqual(doneBy(1), 0n, "it does not come back");
  succeeds(bind(WORKER + 3, WORKER + 2), "bind");
  checkEqual(doneBy(1), 1n, "now it does");
  succeeds(errorOf(messageOf(1)), "without an error");
}

function serverWithoutBudget(): void {
  prepare();
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  succeeds(retype(CapType.Reply, 0n, REPLY), "reply");
  makeWorker(1, HIGH);
  startWorker(1, Syscall.Recv, ENDPOINT, REPLY);
  sleep(BUDGET_NS);
  unbind(WORKER + 3);
  succeeds(sendWord(Syscall.NbSend, ENDPOINT, 4n), "it waits: it takes the message");
  sleep(BUDGET_NS);
  checkEqual(doneBy(1), 0n, "but does not run");
  succeeds(bind(WORKER + 3, WORKER + 2), "bind");
  sleep(BUDGET_NS);
  checkEqual(messageOf(1).words[0], 4n, "now it does");
}

/** Its refill is forgotten. */
function deletedWhileThrottled(): void {
  exhaust();
  succeeds(remove(A), "delete");
  sleep(2n * PERIOD_NS);
  checkSpent(1n);
  makeThread(1, B, addressOfFunction(spinB), HIGH);
  unbind(B + 1);
  resume(B);
  succeeds(bind(A + 1, B), "its context is free");
  sleep(PERIOD_NS);
  check(counts.b > 0n, "and has been refilled meanwhile");
}

function contextDeletedWhileThrottled(): void {
  exhaust();
  const count = counts.a;
  succeeds(remove(A + 1), "delete");
  sleep(2n * PERIOD_NS);
  checkEqual(counts.a, count, "it does not run");
  succeeds(retype(CapType.SchedContext, 0n, SPARE), "another");
  succeeds(bind(SPARE, A), "bind");
  sleep(BUDGET_NS);
  check(counts.a > count, "now it does");
}

function periodLimit(): void {
  prepare();
  fails(setBudget(A + 1, BUDGET_NS, LONGEST_NS + 1n), ErrorCode.RangeError, "longer");
  fails(setBudget(A + 1, 0n, LONGEST_NS + 1n), ErrorCode.RangeError, "without a budget too");
  succeeds(setBudget(A + 1, BUDGET_NS, LONGEST_NS), "the longest");
}

function timeIsCounted(): void {
  prepare();
  makeThread(1, B, addressOfFunction(spinB), 100n);
  resume(A);
  resume(B);
  const own = usedBy(SLOT_CONTEXT);
  sleep(5n * BUDGET_NS);
  check(usedBy(A + 1) > 4n * BUDGET_NS, "A's");
  checkEqual(usedBy(B + 1), 0n, "not B's, which is less urgent");
  check(usedBy(SLOT_CONTEXT) - own < BUDGET_NS, "nor of who sleeps");
}

const TESTS = 17;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "budget: an exhausted budget leaves the processor to others", run: leavesToOthers },
  { name: "budget: a budget is refilled once a period", run: refilled },
  { name: "budget: a budget of 0 is no limit", run: noLimit },
  { name: "budget: a new budget counts from now on", run: newBudget },
  { name: "budget: a budget as long as its period is never out", run: wholePeriod },
  { name: "budget: unbinding and binding does not refill", run: rebindingDoesNotRefill },
  { name: "budget: suspending and resuming does not refill", run: resumingDoesNotRefill },
  { name: "budget: a higher priority does not refill", run: priorityDoesNotRefill },
  { name: "budget: a context has one thread, a thread one context", run: oneToOne },
  { name: "budget: a context can go from thread to thread", run: handedOn },
  { name: "budget: unbinding twice does no harm", run: unbindTwice },
  { name: "budget: a thread can unbind itself", run: unbindsItself },
  { name: "budget: a message waits for a server's budget", run: serverWithoutBudget },
  { name: "budget: a throttled thread can be deleted", run: deletedWhileThrottled },
  { name: "budget: a throttled thread can lose its context", run: contextDeletedWhileThrottled },
  { name: "budget: a period has a limit", run: periodLimit },
  { name: "budget: time is counted to who runs", run: timeIsCounted },
];

export function runBudget(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
