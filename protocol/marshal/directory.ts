import { answerAt, bufferFor, infoWord, type Message } from "../../user/message";
import type {
  DirectoryResponse,
  DirectoryStatus,
  ListServicesRequest,
  LookUpServiceRequest,
  LookUpServiceResponse,
  RegisterServiceRequest,
  ServiceRow,
  WatchServicesRequest,
  WithdrawServicesRequest,
} from "../directory";
import { MessageFault } from "../error";
import { arrivedIn, faultOfShape, putText, putWord, takeText } from "../words";

/**
 * Records of protocol/directory.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by `make protocol`.
 */

export const LOOK_UP_SERVICE_REQUEST = 271;
export const LOOK_UP_SERVICE_RESPONSE = 272;
export const REGISTER_SERVICE_REQUEST = 273;
export const WITHDRAW_SERVICES_REQUEST = 274;
export const WATCH_SERVICES_REQUEST = 275;
export const LIST_SERVICES_REQUEST = 276;
export const DIRECTORY_RESPONSE = 277;
export const SERVICE_ROW = 278;

/** To the ServiceDirectory, by whoever holds the capability to look up. */
export function encodeLookUpServiceRequest(record: LookUpServiceRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putText(message, 1, sliceOf(record.name.bytes, 0, 64), record.name.length);
  message.info = infoWord(LOOK_UP_SERVICE_REQUEST, 10, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeLookUpServiceRequest(message: Message, record: LookUpServiceRequest): MessageFault {
  const fault = faultOfShape(message, LOOK_UP_SERVICE_REQUEST, 10, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (takeText(message, 1, sliceOf(record.name.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.name.length = u32(answerAt(message, 1));
  return MessageFault.None;
}

/** The service of that name. */
export function encodeLookUpServiceResponse(record: LookUpServiceResponse, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.status)));
  putWord(message, 2, u64(record.processId));
  putWord(message, 3, record.revision);
  putText(message, 4, sliceOf(record.protocol.bytes, 0, 64), record.protocol.length);
  putText(message, 13, sliceOf(record.version.bytes, 0, 64), record.version.length);
  bufferFor(message).sent[0] = record.endpoint;
  message.info = infoWord(LOOK_UP_SERVICE_RESPONSE, 22, record.endpoint === 0 ? 0 : 1);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeLookUpServiceResponse(message: Message, record: LookUpServiceResponse): MessageFault {
  const fault = faultOfShape(message, LOOK_UP_SERVICE_RESPONSE, 22, 0, 1);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 3n) return MessageFault.Value;
  if (answerAt(message, 2) > 0xffffffffn) return MessageFault.Value;
  if (takeText(message, 4, sliceOf(record.protocol.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 13, sliceOf(record.version.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.status = toEnum<DirectoryStatus>(u32(answerAt(message, 1)));
  record.processId = u32(answerAt(message, 2));
  record.revision = answerAt(message, 3);
  record.protocol.length = u32(answerAt(message, 4));
  record.version.length = u32(answerAt(message, 13));
  record.endpoint = arrivedIn(message, 0);
  return MessageFault.None;
}

/** To the ServiceDirectory, by the ModuleManager alone: a service that a module offers by its signed manifest. */
export function encodeRegisterServiceRequest(record: RegisterServiceRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(record.processId));
  putText(message, 2, sliceOf(record.name.bytes, 0, 64), record.name.length);
  putText(message, 11, sliceOf(record.protocol.bytes, 0, 64), record.protocol.length);
  putText(message, 20, sliceOf(record.version.bytes, 0, 64), record.version.length);
  bufferFor(message).sent[0] = record.endpoint;
  message.info = infoWord(REGISTER_SERVICE_REQUEST, 29, 1);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeRegisterServiceRequest(message: Message, record: RegisterServiceRequest): MessageFault {
  const fault = faultOfShape(message, REGISTER_SERVICE_REQUEST, 29, 1, 1);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  if (takeText(message, 2, sliceOf(record.name.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 11, sliceOf(record.protocol.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 20, sliceOf(record.version.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.processId = u32(answerAt(message, 1));
  record.name.length = u32(answerAt(message, 2));
  record.protocol.length = u32(answerAt(message, 11));
  record.version.length = u32(answerAt(message, 20));
  record.endpoint = arrivedIn(message, 0);
  return MessageFault.None;
}

/** To the ServiceDirectory, by the ModuleManager alone: a process has ended, and with it its services. */
export function encodeWithdrawServicesRequest(record: WithdrawServicesRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(record.processId));
  message.info = infoWord(WITHDRAW_SERVICES_REQUEST, 2, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeWithdrawServicesRequest(message: Message, record: WithdrawServicesRequest): MessageFault {
  const fault = faultOfShape(message, WITHDRAW_SERVICES_REQUEST, 2, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.processId = u32(answerAt(message, 1));
  return MessageFault.None;
}

/** To the ServiceDirectory, by whoever holds the capability to watch: signal whenever it changes. */
export function encodeWatchServicesRequest(record: WatchServicesRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, record.revision);
  bufferFor(message).sent[0] = record.notification;
  message.info = infoWord(WATCH_SERVICES_REQUEST, 2, 1);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeWatchServicesRequest(message: Message, record: WatchServicesRequest): MessageFault {
  const fault = faultOfShape(message, WATCH_SERVICES_REQUEST, 2, 1, 1);
  if (fault !== MessageFault.None) return fault;

  record.requestId = answerAt(message, 0);
  record.revision = answerAt(message, 1);
  record.notification = arrivedIn(message, 0);
  return MessageFault.None;
}

/** To the ServiceDirectory, by whoever holds the capability to watch. */
export function encodeListServicesRequest(record: ListServicesRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(record.index));
  message.info = infoWord(LIST_SERVICES_REQUEST, 2, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeListServicesRequest(message: Message, record: ListServicesRequest): MessageFault {
  const fault = faultOfShape(message, LIST_SERVICES_REQUEST, 2, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.index = u32(answerAt(message, 1));
  return MessageFault.None;
}

/** What a change, or watching, has come to. */
export function encodeDirectoryResponse(record: DirectoryResponse, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.status)));
  putWord(message, 2, record.revision);
  message.info = infoWord(DIRECTORY_RESPONSE, 3, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeDirectoryResponse(message: Message, record: DirectoryResponse): MessageFault {
  const fault = faultOfShape(message, DIRECTORY_RESPONSE, 3, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 3n) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.status = toEnum<DirectoryStatus>(u32(answerAt(message, 1)));
  record.revision = answerAt(message, 2);
  return MessageFault.None;
}

/** The service in that place. */
export function encodeServiceRow(record: ServiceRow, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.status)));
  putWord(message, 2, u64(record.count));
  putWord(message, 3, record.revision);
  putWord(message, 4, u64(record.processId));
  putText(message, 5, sliceOf(record.name.bytes, 0, 64), record.name.length);
  putText(message, 14, sliceOf(record.protocol.bytes, 0, 64), record.protocol.length);
  putText(message, 23, sliceOf(record.version.bytes, 0, 64), record.version.length);
  message.info = infoWord(SERVICE_ROW, 32, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeServiceRow(message: Message, record: ServiceRow): MessageFault {
  const fault = faultOfShape(message, SERVICE_ROW, 32, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 3n) return MessageFault.Value;
  if (answerAt(message, 2) > 0xffffffffn) return MessageFault.Value;
  if (answerAt(message, 4) > 0xffffffffn) return MessageFault.Value;
  if (takeText(message, 5, sliceOf(record.name.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 14, sliceOf(record.protocol.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 23, sliceOf(record.version.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.status = toEnum<DirectoryStatus>(u32(answerAt(message, 1)));
  record.count = u32(answerAt(message, 2));
  record.revision = answerAt(message, 3);
  record.processId = u32(answerAt(message, 4));
  record.name.length = u32(answerAt(message, 5));
  record.protocol.length = u32(answerAt(message, 14));
  record.version.length = u32(answerAt(message, 23));
  return MessageFault.None;
}
