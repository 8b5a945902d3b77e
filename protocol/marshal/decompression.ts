import { answerAt, bufferFor, infoWord, type Message } from "../../user/message";
import type { DecompressionStatus, DeepDecompressRequest, DeepDecompressResponse } from "../decompression";
import { MessageFault } from "../error";
import { arrivedIn, faultOfShape, putWord } from "../words";

/**
 * Records of protocol/decompression.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by `make protocol`.
 */

export const DEEP_DECOMPRESS_REQUEST = 265;
export const DEEP_DECOMPRESS_RESPONSE = 266;

/** From the ModuleManager to the DeepCompressionService: unpack one zstd frame. The sizes come from the signed compression header; the service reads and writes nothing else than the two Regions. */
export function encodeDeepDecompressRequest(record: DeepDecompressRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, record.packedBytes);
  putWord(message, 2, record.binaryBytes);
  putWord(message, 3, record.windowBytes);
  bufferFor(message).sent[0] = record.replyTo;
  bufferFor(message).sent[1] = record.data;
  bufferFor(message).sent[2] = record.target;
  message.info = infoWord(DEEP_DECOMPRESS_REQUEST, 4, 3);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeDeepDecompressRequest(message: Message, record: DeepDecompressRequest): MessageFault {
  const fault = faultOfShape(message, DEEP_DECOMPRESS_REQUEST, 4, 3, 3);
  if (fault !== MessageFault.None) return fault;

  record.requestId = answerAt(message, 0);
  record.packedBytes = answerAt(message, 1);
  record.binaryBytes = answerAt(message, 2);
  record.windowBytes = answerAt(message, 3);
  record.replyTo = arrivedIn(message, 0);
  record.data = arrivedIn(message, 1);
  record.target = arrivedIn(message, 2);
  return MessageFault.None;
}

/** To the request's `replyTo`. The service holds neither Region any more. */
export function encodeDeepDecompressResponse(record: DeepDecompressResponse, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.status)));
  putWord(message, 2, u64(record.fault));
  putWord(message, 3, record.place);
  message.info = infoWord(DEEP_DECOMPRESS_RESPONSE, 4, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeDeepDecompressResponse(message: Message, record: DeepDecompressResponse): MessageFault {
  const fault = faultOfShape(message, DEEP_DECOMPRESS_RESPONSE, 4, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 4n) return MessageFault.Value;
  if (answerAt(message, 2) > 0xffffffffn) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.status = toEnum<DecompressionStatus>(u32(answerAt(message, 1)));
  record.fault = u32(answerAt(message, 2));
  record.place = answerAt(message, 3);
  return MessageFault.None;
}
