import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";
import { writeByte, writeDecimal, writeText } from "../../kernel/output";
import { Syscall } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { MessageFault } from "../../protocol/error";
import type { LogLineRequest, LogLineResponse, LogRow, ReadLogRequest } from "../../protocol/logging";
import {
  decodeLogLineRequest,
  decodeReadLogRequest,
  encodeLogLineResponse,
  encodeLogRow,
  LOG_LINE_REQUEST,
  READ_LOG_REQUEST,
} from "../../protocol/marshal/logging";
import { textOfLine, textOfName } from "../../protocol/texts";
import { loadOfModuleBadge } from "../../services/badges";
import { answerFault, clearMessage, dropArrived, receive, refuseOneWay, reply } from "../../services/serve";
import { endLine, logLine, openLog } from "../../user/log";
import { errorOf, labelOf, type Message, systemCall } from "../../user/message";
import { openParameters, parameter } from "../../user/parameters";
import { keepLine, keptLine, type Lines, lineFrom } from "./lines";

/**
 * The service `logging`, by the protocol `logging.1`: keeps the last lines that modules have said, with the number of the
 * load of each one's sender, for which the badge vouches, and the name that this gives itself. It passes them on to the console unless
 * it is loaded with `--param echo=off`.
 *
 *   LogLineRequest ─▶ kept, shown ─▶ LogLineResponse to the request's own one-shot capability
 *   ReadLogRequest ─▶ LogRow
 */

/** In the order of the manifest. */
const LOG = SLOT_FIRST_GRANT;
const REPLY = SLOT_FIRST_GRANT + 1;
const REQUESTS = SLOT_FIRST_GRANT + 2;

const lines: Lines = zeroed();
const lineRequest: LogLineRequest = zeroed();
const lineResponse: LogLineResponse = zeroed();
const readRequest: ReadLogRequest = zeroed();
const row: LogRow = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  openLog(LOG);
  openParameters();
  const isEchoing = !isEqual(parameter("echo"), "off");
  logLine("logging: ready");
  for (;;) {
    receive(REQUESTS, REPLY, message);
    if (errorOf(message) !== 0) continue;
    const info = message.info;
    if (labelOf(message) === LOG_LINE_REQUEST) {
      takeLine(message, isEchoing);
      // For whoever has sent it by Call: the answer went elsewhere.
      clearMessage(message);
    } else {
      const fault = labelOf(message) === READ_LOG_REQUEST ? read(message) : MessageFault.Label;
      if (fault !== MessageFault.None) answerFault(message, fault);
    }
    reply(REPLY, message);
    dropArrived(info);
  }
}

function takeLine(message: Message, isEchoing: boolean): void {
  const fault = decodeLogLineRequest(message, lineRequest);
  if (fault !== MessageFault.None) {
    refuseOneWay(message, fault);
    return;
  }
  const loadId = loadOfModuleBadge(message.badge);
  lineResponse.requestId = lineRequest.requestId;
  lineResponse.number = keepLine(lines, loadId, lineRequest.module, lineRequest.line);
  if (isEchoing) show(loadId);
  encodeLogLineResponse(lineResponse, message);
  systemCall(Syscall.NbSend, lineRequest.replyTo, 0, message);
}

/** `NAME[LOAD] TEXT` at the console. */
function show(loadId: u32): void {
  writeText(textOfName(lineRequest.module));
  writeByte(0x5b);
  writeDecimal(u64(loadId));
  writeText("] ");
  writeText(textOfLine(lineRequest.line));
  endLine();
}

function read(message: Message): MessageFault {
  const fault = decodeReadLogRequest(message, readRequest);
  if (fault !== MessageFault.None) return fault;
  const empty = local<LogRow>();
  copyStruct(row, empty);
  row.requestId = readRequest.requestId;
  row.number = lineFrom(lines, readRequest.number);
  if (row.number !== 0n) {
    const kept = keptLine(lines, row.number);
    row.loadId = kept.loadId;
    copyStruct(row.module, kept.module);
    copyStruct(row.line, kept.line);
  }
  encodeLogRow(row, message);
  return fault;
}
