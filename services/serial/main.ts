import { type ByteRing, drop, hasRoom, peek, putIn } from "../../drivers/byteRing";
import { CapType } from "../../kernel/cap/capability";
import { lengthIn } from "../../kernel/ipc/messageInfo";
import { SLOT_CNODE, SLOT_THREAD } from "../../kernel/object/processSlots";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { ask, mintInto, retype } from "../../user/calls";
import { errorOf, infoWord, labelOf, type Message, ownBuffer, systemCall } from "../../user/message";
import { putText, textByte, textLength } from "../../user/text";
import { CONSOLE_INPUT, SERIAL_WRITE } from "../protocol";
import {
  SERIAL_CONSOLE,
  SERIAL_ENDPOINT,
  SERIAL_IRQ,
  SERIAL_IRQ_BADGE,
  SERIAL_IRQ_SIGNAL,
  SERIAL_MEMORY,
  SERIAL_NOTIFICATION,
  SERIAL_REPLY,
} from "../slots";
import { hasByte, openUart, receiveByte, sendByte } from "./uart";

/**
 * The serial port's driver: sends the text that it is called with, and passes on what it receives.
 *
 *   interrupt ─▶ port ─▶ ring ─▶ message to the console, when its endpoint has room
 *
 * While the ring is full, the port keeps what comes, and its interrupt is not acknowledged.
 */

const PIECE = 32;
const ALL_RIGHTS = 7n;

const ring: ByteRing = zeroed();
let isWaiting = false;

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  makeObjects();
  openUart();
  ask(SERIAL_IRQ, Invocation.IrqHandlerAcknowledge, 0n, 0n, 0);
  systemCall(Syscall.Recv, SERIAL_ENDPOINT, SERIAL_REPLY, message);
  for (;;) {
    if (message.badge === SERIAL_IRQ_BADGE) {
      isWaiting = true;
      receive();
      systemCall(Syscall.Recv, SERIAL_ENDPOINT, SERIAL_REPLY, message);
      continue;
    }
    if (labelOf(message) === SERIAL_WRITE) write(message);
    receive();
    message.info = infoWord(0, 0, 0);
    systemCall(Syscall.ReplyRecv, SERIAL_ENDPOINT, SERIAL_REPLY, message);
  }
}

/** A Reply, and a notification of interrupts that comes to whoever waits for messages. */
function makeObjects(): void {
  let error = retype(SERIAL_MEMORY, CapType.Reply, 0n, 1, SERIAL_REPLY);
  if (error === 0) error = retype(SERIAL_MEMORY, CapType.Notification, 0n, 1, SERIAL_NOTIFICATION);
  if (error === 0) error = mintInto(SLOT_CNODE, SERIAL_NOTIFICATION, SERIAL_IRQ_SIGNAL, ALL_RIGHTS, SERIAL_IRQ_BADGE);
  if (error === 0) error = ask(SLOT_THREAD, Invocation.ThreadBindNotification, 0n, 0n, SERIAL_NOTIFICATION);
  if (error === 0) error = ask(SERIAL_IRQ, Invocation.IrqHandlerSetNotification, 0n, 0n, SERIAL_IRQ_SIGNAL);
  assert(error === 0, "the manifest asks for what they need");
}

function write(message: Message): void {
  const length = textLength(message.words[0], lengthIn(message.info), 1);
  for (let i: u32 = 0; i < length; i++) sendByte(textByte(message, ownBuffer(), 1, i));
}

/** Passes on what has come, until nothing is left or nobody takes any more. */
function receive(): void {
  do {
    while (hasRoom(ring) && hasByte()) putIn(ring, receiveByte());
  } while (passOn());
  if (!isWaiting || !hasRoom(ring)) return;
  isWaiting = false;
  ask(SERIAL_IRQ, Invocation.IrqHandlerAcknowledge, 0n, 0n, 0);
}

/** One message; false when there is nothing to send, or no room for it. */
function passOn(): boolean {
  const message = local<Message>();
  const piece = local<FixedArray<u8, typeof PIECE>>();
  const length = peek(ring, sliceOf(piece, 0, PIECE));
  if (length === 0) return false;
  message.info = infoWord(CONSOLE_INPUT, putText(message, ownBuffer(), sliceOf(piece, 0, length)), 0);
  systemCall(Syscall.NbSend, SERIAL_CONSOLE, 0, message);
  if (errorOf(message) !== 0) return false;
  drop(ring, length);
  return true;
}
