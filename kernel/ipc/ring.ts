/** @unsafe lays a ring's places out behind its endpoint */
import { setBadge, setInfo, setWord, wordOf } from "@arch/userFrame";
import { deriveMessage } from "../cap/derive";
import { isNull, moveSlot, type Slot } from "../cap/slot";
import type { Endpoint } from "../object/endpoint";
import { depthIn, wordsIn } from "../object/endpointPolicy";
import type { Thread } from "../object/thread";
import { bufferOf, copyBehindRegisters, sentSlot } from "./buffer";
import { append, firstOf, initLink, isListEmpty, type Link, unlink } from "./link";
import {
  capsIn,
  ERROR,
  ErrorCode,
  errorInfo,
  isShort,
  lengthIn,
  type MAX_CAPS,
  messageInfo,
  REGISTER_WORDS,
} from "./messageInfo";
import { arrivalSlot, noteReceived } from "./transfer";

/**
 * The messages that an endpoint keeps while nobody receives: `depth` places behind the endpoint itself, each with the
 * words and capabilities of one message.
 *
 *   endpoint │ place │ place │ …        place: RingMessage, then maxWords words
 *
 *   free ──store──▶ queued ──deliver──▶ free
 *                     └──receiver without slots for its capabilities, withdrawn──▶ leftover ──emptied──▶ free
 *
 * A one-shot capability (CNode.Mint) reserves a place: for the message that it is used for, or for the news that it
 * was destroyed unused. A message leaves with its sender, unless it was sent by a one-shot capability: an answer
 * that has been given stays given.
 *
 * G1  `used` counts the places that are not free and those that are reserved; it is at most `depth` (I9).
 * G2  Of messages with one badge, not counting one-shot ones, at most `share` are queued (I9).
 * G3  A queued message is in its endpoint's list, and in its sender's if it leaves with it.
 * G4  The slots of a free place are null.
 */
export interface RingMessage extends Struct<"RingMessage"> {
  /** In the endpoint's list of messages, or in the list of leftovers. */
  readonly link: Inline<Link>;
  /** In the sender's list. */
  readonly sent: Inline<Link>;
  endpoint: Endpoint;
  /** While free: the next free place. */
  next: RingMessage | null;
  badge: u64;
  info: u64;
  /** When it came, among the endpoint's messages and waiting threads. */
  ticket: u64;
  isOneShot: boolean;
  /** Whether a capability came with it. */
  hasCaps: boolean;
  readonly slots: FixedArray<Inline<Slot>, typeof MAX_CAPS>;
}

const LINK_BYTES = 16n;

/** Messages that are gone, but not their capabilities: cap/delete.ts empties them. */
const leftovers: Link = zeroed();

export function initRings(): void {
  initLink(leftovers);
}

/** Of an endpoint with `policy`, in bytes. */
export function endpointBytes(policy: u64): u64 {
  return sizeOf<Endpoint>() + u64(depthIn(policy)) * placeBytes(u64(wordsIn(policy)));
}

/** The words that travel in registers have their place whatever the policy says. */
function placeBytes(words: u64): u64 {
  return sizeOf<RingMessage>() + (words < u64(REGISTER_WORDS) ? u64(REGISTER_WORDS) : words) * 8n;
}

/** All places of a new endpoint, whose memory is zero and whose policy is set, become free. */
export function initRing(endpoint: Endpoint): void {
  initLink(endpoint.messages);
  const bytes = placeBytes(endpoint.maxWords);
  const first = addressOf(endpoint) + sizeOf<Endpoint>();
  for (let i: u32 = 0; i < endpoint.depth; i++) {
    const place = cast<RingMessage>(first + u64(i) * bytes);
    place.endpoint = endpoint;
    initLink(place.link);
    initLink(place.sent);
    putPlace(endpoint, place);
  }
}

/** @inline */
function putPlace(endpoint: Endpoint, place: RingMessage): void {
  place.next = endpoint.free;
  endpoint.free = place;
}

function messageOf(link: Link | null): RingMessage | null {
  return link === null ? null : cast<RingMessage>(addressOf(link));
}

/** The message that has waited longest. @inline */
export function oldestMessage(endpoint: Endpoint): RingMessage | null {
  return messageOf(firstOf(endpoint.messages));
}

/** Whether a place can be taken by a message with `badge`, or reserved. @hot @inline */
export function hasRoom(endpoint: Endpoint, badge: u64): boolean {
  if (endpoint.used >= endpoint.depth) return false;
  return endpoint.share >= endpoint.depth || countOf(endpoint, badge) < endpoint.share;
}

/** Queued messages with `badge`, not counting one-shot ones. @noinline */
function countOf(endpoint: Endpoint, badge: u64): u32 {
  let count: u32 = 0;
  for (let link = endpoint.messages.next; link !== endpoint.messages; link = link.next) {
    const message = cast<RingMessage>(addressOf(link));
    if (message.badge === badge && !message.isOneShot) count++;
  }
  return count;
}

