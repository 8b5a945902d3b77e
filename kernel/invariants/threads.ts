/**
 * @unit O2
 * @unsafe reaches objects behind capabilities
 */
import { CapType, objectIn, typeIn } from "../cap/capability";
import type { Endpoint } from "../object/endpoint";
import type { Notification } from "../object/notification";
import { ProcessState } from "../object/processState";
import type { Reply } from "../object/reply";
import type { SchedContext } from "../object/schedContext";
import { type Thread, ThreadState } from "../object/thread";
import { cpu, WORK_SCHEDULE } from "../sched/cpu";
import { idleThread } from "../sched/idle";
import { PRIORITIES, readyState } from "../sched/scheduler";
import type { ThreadQueue } from "../sched/threadQueue";
import { firstInSlot, LEVELS, slotBits, TimerKind, type TimerNode } from "../sched/timerWheel";
import { capAt, census, isFirst, isLive } from "./census";

/**
 * I8 and I10: every thread that is in a queue is alive and its state names that queue, and as many are in queues as
 * their states say. So none is in two, and none is missing. Threads, Replies, Notifications and scheduling contexts
 * that name each other do so both ways.
 */

interface Count extends Struct<"Count"> {
  queued: u32;
  expected: u32;
  running: u32;
  armed: u32;
}

const count: Count = zeroed();

export function checkThreads(): void {
  count.queued = 0;
  count.expected = 0;
  count.running = 0;
  count.armed = 0;
  checkReady();
  for (let i: u32 = 0; i < census.count; i++) {
    if (!isFirst(i)) continue;
    const word = capAt(i).word;
    const object = objectIn(word);
    const type = typeIn(word);
    if (type === CapType.Thread) checkThread(cast<Thread>(object));
    else if (type === CapType.Endpoint) checkWaiters(cast<Endpoint>(object));
    else if (type === CapType.Notification) checkNotification(cast<Notification>(object));
    else if (type === CapType.Reply) checkReply(cast<Reply>(object));
    else if (type === CapType.SchedContext) checkContext(cast<SchedContext>(object));
    else if (type === CapType.Timer && cast<TimerNode>(object).isArmed) count.armed++;
  }
  assert(count.queued === count.expected, "I8: a thread is in the queue that its state names");
  checkWheel();
  checkProcessor();
}

function checkProcessor(): void {
  const current = cpu.current;
  const owner = cpu.fpuOwner;
  assert(owner === null || isThread(owner), "I8: the FPU's owner lives");
  assert(current === idleThread || isThread(current), "I8: the current thread lives");
  if (current.state !== ThreadState.Running) {
    assert((cpu.work & WORK_SCHEDULE) !== 0, "I8: the current thread runs, or another is about to be chosen");
  }
  assert(count.running === (current.state === ThreadState.Running ? 1 : 0), "I8: exactly one thread is current");
}

function isThread(thread: Thread): boolean {
  return isLive(CapType.Thread, addressOf(thread));
}

function checkReady(): void {
  const ready = readyState();
  for (let priority: u32 = 0; priority < PRIORITIES; priority++) {
    const queue = ready.queues[priority];
    const head = queue.head;
    const isMarked = (ready.bits[priority >>> 6] & (1n << u64(priority & 63))) !== 0n;
    assert((head !== null) === isMarked, "I8: a priority is marked while its queue has threads");
    if (head === null) continue;
    checkLinks(queue);
    for (let at: Thread | null = head; at !== null; at = at.next) {
      const thread: Thread = at;
      assert(thread.state === ThreadState.Ready && u32(thread.priority) === priority, "I8: a queued thread is ready");
      assert(thread.schedContext !== null && !thread.isThrottled, "I8: a queued thread has time");
    }
  }
}

/** Every member is a living thread, and links are symmetric; counts the members. */
function checkLinks(queue: ThreadQueue): void {
  let before: Thread | null = null;
  for (let at = queue.head; at !== null; at = at.next) {
    const thread: Thread = at;
    assert(isThread(thread), "I8: a queue holds living threads");
    assert(thread.previous === before, "I8: the links of a queue are symmetric");
    count.queued++;
    assert(count.queued <= census.count, "I8: a queue ends");
    before = thread;
  }
  assert(queue.tail === before, "I8: a queue's tail is its last thread");
}

function checkWaiters(endpoint: Endpoint): void {
  checkLinks(endpoint.waiters);
  let direction = ThreadState.Inactive;
  for (let at = endpoint.waiters.head; at !== null; at = at.next) {
    const thread: Thread = at;
    assert(thread.endpoint === endpoint, "I8: a thread in an endpoint's queue names it");
    const isWaiting = thread.state === ThreadState.Sending || thread.state === ThreadState.Receiving;
    assert(isWaiting, "I8: a thread in an endpoint's queue waits for it");
    assert(direction === ThreadState.Inactive || direction === thread.state, "I9: an endpoint queues one kind");
    direction = thread.state;
  }
}

