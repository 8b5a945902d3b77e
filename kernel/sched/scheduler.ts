import { waitForInterrupt } from "@arch/cpu";
import { armTicks, readTicks, ticksOfNs } from "@arch/timer";
import { setTrapFrame } from "@arch/trapTable";
import { activateSpace, loadThreadPointer, spaceOf } from "@arch/userSpace";
import { enterKernel, fallAsleep } from "@build/watch";
import type { SchedContext } from "../object/schedContext";
import { type Thread, ThreadState } from "../object/thread";
import { cpu, WORK_ALARM, WORK_SCHEDULE } from "./cpu";
import { enableFpu } from "./fpu";
import { idleThread } from "./idle";
import { dequeue, enqueue, enqueueFirst, isEmpty, remove, type ThreadQueue } from "./threadQueue";
import { addTimer, NEVER, nextExpiry, removeTimer } from "./timerWheel";

/**
 * Who runs: the first thread of the highest priority that has one. The running thread is in no queue. Threads of the
 * same priority take turns of SLICE_NS.
 *
 * P1  A thread is in `ready[priority]` exactly when its state is Ready and it has a budget left (I8, T3).
 * P2  `bits` has the bit of a priority set exactly when its queue is not empty.
 */

export const PRIORITIES = 256;
/** What the kernel is entered by when it wakes: no system call, no trap. */
const IDLE = 999;
const SLICE_NS = 5_000_000n;

export interface Ready extends Struct<"Ready"> {
  readonly bits: FixedArray<u64, 4>;
  readonly queues: FixedArray<Inline<ThreadQueue>, typeof PRIORITIES>;
}

const ready: Ready = zeroed();
/** When the current thread's turn ends, if others of its priority are ready. */
let sliceEnd: u64 = 0n;
let sliceTicks: u64 = 0n;

export function initScheduler(): void {
  cpu.current = idleThread;
  cpu.alarmAt = NEVER;
  sliceTicks = ticksOfNs(SLICE_NS);
}

/** Makes a thread that is in no queue runnable. @hot */
export function makeReady(thread: Thread): void {
  thread.state = ThreadState.Ready;
  if (!hasTime(thread)) return;
  insert(thread);
  noteCompetition(thread);
}

/** The current thread waits: its state says for what. @inline */
export function block(thread: Thread, state: ThreadState): void {
  thread.state = state;
  cpu.work |= WORK_SCHEDULE;
}

/** Takes a thread whose state is Ready or Running from the processor. The caller gives it its next state. @hot */
export function unready(thread: Thread): void {
  if (thread.state === ThreadState.Running) cpu.work |= WORK_SCHEDULE;
  else if (thread.state === ThreadState.Ready && hasTime(thread)) takeOut(thread);
}

/** Puts the running thread behind the others of its priority. @hot */
export function yieldTurn(thread: Thread): void {
  const queue = ready.queues[thread.priority];
  if (isEmpty(queue)) return;
  thread.state = ThreadState.Ready;
  insert(thread);
  cpu.work |= WORK_SCHEDULE;
}

export function setPriority(thread: Thread, priority: u8): void {
  const isQueued = thread.state === ThreadState.Ready && hasTime(thread);
  if (isQueued) takeOut(thread);
  thread.priority = priority;
  if (isQueued) {
    insert(thread);
    noteCompetition(thread);
  }
  if (thread.state !== ThreadState.Running) return;
  cpu.work |= WORK_SCHEDULE;
  // It may now have to take turns.
  cpu.work |= WORK_ALARM;
}

/**
 * Before the kernel is left: chooses who runs, and sets the alarm. Waits for an interrupt while nobody is ready.
 *
 * @inline
 */
export function schedule(): void {
  if (cpu.work !== 0) reschedule();
}

/** @noinline @hot */
function reschedule(): void {
  if ((cpu.work & WORK_SCHEDULE) !== 0) chooseNext();
  if ((cpu.work & WORK_ALARM) !== 0) setAlarm();
  cpu.work = 0;
}

/** @inline */
function chooseNext(): void {
  charge(readTicks());
  const current = cpu.current;
  let highest = topReady();
  if (current.state === ThreadState.Running) {
    if (hasTime(current) && highest <= i32(u32(current.priority))) return;
    current.state = ThreadState.Ready;
    // Below `highest`, which stays the highest.
    if (hasTime(current)) insertFirst(current);
  }
  if (highest < 0) highest = awaitReady();
  const queue = ready.queues[u32(highest)];
  const next = dequeue(queue);
  assert(next !== null, "P2: the queue of a set bit is not empty");
  if (isEmpty(queue)) clearBit(u32(highest));
  else cpu.work |= WORK_ALARM;
  switchTo(next);
  sliceEnd = cpu.since + sliceTicks;
}

/** Nobody is ready: sleeps until interrupts have made somebody so. @noinline */
function awaitReady(): i32 {
  for (;;) {
    setAlarm();
    fallAsleep();
    waitForInterrupt();
    enterKernel(IDLE, 0n);
    cpu.since = readTicks();
    const highest = highestReady();
    if (highest >= 0) return highest;
  }
}

/** Makes `next`, which is in no queue, the running thread. @inline @hot */
export function switchTo(next: Thread): void {
  cpu.current = next;
  next.state = ThreadState.Running;
  loadThread(next);
  const context = next.schedContext;
  if (context !== null && context.budget !== 0n) beginBudget(context);
}

/** What of a thread lies in the processor besides its registers. @inline */
export function loadThread(next: Thread): void {
  const space = spaceOf(next.space.word);
  if (space !== cpu.space) activateSpace(space);
  loadThreadPointer(next.tls);
  enableFpu(next);
  setTrapFrame(next);
}

