import { copyWords, infoOf, programCounterOf, setBadge, setInfo, setWord, stackPointerOf } from "@arch/userFrame";
import type { Slot } from "../cap/slot";
import { copyRest } from "../ipc/buffer";
import { isListEmpty, type Link } from "../ipc/link";
import {
  COUNTS,
  capsIn,
  ERROR,
  ErrorCode,
  errorInfo,
  isShort,
  lengthIn,
  MAX_WORDS,
  messageInfo,
} from "../ipc/messageInfo";
import {
  deliverMessage,
  hasRoom,
  oldestMessage,
  type RingMessage,
  sentMessage,
  storeFate,
  storeMessage,
  withdraw,
} from "../ipc/ring";
import { transferCapabilities } from "../ipc/transfer";
import { cpu, WORK_SCHEDULE } from "../sched/cpu";
import { block, makeReady } from "../sched/scheduler";
import { dequeue, enqueue, isEmpty, remove, type ThreadQueue } from "../sched/threadQueue";
import { poll } from "./notification";
import type { Reply } from "./reply";
import { type Thread, ThreadState } from "./thread";

/**
 * A meeting point of threads. Holds waiting senders or waiting receivers, never both (I9), and, where its policy says
 * so, the messages of senders that do not wait (ipc/ring.ts). Messages and waiting senders are received in the order
 * of their tickets.
 *
 *   Idle ──send──▶ Sending ──recv (last)──▶ Idle ──recv──▶ Receiving ──send (last)──▶ Idle
 *
 * E1  The state is Idle exactly when no thread waits and no message is queued; Receiving, when threads wait for one.
 * E2  Every queued thread's state names the queue's direction, and its `endpoint` this endpoint.
 */
export interface Endpoint extends Struct<"Endpoint"> {
  state: EndpointState;
  readonly waiters: Inline<ThreadQueue>;
  /** The policy (endpointPolicy.ts): of the largest message; the least badge that may send; places of the ring. */
  maxWords: u64;
  leastBadge: u64;
  maxCaps: u32;
  depth: u32;
  share: u32;
  /** Places that hold a message, or that a one-shot capability has reserved. */
  used: u32;
  /** Of the next message or sender that waits. */
  ticket: u64;
  readonly messages: Inline<Link>;
  /** The first free place of the ring. */
  free: RingMessage | null;
  /** Keeps the capability while the waiters are woken, if the last one outside is deleted (cap/delete.ts). */
  readonly self: Inline<Slot>;
}

/** @storage u8 */
export const enum EndpointState {
  Idle,
  Sending,
  Receiving,
}

/** Of a fault's message: four words, label 0. */
const REGISTER_WORDS_INFO = 4n;

/** What the receiver is told of a broken call (word 0 of `Gone`). */
export const NEVER_RECEIVED = 0n;
export const NOT_ANSWERED = 1n;

/** Why the endpoint's policy does not let a message in, or None. @hot */
export function whyNoSend(endpoint: Endpoint, badge: u64, info: u64): ErrorCode {
  if (badge >= endpoint.leastBadge && (info & COUNTS) <= endpoint.maxWords) return ErrorCode.None;
  if (badge < endpoint.leastBadge) return ErrorCode.Refused;
  return u64(lengthIn(info)) > endpoint.maxWords || capsIn(info) > endpoint.maxCaps ? ErrorCode.Policy : ErrorCode.None;
}

/**
 * Hands `sender`'s message to the receiver that has waited longest, or keeps it; false when neither is possible.
 *
 * @hot
 * @inline
 */
export function post(endpoint: Endpoint, sender: Thread, badge: u64, info: u64): boolean {
  if (endpoint.state === EndpointState.Receiving) {
    send(endpoint, sender, badge);
    return true;
  }
  if (!hasRoom(endpoint, badge)) return false;
  storeMessage(endpoint, sender, badge, info, false);
  endpoint.state = EndpointState.Sending;
  return true;
}

/** The same for a one-shot capability, which has a place reserved: it cannot fail. */
export function postOnce(endpoint: Endpoint, sender: Thread, badge: u64, info: u64): void {
  if (endpoint.state === EndpointState.Receiving) {
    endpoint.used--;
    send(endpoint, sender, badge);
    return;
  }
  storeMessage(endpoint, sender, badge, info, true);
  endpoint.state = EndpointState.Sending;
}

