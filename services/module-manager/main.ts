import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_THREAD } from "../../kernel/initSlots";
import { ErrorCode, lengthIn } from "../../kernel/ipc/messageInfo";
import { writeDecimal, writeHex, writeText } from "../../kernel/output";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import type { DeepDecompressResponse } from "../../protocol/decompression";
import { MessageFault } from "../../protocol/error";
import type { LoadModuleRequest, LoadModuleResponse } from "../../protocol/load";
import { decodeDeepDecompressResponse } from "../../protocol/marshal/decompression";
import { decodeLoadModuleRequest, encodeLoadModuleResponse, LOAD_MODULE_REQUEST } from "../../protocol/marshal/load";
import {
  decodeListModulesRequest,
  decodeTerminateModuleRequest,
  encodeModuleRow,
  encodeTerminateModuleResponse,
  LIST_MODULES_REQUEST,
  TERMINATE_MODULE_REQUEST,
} from "../../protocol/marshal/modules";
import { decodeReadReceiptRequest, encodeReceipt, READ_RECEIPT_REQUEST } from "../../protocol/marshal/receipt";
import {
  type ListModulesRequest,
  type ModuleRow,
  ModuleState,
  type TerminateModuleRequest,
  type TerminateModuleResponse,
  TerminateStatus,
} from "../../protocol/modules";
import { LoadStage, type ReadReceiptRequest, type Receipt } from "../../protocol/receipt";
import { LoadStatus } from "../../protocol/status";
import { textOfName, textOfVersion } from "../../protocol/texts";
import { ask, mintInto, moveInto, retype } from "../../user/calls";
import { flushText, sendText } from "../../user/io/uart";
import { errorOf, labelOf, type Message, systemCall } from "../../user/message";
import { badgeAtDirectory, isModuleBadge, loadOfModuleBadge, MAY_REGISTER } from "../badges";
import { CONSOLE_LOG } from "../protocol";
import { answerFault, clearMessage, dropArrived, receive, receiveNow, refuseOneWay, reply } from "../serve";
import { mayAsk, mayLoad, Wish } from "./admission";
import { nowNs, wakeAt } from "./clock";
import {
  freeLoad,
  inFlightOf,
  isOneShotBadge,
  isOut,
  type Load,
  loadAt,
  loadOfBadge,
  MAX_LOADS,
  NO_LOAD,
} from "./load";
import { LoadEvent, LoadState } from "./loadState";
import { advance, drainLent, lookAt, stepLoads } from "./machine";
import { MAX_MODULES } from "./persistent";
import { beginReceipt, continueReceipts, receiptOf } from "./receipts";
import { moduleOfLoad, moduleOfProcess, moduleRecord, NO_MODULE, openRecords, records } from "./records";
import { endModule, noteEnd, takeOver } from "./run";
import {
  DIRECTORY,
  LOG,
  MEMORY,
  NOTIFICATION,
  OWN_DIRECTORY,
  PARAMETERS,
  REPLY,
  REPLY_TO,
  REQUESTS,
  slotsOfLoad,
  TIMER,
  TIMER_SIGNAL,
} from "./slots";
import { noteUnpacked } from "./steps";
import { readTrust } from "./trust";

/**
 * The ModuleManager: finds, verifies and has run what it is asked for, and knows what runs.
 *
 *   requests, answers, ends of processes, the timer ─▶ handle ─▶ loads' events ─▶ stepLoads ─▶ … until all wait
 *
 * Everything comes to one endpoint. Ends and the timer come as signals of the bound notification: a bit for each module
 * and one for the timer, in place of a badge and with an empty message; who else sends such a message causes a look at
 * what is there, and nothing more.
 */

const ALL_RIGHTS = 7n;
const SEND_AND_PASS = 6n;
const TIMER_BIT = 1n << 40n;
const NS_PER_MS = 1_000_000n;
/** Of a load that asks for none; and the most. */
const DEFAULT_TIMEOUT_MS = 20_000;
const MAX_TIMEOUT_MS = 600_000;
/** How often a load that waits for the DeepCompressionService is looked at. */
const LOOK_NS = 100_000_000n;

const loadRequest: LoadModuleRequest = zeroed();
const refusal: LoadModuleResponse = zeroed();
const unpacked: DeepDecompressResponse = zeroed();
const listRequest: ListModulesRequest = zeroed();
const row: ModuleRow = zeroed();
const terminateRequest: TerminateModuleRequest = zeroed();
const terminated: TerminateModuleResponse = zeroed();
const receiptRequest: ReadReceiptRequest = zeroed();
const receipt: Receipt = zeroed();
/** Without records or a trust set it answers, and loads nothing. */
let isReady = false;