/** Gives the current thread's scheduling context the time since it was last given. @inline */
export function charge(now: u64): void {
  const current = cpu.current;
  const context = current.schedContext;
  const used = now - cpu.since;
  cpu.since = now;
  if (context === null) return;
  context.consumed += used;
  if (context.budget !== 0n) spend(current, context, used);
}

/** @hot */
function spend(thread: Thread, context: SchedContext, used: u64): void {
  if (context.remaining > used) {
    context.remaining -= used;
    return;
  }
  context.remaining = 0n;
  if (thread.isThrottled) return;
  if (thread.state === ThreadState.Ready) takeOut(thread);
  thread.isThrottled = true;
  addTimer(context.refill, context.refillAt);
  cpu.work |= WORK_SCHEDULE;
  cpu.work |= WORK_ALARM;
}

/** A context with a budget starts to be used: a full one fixes when it is full again. @noinline @hot */
function beginBudget(context: SchedContext): void {
  cpu.work |= WORK_ALARM;
  if (context.refillAt <= cpu.since) {
    context.remaining = context.budget;
    context.refillAt = cpu.since + context.period;
  }
}

/** The period has passed: the budget is full, and its thread may run again. */
export function refill(context: SchedContext): void {
  context.remaining = context.budget;
  context.refillAt = 0n;
  const thread = context.thread;
  if (thread === null || !thread.isThrottled) return;
  thread.isThrottled = false;
  if (thread.state === ThreadState.Ready) makeReady(thread);
}

/** Takes the scheduling context from its thread, which then does not run. What is left of its budget stays with it. */
export function unbindContext(context: SchedContext): void {
  const thread = context.thread;
  if (thread === null) return;
  if (cpu.current === thread) charge(readTicks());
  removeTimer(context.refill);
  const isQueued = thread.state === ThreadState.Ready && hasTime(thread);
  if (isQueued) takeOut(thread);
  if (thread.state === ThreadState.Running) cpu.work |= WORK_SCHEDULE;
  thread.isThrottled = false;
  thread.schedContext = null;
  context.thread = null;
}

/** Ties a free scheduling context to a thread that has none; with an empty budget it waits for the refill. */
export function bindContext(context: SchedContext, thread: Thread): void {
  context.thread = thread;
  thread.schedContext = context;
  if (context.budget !== 0n && context.remaining === 0n) {
    thread.isThrottled = true;
    addTimer(context.refill, context.refillAt);
    cpu.work |= WORK_ALARM;
  }
  if (thread.state === ThreadState.Ready) makeReady(thread);
}

/** The current thread's turn or budget may be over. @hot */
export function onTick(now: u64): void {
  const current = cpu.current;
  if (current.state !== ThreadState.Running) return;
  charge(now);
  if (now >= sliceEnd && hasTime(current)) yieldTurn(current);
  cpu.work |= WORK_ALARM;
}

/**
 * The alarm at the earliest of: the wheel, the end of the budget, the end of the turn. One that is set for earlier
 * stays, though nobody may need it any more: it sets the next one, and setting it is what costs.
 *
 * @hot
 */
function setAlarm(): void {
  let at = nextExpiry();
  const current = cpu.current;
  if (current.state === ThreadState.Running) {
    const context = current.schedContext;
    if (context !== null && context.budget !== 0n && cpu.since + context.remaining < at) {
      at = cpu.since + context.remaining;
    }
    if (!isEmpty(ready.queues[current.priority]) && sliceEnd < at) at = sliceEnd;
  }
  if (at >= cpu.alarmAt) return;
  cpu.alarmAt = at;
  armTicks(at);
}

/** @hot */
function noteCompetition(thread: Thread): void {
  const current = cpu.current;
  if (thread.priority > current.priority) cpu.work |= WORK_SCHEDULE;
  else if (thread.priority === current.priority) cpu.work |= WORK_ALARM;
}

/** @inline */
function hasTime(thread: Thread): boolean {
  return thread.schedContext !== null && !thread.isThrottled;
}

/** @hot */
function insert(thread: Thread): void {
  enqueue(ready.queues[thread.priority], thread);
  setBit(thread.priority);
}

/** @hot */
function insertFirst(thread: Thread): void {
  enqueueFirst(ready.queues[thread.priority], thread);
  setBit(thread.priority);
}

/** @hot */
function takeOut(thread: Thread): void {
  remove(ready.queues[thread.priority], thread);
  if (isEmpty(ready.queues[thread.priority])) clearBit(thread.priority);
}

/** @inline */
function setBit(priority: u32): void {
  ready.bits[(priority >>> 6) & 3] |= 1n << u64(priority & 63);
}

/** @inline */
function clearBit(priority: u32): void {
  ready.bits[(priority >>> 6) & 3] &= ~(1n << u64(priority & 63));
}

/** All queues, for the checker of the invariants. */
export function readyState(): Ready {
  return ready;
}

/** @inline */
export function isNobodyReady(): boolean {
  return (ready.bits[0] | ready.bits[1] | ready.bits[2] | ready.bits[3]) === 0n;
}

/** The highest priority with a ready thread, or -1. @noinline */
export function highestReady(): i32 {
  return topReady();
}

/** @inline */
function topReady(): i32 {
  if (ready.bits[3] !== 0n) return i32(255 - clz64(ready.bits[3]));
  if (ready.bits[2] !== 0n) return i32(191 - clz64(ready.bits[2]));
  if (ready.bits[1] !== 0n) return i32(127 - clz64(ready.bits[1]));
  return ready.bits[0] === 0n ? -1 : i32(63 - clz64(ready.bits[0]));
}
