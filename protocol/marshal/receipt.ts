import { answerAt, infoWord, type Message } from "../../user/message";
import { MessageFault } from "../error";
import type { ReadReceiptRequest, Receipt } from "../receipt";
import type { LoadStatus } from "../status";
import { faultOfShape, putBytes, putWord, takeBytes } from "../words";

/**
 * Records of protocol/receipt.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by `make protocol`.
 */

export const READ_RECEIPT_REQUEST = 259;
export const RECEIPT = 260;

/** To the ModuleManager: the receipt of one of its last loads. */
export function encodeReadReceiptRequest(record: ReadReceiptRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(record.loadId));
  message.info = infoWord(READ_RECEIPT_REQUEST, 2, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeReadReceiptRequest(message: Message, record: ReadReceiptRequest): MessageFault {
  const fault = faultOfShape(message, READ_RECEIPT_REQUEST, 2, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.loadId = u32(answerAt(message, 1));
  return MessageFault.None;
}

/** What a load was about, and what it cost. What it did not get to is zero. */
export function encodeReceipt(record: Receipt, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(record.loadId));
  putWord(message, 2, u64(u32(record.status)));
  putBytes(message, 3, sliceOf(record.manifest.bytes, 0, 64));
  putBytes(message, 11, sliceOf(record.binary.bytes, 0, 64));
  putBytes(message, 19, sliceOf(record.key.bytes, 0, 64));
  putWord(message, 27, record.granted);
  putWord(message, 28, record.refused);
  for (let i: u32 = 0; i < 8; i++) putWord(message, 29 + i, record.stages[i]);
  message.info = infoWord(RECEIPT, 37, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeReceipt(message: Message, record: Receipt): MessageFault {
  const fault = faultOfShape(message, RECEIPT, 37, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  if (answerAt(message, 2) > 15n) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.loadId = u32(answerAt(message, 1));
  record.status = toEnum<LoadStatus>(u32(answerAt(message, 2)));
  takeBytes(message, 3, sliceOf(record.manifest.bytes, 0, 64));
  takeBytes(message, 11, sliceOf(record.binary.bytes, 0, 64));
  takeBytes(message, 19, sliceOf(record.key.bytes, 0, 64));
  record.granted = answerAt(message, 27);
  record.refused = answerAt(message, 28);
  for (let i: u32 = 0; i < 8; i++) record.stages[i] = answerAt(message, 29 + i);
  return MessageFault.None;
}
