import { SLOT_CNODE, SLOT_FIRST_GRANT, SLOT_PROCESS } from "../../../kernel/object/processSlots";
import { writeDecimal, writeText } from "../../../kernel/output";
import { Syscall } from "../../../kernel/syscall/invocation";
import { isEqual } from "../../../kernel/text";
import { deleteValue, getValue, KV_PROTOCOL, KV_SERVICE, type Kv, putValue } from "../../../modules/kv/client";
import { MAX_VALUES } from "../../../modules/kv/store";
import { LOGGING_PROTOCOL, LOGGING_SERVICE, readLogLine, sendLogLine } from "../../../modules/logging/client";
import { MAX_LINES } from "../../../modules/logging/lines";
import { type ErrorRecord, MessageFault } from "../../../protocol/error";
import { KvStatus } from "../../../protocol/kv";
import type { LogLineResponse, LogRow } from "../../../protocol/logging";
import { decodeErrorRecord } from "../../../protocol/marshal/error";
import { PUT_VALUE_REQUEST } from "../../../protocol/marshal/kv";
import { decodeLogLineResponse, LOG_LINE_REQUEST } from "../../../protocol/marshal/logging";
import { textOfLine, textOfName } from "../../../protocol/texts";
import { Lookup, lookUp, processFound } from "../../../services/service-directory/client";
import { mintOnce } from "../../../user/calls";
import { exit } from "../../../user/exit";
import { Fate } from "../../../user/fate";
import { endLine, openLog } from "../../../user/log";
import { errorOf, infoWord, type Message, ownBuffer, systemCall } from "../../../user/message";
import { processCreateEndpoint } from "../../../user/stubs/process";

/** A customer of `kv` and `logging` who knows what each answer has to be; its exit code is the number of wrong ones. */

const LOG = SLOT_FIRST_GRANT;
const DIRECTORY = SLOT_FIRST_GRANT + 1;
const KV = 32;
const LOGGING = 33;
const ANSWERS = 34;
const ONE_SHOT = 35;
const ANSWERS_POLICY = 4n;
const SEND_AND_PASS = 6n;
const UNKNOWN_LABEL = 999;
const NAME: Bytes = "test.customer";

interface State extends Struct<"State"> {
  failed: u32;
  lastId: u64;
  readonly key: FixedArray<u8, 4>;
}

const state: State = zeroed();
const kv: Kv = zeroed();
const row: LogRow = zeroed();
const lineResponse: LogLineResponse = zeroed();
const refusal: ErrorRecord = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  openLog(LOG);
  processCreateEndpoint(message, SLOT_PROCESS, ANSWERS_POLICY, u64(ANSWERS), SLOT_CNODE);
  findThem();
  useKv();
  fillKv();
  useLogging();
  sendNonsense();
  writeText("customer: ");
  writeDecimal(u64(state.failed));
  writeText(" wrong");
  endLine();
  exit(u64(state.failed));
}

function check(isRight: boolean, what: Bytes): void {
  if (isRight) return;
  state.failed++;
  writeText("customer: wrong: ");
  writeText(what);
  endLine();
}

function findThem(): void {
  const message = local<Message>();
  kv.endpoint = KV;
  check(lookUp(message, DIRECTORY, "nobody", KV_PROTOCOL, KV) === Lookup.NotFound, "a service that is not there");
  check(lookUp(message, DIRECTORY, KV_SERVICE, LOGGING_PROTOCOL, KV) === Lookup.OtherProtocol, "another protocol");
  check(getValue(kv, "a") === Fate.Refused, "a capability that was not kept");
  check(lookUp(message, DIRECTORY, LOGGING_SERVICE, LOGGING_PROTOCOL, LOGGING) === Lookup.Found, "logging");
  const logging = processFound();
  check(lookUp(message, DIRECTORY, KV_SERVICE, KV_PROTOCOL, KV) === Lookup.Found, "kv");
  check(processFound() !== 0 && processFound() !== logging, "two processes");
}

function useKv(): void {
  check(getValue(kv, "color") === Fate.Answered && kv.answer.status === KvStatus.NotFound, "nothing is there yet");
  check(putValue(kv, "color", "blue") === Fate.Answered && kv.answer.status === KvStatus.Success, "put");
  check(kv.answer.count === 1, "one key");
  check(putValue(kv, "color", "green") === Fate.Answered && kv.answer.count === 1, "put again");
  check(getValue(kv, "color") === Fate.Answered && isEqual(textOfLine(kv.answer.value), "green"), "get");
  check(getValue(kv, "colo") === Fate.Answered && kv.answer.status === KvStatus.NotFound, "a part of a key");
  check(putValue(kv, "", "x") === Fate.Answered && kv.answer.status === KvStatus.NoKey, "the empty key");
  check(putValue(kv, "void", "") === Fate.Answered && kv.answer.status === KvStatus.Success, "an empty value");
  check(getValue(kv, "void") === Fate.Answered && kv.answer.value.length === 0, "is there");
  check(deleteValue(kv, "color") === Fate.Answered && kv.answer.status === KvStatus.Success, "delete");
  check(deleteValue(kv, "color") === Fate.Answered && kv.answer.status === KvStatus.NotFound, "delete again");
  check(deleteValue(kv, "void") === Fate.Answered && kv.answer.count === 0, "delete the last one");
}

