/** @unsafe reaches the objects behind capabilities */
import { restartCall, setBadge, setInfo, wordOf } from "@arch/userFrame";
import { HAS_DEBUG_CALLS } from "@build/config";
import { checkState, enterKernel, leaveKernel } from "@build/watch";
import {
  CapType,
  FLAG_ONCE,
  isCapWith,
  isCapWithout,
  objectIn,
  RIGHT_GRANT,
  RIGHT_READ,
  RIGHT_WRITE,
} from "../cap/capability";
import { lookupSlot } from "../cap/cspace";
import { finishDying } from "../cap/delete";
import { isFinal, removeSlot, type Slot } from "../cap/slot";
import { answerFault } from "../fault/userFault";
import { fastCall, fastReplyRecv } from "../ipc/fastPath";
import { ErrorCode, errorInfo } from "../ipc/messageInfo";
import { hasLeftovers } from "../ipc/ring";
import {
  answer,
  type Endpoint,
  EndpointState,
  post,
  postOnce,
  receive as receiveMessage,
  send,
  whyNoSend,
} from "../object/endpoint";
import { type Notification, poll, signal, wait } from "../object/notification";
import type { Reply } from "../object/reply";
import type { Thread } from "../object/thread";
import { writeByte } from "../output";
import { schedule, yieldTurn } from "../sched/scheduler";
import { invoke } from "./dispatch";
import { Syscall } from "./invocation";
import { request } from "./request";

/**
 * System calls of `thread`, the current one: `capabilities` holds the address of the capability in the lower half, and for
 * Recv, Reply and ReplyRecv that of the Reply in the upper half. The entry code tells the two frequent ones apart, and
 * has saved every register.
 *
 * @entry handle_call
 * @hot
 * @scratch
 */
export function handleCall(capabilities: u64, info: u64, thread: Thread): void {
  enterKernel(u32(Syscall.Call), info);
  call(capabilities, info, thread);
  checkState();
  leaveKernel();
}

/** @hot @inline */
function call(capabilities: u64, info: u64, thread: Thread): void {
  const slot = lookupSlot(thread.cspace, u32(capabilities));
  if (slot === null) fail(thread, ErrorCode.FailedLookup);
  else if (!isCapWith(slot.word, CapType.Endpoint, RIGHT_WRITE)) callKernel(thread, slot, info);
  else if (!fastCall(thread, slot, info)) callServer(slot, info, thread);
}

/**
 * @entry handle_reply_recv
 * @hot
 * @scratch
 */
export function handleReplyRecv(capabilities: u64, info: u64, thread: Thread): void {
  enterKernel(u32(Syscall.ReplyRecv), info);
  const replySlot = lookupSlot(thread.cspace, u32(capabilities >> 32n));
  const slot = lookupSlot(thread.cspace, u32(capabilities));
  if (!fastReplyRecv(thread, replySlot, slot, info)) replyRecv(replySlot, slot, thread);
  checkState();
  leaveKernel();
}

/**
 * A number that no system call has.
 *
 * @entry handle_unknown
 * @hot
 * @scratch
 */
export function handleUnknown(capabilities: u64, info: u64, thread: Thread): void {
  fail(thread, ErrorCode.IllegalOperation);
}

/**
 * All the others.
 *
 * @entry handle_syscall
 * @hot
 * @scratch
 */
export function handleSyscall(capabilities: u64, info: u64, thread: Thread, number: u32): void {
  enterKernel(number, info);
  serve(capabilities, info, thread, number);
  checkState();
  leaveKernel();
}

/** @hot @inline */
function serve(capabilities: u64, info: u64, thread: Thread, number: u32): void {
  switch (number) {
    case u32(Syscall.Send):
      sendTo(capabilities, info, thread, true);
      break;
    case u32(Syscall.NbSend):
      sendTo(capabilities, info, thread, false);
      break;
    case u32(Syscall.Recv):
      receive(capabilities, thread, true);
      break;
    case u32(Syscall.NbRecv):
      receive(capabilities, thread, false);
      break;
    case u32(Syscall.Reply):
      reply(capabilities, thread);
      break;
    case u32(Syscall.Wait):
      waitFor(capabilities, thread, true);
      break;
    case u32(Syscall.Poll):
      waitFor(capabilities, thread, false);
      break;
    case u32(Syscall.Yield):
      yieldNow(thread);
      break;
    default:
      other(thread, number);
      break;
  }
}

