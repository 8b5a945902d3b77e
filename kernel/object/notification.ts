import { setBadge, setInfo } from "@arch/userFrame";
import type { Slot } from "../cap/slot";
import { ErrorCode, errorInfo } from "../ipc/messageInfo";
import { block, makeReady } from "../sched/scheduler";
import { dequeue, enqueue, isEmpty, remove, type ThreadQueue } from "../sched/threadQueue";
import { leaveEndpoint, NEVER_RECEIVED } from "./endpoint";
import { type Thread, ThreadState } from "./thread";

/**
 * A word of bits that Signal sets and Wait takes.
 *
 * N1  Threads wait only while the word is 0.
 * N2  A bound thread and its notification name each other.
 */
export interface Notification extends Struct<"Notification"> {
  bits: u64;
  readonly waiters: Inline<ThreadQueue>;
  bound: Thread | null;
  /** Keeps the capability while the waiters are woken, if the last one outside is deleted (cap/delete.ts). */
  readonly self: Inline<Slot>;
}

/** Sets the badge's bits (bit 0 without a badge): wakes one waiter, or the bound thread's Recv, or keeps them. @hot */
export function signal(notification: Notification, badge: u64): void {
  const bits = notification.bits | (badge === 0n ? 1n : badge);
  const waiter = dequeue(notification.waiters);
  if (waiter !== null) {
    waiter.notification = null;
    wake(notification, waiter, bits);
    return;
  }
  const bound = notification.bound;
  if (bound !== null && bound.state === ThreadState.Receiving) {
    leaveEndpoint(bound);
    wake(notification, bound, bits);
    return;
  }
  notification.bits = bits;
}

/** @hot */
function wake(notification: Notification, thread: Thread, bits: u64): void {
  notification.bits = 0n;
  setBadge(thread.frame, bits);
  setInfo(thread.frame, 0n);
  makeReady(thread);
}

/** Takes the bits, or waits for them. @hot */
export function wait(notification: Notification, thread: Thread): void {
  if (poll(notification, thread)) return;
  thread.notification = notification;
  enqueue(notification.waiters, thread);
  block(thread, ThreadState.Waiting);
}

/** Takes the bits; false, and nothing taken, when there are none. @hot */
export function poll(notification: Notification, thread: Thread): boolean {
  const bits = notification.bits;
  if (bits === 0n) return false;
  notification.bits = 0n;
  setBadge(thread.frame, bits);
  setInfo(thread.frame, 0n);
  return true;
}

/** Takes a waiting thread out of the queue. */
export function leaveNotification(notification: Notification, thread: Thread): void {
  remove(notification.waiters, thread);
  thread.notification = null;
}

/** One of the waiters learns that the notification is gone; false when there was none. */
export function dismissWaiting(notification: Notification): boolean {
  const waiter = dequeue(notification.waiters);
  if (waiter === null) return false;
  waiter.notification = null;
  setInfo(waiter.frame, errorInfo(ErrorCode.Gone, NEVER_RECEIVED));
  makeReady(waiter);
  return true;
}

/** Whether somebody waits. */
export function hasWaiters(notification: Notification): boolean {
  return !isEmpty(notification.waiters);
}
