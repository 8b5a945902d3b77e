import type { Thread } from "../object/thread";

/**
 * Threads in the order in which they came.
 *
 * Q1  head is null exactly when tail is null.
 * Q2  every thread's next.previous is the thread itself.
 */
export interface ThreadQueue extends Struct<"ThreadQueue"> {
  head: Thread | null;
  tail: Thread | null;
}

/** @inline */
export function isEmpty(queue: ThreadQueue): boolean {
  return queue.head === null;
}

/** @inline */
export function enqueue(queue: ThreadQueue, thread: Thread): void {
  const last = queue.tail;
  thread.next = null;
  thread.previous = last;
  if (last === null) queue.head = thread;
  else last.next = thread;
  queue.tail = thread;
}

/** Puts `thread` before all others: it was interrupted and has not had its turn. @hot */
export function enqueueFirst(queue: ThreadQueue, thread: Thread): void {
  const first = queue.head;
  thread.previous = null;
  thread.next = first;
  if (first === null) queue.tail = thread;
  else first.previous = thread;
  queue.head = thread;
}

/** Takes the longest-waiting thread out, or answers null. @inline */
export function dequeue(queue: ThreadQueue): Thread | null {
  const first = queue.head;
  if (first === null) return null;
  const second = first.next;
  queue.head = second;
  if (second === null) queue.tail = null;
  else second.previous = null;
  first.next = null;
  return first;
}

/** @hot */
export function remove(queue: ThreadQueue, thread: Thread): void {
  const before = thread.previous;
  const after = thread.next;
  if (before === null) queue.head = after;
  else before.next = after;
  if (after === null) queue.tail = before;
  else after.previous = before;
  thread.next = null;
  thread.previous = null;
}