/** To the kernel itself, which answers at once. @hot @inline */
function callKernel(thread: Thread, slot: Slot, info: u64): void {
  request.thread = thread;
  request.slot = slot;
  invoke(info);
  if (request.isRestarted) restartCall(thread.frame);
  schedule();
}

/** To a server, and wait for its answer. @hot @scratch @noinline */
function callServer(slot: Slot, info: u64, thread: Thread): void {
  const endpoint = cast<Endpoint>(objectIn(slot.word));
  const problem = whyNoSend(endpoint, slot.data, info);
  if (problem !== ErrorCode.None) {
    fail(thread, problem);
    return;
  }
  thread.isCall = true;
  thread.canGrant = isCapWith(slot.word, CapType.Endpoint, RIGHT_GRANT);
  send(endpoint, thread, slot.data);
  schedule();
}

/** @hot @scratch @noinline */
function replyRecv(replySlot: Slot | null, slot: Slot | null, thread: Thread): void {
  if (answerCaller(thread, replySlot)) receiveFrom(thread, slot, replySlot, true);
  schedule();
}

/** @hot @scratch @noinline */
function receive(capabilities: u64, thread: Thread, canWait: boolean): void {
  const slot = lookupSlot(thread.cspace, u32(capabilities));
  receiveFrom(thread, slot, lookupSlot(thread.cspace, u32(capabilities >> 32n)), canWait);
  schedule();
}

/** A message without an answer. Signals a Notification. @hot @scratch @noinline */
function sendTo(capabilities: u64, info: u64, thread: Thread, canWait: boolean): void {
  const slot = lookupSlot(thread.cspace, u32(capabilities));
  if (slot === null) {
    fail(thread, ErrorCode.FailedLookup);
  } else if (isCapWithout(slot.word, CapType.Endpoint, RIGHT_WRITE, FLAG_ONCE)) {
    sendToEndpoint(thread, slot, info, canWait);
  } else if (isCapWith(slot.word, CapType.Notification, RIGHT_WRITE)) {
    signal(cast<Notification>(objectIn(slot.word)), slot.data);
    setInfo(thread.frame, 0n);
  } else if (isCapWith(slot.word, CapType.Endpoint, FLAG_ONCE)) {
    sendOnce(thread, slot, info);
  } else {
    fail(thread, ErrorCode.IllegalOperation);
  }
  schedule();
}

/** To a receiver that waits, or into the ring; otherwise the sender waits, if it may. @hot @inline */
function sendToEndpoint(thread: Thread, slot: Slot, info: u64, canWait: boolean): void {
  const endpoint = cast<Endpoint>(objectIn(slot.word));
  const badge = slot.data;
  const problem = whyNoSend(endpoint, badge, info);
  if (problem !== ErrorCode.None) {
    fail(thread, problem);
    return;
  }
  thread.isCall = false;
  thread.canGrant = isCapWith(slot.word, CapType.Endpoint, RIGHT_GRANT);
  if (post(endpoint, thread, badge, info)) setInfo(thread.frame, 0n);
  else if (canWait) send(endpoint, thread, badge);
  else fail(thread, ErrorCode.QueueFull);
}

/** By a one-shot capability, which ends; it has a place reserved. @noinline */
function sendOnce(thread: Thread, slot: Slot, info: u64): void {
  const endpoint = cast<Endpoint>(objectIn(slot.word));
  const badge = slot.data;
  const problem = whyNoSend(endpoint, badge, info);
  if (problem !== ErrorCode.None) {
    fail(thread, problem);
  } else if (isFinal(slot)) {
    // Nobody else has the endpoint any more, to receive from it.
    fail(thread, ErrorCode.Gone);
  } else {
    thread.isCall = false;
    thread.canGrant = isCapWith(slot.word, CapType.Endpoint, RIGHT_GRANT);
    // First, so that the message cannot take it along.
    removeSlot(slot);
    postOnce(endpoint, thread, badge, info);
    setInfo(thread.frame, 0n);
  }
}

