/** @unsafe names functions by their addresses */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_SCHED_CONTROL, SLOT_THREAD } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { errorOf, infoWord, invoke, type Message, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  check,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  fails,
  makeSpace,
  makeThread,
  makeThreadIn,
  makeWorker,
  messageOf,
  mint,
  POOL,
  remove,
  resume,
  retype,
  revoke,
  setOwnPriority,
  startWorker,
  succeeds,
  type TestRow,
} from "./harness";

/** Priorities, turns, budgets, and the FPU's state. */

const NOTIFICATION = FIRST + 10;
const TIMER = FIRST + 11;
const SIGNAL = FIRST + 12;
const A = FIRST + 20;
const B = FIRST + 30;
/** Of uptime, between two looks. */
const STEP_NS = 20_000_000n;
/** Of uptime, after everything else: nobody is ready until then. */
const LATE_NS = 30_000_000_000n;
const COPY = FIRST + 40;
const COPIES = 60;
const REVOKES = 40;
const SPACE = FIRST + 32;

/** @extern test_fpu */
declare function setFpu(value: u64): u64;
/** @extern test_readFpu */
declare function readFpu(): u64;

interface Counters extends Struct<"Counters"> {
  a: u64;
  b: u64;
  order: u64;
}
const counters: Counters = zeroed();

/** @entry sched_spin_a */
function spinA(): void {
  for (;;) atomicAdd64(addressOf(counters), 1n);
}
/** @entry sched_spin_b */
function spinB(): void {
  for (;;) atomicAdd64(addressOf(counters) + 8n, 1n);
}
/** @entry sched_mark_a */
function markA(): void {
  const message = local<Message>();
  counters.order = counters.order * 10n + 1n;
  for (;;) systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}
/** @entry sched_mark_b */
function markB(): void {
  const message = local<Message>();
  counters.order = counters.order * 10n + 2n;
  for (;;) systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}
/** @entry sched_fpu */
function useFpu(): void {
  const message = local<Message>();
  counters.a = readFpu();
  setFpu(0x2222n);
  for (;;) systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}

function prepare(): void {
  counters.a = 0n;
  counters.b = 0n;
  counters.order = 0n;
  setOwnPriority(200n);
  checkEqual(u64(retype(CapType.Notification, 0n, NOTIFICATION)), 0n, "notification");
  checkEqual(u64(retype(CapType.Notification, 0n, FIRST)), 0n, "own notification");
  checkEqual(u64(retype(CapType.Timer, 0n, TIMER)), 0n, "timer");
  checkEqual(u64(mint(FIRST, SIGNAL, 7n, 1n)), 0n, "signal");
}

/** Nanoseconds that this thread's scheduling context has used. */
function consumedBy(context: u32): u64 {
  const message = local<Message>();
  checkEqual(u64(invoke(message, context, u32(Invocation.SchedContextConsumed), 0, 0)), 0n, "consumed");
  return message.words[0];
}

/** Sleeps until both threads together have used `ns` nanoseconds. */
function sleepUntilUsed(ns: u64): void {
  const message = local<Message>();
  for (let at: u64 = STEP_NS; consumedBy(A + 1) + consumedBy(B + 1) < ns; at += STEP_NS) {
    checkEqual(u64(ask(TIMER, Invocation.TimerArm, at, 0n, SIGNAL)), 0n, "arm");
    systemCall(Syscall.Wait, FIRST, 0, message);
  }
}

function higherPriorityRunsFirst(): void {
  prepare();
  makeThread(0, A, addressOfFunction(markA), 100n);
  makeThread(1, B, addressOfFunction(markB), 150n);
  resume(A);
  resume(B);
  checkEqual(counters.order, 0n, "both are below this thread");
  setOwnPriority(50n);
  checkEqual(counters.order, 21n, "the higher one first");
}

function equalPrioritiesInOrder(): void {
  prepare();
  makeThread(0, A, addressOfFunction(markA), 100n);
  makeThread(1, B, addressOfFunction(markB), 100n);
  resume(B);
  resume(A);
  setOwnPriority(50n);
  checkEqual(counters.order, 21n, "the one that was ready first");
}

function priorityHasACeiling(): void {
  prepare();
  makeThread(0, A, addressOfFunction(markA), 100n);
  const message = local<Message>();
  message.words[0] = 100n;
  message.words[1] = 256n;
  const error = invoke(message, A, u32(Invocation.ThreadSetPriority), 2, 0);
  checkEqual(u64(error), u64(u32(ErrorCode.RangeError)), "no ceiling above one's own");
  fails(ask(A, Invocation.ThreadSetPriority, 101n, 100n, 0), ErrorCode.RangeError, "no priority above the ceiling");
}