/** The one-shot capability with `badge` ends unused: the receiver learns its fate. */
export function returnUnused(endpoint: Endpoint, badge: u64, fate: u64): void {
  if (endpoint.state === EndpointState.Receiving) {
    const receiver = takeWaiter(endpoint);
    detachReply(receiver);
    endpoint.used--;
    setInfo(receiver.frame, errorInfo(ErrorCode.Gone, fate));
    setBadge(receiver.frame, badge);
    makeReady(receiver);
    return;
  }
  storeFate(endpoint, badge, fate);
  endpoint.state = EndpointState.Sending;
}

/** Hands `sender`'s message to the receiver that has waited longest, or queues the sender. @hot */
export function send(endpoint: Endpoint, sender: Thread, badge: u64): void {
  if (endpoint.state === EndpointState.Receiving) {
    const receiver = takeWaiter(endpoint);
    deliver(sender, receiver, badge);
    makeReady(receiver);
    return;
  }
  sender.ticket = endpoint.ticket;
  endpoint.ticket += 1n;
  sender.badge = badge;
  sender.endpoint = endpoint;
  endpoint.state = EndpointState.Sending;
  enqueue(endpoint.waiters, sender);
  block(sender, ThreadState.Sending);
}

/**
 * Takes the longest-waiting sender's message, or queues the receiver. `reply` takes the caller, if it is a Call.
 *
 * @hot
 * @scratch
 * @noinline
 */
export function receive(endpoint: Endpoint, receiver: Thread, reply: Reply | null): void {
  const bound = receiver.bound;
  if (bound !== null && poll(bound, receiver)) return;
  if (endpoint.state === EndpointState.Sending) {
    if (receiveMessage(endpoint, receiver)) return;
    attachReply(receiver, reply);
    const sender = takeWaiter(endpoint);
    const isCall = sender.isCall;
    sender.state = ThreadState.Inactive;
    deliver(sender, receiver, sender.badge);
    if (!isCall) {
      setInfo(sender.frame, 0n);
      makeReady(sender);
    }
    detachReply(receiver);
    return;
  }
  attachReply(receiver, reply);
  receiver.endpoint = endpoint;
  endpoint.state = EndpointState.Receiving;
  enqueue(endpoint.waiters, receiver);
  block(receiver, ThreadState.Receiving);
}

/** Takes the oldest message of the ring; false when there is none, or a thread has waited longer. @hot @inline */
function receiveMessage(endpoint: Endpoint, receiver: Thread): boolean {
  const message = oldestMessage(endpoint);
  if (message === null) return false;
  const sender = endpoint.waiters.head;
  if (sender !== null && sender.ticket < message.ticket) return false;
  deliverMessage(message, receiver);
  settle(endpoint);
  return true;
}

/** Answers the caller with `server`'s message, if there still is one; false when there is none. @hot */
export function answer(reply: Reply, server: Thread): boolean {
  const caller = reply.caller;
  if (caller === null) return false;
  reply.caller = null;
  caller.reply = null;
  const info = infoOf(server.frame);
  setInfo(caller.frame, transfer(server, caller, info, true));
  setBadge(caller.frame, 0n);
  makeReady(caller);
  return true;
}

/** Ends the call of the thread that awaits `reply`: it is told that nobody will answer. */
export function breakReply(reply: Reply): void {
  const caller = reply.caller;
  const receiver = reply.receiver;
  if (receiver !== null) detachReply(receiver);
  if (caller === null) return;
  reply.caller = null;
  caller.reply = null;
  fail(caller, NOT_ANSWERED);
}

/** A message is dropped, or one of the waiters learns that the endpoint is gone; false when there was none. */
export function dismissOne(endpoint: Endpoint): boolean {
  if (endpoint.state === EndpointState.Idle) return false;
  const message = oldestMessage(endpoint);
  if (message !== null) {
    withdraw(message);
    settle(endpoint);
    return true;
  }
  const waiter = takeWaiter(endpoint);
  detachReply(waiter);
  fail(waiter, NEVER_RECEIVED);
  return true;
}

