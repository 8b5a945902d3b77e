import { answerAt, infoWord, type Message } from "../../user/message";
import { MessageFault } from "../error";
import type { ReadReceiptRequest, Receipt } from "../receipt";
import type { LoadStatus } from "../status";
import { faultOfShape, putBytes, putText, putWord, takeBytes, takeText } from "../words";

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
  putText(message, 3, sliceOf(record.name.bytes, 0, 64), record.name.length);
  putText(message, 12, sliceOf(record.version.bytes, 0, 64), record.version.length);
  putBytes(message, 21, sliceOf(record.manifest.bytes, 0, 64));
  putBytes(message, 29, sliceOf(record.binary.bytes, 0, 64));
  putBytes(message, 37, sliceOf(record.key.bytes, 0, 64));
  putWord(message, 45, record.granted);
  putWord(message, 46, record.refused);
  for (let i: u32 = 0; i < 8; i++) putWord(message, 47 + i, record.stages[i]);
  message.info = infoWord(RECEIPT, 55, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeReceipt(message: Message, record: Receipt): MessageFault {
  const fault = faultOfShape(message, RECEIPT, 55, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  if (answerAt(message, 2) > 15n) return MessageFault.Value;
  if (takeText(message, 3, sliceOf(record.name.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 12, sliceOf(record.version.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.loadId = u32(answerAt(message, 1));
  record.status = toEnum<LoadStatus>(u32(answerAt(message, 2)));
  record.name.length = u32(answerAt(message, 3));
  record.version.length = u32(answerAt(message, 12));
  takeBytes(message, 21, sliceOf(record.manifest.bytes, 0, 64));
  takeBytes(message, 29, sliceOf(record.binary.bytes, 0, 64));
  takeBytes(message, 37, sliceOf(record.key.bytes, 0, 64));
  record.granted = answerAt(message, 45);
  record.refused = answerAt(message, 46);
  for (let i: u32 = 0; i < 8; i++) record.stages[i] = answerAt(message, 47 + i);
  return MessageFault.None;
}
