import { capsIn } from "../kernel/ipc/messageInfo";
import { Syscall } from "../kernel/syscall/invocation";
import type { ErrorRecord, MessageFault } from "../protocol/error";
import { encodeErrorRecord } from "../protocol/marshal/error";
import { remove } from "../user/calls";
import { answerAt, infoWord, labelOf, type Message, ownBuffer, systemCall } from "../user/message";

/**
 * What services that answer records have in common: the slots in which capabilities of messages arrive, and the answer to
 * what is no record.
 *
 *   receive ──▶ decode ──fault──▶ answerFault ──▶ reply
 *                  └── act, encode an answer ─────▶ reply        then dropArrived: what was not kept is deleted
 */

/** Four slots of the root CNode, the first for the first capability. */
export const ARRIVALS = 40;
const MAX_ARRIVALS = 4;

/** Waits for a message; its capabilities arrive in ARRIVALS. */
export function receive(endpoint: u32, reply: u32, message: Message): void {
  for (let i: u32 = 0; i < MAX_ARRIVALS; i++) ownBuffer().slots[i] = ARRIVALS + i;
  systemCall(Syscall.Recv, endpoint, reply, message);
}

/** The same without waiting: `Busy` when there is none. */
export function receiveNow(endpoint: u32, reply: u32, message: Message): void {
  for (let i: u32 = 0; i < MAX_ARRIVALS; i++) ownBuffer().slots[i] = ARRIVALS + i;
  systemCall(Syscall.NbRecv, endpoint, reply, message);
}

/** Deletes what has arrived with a message whose info word was `info`, and was not moved elsewhere. */
export function dropArrived(info: u64): void {
  const count = capsIn(info);
  for (let i: u32 = 0; i < count && i < MAX_ARRIVALS; i++) remove(ARRIVALS + i);
}

/** Makes `message` the answer to itself, of which `fault` says what is wrong. */
export function answerFault(message: Message, fault: MessageFault): void {
  const record = local<ErrorRecord>();
  record.requestId = answerAt(message, 0);
  record.fault = fault;
  record.label = labelOf(message);
  encodeErrorRecord(record, message);
}

/** The same to whoever has sent it with a place to answer to, its first capability. */
export function refuseOneWay(message: Message, fault: MessageFault): void {
  if (capsIn(message.info) === 0) return;
  answerFault(message, fault);
  systemCall(Syscall.NbSend, ARRIVALS, 0, message);
}

/** Answers the caller, if the message came by Call. */
export function reply(slot: u32, message: Message): void {
  systemCall(Syscall.Reply, 0, slot, message);
}

/** Makes `message` an empty one. */
export function clearMessage(message: Message): void {
  message.info = infoWord(0, 0, 0);
}