/** The next message; `replySlot` names the Reply that takes its caller, or nothing. @hot @inline */
function receiveFrom(thread: Thread, slot: Slot | null, replySlot: Slot | null, canWait: boolean): void {
  if (slot === null) {
    fail(thread, ErrorCode.FailedLookup);
    return;
  }
  if (!isCapWith(slot.word, CapType.Endpoint, RIGHT_READ)) {
    fail(thread, ErrorCode.IllegalOperation);
    return;
  }
  const endpoint = cast<Endpoint>(objectIn(slot.word));
  const reply = replyIn(replySlot);
  if (reply !== null && (reply.caller !== null || reply.receiver !== null)) {
    fail(thread, ErrorCode.Busy);
    return;
  }
  if (!canWait && endpoint.state !== EndpointState.Sending && !hasSignal(thread)) {
    fail(thread, ErrorCode.Busy);
    return;
  }
  receiveMessage(endpoint, thread, reply);
  if (hasLeftovers()) finishDying();
}

/** Whether a signal would end its Recv. @inline */
function hasSignal(thread: Thread): boolean {
  const bound = thread.bound;
  return bound !== null && bound.bits !== 0n;
}

/**
 * False when there is no such Reply: the error is in the thread's registers. A caller that has gone is no error.
 *
 * @hot
 * @inline
 */
function answerCaller(thread: Thread, slot: Slot | null): boolean {
  const reply = replyIn(slot);
  if (reply === null) {
    fail(thread, slot === null ? ErrorCode.FailedLookup : ErrorCode.InvalidCapability);
    return false;
  }
  const waiting = reply.caller;
  if (waiting === null) return true;
  if (waiting.isFaulted) answerFault(reply, waiting, thread);
  else answer(reply, thread);
  return true;
}

/** @inline */
function replyIn(slot: Slot | null): Reply | null {
  if (slot === null || !isCapWith(slot.word, CapType.Reply, 0n)) return null;
  return cast<Reply>(objectIn(slot.word));
}

/** @hot @scratch @noinline */
function reply(capabilities: u64, thread: Thread): void {
  if (answerCaller(thread, lookupSlot(thread.cspace, u32(capabilities >> 32n)))) setInfo(thread.frame, 0n);
  schedule();
}

/** @hot @scratch @noinline */
function yieldNow(thread: Thread): void {
  setInfo(thread.frame, 0n);
  yieldTurn(thread);
  schedule();
}

/** @hot @scratch @noinline */
function waitFor(capabilities: u64, thread: Thread, canWait: boolean): void {
  const slot = lookupSlot(thread.cspace, u32(capabilities));
  if (slot === null) {
    fail(thread, ErrorCode.FailedLookup);
  } else if (!isCapWith(slot.word, CapType.Notification, RIGHT_READ)) {
    fail(thread, ErrorCode.IllegalOperation);
  } else if (canWait) {
    wait(cast<Notification>(objectIn(slot.word)), thread);
  } else if (!poll(cast<Notification>(objectIn(slot.word)), thread)) {
    setBadge(thread.frame, 0n);
    setInfo(thread.frame, 0n);
  }
  schedule();
}

/** @noinline */
function other(thread: Thread, number: u32): void {
  if (HAS_DEBUG_CALLS && number === u32(Syscall.DebugWrite)) {
    writeByte(u8(wordOf(thread.frame, 0)));
    setInfo(thread.frame, 0n);
    return;
  }
  fail(thread, ErrorCode.IllegalOperation);
}

/** @inline */
function fail(thread: Thread, code: ErrorCode): void {
  setInfo(thread.frame, errorInfo(code, 0n));
}
