import { type ByteRing, drop, hasRoomFor, peek, putIn } from "../drivers/byteRing";
import { CapType } from "../kernel/cap/capability";
import { SLOT_CNODE, SLOT_THREAD } from "../kernel/object/processSlots";
import { Invocation, Syscall } from "../kernel/syscall/invocation";
import { ask, mintInto, retype } from "../user/calls";
import { errorOf, infoWord, type Message, ownBuffer, systemCall } from "../user/message";
import { putText } from "../user/text";
import { CONSOLE_INPUT } from "./protocol";
import {
  TERMINAL_CONSOLE,
  TERMINAL_IRQ,
  TERMINAL_IRQ_BADGE,
  TERMINAL_IRQ_SIGNAL,
  TERMINAL_MEMORY,
  TERMINAL_NOTIFICATION,
  TERMINAL_REPLY,
  TERMINAL_REQUESTS,
} from "./slots";

/**
 * What the drivers of terminals share: they are called with text to show, and pass on what is typed.
 *
 *   interrupt ─▶ device ─▶ ring ─▶ message to the console, when its endpoint has room
 *
 * While the ring is full, the device keeps what comes, and its interrupt is not acknowledged.
 */

const PIECE = 32;
const ALL_RIGHTS = 7n;

const ring: ByteRing = zeroed();
let isWaiting = false;

/** A Reply, and a notification of interrupts that comes to whoever waits for messages. */
export function openDriver(): void {
  let error = retype(TERMINAL_MEMORY, CapType.Reply, 0n, 1, TERMINAL_REPLY);
  if (error === 0) error = retype(TERMINAL_MEMORY, CapType.Notification, 0n, 1, TERMINAL_NOTIFICATION);
  if (error === 0) {
    error = mintInto(SLOT_CNODE, TERMINAL_NOTIFICATION, TERMINAL_IRQ_SIGNAL, ALL_RIGHTS, TERMINAL_IRQ_BADGE);
  }
  if (error === 0) error = ask(SLOT_THREAD, Invocation.ThreadBindNotification, 0n, 0n, TERMINAL_NOTIFICATION);
  if (error === 0) error = ask(TERMINAL_IRQ, Invocation.IrqHandlerSetNotification, 0n, 0n, TERMINAL_IRQ_SIGNAL);
  assert(error === 0, "the manifest asks for what they need");
}

/** Once the device is ready for its interrupts: the first message. */
export function firstMessage(message: Message): void {
  acknowledge();
  systemCall(Syscall.Recv, TERMINAL_REQUESTS, TERMINAL_REPLY, message);
}

/** Answers the message's caller, unless it is an interrupt, and waits for the next message. */
export function nextMessage(message: Message): void {
  const call = isInterrupt(message) ? Syscall.Recv : Syscall.ReplyRecv;
  message.info = infoWord(0, 0, 0);
  systemCall(call, TERMINAL_REQUESTS, TERMINAL_REPLY, message);
}

export function isInterrupt(message: Message): boolean {
  return message.badge === TERMINAL_IRQ_BADGE;
}

/** There has been one: it is acknowledged once the device has been read and the ring has room. */
export function noteInterrupt(): void {
  isWaiting = true;
}

/** Whether `count` more bytes can be taken. */
export function hasRoom(count: u32): boolean {
  return hasRoomFor(ring, count);
}

/** The caller knows that there is room. */
export function typeByte(byte: u8): void {
  putIn(ring, byte);
}

/** One message to the console; false when there is nothing to send, or no room for it. */
export function passOn(): boolean {
  const message = local<Message>();
  const piece = local<FixedArray<u8, typeof PIECE>>();
  const length = peek(ring, sliceOf(piece, 0, PIECE));
  if (length === 0) return false;
  message.info = infoWord(CONSOLE_INPUT, putText(message, ownBuffer(), sliceOf(piece, 0, length)), 0);
  systemCall(Syscall.NbSend, TERMINAL_CONSOLE, 0, message);
  if (errorOf(message) !== 0) return false;
  drop(ring, length);
  return true;
}

/** After `passOn` has come to its end. `count`: the room that the device's next step needs. */
export function endInterrupt(count: u32): void {
  if (!isWaiting || !hasRoom(count)) return;
  isWaiting = false;
  acknowledge();
}

function acknowledge(): void {
  ask(TERMINAL_IRQ, Invocation.IrqHandlerAcknowledge, 0n, 0n, 0);
}
