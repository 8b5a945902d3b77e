import { answerAt, infoWord, type Message } from "../../user/message";
import { MessageFault } from "../error";
import type { DeleteValueRequest, GetValueRequest, KvStatus, PutValueRequest, ValueResponse } from "../kv";
import { faultOfShape, putText, putWord, takeText } from "../words";

/**
 * Records of protocol/kv.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by `make protocol`.
 */

export const PUT_VALUE_REQUEST = 512;
export const GET_VALUE_REQUEST = 513;
export const DELETE_VALUE_REQUEST = 514;
export const VALUE_RESPONSE = 515;

/** To the service `kv`, from whoever has found it: keep this value, in place of the one that the key has. */
export function encodePutValueRequest(record: PutValueRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putText(message, 1, sliceOf(record.key.bytes, 0, 64), record.key.length);
  putText(message, 10, sliceOf(record.value.bytes, 0, 192), record.value.length);
  message.info = infoWord(PUT_VALUE_REQUEST, 35, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodePutValueRequest(message: Message, record: PutValueRequest): MessageFault {
  const fault = faultOfShape(message, PUT_VALUE_REQUEST, 35, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (takeText(message, 1, sliceOf(record.key.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 10, sliceOf(record.value.bytes, 0, 192)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.key.length = u32(answerAt(message, 1));
  record.value.length = u32(answerAt(message, 10));
  return MessageFault.None;
}

/** To the service `kv`: the value of a key. */
export function encodeGetValueRequest(record: GetValueRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putText(message, 1, sliceOf(record.key.bytes, 0, 64), record.key.length);
  message.info = infoWord(GET_VALUE_REQUEST, 10, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeGetValueRequest(message: Message, record: GetValueRequest): MessageFault {
  const fault = faultOfShape(message, GET_VALUE_REQUEST, 10, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (takeText(message, 1, sliceOf(record.key.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.key.length = u32(answerAt(message, 1));
  return MessageFault.None;
}

/** To the service `kv`: forget a key and its value. */
export function encodeDeleteValueRequest(record: DeleteValueRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putText(message, 1, sliceOf(record.key.bytes, 0, 64), record.key.length);
  message.info = infoWord(DELETE_VALUE_REQUEST, 10, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeDeleteValueRequest(message: Message, record: DeleteValueRequest): MessageFault {
  const fault = faultOfShape(message, DELETE_VALUE_REQUEST, 10, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (takeText(message, 1, sliceOf(record.key.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.key.length = u32(answerAt(message, 1));
  return MessageFault.None;
}

/** What putting, getting or deleting has come to. */
export function encodeValueResponse(record: ValueResponse, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.status)));
  putWord(message, 2, u64(record.count));
  putText(message, 3, sliceOf(record.value.bytes, 0, 192), record.value.length);
  message.info = infoWord(VALUE_RESPONSE, 28, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeValueResponse(message: Message, record: ValueResponse): MessageFault {
  const fault = faultOfShape(message, VALUE_RESPONSE, 28, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 3n) return MessageFault.Value;
  if (answerAt(message, 2) > 0xffffffffn) return MessageFault.Value;
  if (takeText(message, 3, sliceOf(record.value.bytes, 0, 192)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.status = toEnum<KvStatus>(u32(answerAt(message, 1)));
  record.count = u32(answerAt(message, 2));
  record.value.length = u32(answerAt(message, 3));
  return MessageFault.None;
}