/** Keeps `sender`'s message; the caller has seen that there is room, or has a place reserved. @hot @inline */
export function storeMessage(endpoint: Endpoint, sender: Thread, badge: u64, info: u64, isOneShot: boolean): void {
  const message = takePlace(endpoint, badge, isOneShot);
  if (!isOneShot) {
    append(sender.outbox, message.sent);
    endpoint.used++;
  }
  const words = wordsOf(message);
  for (let i: u32 = 0; i < REGISTER_WORDS; i++) store64(words + u64(i) * 8n, wordOf(sender.frame, i));
  message.info = isShort(info) ? info & ~ERROR : storeRest(message, sender, info);
}

/** Words from the buffer, and capabilities; answers the info word that is kept. @hot @noinline */
function storeRest(message: RingMessage, sender: Thread, info: u64): u64 {
  let length = lengthIn(info);
  if (length > REGISTER_WORDS) {
    const buffer = bufferOf(sender);
    if (buffer === null) length = REGISTER_WORDS;
    else copyBehindRegisters(wordsOf(message), addressOf(buffer.words), length);
  }
  const claimed = capsIn(info);
  const caps = claimed !== 0 && sender.canGrant ? takeCapabilities(message, sender, claimed) : 0;
  message.hasCaps = caps !== 0;
  return messageInfo(info, length, caps);
}

/** Keeps the news that a one-shot capability with `badge` was destroyed unused. Its place is reserved. */
export function storeFate(endpoint: Endpoint, badge: u64, fate: u64): void {
  takePlace(endpoint, badge, true).info = errorInfo(ErrorCode.Gone, fate);
}

/** @hot @inline */
function takePlace(endpoint: Endpoint, badge: u64, isOneShot: boolean): RingMessage {
  const message = endpoint.free;
  assert(message !== null, "G1: a place is free while fewer than depth are used");
  endpoint.free = message.next;
  append(endpoint.messages, message.link);
  message.badge = badge;
  message.isOneShot = isOneShot;
  message.hasCaps = false;
  message.ticket = endpoint.ticket;
  endpoint.ticket += 1n;
  return message;
}

function takeCapabilities(message: RingMessage, sender: Thread, count: u32): u32 {
  let done: u32 = 0;
  while (done < count && done < message.slots.length) {
    const source = sentSlot(sender, done);
    if (source === null || isNull(source) || !deriveMessage(source, message.slots[done])) break;
    done++;
  }
  return done;
}

/** The message becomes `receiver`'s. @hot @inline */
export function deliverMessage(message: RingMessage, receiver: Thread): void {
  const info = message.info;
  setBadge(receiver.frame, message.badge);
  if ((info & ERROR) === 0n) {
    const words = wordsOf(message);
    for (let i: u32 = 0; i < REGISTER_WORDS; i++) setWord(receiver.frame, i, load64(words + u64(i) * 8n));
  }
  setInfo(receiver.frame, isShort(info) ? info : deliverRest(message, receiver));
  withdraw(message);
}

/** Words for the buffer, and capabilities; answers the info word that the receiver sees. @hot @noinline */
function deliverRest(message: RingMessage, receiver: Thread): u64 {
  let length = lengthIn(message.info);
  if (length > REGISTER_WORDS) {
    const buffer = bufferOf(receiver);
    if (buffer === null) length = REGISTER_WORDS;
    else copyBehindRegisters(addressOf(buffer.words), wordsOf(message), length);
  }
  return messageInfo(message.info, length, message.hasCaps ? giveCapabilities(message, receiver) : 0);
}

function giveCapabilities(message: RingMessage, receiver: Thread): u32 {
  let done: u32 = 0;
  while (done < message.slots.length && !isNull(message.slots[done])) {
    const place = arrivalSlot(receiver, done);
    if (place === null) break;
    moveSlot(message.slots[done], place);
    noteReceived(place);
    done++;
  }
  return done;
}

/** The oldest message that the thread has sent and nobody has received, of those that leave with it; or null. */
export function sentMessage(sender: Thread): RingMessage | null {
  const link = firstOf(sender.outbox);
  return link === null ? null : cast<RingMessage>(addressOf(link) - LINK_BYTES);
}

/** The message is gone: its place is free, or what capabilities it has are left over. @hot @inline */
export function withdraw(message: RingMessage): void {
  unlink(message.link);
  unlink(message.sent);
  if (message.hasCaps && keepLeftovers(message)) return;
  freePlace(message);
}

/** Whether capabilities of a message that is gone were not handed over. @noinline */
function keepLeftovers(message: RingMessage): boolean {
  for (let i: u32 = 0; i < message.slots.length; i++) {
    if (isNull(message.slots[i])) continue;
    append(leftovers, message.link);
    return true;
  }
  return false;
}

/** @inline */
function freePlace(message: RingMessage): void {
  const endpoint = message.endpoint;
  putPlace(endpoint, message);
  endpoint.used--;
}

/** A capability of a message that is gone, or null when there are no such messages any more. */
export function leftoverSlot(): Slot | null {
  for (;;) {
    const message = messageOf(firstOf(leftovers));
    if (message === null) return null;
    for (let i: u32 = 0; i < message.slots.length; i++) {
      if (!isNull(message.slots[i])) return message.slots[i];
    }
    unlink(message.link);
    freePlace(message);
  }
}

/** @inline */
export function hasLeftovers(): boolean {
  return !isListEmpty(leftovers);
}

/** Address of the message's words. @inline */
function wordsOf(message: RingMessage): u64 {
  return addressOf(message) + sizeOf<RingMessage>();
}
