/** @unsafe names functions by their addresses */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_INSPECT } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { invoke, type Message, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  check,
  checkEqual,
  copyTo,
  doneBy,
  endTest,
  FIRST,
  fails,
  makeThread,
  makeWorker,
  messageOf,
  mint,
  pollBits,
  remove,
  resume,
  retype,
  revoke,
  setOwnPriority,
  startWorker,
  succeeds,
  type TestRow,
  WORKER,
} from "./harness";

/** Timers: when they signal, in which order, and when not. */

const NOTIFICATION = FIRST + 10;
const SIGNAL = FIRST + 11;
const ENDPOINT = FIRST + 12;
const TIMERS = FIRST + 20;
const SIGNALS = FIRST + 60;
const MANY: u32 = 30;
const HIGH = 200n;
const SOON_NS = 1_000_000n;
const ALL_BITS = 0xffff_ffff_ffff_ffffn;

interface Spun extends Struct<"Spun"> {
  count: u64;
}
const spun: Spun = zeroed();

/** @entry timer_spin */
function spin(): void {
  for (;;) atomicAdd64(addressOf(spun), 1n);
}

function prepare(timers: u32): void {
  setOwnPriority(150n);
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(mint(NOTIFICATION, SIGNAL, 7n, 1n), "signal");
  for (let i: u32 = 0; i < timers; i++) {
    succeeds(retype(CapType.Timer, 0n, TIMERS + i), "timer");
    succeeds(mint(NOTIFICATION, SIGNALS + i, 7n, 1n << u64(i)), "its bit");
  }
}

/** Uptime in nanoseconds. */
function now(): u64 {
  const message = local<Message>();
  succeeds(invoke(message, SLOT_INSPECT, u32(Invocation.InspectSystem), 0, 0), "uptime");
  return message.words[0];
}

function arm(timer: u32, at: u64, notification: u32): void {
  succeeds(ask(timer, Invocation.TimerArm, at, 0n, notification), "arm");
}

function waitBits(): u64 {
  const message = local<Message>();
  systemCall(Syscall.Wait, NOTIFICATION, 0, message);
  return message.badge;
}

function notBefore(): void {
  prepare(1);
  const at = now() + SOON_NS;
  arm(TIMERS, at, SIGNAL);
  checkEqual(pollBits(NOTIFICATION), 0n, "not at once");
  checkEqual(waitBits(), 1n, "it comes");
  check(now() >= at, "not early");
  check(now() < at + SOON_NS, "and not late");
}

/** Each in another level of the wheel, armed the other way round. */
function inOrder(): void {
  prepare(8);
  const start = now() + SOON_NS;
  for (let i: u32 = 8; i > 0; i--) arm(TIMERS + i - 1, start + (1n << u64(3 * i)) * 1000n, SIGNALS + i - 1);
  for (let i: u32 = 0; i < 8; i++) {
    let bits = waitBits();
    // Those that are a few thousand instructions apart may have come together.
    if (i < 5 && bits !== 1n << u64(i)) {
      checkEqual(bits & (1n << u64(i)), 1n << u64(i), "this one at least");
      while (bits >> u64(i + 1) !== 0n && (bits & (1n << u64(i + 1))) !== 0n) i++;
      bits = 0n;
    } else checkEqual(bits, 1n << u64(i), "one by one");
  }
}

function armAgain(): void {
  prepare(1);
  arm(TIMERS, now() + 1000n * SOON_NS, SIGNAL);
  const at = now() + SOON_NS;
  arm(TIMERS, at, SIGNAL);
  waitBits();
  check(now() < at + SOON_NS, "the earlier one");
  arm(TIMERS, now() + SOON_NS, SIGNAL);
  arm(TIMERS, now() + 3n * SOON_NS, SIGNAL);
  const later = now() + 2n * SOON_NS;
  waitBits();
  check(now() >= later, "the later one");
}

function expiresOnce(): void {
  prepare(2);
  arm(TIMERS, now() + SOON_NS, SIGNALS);
  checkEqual(waitBits(), 1n, "it comes");
  arm(TIMERS + 1, now() + 10n * SOON_NS, SIGNALS + 1);
  checkEqual(waitBits(), 2n, "and not again");
}

function cancelled(): void {
  prepare(2);
  arm(TIMERS, now() + SOON_NS, SIGNALS);
  arm(TIMERS + 1, now() + 2n * SOON_NS, SIGNALS + 1);
  succeeds(ask(TIMERS, Invocation.TimerCancel, 0n, 0n, 0), "cancel");
  succeeds(ask(TIMERS, Invocation.TimerCancel, 0n, 0n, 0), "twice does no harm");
  checkEqual(waitBits(), 2n, "the other alone");
}

function deleted(): void {
  prepare(2);
  arm(TIMERS, now() + SOON_NS, SIGNALS);
  arm(TIMERS + 1, now() + 2n * SOON_NS, SIGNALS + 1);
  succeeds(remove(TIMERS), "delete");
  checkEqual(waitBits(), 2n, "the other alone");
}

