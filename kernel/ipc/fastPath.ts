/** @unsafe reaches the objects behind capabilities */

import { readTicks } from "@arch/timer";
import { copyWords, setBadge, setInfo } from "@arch/userFrame";
import { CapType, isCapWith, objectIn, RIGHT_READ, RIGHT_WRITE } from "../cap/capability";
import { lookupSlot } from "../cap/cspace";
import { type Endpoint, EndpointState } from "../object/endpoint";
import type { Reply } from "../object/reply";
import type { SchedContext } from "../object/schedContext";
import { type Thread, ThreadState } from "../object/thread";
import { cpu } from "../sched/cpu";
import { highestReady, isNobodyReady, loadThread } from "../sched/scheduler";
import { enqueue } from "../sched/threadQueue";
import { copyRest } from "./buffer";
import { ERROR, lengthIn, MAX_WORDS, messageInfo, REGISTER_WORDS } from "./messageInfo";

/**
 * Call and ReplyRecv between two threads of which one waits for the other: no capabilities, no budget, nobody
 * as urgent as the one that runs next. Everything is checked before anything changes; where it does not hold, the
 * ordinary path does the same and more.
 */

/** Length and number of capabilities in a message's info word. */
const COUNTS = 0xffffn;

/** True when the call has been made: the receiver runs. @inline */
export function fastCall(thread: Thread, capability: u32, info: u64): boolean {
  const slot = lookupSlot(thread.cspace, capability);
  if (slot === null || !isCapWith(slot.word, CapType.Endpoint, RIGHT_WRITE)) return false;
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
export function fastReplyRecv(thread: Thread, capabilities: u64, info: u64): boolean {
  const replySlot = lookupSlot(thread.cspace, u32(capabilities >> 32n));
  const slot = lookupSlot(thread.cspace, u32(capabilities));
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

/** The words that are in the buffers; answers the info word that the receiver sees. @noinline */
function copyLong(from: Thread, to: Thread, info: u64): u64 {
  return messageInfo(info, copyRest(from, to, lengthIn(info)), 0);
}

/** Message and processor. @inline */
function handOver(from: Thread, context: SchedContext, to: Thread, info: u64, badge: u64): void {
  copyWords(to.frame, from.frame);
  setInfo(to.frame, lengthIn(info) > REGISTER_WORDS ? copyLong(from, to, info) : info & ~ERROR);
  setBadge(to.frame, badge);
  const now = readTicks();
  context.consumed += now - cpu.since;
  cpu.since = now;
  cpu.current = to;
  to.state = ThreadState.Running;
  loadThread(to);
}
