import { SLOT_CNODE, SLOT_FIRST_GRANT, SLOT_PROCESS } from "../../../kernel/object/processSlots";
import { writeDecimal, writeText } from "../../../kernel/output";
import { Invocation, Syscall } from "../../../kernel/syscall/invocation";
import { MessageFault } from "../../../protocol/error";
import type { LoadModuleRequest, LoadModuleResponse } from "../../../protocol/load";
import { decodeLoadModuleResponse, encodeLoadModuleRequest } from "../../../protocol/marshal/load";
import { LoadStatus } from "../../../protocol/status";
import { setName } from "../../../protocol/texts";
import { ask, mintInto, mintOnce, waitFor } from "../../../user/calls";
import { exit } from "../../../user/exit";
import { endLine, openLog } from "../../../user/log";
import { errorOf, type Message, systemCall } from "../../../user/message";
import { numberParameter, openParameters, parameter } from "../../../user/parameters";
import { processCreateEndpoint } from "../../../user/stubs/process";
import { timerNow } from "../../../user/stubs/timer";

/**
 * One of several modules that ask for two modules each, all at the time of uptime that they are told (`at`, in milliseconds): NAME.a
 * and NAME.b, NAME being the parameter `name`. It says when it has asked, and when which answer has come.
 */

const LOG = SLOT_FIRST_GRANT;
const TIMER = SLOT_FIRST_GRANT + 1;
const MODULES = SLOT_FIRST_GRANT + 2;
const NOTIFICATION = SLOT_FIRST_GRANT + 3;
const SIGNAL = 32;
const ANSWERS = 33;
const ONE_SHOT = 34;
const ANSWERS_POLICY = 4n;
const SEND_AND_PASS = 6n;
const ALL_RIGHTS = 7n;
const NS_PER_MS = 1_000_000n;
const LOADS = 2;
const MAX_NAME = 64;

interface Buffer extends Struct<"Buffer"> {
  readonly bytes: FixedArray<u8, typeof MAX_NAME>;
}

const buffer: Buffer = zeroed();
const request: LoadModuleRequest = zeroed();
const response: LoadModuleResponse = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  openLog(LOG);
  openParameters();
  processCreateEndpoint(message, SLOT_PROCESS, ANSWERS_POLICY, u64(ANSWERS), SLOT_CNODE);
  mintInto(SLOT_CNODE, NOTIFICATION, SIGNAL, ALL_RIGHTS, 1n);
  ask(TIMER, Invocation.TimerArm, numberParameter("at", 0n) * NS_PER_MS, 0n, SIGNAL);
  waitFor(NOTIFICATION);
  for (let i: u32 = 0; i < LOADS; i++) askFor(i);
  tell("asked", nowNs());
  let failed: u64 = 0n;
  for (let i: u32 = 0; i < LOADS; i++) {
    if (!takeAnswer()) failed += 1n;
    tell("answered", nowNs());
  }
  exit(failed);
}

function nowNs(): u64 {
  const message = local<Message>();
  timerNow(message, TIMER);
  return message.words[0];
}

function askFor(index: u32): void {
  const message = local<Message>();
  const name = parameter("name");
  for (let i: u32 = 0; i < name.length; i++) buffer.bytes[i] = name[i];
  buffer.bytes[name.length] = 0x2e;
  buffer.bytes[name.length + 1] = u8(0x61 + index);
  setName(request.name, sliceOf(buffer.bytes, 0, name.length + 2));
  request.requestId = u64(index + 1);
  request.replyTo = ONE_SHOT;
  mintOnce(ANSWERS, ONE_SHOT, SEND_AND_PASS, request.requestId);
  encodeLoadModuleRequest(request, message);
  systemCall(Syscall.Send, MODULES, 0, message);
}

function takeAnswer(): boolean {
  const message = local<Message>();
  systemCall(Syscall.Recv, ANSWERS, 0, message);
  const isAnswer = errorOf(message) === 0 && decodeLoadModuleResponse(message, response) === MessageFault.None;
  return isAnswer && response.status === LoadStatus.Success;
}

function tell(what: Bytes, ns: u64): void {
  writeText("many: ");
  writeText(what);
  writeText(" at ");
  writeDecimal(ns);
  endLine();
}