/** I1: it holds a capability like any other. */
function revoked(): void {
  prepare(2);
  arm(TIMERS, now() + SOON_NS, SIGNALS);
  arm(TIMERS + 1, now() + 2n * SOON_NS, SIGNALS + 1);
  succeeds(revoke(SIGNALS), "revoke");
  checkEqual(waitBits(), 2n, "the other alone");
  arm(TIMERS, now() + SOON_NS, SIGNALS);
  checkEqual(waitBits(), 1n, "it can be armed again");
}

/** More than one interrupt handles. */
function manyAtOnce(): void {
  prepare(MANY);
  const at = now() + SOON_NS;
  for (let i: u32 = 0; i < MANY; i++) arm(TIMERS + i, at, SIGNALS + i);
  let bits: u64 = 0n;
  while (bits !== (1n << u64(MANY)) - 1n) bits |= waitBits();
  check(now() < at + SOON_NS, "all of them, soon");
}

function distantTime(): void {
  prepare(2);
  arm(TIMERS, ALL_BITS, SIGNALS);
  arm(TIMERS + 1, now() + SOON_NS, SIGNALS + 1);
  checkEqual(waitBits(), 2n, "the other alone");
}

function armArguments(): void {
  prepare(1);
  succeeds(copyTo(NOTIFICATION, FIRST, 1n), "to be read");
  fails(ask(TIMERS, Invocation.TimerArm, 0n, 0n, FIRST), ErrorCode.InvalidCapability, "not to be signalled");
  fails(ask(TIMERS, Invocation.TimerArm, 0n, 0n, TIMERS), ErrorCode.InvalidCapability, "a timer");
  checkEqual(pollBits(NOTIFICATION), 0n, "nothing has come");
}

/** I12. */
function refusedArming(): void {
  prepare(1);
  arm(TIMERS, now() + SOON_NS, SIGNAL);
  fails(ask(TIMERS, Invocation.TimerArm, 0n, 0n, TIMERS), ErrorCode.InvalidCapability, "refused");
  checkEqual(waitBits(), 1n, "it comes all the same");
}

function timeOut(): void {
  prepare(1);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  makeWorker(0, HIGH);
  succeeds(ask(WORKER, Invocation.ThreadBindNotification, 0n, 0n, NOTIFICATION), "bind");
  arm(TIMERS, now() + SOON_NS, SIGNAL);
  startWorker(0, Syscall.Recv, ENDPOINT, 0);
  checkEqual(doneBy(0), 0n, "it waits");
  const limit = now() + 3n * SOON_NS;
  while (doneBy(0) === 0n && now() < limit) {}
  checkEqual(messageOf(0).badge, 1n, "the time is up");
}

function expiryPreempts(): void {
  prepare(1);
  spun.count = 0n;
  makeThread(0, WORKER, addressOfFunction(spin), 100n);
  resume(WORKER);
  arm(TIMERS, now() + SOON_NS, SIGNAL);
  waitBits();
  check(spun.count > 0n, "it ran meanwhile");
  const count = spun.count;
  now();
  checkEqual(spun.count, count, "and does not run now");
}

/** Also where both have been in the same slot of the wheel: distances of all magnitudes. */
function laterDoesNotHoldUp(): void {
  prepare(2);
  for (let distance: u64 = 100_000n; distance < 40_000_000n; distance += distance / 3n) {
    const at = now() + distance;
    arm(TIMERS, at, SIGNALS);
    arm(TIMERS + 1, at + distance / 2n + 4n * SOON_NS, SIGNALS + 1);
    checkEqual(waitBits(), 1n, "the earlier one");
    check(now() < at + distance / 4n + 3n * SOON_NS, "in time");
    checkEqual(waitBits(), 2n, "the later one");
  }
}

/** By a timer alone: nobody needs the view of the system to know when to be woken. */
function tellsUptime(): void {
  prepare(1);
  const message = local<Message>();
  const before = now();
  succeeds(invoke(message, TIMERS, u32(Invocation.TimerNow), 0, 0), "uptime by a timer");
  const told = message.words[0];
  check(told >= before && told <= now(), "between two readings of Inspect's");
}

const TESTS = 15;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "timer: not before its time", run: notBefore },
  { name: "timer: timers expire in the order of their times", run: inOrder },
  { name: "timer: arming again moves the time", run: armAgain },
  { name: "timer: a timer expires once", run: expiresOnce },
  { name: "timer: a cancelled timer is silent", run: cancelled },
  { name: "timer: a deleted timer is silent", run: deleted },
  { name: "timer: a timer whose signal is revoked is silent", run: revoked },
  { name: "timer: many timers may expire at once", run: manyAtOnce },
  { name: "timer: the most distant time never comes", run: distantTime },
  { name: "timer: arming needs a notification to signal", run: armArguments },
  { name: "timer: a refused arming leaves the former", run: refusedArming },
  { name: "timer: a timer is a receiver's time-out", run: timeOut },
  { name: "timer: an expiry takes the processor from who is less urgent", run: expiryPreempts },
  { name: "timer: a later timer does not hold an earlier one up", run: laterDoesNotHoldUp },
  { name: "timer: a timer tells the uptime", run: tellsUptime },
];

export function runTimer(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