function turnsAreShared(): void {
  prepare();
  makeThread(0, A, addressOfFunction(spinA), 100n);
  makeThread(1, B, addressOfFunction(spinB), 100n);
  resume(A);
  resume(B);
  sleepUntilUsed(100_000_000n);
  const usedA = consumedBy(A + 1);
  const usedB = consumedBy(B + 1);
  check(usedA > 10_000_000n && usedB > 10_000_000n, "both ran");
  check(usedA * 4n < usedB * 5n && usedB * 4n < usedA * 5n, "as long as each other");
}

/** A thread that steps down beside a ready one, with no other alarm set. */
function loweredThreadTakesTurns(): void {
  prepare();
  makeThread(0, A, addressOfFunction(markA), 100n);
  resume(A);
  setOwnPriority(100n);
  for (let i: u32 = 0; i < 10_000_000 && valueBarrier64(counters.order) === 0n; i++) compilerBarrier();
  checkEqual(counters.order, 1n, "the other has had its turn");
}

function budgetLimits(): void {
  prepare();
  makeThread(0, A, addressOfFunction(spinA), 100n);
  makeThread(1, B, addressOfFunction(spinB), 90n);
  checkEqual(
    u64(ask(SLOT_SCHED_CONTROL, Invocation.SchedControlConfigure, 2_000_000n, 10_000_000n, A + 1)),
    0n,
    "20 %",
  );
  resume(A);
  resume(B);
  sleepUntilUsed(150_000_000n);
  const usedA = consumedBy(A + 1);
  const usedB = consumedBy(B + 1);
  check(usedA > 10_000_000n, "it ran");
  check(usedA * 3n < usedB, "no more than its budget");
  check(usedA * 5n > usedB, "and no less");
}

/** I8: of 5 ms, which is a turn too, so that both end at once, beside another of the same priority. */
function budgetOfATurn(): void {
  prepare();
  makeThread(0, A, addressOfFunction(spinA), 100n);
  makeThread(1, B, addressOfFunction(spinB), 100n);
  succeeds(ask(SLOT_SCHED_CONTROL, Invocation.SchedControlConfigure, 5_000_000n, 50_000_000n, A + 1), "10 %");
  resume(A);
  resume(B);
  sleepUntilUsed(200_000_000n);
  check(consumedBy(A + 1) * 5n < consumedBy(B + 1), "no more than its budget");
}

function threadWithoutContextWaits(): void {
  prepare();
  makeThread(0, A, addressOfFunction(markA), 100n);
  checkEqual(u64(ask(A + 1, Invocation.SchedContextUnbind, 0n, 0n, 0)), 0n, "unbind");
  resume(A);
  setOwnPriority(50n);
  checkEqual(counters.order, 0n, "it does not run");
  checkEqual(u64(ask(A + 1, Invocation.SchedContextBind, 0n, 0n, A)), 0n, "bind");
  checkEqual(counters.order, 1n, "now it does");
}

function budgetWrongArguments(): void {
  prepare();
  makeThread(0, A, addressOfFunction(markA), 100n);
  const small = ask(SLOT_SCHED_CONTROL, Invocation.SchedControlConfigure, 5n, 10_000_000n, A + 1);
  checkEqual(u64(small), u64(u32(ErrorCode.RangeError)), "too small");
  const short = ask(SLOT_SCHED_CONTROL, Invocation.SchedControlConfigure, 20_000n, 10_000n, A + 1);
  checkEqual(u64(short), u64(u32(ErrorCode.RangeError)), "longer than its period");
  const context = ask(SLOT_SCHED_CONTROL, Invocation.SchedControlConfigure, 0n, 0n, SLOT_THREAD);
  checkEqual(u64(context), u64(u32(ErrorCode.InvalidCapability)), "no scheduling context");
}

function fpuStateIsPrivate(): void {
  prepare();
  counters.a = 7n;
  setFpu(0x1111n);
  makeThread(0, A, addressOfFunction(useFpu), 201n);
  resume(A);
  checkEqual(counters.a, 0n, "a new thread finds zero, not another's value");
  checkEqual(readFpu(), 0x1111n, "and this one its own");
}

