/** @unsafe reaches the objects behind capabilities */
import { infoOf, restartCall, setBadge, setInfo, wordOf } from "@arch/userFrame";
import { HAS_DEBUG_CALLS } from "@build/config";
import { checkState, enterKernel, leaveKernel } from "@build/watch";
import { CapType, FLAG_ONCE, isCapWith, objectIn, RIGHT_GRANT, RIGHT_READ, RIGHT_WRITE } from "../cap/capability";
import { lookupSlot } from "../cap/cspace";
import { finishDying } from "../cap/delete";
import { isFinal, removeSlot, type Slot } from "../cap/slot";
import { writeByte } from "../console/output";
import { answerFault } from "../fault/userFault";
import { fastCall, fastReplyRecv } from "../ipc/fastPath";
import { ErrorCode, errorInfo } from "../ipc/messageInfo";
import { hasLeftovers } from "../ipc/ring";
import { answer, type Endpoint, EndpointState, post, postOnce, receive, send, whyNoSend } from "../object/endpoint";
import { type Notification, poll, signal, wait } from "../object/notification";
import type { Reply } from "../object/reply";
import type { Thread } from "../object/thread";
import { cpu } from "../sched/cpu";
import { schedule, yieldTurn } from "../sched/scheduler";
import { invoke } from "./dispatch";
import { Syscall } from "./invocation";
import { request } from "./request";

/**
 * System calls of the current thread: `capabilities` holds the address of the capability in the lower half, and for
 * Recv, Reply and ReplyRecv that of the Reply in the upper half. The entry code tells the two frequent ones apart.
 *
 * @entry handle_call
 */
export function handleCall(capabilities: u64, info: u64): void {
  enterKernel(u32(Syscall.Call), info);
  if (!fastCall(cpu.current, u32(capabilities), info)) serve(capabilities, info, u32(Syscall.Call));
  checkState();
  leaveKernel();
}

/** @entry handle_reply_recv */
export function handleReplyRecv(capabilities: u64, info: u64): void {
  enterKernel(u32(Syscall.ReplyRecv), info);
  if (!fastReplyRecv(cpu.current, capabilities, info)) serve(capabilities, info, u32(Syscall.ReplyRecv));
  checkState();
  leaveKernel();
}

/**
 * A number that no system call has.
 *
 * @entry handle_unknown
 */
export function handleUnknown(): void {
  fail(cpu.current, ErrorCode.IllegalOperation);
}

/**
 * All the others.
 *
 * @entry handle_syscall
 */
export function handleSyscall(capabilities: u64, info: u64, number: u32): void {
  enterKernel(number, info);
  serve(capabilities, info, number);
  checkState();
  leaveKernel();
}

function serve(capabilities: u64, info: u64, number: u32): void {
  const thread = cpu.current;
  const root: Slot = thread.cspace;
  switch (number) {
    case u32(Syscall.Call):
      call(thread, lookupSlot(root, u32(capabilities)), info);
      break;
    case u32(Syscall.ReplyRecv):
      if (answerCaller(thread, lookupSlot(root, u32(capabilities >> 32n)))) {
        receiveFrom(thread, lookupSlot(root, u32(capabilities)), lookupSlot(root, u32(capabilities >> 32n)), true);
      }
      break;
    case u32(Syscall.Send):
      sendTo(thread, lookupSlot(root, u32(capabilities)), true);
      break;
    case u32(Syscall.NbSend):
      sendTo(thread, lookupSlot(root, u32(capabilities)), false);
      break;
    case u32(Syscall.Recv):
      receiveFrom(thread, lookupSlot(root, u32(capabilities)), lookupSlot(root, u32(capabilities >> 32n)), true);
      break;
    case u32(Syscall.NbRecv):
      receiveFrom(thread, lookupSlot(root, u32(capabilities)), lookupSlot(root, u32(capabilities >> 32n)), false);
      break;
    case u32(Syscall.Reply):
      if (answerCaller(thread, lookupSlot(root, u32(capabilities >> 32n)))) setInfo(thread.frame, 0n);
      break;
    case u32(Syscall.Wait):
      waitFor(thread, lookupSlot(root, u32(capabilities)), true);
      break;
    case u32(Syscall.Poll):
      waitFor(thread, lookupSlot(root, u32(capabilities)), false);
      break;
    case u32(Syscall.Yield):
      setInfo(thread.frame, 0n);
      yieldTurn(thread);
      break;
    default:
      other(thread, number);
      break;
  }
  schedule();
}