/** Drops a message that leaves with the thread; false when there is none. */
export function dropSent(thread: Thread): boolean {
  const message = sentMessage(thread);
  if (message === null) return false;
  withdraw(message);
  settle(message.endpoint);
  return true;
}

/** Takes a thread that is Sending or Receiving out of its endpoint's queue. @hot */
export function leaveEndpoint(thread: Thread): void {
  const endpoint = thread.endpoint;
  if (endpoint !== null) {
    remove(endpoint.waiters, thread);
    settle(endpoint);
    thread.endpoint = null;
  }
  detachReply(thread);
}

/** The error `Gone`, with what became of the message. A fault that nobody will answer leaves the thread stopped. */
function fail(thread: Thread, fate: u64): void {
  if (thread.isFaulted) {
    if (thread.state === ThreadState.Running) cpu.work |= WORK_SCHEDULE;
    thread.state = ThreadState.Inactive;
    return;
  }
  setInfo(thread.frame, errorInfo(ErrorCode.Gone, fate));
  setBadge(thread.frame, 0n);
  // The current one has not waited: it goes on (T1).
  if (thread.state !== ThreadState.Running) makeReady(thread);
}

/** `sender`'s message goes to `receiver`; a caller then awaits the reply that the receiver has brought. @hot */
function deliver(sender: Thread, receiver: Thread, badge: u64): void {
  if (sender.isFaulted) deliverFault(sender, receiver);
  else setInfo(receiver.frame, transfer(sender, receiver, infoOf(sender.frame), sender.canGrant));
  setBadge(receiver.frame, badge);
  const reply = receiver.receiver;
  if (sender.isCall) {
    if (reply === null) {
      fail(sender, NOT_ANSWERED);
    } else {
      reply.caller = sender;
      sender.reply = reply;
      sender.state = ThreadState.AwaitingReply;
      if (cpu.current === sender) cpu.work |= WORK_SCHEDULE;
    }
  }
  detachReply(receiver);
}

/** The kernel's message in the name of a thread that has faulted; its own registers stay as they are. @hot */
function deliverFault(sender: Thread, receiver: Thread): void {
  setInfo(receiver.frame, REGISTER_WORDS_INFO);
  setWord(receiver.frame, 0, u64(u32(sender.faultKind)));
  setWord(receiver.frame, 1, sender.faultAddress);
  setWord(receiver.frame, 2, programCounterOf(sender.frame));
  setWord(receiver.frame, 3, stackPointerOf(sender.frame));
}

/** Copies words and capabilities; answers the info word that the receiver sees. @inline */
function transfer(from: Thread, to: Thread, info: u64, canGrant: boolean): u64 {
  copyWords(to.frame, from.frame);
  return isShort(info) ? info & ~ERROR : transferRest(from, to, info, canGrant);
}

/** @noinline @hot */
function transferRest(from: Thread, to: Thread, info: u64, canGrant: boolean): u64 {
  const claimed = lengthIn(info);
  const length = copyRest(from, to, claimed > MAX_WORDS ? MAX_WORDS : claimed);
  const caps = canGrant ? transferCapabilities(from, to, capsIn(info)) : 0;
  return messageInfo(info, length, caps);
}

/** @hot */
function attachReply(receiver: Thread, reply: Reply | null): void {
  receiver.receiver = reply;
  if (reply !== null) reply.receiver = receiver;
}

/** @inline */
function detachReply(receiver: Thread): void {
  const reply = receiver.receiver;
  if (reply === null) return;
  reply.receiver = null;
  receiver.receiver = null;
}

/** @hot */
function takeWaiter(endpoint: Endpoint): Thread {
  const thread = dequeue(endpoint.waiters);
  assert(thread !== null, "E1: an endpoint that is not Idle has waiters");
  settle(endpoint);
  thread.endpoint = null;
  return thread;
}

/** Something has left: perhaps it was the last (E1). @inline */
function settle(endpoint: Endpoint): void {
  if (isEmpty(endpoint.waiters) && isListEmpty(endpoint.messages)) endpoint.state = EndpointState.Idle;
}