function checkNotification(notification: Notification): void {
  checkLinks(notification.waiters);
  for (let at = notification.waiters.head; at !== null; at = at.next) {
    const thread: Thread = at;
    const isWaiting = thread.state === ThreadState.Waiting && thread.notification === notification;
    assert(isWaiting, "I8: a thread in a notification's queue waits for it");
  }
  assert(notification.bits === 0n || notification.waiters.head === null, "I8: nobody waits for bits that are there");
  const bound = notification.bound;
  if (bound !== null) assert(isThread(bound) && bound.bound === notification, "I10: bound ones name each other");
}

function checkThread(thread: Thread): void {
  const process = thread.process;
  if (process !== null) {
    const isKnown = isLive(CapType.Process, addressOf(process)) && process.thread === thread;
    assert(isKnown, "I10: a process and its first thread name each other");
    const isRightly = process.state === ProcessState.Running || thread.state === ThreadState.Inactive;
    assert(isRightly, "K3: the first thread runs while its process does");
  }
  assert(thread.priority <= thread.maxPriority, "I2: a thread is no more urgent than its ceiling");
  const hasTime = thread.schedContext !== null && !thread.isThrottled;
  switch (thread.state) {
    case ThreadState.Ready:
      if (hasTime) count.expected++;
      break;
    case ThreadState.Sending:
    case ThreadState.Receiving: {
      const endpoint = thread.endpoint;
      const isWaiting = endpoint !== null && isLive(CapType.Endpoint, addressOf(endpoint));
      assert(isWaiting, "I8: a thread waits for a living endpoint");
      count.expected++;
      break;
    }
    case ThreadState.Waiting: {
      const notification = thread.notification;
      const isWaiting = notification !== null && isLive(CapType.Notification, addressOf(notification));
      assert(isWaiting, "I8: a thread waits for a living notification");
      count.expected++;
      break;
    }
    case ThreadState.Running:
      count.running++;
      assert(cpu.current === thread, "I8: the thread that runs is the current one");
      break;
    case ThreadState.Inactive:
    case ThreadState.AwaitingReply:
      break;
    default:
      unreachable(thread.state);
  }
  checkPartners(thread);
}

function checkPartners(thread: Thread): void {
  const reply = thread.reply;
  assert((reply !== null) === (thread.state === ThreadState.AwaitingReply), "I10: a caller awaits a Reply");
  if (reply !== null) {
    const isTied = isLive(CapType.Reply, addressOf(reply)) && reply.caller === thread;
    assert(isTied, "I10: a caller and its Reply name each other");
  }
  const receiver = thread.receiver;
  if (receiver !== null) {
    const isTied = isLive(CapType.Reply, addressOf(receiver)) && receiver.receiver === thread;
    assert(isTied && thread.state === ThreadState.Receiving, "I10: a receiver and its Reply name each other");
  }
  const bound = thread.bound;
  if (bound !== null) {
    const isTied = isLive(CapType.Notification, addressOf(bound)) && bound.bound === thread;
    assert(isTied, "I10: bound ones name each other");
  }
  const context = thread.schedContext;
  if (context !== null) {
    const isTied = isLive(CapType.SchedContext, addressOf(context)) && context.thread === thread;
    assert(isTied, "I10: a thread and its scheduling context name each other");
  }
}

function checkReply(reply: Reply): void {
  const caller = reply.caller;
  if (caller !== null) {
    const isTied = isThread(caller) && caller.reply === reply;
    assert(isTied, "I10: a caller and its Reply name each other");
  }
  const receiver = reply.receiver;
  if (receiver !== null) {
    const isTied = isThread(receiver) && receiver.receiver === reply;
    assert(isTied, "I10: a receiver and its Reply name each other");
  }
}

function checkContext(context: SchedContext): void {
  const thread = context.thread;
  if (context.refill.isArmed) count.armed++;
  if (thread === null) return;
  const isTied = isThread(thread) && thread.schedContext === context;
  assert(isTied, "I10: a thread and its scheduling context name each other");
}

/** Every node is that of a living object, and every armed one is there. */
function checkWheel(): void {
  for (let level: u32 = 0; level < LEVELS; level++) {
    for (let left = slotBits(level); left !== 0n; left &= left - 1n) {
      const slot = ctz64(left);
      let before: TimerNode | null = null;
      for (let at = firstInSlot(level, slot); at !== null; at = at.next) {
        const node: TimerNode = at;
        const type = node.kind === TimerKind.Refill ? CapType.SchedContext : CapType.Timer;
        assert(isLive(type, addressOf(node)), "I1: the timer wheel holds living timers");
        assert(node.isArmed && node.previous === before, "I8: the links of the timer wheel are symmetric");
        assert(count.armed > 0, "I8: what is in the timer wheel is armed");
        count.armed--;
        before = node;
      }
    }
  }
  assert(count.armed === 0, "I8: what is armed is in the timer wheel");
}
