import { SLOT_CNODE, SLOT_PROCESS } from "../../kernel/object/processSlots";
import { Syscall } from "../../kernel/syscall/invocation";
import type { DeepDecompressResponse } from "../../protocol/decompression";
import type { ListServicesRequest, RegisterServiceRequest, WithdrawServicesRequest } from "../../protocol/directory";
import { type ErrorRecord, MessageFault } from "../../protocol/error";
import { type LoadModuleRequest, type LoadModuleResponse, LoadPurpose } from "../../protocol/load";
import { encodeDeepDecompressResponse } from "../../protocol/marshal/decompression";
import {
  encodeListServicesRequest,
  encodeRegisterServiceRequest,
  encodeWithdrawServicesRequest,
} from "../../protocol/marshal/directory";
import { decodeErrorRecord } from "../../protocol/marshal/error";
import { decodeLoadModuleResponse, encodeLoadModuleRequest } from "../../protocol/marshal/load";
import {
  decodeTerminateModuleResponse,
  encodeListModulesRequest,
  encodeTerminateModuleRequest,
} from "../../protocol/marshal/modules";
import { encodeReadReceiptRequest } from "../../protocol/marshal/receipt";
import {
  type ListModulesRequest,
  type TerminateModuleRequest,
  type TerminateModuleResponse,
  TerminateStatus,
} from "../../protocol/modules";
import type { ReadReceiptRequest } from "../../protocol/receipt";
import { LoadStatus } from "../../protocol/status";
import { setName } from "../../protocol/texts";
import { CONSOLE_INPUT } from "../../services/protocol";
import { Lookup, lookUp } from "../../services/service-directory/client";
import { mintOnce, remove } from "../../user/calls";
import { Fate } from "../../user/fate";
import { awaitReceived } from "../../user/io/uart";
import { errorOf, infoWord, type Message, ownBuffer, systemCall } from "../../user/message";
import { processCreateEndpoint } from "../../user/stubs/process";
import { putText } from "../../user/text";
import { getValue, KV_PROTOCOL, KV_SERVICE, type Kv } from "../kv/client";
import type { Attempt } from "./attempt";
import { ANSWERS, DIRECTORY, FREE, KV, LOG, MODULES, ONE_SHOT } from "./slots";

/** What services have to refuse to a module, and what they have to bear from one. */

const ANSWERS_POLICY = 16n;
const SEND_AND_PASS = 6n;
const ID = 7n;
/** Messages with which an endpoint is flooded. */
const FLOOD = 3000;
const FLOOD_WORDS = 20;
/** From this label on nothing is shown to people. */
const NO_LINE = 3;
/** The first modules that are loaded have such numbers. */
const SOMEBODY = 1;

const loadRequest: LoadModuleRequest = zeroed();
const loadResponse: LoadModuleResponse = zeroed();
const listModules: ListModulesRequest = zeroed();
const terminateRequest: TerminateModuleRequest = zeroed();
const terminateResponse: TerminateModuleResponse = zeroed();
const receiptRequest: ReadReceiptRequest = zeroed();
const registration: RegisterServiceRequest = zeroed();
const withdrawal: WithdrawServicesRequest = zeroed();
const listServices: ListServicesRequest = zeroed();
const response: DeepDecompressResponse = zeroed();
const refusal: ErrorRecord = zeroed();
const kv: Kv = zeroed();

export const SERVICE_ATTEMPTS = 16;
export const serviceAttempts: FixedArray<Inline<Attempt>, typeof SERVICE_ATTEMPTS> = [
  { name: "loading what is not under its name", run: loadHello },
  { name: "loading a service of the system", run: loadConsole },
  { name: "loading what only begins like its name", run: loadAlike },
  { name: "more loads at a time than a module has", run: loadMany },
  { name: "the list of modules", run: askForModules },
  { name: "ending another module", run: terminate },
  { name: "another's receipt", run: askForReceipt },
  { name: "entering a service", run: register },
  { name: "withdrawing another's services", run: withdraw },
  { name: "the list of services, with the right to look up", run: list },
  { name: "the decompressor's answer in its name", run: answerInItsName },
  { name: "typing at the console", run: typeAtConsole },
  { name: "messages that are none", run: sendNonsense },
  { name: "flooding the module manager", run: floodManager },
  { name: "flooding the console", run: floodConsole },
  { name: "flooding another module's service", run: floodService },
];

/** Before any of them. */
export function openServiceAttempts(): void {
  const message = local<Message>();
  processCreateEndpoint(message, SLOT_PROCESS, ANSWERS_POLICY, u64(ANSWERS), SLOT_CNODE);
}

/** After all of them: the slots are empty again. */
export function closeServiceAttempts(): void {
  remove(ANSWERS);
  remove(FREE);
}

/** Whether a Call with this message is refused as one that the sender may not ask. */
function isNotAllowed(message: Message, service: u32): boolean {
  systemCall(Syscall.Call, service, 0, message);
  if (errorOf(message) !== 0 || decodeErrorRecord(message, refusal) !== MessageFault.None) return false;
  return refusal.fault === MessageFault.NotAllowed;
}

/** Sends a request for a module; false when the kernel does not. */
function requestLoad(name: Bytes, id: u64): boolean {
  const message = local<Message>();
  if (mintOnce(ANSWERS, ONE_SHOT, SEND_AND_PASS, id) !== 0) return false;
  setName(loadRequest.name, name);
  loadRequest.requestId = id;
  loadRequest.purpose = LoadPurpose.Run;
  loadRequest.replyTo = ONE_SHOT;
  encodeLoadModuleRequest(loadRequest, message);
  systemCall(Syscall.Send, MODULES, 0, message);
  return errorOf(message) === 0;
}