/** @entry program_start */
export function main(_info: u64): void {
  sendText(LOG, CONSOLE_LOG);
  makeObjects();
  const hasRecords = openRecords();
  isReady = hasRecords && readTrust();
  if (!isReady) say("finds no records, or no trust set: nothing can be loaded");
  if (hasRecords) {
    continueReceipts(records().lastLoadId);
    takeOver();
    drainLent();
    wakeForLoads(nowNs());
  }
  const message = local<Message>();
  for (;;) {
    if (stepLoads()) {
      receiveNow(REQUESTS, REPLY, message);
      if (errorOf(message) === u32(ErrorCode.Busy)) {
        // Others of the same priority are at work for the loads.
        systemCall(Syscall.Yield, 0, 0, message);
        continue;
      }
    } else {
      receive(REQUESTS, REPLY, message);
    }
    handle(message);
  }
}

function makeObjects(): void {
  retype(MEMORY, CapType.Reply, 0n, 1, REPLY);
  retype(MEMORY, CapType.Notification, 0n, 1, NOTIFICATION);
  retype(MEMORY, CapType.Timer, 0n, 1, TIMER);
  mintInto(SLOT_CNODE, NOTIFICATION, TIMER_SIGNAL, ALL_RIGHTS, TIMER_BIT);
  mintInto(SLOT_CNODE, DIRECTORY, OWN_DIRECTORY, SEND_AND_PASS, badgeAtDirectory(MAY_REGISTER, 0));
  ask(SLOT_THREAD, Invocation.ThreadBindNotification, 0n, 0n, NOTIFICATION);
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    loadAt(i).index = i;
    loadAt(i).module = NO_MODULE;
  }
}

function handle(message: Message): void {
  if (errorOf(message) !== 0) {
    noteFate(message);
    return;
  }
  const info = message.info;
  if (labelOf(message) === 0 && lengthIn(info) === 0) takeSignals(message.badge);
  else if (isOneShotBadge(message.badge)) takeUnpacked(message);
  else if (labelOf(message) === LOAD_MODULE_REQUEST) takeRequest(message);
  else {
    const fault = serve(message);
    if (fault !== MessageFault.None) answerFault(message, fault);
    reply(REPLY, message);
    dropArrived(info);
    return;
  }
  // Whoever has sent it by Call must not keep the Reply: nothing could be received any more.
  clearMessage(message);
  reply(REPLY, message);
  dropArrived(info);
}

/** A place to answer to was destroyed unused: nobody will answer that load. */
function noteFate(message: Message): void {
  const load = loadOfBadge(message.badge);
  if (load !== NO_LOAD && isOut(loadAt(load))) noteLoss(loadAt(load));
}

function noteLoss(load: Load): void {
  load.event = load.state === LoadState.Unpacking && load.isSecondTry ? LoadEvent.LostAgain : LoadEvent.Lost;
}

/** What comes by a place to answer to: the DeepCompressionService's answer, or something that is none. */
function takeUnpacked(message: Message): void {
  const index = loadOfBadge(message.badge);
  if (index === NO_LOAD || !isOut(loadAt(index))) return;
  const load = loadAt(index);
  const fault = decodeDeepDecompressResponse(message, unpacked);
  if (fault !== MessageFault.None || unpacked.requestId !== u64(load.loadId)) {
    noteLoss(load);
    return;
  }
  noteUnpacked(load, unpacked);
  load.event = LoadEvent.Answered;
}

function takeSignals(bits: u64): void {
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    if ((bits & (1n << u64(i))) !== 0n && noteEnd(i)) reportEnd(i);
  }
  if ((bits & TIMER_BIT) !== 0n) lookAtLoads();
}

function reportEnd(module: u32): void {
  const record = moduleRecord(module);
  if (record.state !== ModuleState.Faulted) return;
  writeText("module-manager: ");
  writeText(textOfName(record.name));
  writeText(" ");
  writeText(textOfVersion(record.version));
  writeText(" has faulted: kind ");
  writeDecimal(record.code);
  writeText(", address ");
  writeHex(record.address, 0);
  flushText();
}

/** Time-outs, and requesters that are gone while their loads wait. */
function lookAtLoads(): void {
  const now = nowNs();
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    const load = loadAt(i);
    if (load.state !== LoadState.Free) lookAt(load, now);
  }
  wakeForLoads(now);
}

/** At the first deadline, and not later than it is time for another look; never when there is no load. */
function wakeForLoads(now: u64): void {
  let at = now + LOOK_NS;
  let isAny = false;
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    const load = loadAt(i);
    if (load.state === LoadState.Free) continue;
    isAny = true;
    if (load.deadlineNs < at) at = load.deadlineNs;
  }
  if (isAny) wakeAt(at);
}

/** Admission: a load begins, or the request is answered at once. */
function takeRequest(message: Message): void {
  const fault = decodeLoadModuleRequest(message, loadRequest);
  if (fault !== MessageFault.None) {
    refuseOneWay(message, fault);
    return;
  }
  const badge = message.badge;
  if (!isReady) {
    refuse(message, LoadStatus.KernelInternalError);
    return;
  }
  if (!mayLoad(badge, nameOfSender(badge), textOfName(loadRequest.name), inFlightOf(badge))) {
    refuse(message, LoadStatus.Refused);
    return;
  }
  const index = freeLoad();
  if (index === NO_LOAD) {
    refuse(message, LoadStatus.InsufficientResourcesError);
    return;
  }
  begin(index, badge);
}