/** Up to its bound, and empty again. */
function fillKv(): void {
  let wrong: u32 = 0;
  for (let i: u32 = 0; i <= MAX_VALUES; i++) {
    const expected = i === MAX_VALUES ? KvStatus.Full : KvStatus.Success;
    if (putValue(kv, key(i), key(i)) !== Fate.Answered || kv.answer.status !== expected) wrong++;
  }
  for (let i: u32 = 0; i < MAX_VALUES; i++) {
    if (getValue(kv, key(i)) !== Fate.Answered || !isEqual(textOfLine(kv.answer.value), key(i))) wrong++;
  }
  for (let i: u32 = 0; i < MAX_VALUES; i++) {
    if (deleteValue(kv, key(i)) !== Fate.Answered || kv.answer.status !== KvStatus.Success) wrong++;
  }
  check(wrong === 0 && kv.answer.count === 0, "the store up to its bound");
}

function key(index: u32): Bytes {
  state.key[0] = 0x6b;
  for (let i: u32 = 1; i < 4; i++) state.key[i] = u8(0x61 + ((index >>> ((3 - i) * 4)) & 15));
  return sliceOf(state.key, 0, 4);
}

function useLogging(): void {
  let wrong: u32 = 0;
  check(readLogLine(LOGGING, 1n, 0n, row) === Fate.Answered && row.number === 0n, "no line yet");
  for (let i: u32 = 1; i <= MAX_LINES + 6; i++) {
    if (!say(key(i)) || lineResponse.number !== u64(i)) wrong++;
  }
  check(wrong === 0, "every line has its number");
  check(readLogLine(LOGGING, 2n, 1n, row) === Fate.Answered && row.number === 7n, "the oldest line that is kept");
  check(
    isEqual(textOfLine(row.line), key(7)) && isEqual(textOfName(row.module), NAME),
    "its text, and who has said it",
  );
  check(row.loadId > 2, "and the number of its load");
  check(
    readLogLine(LOGGING, 3n, u64(MAX_LINES + 6), row) === Fate.Answered &&
      isEqual(textOfLine(row.line), key(MAX_LINES + 6)),
    "the newest",
  );
  check(
    readLogLine(LOGGING, 4n, u64(MAX_LINES + 7), row) === Fate.Answered && row.number === 0n,
    "a line that is not there",
  );
}

/** Whether the line was sent, and answered. */
function say(line: Bytes): boolean {
  const message = local<Message>();
  state.lastId += 1n;
  if (mintOnce(ANSWERS, ONE_SHOT, SEND_AND_PASS, state.lastId) !== 0) return false;
  if (sendLogLine(LOGGING, state.lastId, NAME, line, ONE_SHOT) !== 0) return false;
  systemCall(Syscall.Recv, ANSWERS, 0, message);
  const isRight = errorOf(message) === 0 && decodeLogLineResponse(message, lineResponse) === MessageFault.None;
  return isRight && message.badge === state.lastId && lineResponse.requestId === state.lastId;
}

/** What is no request is answered by an ErrorRecord, or by an empty message where the answer goes elsewhere. */
function sendNonsense(): void {
  callWith(KV, UNKNOWN_LABEL, 1, MessageFault.Label, "kv: an unknown label");
  callWith(KV, PUT_VALUE_REQUEST, 2, MessageFault.Length, "kv: a request that is too short");
  callWith(KV, LOG_LINE_REQUEST, 35, MessageFault.Label, "kv: another service's request");
  callWith(KV, PUT_VALUE_REQUEST, 35, MessageFault.Value, "kv: texts that are none");
  callWith(KV, 0, 0, MessageFault.Label, "kv: nothing");
  callWith(LOGGING, UNKNOWN_LABEL, 1, MessageFault.Label, "logging: an unknown label");
  callWith(LOGGING, 0, 64, MessageFault.Label, "logging: a long message");
  callWith(LOGGING, LOG_LINE_REQUEST, 0, MessageFault.None, "logging: a line by Call");
  check(sendsFault(), "logging: a line that is none");
  check(say("still here"), "logging goes on");
  check(getValue(kv, "color") === Fate.Answered && kv.answer.status === KvStatus.NotFound, "kv goes on");
}

/** Calls with words of ones; `expected` is the fault of the answer, or None for an empty one. */
function callWith(endpoint: u32, label: u32, words: u32, expected: MessageFault, what: Bytes): void {
  const message = local<Message>();
  for (let i: u32 = 0; i < 4; i++) message.words[i] = ~0n;
  for (let i: u32 = 4; i < words; i++) ownBuffer().words[i] = ~0n;
  message.info = infoWord(label, words, 0);
  systemCall(Syscall.Call, endpoint, 0, message);
  if (errorOf(message) !== 0) check(false, what);
  else if (expected === MessageFault.None) check(message.info === infoWord(0, 0, 0), what);
  else check(isRefusal(message, expected, label), what);
}

/** Whether a line without words comes back as a fault, by the place that it has brought. */
function sendsFault(): boolean {
  const message = local<Message>();
  mintOnce(ANSWERS, ONE_SHOT, SEND_AND_PASS, 99n);
  ownBuffer().sent[0] = ONE_SHOT;
  message.words[0] = 77n;
  message.info = infoWord(LOG_LINE_REQUEST, 1, 1);
  systemCall(Syscall.Send, LOGGING, 0, message);
  systemCall(Syscall.Recv, ANSWERS, 0, message);
  return (
    errorOf(message) === 0 && isRefusal(message, MessageFault.Length, LOG_LINE_REQUEST) && refusal.requestId === 77n
  );
}

function isRefusal(message: Message, expected: MessageFault, label: u32): boolean {
  const fault = decodeErrorRecord(message, refusal);
  return fault === MessageFault.None && refusal.fault === expected && refusal.label === label;
}