/** A budget of which a fifth is used up again and again, so that there is an alarm every 50,000 ns. */
function alarmsDoNotHoldUpARevoke(): void {
  prepare();
  makeThread(0, A, addressOfFunction(spinA), 220n);
  const budget = ask(SLOT_SCHED_CONTROL, Invocation.SchedControlConfigure, 10_000n, 50_000n, A + 1);
  checkEqual(u64(budget), 0n, "budget");
  resume(A);
  for (let round: u32 = 0; round < REVOKES; round++) {
    for (let i: u32 = 0; i < COPIES; i++) check(copyTo(FIRST, COPY + i, 7n) === 0, "copy");
    check(revoke(FIRST) === 0, "revoke");
  }
  check(counters.a > 0n, "it ran between");
}

/** Destroys itself while nobody else is ready. @entry sched_destroy_itself */
function destroyItself(): void {
  remove(A);
}

/** The next alarm wakes who waits for it, though the thread that ran last is no more. */
function alarmOutlivesTheThreadThatRan(): void {
  prepare();
  makeThread(0, A, addressOfFunction(destroyItself), 100n);
  resume(A);
  const message = local<Message>();
  checkEqual(u64(ask(TIMER, Invocation.TimerArm, LATE_NS, 0n, SIGNAL)), 0n, "arm");
  systemCall(Syscall.Wait, FIRST, 0, message);
  checkEqual(message.badge, 1n, "the alarm");
  checkEqual(
    u64(ask(A, Invocation.ThreadResume, 0n, 0n, 0)),
    u64(u32(ErrorCode.IllegalOperation)),
    "the thread is gone",
  );
}

/** A new one in the same memory finds none of it. */
function fpuStateEnds(): void {
  for (let round: u32 = 0; round < 2; round++) {
    prepare();
    counters.a = 7n;
    makeThread(0, A, addressOfFunction(useFpu), 201n);
    resume(A);
    checkEqual(counters.a, 0n, "nothing of the one before");
    checkEqual(u64(revoke(POOL)), 0n, "its memory");
  }
}

function fpuStateOfSpaces(): void {
  prepare();
  counters.a = 7n;
  setFpu(0x3333n);
  makeSpace(SPACE);
  makeThreadIn(SPACE, 0, A, addressOfFunction(useFpu), 201n);
  resume(A);
  checkEqual(counters.a, 0n, "the other finds zero");
  checkEqual(readFpu(), 0x3333n, "and this one its own");
}

/** Not more than the caller's own, to whomever. */
function ceilingBindsTheCaller(): void {
  prepare();
  makeWorker(0, 100n);
  makeThread(1, A, addressOfFunction(markA), 10n);
  messageOf(0).words[0] = 101n;
  messageOf(0).words[1] = 101n;
  messageOf(0).info = infoWord(u32(Invocation.ThreadSetPriority), 2, 0);
  startWorker(0, Syscall.Call, A, 0);
  setOwnPriority(50n);
  checkEqual(u64(errorOf(messageOf(0))), u64(u32(ErrorCode.RangeError)), "more than its own");
  messageOf(0).words[0] = 100n;
  messageOf(0).words[1] = 100n;
  messageOf(0).info = infoWord(u32(Invocation.ThreadSetPriority), 2, 0);
  startWorker(0, Syscall.Call, A, 0);
  checkEqual(u64(errorOf(messageOf(0))), 0n, "its own");
}

const TESTS = 15;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "scheduling: higher priority runs first", run: higherPriorityRunsFirst },
  { name: "scheduling: equal priorities in order", run: equalPrioritiesInOrder },
  { name: "scheduling: priority has a ceiling", run: priorityHasACeiling },
  { name: "scheduling: turns are shared", run: turnsAreShared },
  { name: "scheduling: a lowered thread takes turns", run: loweredThreadTakesTurns },
  { name: "scheduling: budget limits", run: budgetLimits },
  { name: "scheduling: a budget may end with a turn", run: budgetOfATurn },
  { name: "scheduling: thread without context waits", run: threadWithoutContextWaits },
  { name: "scheduling: budget wrong arguments", run: budgetWrongArguments },
  { name: "scheduling: fpu state is private", run: fpuStateIsPrivate },
  { name: "scheduling: alarms do not hold up a revoke", run: alarmsDoNotHoldUpARevoke },
  { name: "scheduling: alarm outlives the thread that ran", run: alarmOutlivesTheThreadThatRan },
  { name: "scheduling: fpu state ends with its thread", run: fpuStateEnds },
  { name: "scheduling: fpu state is private between address spaces", run: fpuStateOfSpaces },
  { name: "scheduling: a ceiling binds who gives priority", run: ceilingBindsTheCaller },
];

export function runScheduling(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
