import { SLOT_CNODE } from "../../../kernel/initSlots";
import { SLOT_FIRST_GRANT, SLOT_PROCESS } from "../../../kernel/object/processSlots";
import { writeDecimal, writeText } from "../../../kernel/output";
import { Syscall } from "../../../kernel/syscall/invocation";
import { type ErrorRecord, MessageFault } from "../../../protocol/error";
import type { LoadModuleRequest, LoadModuleResponse } from "../../../protocol/load";
import { decodeErrorRecord } from "../../../protocol/marshal/error";
import { decodeLoadModuleResponse, encodeLoadModuleRequest, LOAD_MODULE_REQUEST } from "../../../protocol/marshal/load";
import { encodeListModulesRequest } from "../../../protocol/marshal/modules";
import type { ListModulesRequest } from "../../../protocol/modules";
import { setName } from "../../../protocol/texts";
import { CONSOLE_LOG } from "../../../services/protocol";
import { mintOnce } from "../../../user/calls";
import { flushText, sendText } from "../../../user/io/uart";
import { errorOf, infoWord, type Message, ownBuffer, systemCall } from "../../../user/message";
import { processCreateEndpoint, processExit } from "../../../user/stubs/process";

/**
 * A module that asks for modules: under its name and beside it, several at once, with messages that are no records, and
 * one for which it does not wait. It says a line of each answer.
 */

const LOG = SLOT_FIRST_GRANT;
const MODULES = SLOT_FIRST_GRANT + 1;
const ANSWERS = 40;
const ONE_SHOT = 41;
const ANSWERS_POLICY = 8n;
const SEND_AND_PASS = 6n;
const UNKNOWN_LABEL = 999;

const request: LoadModuleRequest = zeroed();
const response: LoadModuleResponse = zeroed();
const listing: ListModulesRequest = zeroed();
const refusal: ErrorRecord = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  sendText(LOG, CONSOLE_LOG);
  processCreateEndpoint(message, SLOT_PROCESS, ANSWERS_POLICY, u64(ANSWERS), SLOT_CNODE);
  ask("test.loader.a", 1n);
  ask("test.loader.b", 2n);
  ask("test.loader.c", 3n);
  ask("hello", 4n);
  ask("test.loaders", 5n);
  for (let i: u32 = 0; i < 5; i++) takeAnswer();
  call(UNKNOWN_LABEL, 1, "unknown label");
  call(LOAD_MODULE_REQUEST, 0, "load by call");
  call(0, 0, "nothing by call");
  encodeListModulesRequest(listing, message);
  systemCall(Syscall.Call, MODULES, 0, message);
  report(message, "not allowed");
  sendShort();
  takeFault();
  // Nobody will be there for this answer.
  ask("test.loader.d", 6n);
  processExit(message, SLOT_PROCESS, 7n);
}

function ask(name: Bytes, id: u64): void {
  const message = local<Message>();
  setName(request.name, name);
  request.requestId = id;
  request.replyTo = ONE_SHOT;
  mintOnce(ANSWERS, ONE_SHOT, SEND_AND_PASS, id);
  encodeLoadModuleRequest(request, message);
  systemCall(Syscall.Send, MODULES, 0, message);
}

function takeAnswer(): void {
  const message = local<Message>();
  systemCall(Syscall.Recv, ANSWERS, 0, message);
  const isAnswer = errorOf(message) === 0 && decodeLoadModuleResponse(message, response) === MessageFault.None;
  writeText("loader: request ");
  writeDecimal(isAnswer ? response.requestId : 0n);
  writeText(" status ");
  writeDecimal(isAnswer ? u64(u32(response.status)) : 999n);
  flushText();
}

function call(label: u32, words: u32, what: Bytes): void {
  const message = local<Message>();
  message.info = infoWord(label, words, 0);
  systemCall(Syscall.Call, MODULES, 0, message);
  report(message, what);
}

/** A request without its words; the place to answer to comes with it all the same. */
function sendShort(): void {
  const message = local<Message>();
  mintOnce(ANSWERS, ONE_SHOT, SEND_AND_PASS, 9n);
  ownBuffer().sent[0] = ONE_SHOT;
  message.words[0] = 77n;
  message.info = infoWord(LOAD_MODULE_REQUEST, 1, 1);
  systemCall(Syscall.Send, MODULES, 0, message);
}

function takeFault(): void {
  const message = local<Message>();
  systemCall(Syscall.Recv, ANSWERS, 0, message);
  report(message, "short");
}

function report(message: Message, what: Bytes): void {
  const isRecord = errorOf(message) === 0 && decodeErrorRecord(message, refusal) === MessageFault.None;
  writeText("loader: ");
  writeText(what);
  writeText(", fault ");
  writeDecimal(isRecord ? u64(u32(refusal.fault)) : 999n);
  flushText();
}