/** The status of the next answer; KernelInternalError when it is none. */
function nextStatus(): LoadStatus {
  const message = local<Message>();
  systemCall(Syscall.Recv, ANSWERS, 0, message);
  const isAnswer = errorOf(message) === 0 && decodeLoadModuleResponse(message, loadResponse) === MessageFault.None;
  return isAnswer ? loadResponse.status : LoadStatus.KernelInternalError;
}

function isLoadRefused(name: Bytes): boolean {
  return requestLoad(name, ID) && nextStatus() === LoadStatus.Refused;
}

function loadHello(): boolean {
  return isLoadRefused("hello");
}

function loadConsole(): boolean {
  return isLoadRefused("sila.console");
}

function loadAlike(): boolean {
  return isLoadRefused("hostiles");
}

/** Two are on their way at most; what is on its way ends with NotFound. */
function loadMany(): boolean {
  const asked: u32 = 8;
  for (let i: u32 = 0; i < asked; i++) {
    if (!requestLoad("hostile.nothing", u64(i + 1))) return false;
  }
  for (let i: u32 = 0; i < asked; i++) {
    const status = nextStatus();
    if (status !== LoadStatus.Refused && status !== LoadStatus.NotFound) return false;
  }
  return true;
}

function askForModules(): boolean {
  const message = local<Message>();
  encodeListModulesRequest(listModules, message);
  return isNotAllowed(message, MODULES);
}

function terminate(): boolean {
  const message = local<Message>();
  terminateRequest.processId = SOMEBODY;
  encodeTerminateModuleRequest(terminateRequest, message);
  systemCall(Syscall.Call, MODULES, 0, message);
  if (errorOf(message) !== 0 || decodeTerminateModuleResponse(message, terminateResponse) !== MessageFault.None) {
    return false;
  }
  return terminateResponse.status === TerminateStatus.Refused;
}

function askForReceipt(): boolean {
  const message = local<Message>();
  receiptRequest.loadId = SOMEBODY;
  encodeReadReceiptRequest(receiptRequest, message);
  return isNotAllowed(message, MODULES);
}

function register(): boolean {
  const message = local<Message>();
  setName(registration.name, "console");
  setName(registration.protocol, "console");
  registration.processId = SOMEBODY;
  registration.endpoint = ANSWERS;
  encodeRegisterServiceRequest(registration, message);
  return isNotAllowed(message, DIRECTORY);
}

function withdraw(): boolean {
  const message = local<Message>();
  withdrawal.processId = SOMEBODY;
  encodeWithdrawServicesRequest(withdrawal, message);
  return isNotAllowed(message, DIRECTORY);
}

function list(): boolean {
  const message = local<Message>();
  encodeListServicesRequest(listServices, message);
  return isNotAllowed(message, DIRECTORY);
}

/** A badge that is not its own cannot be had, so its answer counts as an empty signal, or as no record. */
function answerInItsName(): boolean {
  const message = local<Message>();
  response.requestId = 1n;
  encodeDeepDecompressResponse(response, message);
  systemCall(Syscall.Call, MODULES, 0, message);
  if (errorOf(message) !== 0 || decodeErrorRecord(message, refusal) !== MessageFault.None) return false;
  return refusal.fault === MessageFault.Label;
}

/** What the serial driver says when somebody types. Whoever reads this answer has a machine that is still on. */
function typeAtConsole(): boolean {
  const message = local<Message>();
  const words = putText(message, ownBuffer(), "poweroff\r");
  message.info = infoWord(CONSOLE_INPUT, words, 0);
  systemCall(Syscall.NbSend, LOG, 0, message);
  return errorOf(message) === 0;
}

/** Every label up to 600 with words of ones, to the directory and to the module manager: each is answered, and neither is gone. */
function sendNonsense(): boolean {
  const message = local<Message>();
  for (let label: u32 = 0; label < 600; label++) {
    for (let i: u32 = 0; i < FLOOD_WORDS; i++) {
      if (i < 4) message.words[i] = ~0n;
      else ownBuffer().words[i] = ~0n;
    }
    message.info = infoWord(label, FLOOD_WORDS, 0);
    systemCall(Syscall.Call, (label & 1) === 0 ? DIRECTORY : MODULES, 0, message);
    if (errorOf(message) !== 0) return false;
  }
  return isLoadRefused("hello");
}

function flood(endpoint: u32): void {
  const message = local<Message>();
  for (let i: u32 = 0; i < FLOOD; i++) {
    message.info = infoWord(NO_LINE + (i % 600), FLOOD_WORDS, 0);
    systemCall(Syscall.NbSend, endpoint, 0, message);
  }
}

/** Which answers all the same. */
function floodManager(): boolean {
  flood(MODULES);
  return isLoadRefused("hello");
}

/** Which takes its lines all the same, once it has thrown away what waits before them. */
function floodConsole(): boolean {
  flood(LOG);
  awaitReceived();
  return isLoadRefused("hello");
}

/** Without such a service there is nothing to flood. */
function floodService(): boolean {
  const message = local<Message>();
  flood(KV);
  const found = lookUp(message, DIRECTORY, KV_SERVICE, KV_PROTOCOL, FREE);
  if (found === Lookup.NotFound) return true;
  kv.endpoint = FREE;
  flood(FREE);
  return found === Lookup.Found && getValue(kv, "anything") === Fate.Answered;
}