/** To a server, and wait for its answer; or to the kernel, which answers at once. */
function call(thread: Thread, slot: Slot | null, info: u64): void {
  if (slot === null) {
    fail(thread, ErrorCode.FailedLookup);
    return;
  }
  if (isCapWith(slot.word, CapType.Endpoint, 0n)) {
    if (!isCapWith(slot.word, CapType.Endpoint, RIGHT_WRITE)) {
      fail(thread, ErrorCode.IllegalOperation);
      return;
    }
    const endpoint = cast<Endpoint>(objectIn(slot.word));
    const problem = whyNoSend(endpoint, slot.data, info);
    if (problem !== ErrorCode.None) {
      fail(thread, problem);
      return;
    }
    thread.isCall = true;
    thread.canGrant = isCapWith(slot.word, CapType.Endpoint, RIGHT_GRANT);
    send(endpoint, thread, slot.data);
    return;
  }
  request.thread = thread;
  request.slot = slot;
  invoke(info);
  if (request.isRestarted) restartCall(thread.frame);
}

/** A message without an answer. Signals a Notification. */
function sendTo(thread: Thread, slot: Slot | null, canWait: boolean): void {
  if (slot === null) {
    fail(thread, ErrorCode.FailedLookup);
  } else if (isCapWith(slot.word, CapType.Notification, RIGHT_WRITE)) {
    signal(cast<Notification>(objectIn(slot.word)), slot.data);
    setInfo(thread.frame, 0n);
  } else if (isCapWith(slot.word, CapType.Endpoint, RIGHT_WRITE) || isCapWith(slot.word, CapType.Endpoint, FLAG_ONCE)) {
    sendToEndpoint(thread, slot, canWait);
  } else {
    fail(thread, ErrorCode.IllegalOperation);
  }
}

/** To a receiver that waits, or into the ring; otherwise the sender waits, if it may. */
function sendToEndpoint(thread: Thread, slot: Slot, canWait: boolean): void {
  const endpoint = cast<Endpoint>(objectIn(slot.word));
  const badge = slot.data;
  const problem = whyNoSend(endpoint, badge, infoOf(thread.frame));
  if (problem !== ErrorCode.None) {
    fail(thread, problem);
    return;
  }
  thread.isCall = false;
  thread.canGrant = isCapWith(slot.word, CapType.Endpoint, RIGHT_GRANT);
  if (isCapWith(slot.word, CapType.Endpoint, FLAG_ONCE)) {
    if (isFinal(slot)) {
      // Nobody else has the endpoint any more, to receive from it.
      fail(thread, ErrorCode.Gone);
      return;
    }
    // First, so that the message cannot take it along.
    removeSlot(slot);
    postOnce(endpoint, thread, badge);
  } else if (!post(endpoint, thread, badge)) {
    if (canWait) send(endpoint, thread, badge);
    else fail(thread, ErrorCode.QueueFull);
    return;
  }
  setInfo(thread.frame, 0n);
}

/** The next message; `replySlot` names the Reply that takes its caller, or nothing. */
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
  const bound = thread.bound;
  const hasSignal = bound !== null && bound.bits !== 0n;
  if (!canWait && endpoint.state !== EndpointState.Sending && !hasSignal) {
    fail(thread, ErrorCode.Busy);
    return;
  }
  receive(endpoint, thread, reply);
  if (hasLeftovers()) finishDying();
}

/** False when there is no such Reply: the error is in the thread's registers. A caller that has gone is no error. */
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

function replyIn(slot: Slot | null): Reply | null {
  if (slot === null || !isCapWith(slot.word, CapType.Reply, 0n)) return null;
  return cast<Reply>(objectIn(slot.word));
}

function waitFor(thread: Thread, slot: Slot | null, canWait: boolean): void {
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
}

function other(thread: Thread, number: u32): void {
  if (HAS_DEBUG_CALLS && number === u32(Syscall.DebugWrite)) {
    writeByte(u8(wordOf(thread.frame, 0)));
    setInfo(thread.frame, 0n);
    return;
  }
  fail(thread, ErrorCode.IllegalOperation);
}

function fail(thread: Thread, code: ErrorCode): void {
  setInfo(thread.frame, errorInfo(code, 0n));
}
