import { answerAt, infoWord, type Message } from "../../user/message";
import { type ErrorRecord, MessageFault } from "../error";
import { faultOfShape, putWord } from "../words";

/**
 * Records of protocol/error.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by `make protocol`.
 */

export const ERROR_RECORD = 256;

/** The answer to a message that is no record, or not one for its receiver: in place of the record that would answer it. */
export function encodeErrorRecord(record: ErrorRecord, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.fault)));
  putWord(message, 2, u64(record.label));
  message.info = infoWord(ERROR_RECORD, 3, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeErrorRecord(message: Message, record: ErrorRecord): MessageFault {
  const fault = faultOfShape(message, ERROR_RECORD, 3, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 5n) return MessageFault.Value;
  if (answerAt(message, 2) > 0xffffffffn) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.fault = toEnum<MessageFault>(u32(answerAt(message, 1)));
  record.label = u32(answerAt(message, 2));
  return MessageFault.None;
}
