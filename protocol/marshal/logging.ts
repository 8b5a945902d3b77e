import { answerAt, bufferFor, infoWord, type Message } from "../../user/message";
import { MessageFault } from "../error";
import type { LogLineRequest, LogLineResponse, LogRow, ReadLogRequest } from "../logging";
import { arrivedIn, faultOfShape, putText, putWord, takeText } from "../words";

/**
 * Records of protocol/logging.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by `make protocol`.
 */

export const LOG_LINE_REQUEST = 520;
export const LOG_LINE_RESPONSE = 521;
export const READ_LOG_REQUEST = 522;
export const LOG_ROW = 523;

/** To the service `logging`, from whoever has found it: keep a line. */
export function encodeLogLineRequest(record: LogLineRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putText(message, 1, sliceOf(record.module.bytes, 0, 64), record.module.length);
  putText(message, 10, sliceOf(record.line.bytes, 0, 192), record.line.length);
  bufferFor(message).sent[0] = record.replyTo;
  message.info = infoWord(LOG_LINE_REQUEST, 35, 1);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeLogLineRequest(message: Message, record: LogLineRequest): MessageFault {
  const fault = faultOfShape(message, LOG_LINE_REQUEST, 35, 1, 1);
  if (fault !== MessageFault.None) return fault;
  if (takeText(message, 1, sliceOf(record.module.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 10, sliceOf(record.line.bytes, 0, 192)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.module.length = u32(answerAt(message, 1));
  record.line.length = u32(answerAt(message, 10));
  record.replyTo = arrivedIn(message, 0);
  return MessageFault.None;
}

/** The line is kept. */
export function encodeLogLineResponse(record: LogLineResponse, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, record.number);
  message.info = infoWord(LOG_LINE_RESPONSE, 2, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeLogLineResponse(message: Message, record: LogLineResponse): MessageFault {
  const fault = faultOfShape(message, LOG_LINE_RESPONSE, 2, 0, 0);
  if (fault !== MessageFault.None) return fault;

  record.requestId = answerAt(message, 0);
  record.number = answerAt(message, 1);
  return MessageFault.None;
}

/** To the service `logging`: a line that it still has. */
export function encodeReadLogRequest(record: ReadLogRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, record.number);
  message.info = infoWord(READ_LOG_REQUEST, 2, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeReadLogRequest(message: Message, record: ReadLogRequest): MessageFault {
  const fault = faultOfShape(message, READ_LOG_REQUEST, 2, 0, 0);
  if (fault !== MessageFault.None) return fault;

  record.requestId = answerAt(message, 0);
  record.number = answerAt(message, 1);
  return MessageFault.None;
}

/** The line of that number, or the oldest one that is kept behind it. */
export function encodeLogRow(record: LogRow, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, record.number);
  putWord(message, 2, u64(record.loadId));
  putText(message, 3, sliceOf(record.module.bytes, 0, 64), record.module.length);
  putText(message, 12, sliceOf(record.line.bytes, 0, 192), record.line.length);
  message.info = infoWord(LOG_ROW, 37, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeLogRow(message: Message, record: LogRow): MessageFault {
  const fault = faultOfShape(message, LOG_ROW, 37, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 2) > 0xffffffffn) return MessageFault.Value;
  if (takeText(message, 3, sliceOf(record.module.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 12, sliceOf(record.line.bytes, 0, 192)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.number = answerAt(message, 1);
  record.loadId = u32(answerAt(message, 2));
  record.module.length = u32(answerAt(message, 3));
  record.line.length = u32(answerAt(message, 12));
  return MessageFault.None;
}
