import { answerAt, bufferFor, infoWord, type Message } from "../../user/message";
import { MessageFault } from "../error";
import type { FindModuleRequest, FindModuleResponse, ListPackagesRequest, PackageRow } from "../repository";
import type { LoadStatus } from "../status";
import { arrivedIn, faultOfShape, putText, putWord, takeText } from "../words";

/**
 * Records of protocol/repository.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by `make protocol`.
 */

export const FIND_MODULE_REQUEST = 267;
export const FIND_MODULE_RESPONSE = 268;
export const LIST_PACKAGES_REQUEST = 269;
export const PACKAGE_ROW = 270;

/** To the ModuleRepository: the best version of a module. */
export function encodeFindModuleRequest(record: FindModuleRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putText(message, 1, sliceOf(record.name.bytes, 0, 64), record.name.length);
  putText(message, 10, sliceOf(record.range.bytes, 0, 128), record.range.length);
  message.info = infoWord(FIND_MODULE_REQUEST, 27, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeFindModuleRequest(message: Message, record: FindModuleRequest): MessageFault {
  const fault = faultOfShape(message, FIND_MODULE_REQUEST, 27, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (takeText(message, 1, sliceOf(record.name.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 10, sliceOf(record.range.bytes, 0, 128)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.name.length = u32(answerAt(message, 1));
  record.range.length = u32(answerAt(message, 10));
  return MessageFault.None;
}

/** The highest version that satisfies the range. */
export function encodeFindModuleResponse(record: FindModuleResponse, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.status)));
  putWord(message, 2, record.fileBytes);
  putText(message, 3, sliceOf(record.version.bytes, 0, 64), record.version.length);
  bufferFor(message).sent[0] = record.file;
  message.info = infoWord(FIND_MODULE_RESPONSE, 12, record.file === 0 ? 0 : 1);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeFindModuleResponse(message: Message, record: FindModuleResponse): MessageFault {
  const fault = faultOfShape(message, FIND_MODULE_RESPONSE, 12, 0, 1);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 15n) return MessageFault.Value;
  if (takeText(message, 3, sliceOf(record.version.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.status = toEnum<LoadStatus>(u32(answerAt(message, 1)));
  record.fileBytes = answerAt(message, 2);
  record.version.length = u32(answerAt(message, 3));
  record.file = arrivedIn(message, 0);
  return MessageFault.None;
}

/** To the ModuleRepository: what it has. */
export function encodeListPackagesRequest(record: ListPackagesRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(record.index));
  message.info = infoWord(LIST_PACKAGES_REQUEST, 2, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeListPackagesRequest(message: Message, record: ListPackagesRequest): MessageFault {
  const fault = faultOfShape(message, LIST_PACKAGES_REQUEST, 2, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.index = u32(answerAt(message, 1));
  return MessageFault.None;
}

/** The package in that place. */
export function encodePackageRow(record: PackageRow, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(record.count));
  putWord(message, 2, record.fileBytes);
  putText(message, 3, sliceOf(record.name.bytes, 0, 64), record.name.length);
  putText(message, 12, sliceOf(record.version.bytes, 0, 64), record.version.length);
  message.info = infoWord(PACKAGE_ROW, 21, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodePackageRow(message: Message, record: PackageRow): MessageFault {
  const fault = faultOfShape(message, PACKAGE_ROW, 21, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  if (takeText(message, 3, sliceOf(record.name.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 12, sliceOf(record.version.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.count = u32(answerAt(message, 1));
  record.fileBytes = answerAt(message, 2);
  record.name.length = u32(answerAt(message, 3));
  record.version.length = u32(answerAt(message, 12));
  return MessageFault.None;
}
