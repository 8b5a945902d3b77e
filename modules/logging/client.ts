import { Syscall } from "../../kernel/syscall/invocation";
import { MessageFault } from "../../protocol/error";
import type { LogLineRequest, LogRow, ReadLogRequest } from "../../protocol/logging";
import { decodeLogRow, encodeLogLineRequest, encodeReadLogRequest } from "../../protocol/marshal/logging";
import { setLine, setName } from "../../protocol/texts";
import { Fate, fateOf } from "../../user/fate";
import { errorOf, type Message, systemCall } from "../../user/message";

/** The service `logging` for those who use it. services/service-directory/client.ts finds it. */

export const LOGGING_SERVICE: Bytes = "logging";
export const LOGGING_PROTOCOL: Bytes = "logging.1";

const lineRequest: LogLineRequest = zeroed();
const readRequest: ReadLogRequest = zeroed();

/**
 * Sends a line of at most 192 bytes in the name of `module`, without waiting. The answer, or the news that there will be none,
 * goes to the one-shot capability in slot `replyTo`. Answers the error: then that capability has not been sent.
 */
export function sendLogLine(logging: u32, requestId: u64, module: Bytes, line: Bytes, replyTo: u32): u32 {
  const message = local<Message>();
  lineRequest.requestId = requestId;
  setName(lineRequest.module, module);
  setLine(lineRequest.line, line);
  lineRequest.replyTo = replyTo;
  encodeLogLineRequest(lineRequest, message);
  systemCall(Syscall.NbSend, logging, 0, message);
  return errorOf(message);
}

/** The line of this number, or the oldest behind it that is kept, comes into `row`. */
export function readLogLine(logging: u32, requestId: u64, number: u64, row: LogRow): Fate {
  const message = local<Message>();
  readRequest.requestId = requestId;
  readRequest.number = number;
  encodeReadLogRequest(readRequest, message);
  systemCall(Syscall.Call, logging, 0, message);
  const fate = fateOf(message);
  if (fate !== Fate.Answered) return fate;
  return decodeLogRow(message, row) === MessageFault.None && row.requestId === requestId ? fate : Fate.Garbled;
}
