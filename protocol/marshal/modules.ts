import { answerAt, infoWord, type Message } from "../../user/message";
import { MessageFault } from "../error";
import type {
  ListModulesRequest,
  ModuleRow,
  ModuleState,
  TerminateModuleRequest,
  TerminateModuleResponse,
  TerminateStatus,
} from "../modules";
import { faultOfShape, putText, putWord, takeText } from "../words";

/**
 * Records of protocol/modules.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by `make protocol`.
 */

export const LIST_MODULES_REQUEST = 261;
export const MODULE_ROW = 262;
export const TERMINATE_MODULE_REQUEST = 263;
export const TERMINATE_MODULE_RESPONSE = 264;

/** To the ModuleManager: one of the modules that it has loaded. */
export function encodeListModulesRequest(record: ListModulesRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(record.index));
  message.info = infoWord(LIST_MODULES_REQUEST, 2, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeListModulesRequest(message: Message, record: ListModulesRequest): MessageFault {
  const fault = faultOfShape(message, LIST_MODULES_REQUEST, 2, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.index = u32(answerAt(message, 1));
  return MessageFault.None;
}

/** The module in the first place from there on that has one. */
export function encodeModuleRow(record: ModuleRow, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.state)));
  putWord(message, 2, u64(record.next));
  putWord(message, 3, u64(record.processId));
  putWord(message, 4, u64(record.loadId));
  putWord(message, 5, record.memoryBytes);
  putWord(message, 6, record.code);
  putWord(message, 7, record.address);
  putText(message, 8, sliceOf(record.name.bytes, 0, 64), record.name.length);
  putText(message, 17, sliceOf(record.version.bytes, 0, 64), record.version.length);
  message.info = infoWord(MODULE_ROW, 26, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeModuleRow(message: Message, record: ModuleRow): MessageFault {
  const fault = faultOfShape(message, MODULE_ROW, 26, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 4n) return MessageFault.Value;
  if (answerAt(message, 2) > 0xffffffffn) return MessageFault.Value;
  if (answerAt(message, 3) > 0xffffffffn) return MessageFault.Value;
  if (answerAt(message, 4) > 0xffffffffn) return MessageFault.Value;
  if (takeText(message, 8, sliceOf(record.name.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  if (takeText(message, 17, sliceOf(record.version.bytes, 0, 64)) !== MessageFault.None) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.state = toEnum<ModuleState>(u32(answerAt(message, 1)));
  record.next = u32(answerAt(message, 2));
  record.processId = u32(answerAt(message, 3));
  record.loadId = u32(answerAt(message, 4));
  record.memoryBytes = answerAt(message, 5);
  record.code = answerAt(message, 6);
  record.address = answerAt(message, 7);
  record.name.length = u32(answerAt(message, 8));
  record.version.length = u32(answerAt(message, 17));
  return MessageFault.None;
}

/** To the ModuleManager: end a process that it has made. */
export function encodeTerminateModuleRequest(record: TerminateModuleRequest, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(record.processId));
  message.info = infoWord(TERMINATE_MODULE_REQUEST, 2, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeTerminateModuleRequest(message: Message, record: TerminateModuleRequest): MessageFault {
  const fault = faultOfShape(message, TERMINATE_MODULE_REQUEST, 2, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 0xffffffffn) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.processId = u32(answerAt(message, 1));
  return MessageFault.None;
}

/** The module is gone, with everything that was made for it. */
export function encodeTerminateModuleResponse(record: TerminateModuleResponse, message: Message): void {
  putWord(message, 0, record.requestId);
  putWord(message, 1, u64(u32(record.status)));
  message.info = infoWord(TERMINATE_MODULE_RESPONSE, 2, 0);
}

/** Takes it out of a message; on a fault the record has no meaning. */
export function decodeTerminateModuleResponse(message: Message, record: TerminateModuleResponse): MessageFault {
  const fault = faultOfShape(message, TERMINATE_MODULE_RESPONSE, 2, 0, 0);
  if (fault !== MessageFault.None) return fault;
  if (answerAt(message, 1) > 2n) return MessageFault.Value;
  record.requestId = answerAt(message, 0);
  record.status = toEnum<TerminateStatus>(u32(answerAt(message, 1)));
  return MessageFault.None;
}