/** Of the module that a badge names; nothing when it is none. */
function nameOfSender(badge: u64): Bytes {
  const module = isModuleBadge(badge) ? moduleOfLoad(loadOfModuleBadge(badge)) : NO_MODULE;
  return module === NO_MODULE ? "" : textOfName(moduleRecord(module).name);
}

function refuse(message: Message, status: LoadStatus): void {
  refusal.requestId = loadRequest.requestId;
  refusal.status = status;
  encodeLoadModuleResponse(refusal, message);
  systemCall(Syscall.NbSend, loadRequest.replyTo, 0, message);
}

function begin(index: u32, badge: u64): void {
  const load = loadAt(index);
  const slots = slotsOfLoad(index);
  moveInto(SLOT_CNODE, loadRequest.replyTo, slots + REPLY_TO);
  load.hasParameters = loadRequest.parameters !== 0;
  if (load.hasParameters) moveInto(SLOT_CNODE, loadRequest.parameters, slots + PARAMETERS);
  load.badge = badge;
  load.requestId = loadRequest.requestId;
  load.purpose = loadRequest.purpose;
  load.isSecondAllowed = loadRequest.isSecondAllowed;
  copyStruct(load.name, loadRequest.name);
  copyStruct(load.range, loadRequest.range);
  load.version.length = 0;
  load.status = LoadStatus.Success;
  load.fault = 0;
  load.part = 0;
  load.place = 0;
  load.module = NO_MODULE;
  beginReceipt(load.receipt);
  load.loadId = load.receipt.loadId;
  records().lastLoadId = load.loadId;
  const now = nowNs();
  load.stage = LoadStage.Find;
  load.stageSinceNs = now;
  load.deadlineNs = now + u64(timeoutMs(loadRequest.timeoutMs)) * NS_PER_MS;
  load.event = LoadEvent.Admitted;
  load.state = LoadState.Free;
  // From here on it counts as on its way.
  advance(load, LoadEvent.Admitted);
  wakeForLoads(now);
}

function timeoutMs(asked: u32): u32 {
  if (asked === 0) return DEFAULT_TIMEOUT_MS;
  return asked < MAX_TIMEOUT_MS ? asked : MAX_TIMEOUT_MS;
}

/** Calls: makes the message its own answer, or says what is wrong with it. */
function serve(message: Message): MessageFault {
  switch (labelOf(message)) {
    case LIST_MODULES_REQUEST: {
      if (!mayAsk(message.badge, Wish.List)) return MessageFault.NotAllowed;
      const fault = decodeListModulesRequest(message, listRequest);
      if (fault === MessageFault.None) list(message);
      return fault;
    }
    case TERMINATE_MODULE_REQUEST: {
      const fault = decodeTerminateModuleRequest(message, terminateRequest);
      if (fault === MessageFault.None) terminate(message);
      return fault;
    }
    case READ_RECEIPT_REQUEST: {
      if (!mayAsk(message.badge, Wish.List)) return MessageFault.NotAllowed;
      const fault = decodeReadReceiptRequest(message, receiptRequest);
      if (fault === MessageFault.None) readReceipt(message);
      return fault;
    }
    default:
      return MessageFault.Label;
  }
}

function list(message: Message): void {
  const empty = local<ModuleRow>();
  copyStruct(row, empty);
  row.requestId = listRequest.requestId;
  for (let i = listRequest.index; i < MAX_MODULES; i++) {
    const record = moduleRecord(i);
    if (record.state === ModuleState.None) continue;
    row.state = record.state;
    row.next = i + 1;
    row.processId = record.processId;
    row.loadId = record.loadId;
    row.memoryBytes = record.home === 0 ? 0n : 1n << u64(record.homeSize);
    row.code = record.code;
    row.address = record.address;
    copyStruct(row.name, record.name);
    copyStruct(row.version, record.version);
    break;
  }
  encodeModuleRow(row, message);
}

function terminate(message: Message): void {
  const module = moduleOfProcess(terminateRequest.processId);
  terminated.requestId = terminateRequest.requestId;
  terminated.status = TerminateStatus.Success;
  if (!mayAsk(message.badge, Wish.Terminate)) terminated.status = TerminateStatus.Refused;
  else if (module === NO_MODULE) terminated.status = TerminateStatus.NotFound;
  else endModule(module);
  encodeTerminateModuleResponse(terminated, message);
}

function readReceipt(message: Message): void {
  const kept = receiptOf(receiptRequest.loadId);
  const empty = local<Receipt>();
  copyStruct(receipt, kept === null ? empty : kept);
  receipt.requestId = receiptRequest.requestId;
  encodeReceipt(receipt, message);
}

function say(text: Bytes): void {
  writeText("module-manager ");
  writeText(text);
  flushText();
}
