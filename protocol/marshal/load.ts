import { answerAt, bufferFor, infoWord, type Message } from "../../user/message";
import { MessageFault } from "../error";
import type { LoadModuleRequest, LoadModuleResponse, LoadPurpose } from "../load";
import type { LoadStatus } from "../status";
import { arrivedIn, faultOfShape, putText, putWord, takeText } from "../words";

/**
 * Records of protocol/load.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by `make protocol`.
 */

export const LOAD_MODULE_REQUEST = 257;
export const LOAD_MODULE_RESPONSE = 258;

/** From whoever wants a module, to the ModuleManager: find it, verify it, run it. */
export function encodeLoadModuleRequest(record: LoadModuleRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putText(message, 1, sliceOf(record.name.bytes, 0, 64), record.name.length);
  putText(message, 10, sliceOf(record.range.bytes, 0, 128), record.range.length);
  putWord(message, 27, u64(u32(record.purpose)));
  putWord(message, 28, u64(record.isSecondAllowed));
  putWord(message, 29, u64(record.timeoutMs));
  bufferFor(message).sent[0] = record.replyTo;
  bufferFor(message).sent[1] = record.parameters;
  message.info = infoWord(LOAD_MODULE_REQUEST, 30, record.parameters === 0 ? 1 : 2);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeLoadModuleRequest(message: Message, record: LoadModuleRequest): MessageFault {
  const fault = faultOfShape(message, LOAD_MODULE_REQUEST, 30, 1, 2);
  if (fault !== MessageFault.None) return fault;
  if (takeText(message, 1, sliceOf(record.name.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 10, sliceOf(record.range.bytes, 0, 128)) !== MessageFault.None) return MessageFault.Value;
  if (answerAt(message, 27) > 1n) return MessageFault.Value;
  if (answerAt(message, 28) > 1n) return MessageFault.Value;
  if (answerAt(message, 29) > 0xffffffffn) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.name.length = u32(answerAt(message, 1));
  record.range.length = u32(answerAt(message, 10));
  record.purpose = toEnum<LoadPurpose>(u32(answerAt(message, 27)));
  record.isSecondAllowed = answerAt(message, 28) !== 0n;
  record.timeoutMs = u32(answerAt(message, 29));
  record.replyTo = arrivedIn(message, 0);
  record.parameters = arrivedIn(message, 1);
  return MessageFault.None;
}

/** The end of a load, to the requester's `replyTo`. */
export function encodeLoadModuleResponse(record: LoadModuleResponse, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.status)));
  putWord(message, 2, u64(record.fault));
  putWord(message, 3, u64(record.part));
  putWord(message, 4, u64(record.place));
  putWord(message, 5, u64(record.loadId));
  putWord(message, 6, u64(record.processId));
  putText(message, 7, sliceOf(record.version.bytes, 0, 64), record.version.length);
  message.info = infoWord(LOAD_MODULE_RESPONSE, 16, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeLoadModuleResponse(message: Message, record: LoadModuleResponse): MessageFault {
  const fault = faultOfShape(message, LOAD_MODULE_RESPONSE, 16, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 15n) return MessageFault.Value;
  if (answerAt(message, 2) > 0xffffffffn) return MessageFault.Value;
  if (answerAt(message, 3) > 0xffffffffn) return MessageFault.Value;
  if (answerAt(message, 4) > 0xffffffffn) return MessageFault.Value;
  if (answerAt(message, 5) > 0xffffffffn) return MessageFault.Value;
  if (answerAt(message, 6) > 0xffffffffn) return MessageFault.Value;
  if (takeText(message, 7, sliceOf(record.version.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.status = toEnum<LoadStatus>(u32(answerAt(message, 1)));
  record.fault = u32(answerAt(message, 2));
  record.part = u32(answerAt(message, 3));
  record.place = u32(answerAt(message, 4));
  record.loadId = u32(answerAt(message, 5));
  record.processId = u32(answerAt(message, 6));
  record.version.length = u32(answerAt(message, 7));
  return MessageFault.None;
}
