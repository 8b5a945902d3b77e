/** @unsafe reaches the objects behind capabilities */

import { readTicks } from "@arch/timer";
import { copyWords, setBadge, setInfo } from "@arch/userFrame";
import { CapType, isCapWith, objectIn, RIGHT_READ } from "../cap/capability";
import type { Slot } from "../cap/slot";
import { type Endpoint, EndpointState } from "../object/endpoint";
import type { Reply } from "../object/reply";
import type { SchedContext } from "../object/schedContext";
import { type Thread, ThreadState } from "../object/thread";
import { cpu } from "../sched/cpu";
import { highestReady, isNobodyReady, loadThread } from "../sched/scheduler";
import { enqueue } from "../sched/threadQueue";
import { copyRest } from "./buffer";
import { COUNTS, ERROR, isShort, lengthIn, MAX_WORDS, messageInfo } from "./messageInfo";

/**
 * Call and ReplyRecv between two threads of which one waits for the other: no capabilities, no budget, nobody
 * as urgent as the one that runs next. Everything is checked before anything changes; where it does not hold, the
 * ordinary path does the same and more.
 */

/** True when the call has been made: the receiver runs. `slot` has an Endpoint that may be sent to. @inline */
export function fastCall(thread: Thread, slot: Slot, info: u64): boolean {
  const endpoint = cast<Endpoint>(objectIn(slot.word));
  const badge = slot.data;
  const receiver = endpoint.waiters.head;
  if (endpoint.state !== EndpointState.Receiving || receiver === null) return false;
  const reply = receiver.receiver;
  if (reply === null || (info & COUNTS) > endpoint.maxWords || badge < endpoint.leastBadge) return false;
  const context = thread.schedContext;
  if (context === null || !canSwitch(context, receiver)) return false;
  const next = receiver.next;
  endpoint.waiters.head = next;
  if (next === null) {
    endpoint.waiters.tail = null;
    endpoint.state = EndpointState.Idle;
  } else {
    next.previous = null;
    receiver.next = null;
  }
  receiver.endpoint = null;
  receiver.receiver = null;
  reply.receiver = null;
  reply.caller = thread;
  thread.reply = reply;
  thread.state = ThreadState.AwaitingReply;
  handOver(thread, context, receiver, info, badge);
  return true;
}

/** True when the caller has its answer and runs, and the server waits for the next one. @inline */
export function fastReplyRecv(thread: Thread, replySlot: Slot | null, slot: Slot | null, info: u64): boolean {
  if (replySlot === null || !isCapWith(replySlot.word, CapType.Reply, 0n)) return false;
  if (slot === null || !isCapWith(slot.word, CapType.Endpoint, RIGHT_READ)) return false;
  const reply = cast<Reply>(objectIn(replySlot.word));
  const endpoint = cast<Endpoint>(objectIn(slot.word));
  const caller = reply.caller;
  if (caller === null || caller.isFaulted || (info & COUNTS) > u64(MAX_WORDS)) return false;
  const context = thread.schedContext;
  if (endpoint.state === EndpointState.Sending || thread.bound !== null) return false;
  if (context === null || !canSwitch(context, caller)) return false;
  caller.reply = null;
  reply.caller = null;
  reply.receiver = thread;
  thread.receiver = reply;
  thread.endpoint = endpoint;
  thread.state = ThreadState.Receiving;
  endpoint.state = EndpointState.Receiving;
  enqueue(endpoint.waiters, thread);
  handOver(thread, context, caller, info, 0n);
  return true;
}

/** Whether `next` may run at once in place of the thread that runs on `from`. @inline */
function canSwitch(from: SchedContext, next: Thread): boolean {
  const to = next.schedContext;
  if (to === null || (from.budget | to.budget) !== 0n) return false;
  return isNobodyReady() || highestReady() < i32(u32(next.priority));
}

/** The words that are in the buffers; answers the info word that the receiver sees. @noinline @hot */
function copyLong(from: Thread, to: Thread, info: u64): u64 {
  return messageInfo(info, copyRest(from, to, lengthIn(info)), 0);
}

/** Message and processor. @inline */
function handOver(from: Thread, context: SchedContext, to: Thread, info: u64, badge: u64): void {
  copyWords(to.frame, from.frame);
  setInfo(to.frame, isShort(info) ? info & ~ERROR : copyLong(from, to, info));
  setBadge(to.frame, badge);
  const now = readTicks();
  context.consumed += now - cpu.since;
  cpu.since = now;
  cpu.current = to;
  to.state = ThreadState.Running;
  loadThread(to);
}
