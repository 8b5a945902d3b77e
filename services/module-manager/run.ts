import { PackageFault } from "../../codec/package/fault";
import { PackageStatus, statusOf } from "../../codec/package/status";
import { SLOT_CNODE } from "../../kernel/initSlots";
import { ProcessEnd, ProcessState } from "../../kernel/object/processState";
import { Syscall } from "../../kernel/syscall/invocation";
import type { WithdrawServicesRequest } from "../../protocol/directory";
import { type DirectoryResponse, DirectoryStatus, type RegisterServiceRequest } from "../../protocol/directory";
import { MessageFault } from "../../protocol/error";
import {
  decodeDirectoryResponse,
  encodeRegisterServiceRequest,
  encodeWithdrawServicesRequest,
} from "../../protocol/marshal/directory";
import { ModuleState } from "../../protocol/modules";
import { LoadStatus } from "../../protocol/status";
import { textOfName } from "../../protocol/texts";
import { copyWith, mintInto, remove, slotIn } from "../../user/calls";
import { answerAt, errorOf, type Message, systemCall } from "../../user/message";
import {
  processSetNotification,
  processStart,
  processStatus,
  processStep,
  processTerminate,
} from "../../user/stubs/process";
import { processControlCreate } from "../../user/stubs/processControl";
import { textWord } from "../../user/text";
import { failAt, failLoad, type Load } from "./load";
import { LoadEvent } from "./loadState";
import { BUDGET, ENDOWMENT, IMAGE, MAX_MODULES, PROCESS, slotOfModule, slotOfOffer } from "./persistent";
import { moduleOfProcess, moduleRecord, NO_MODULE, releaseModule, releaseObjects, releaseUnfinished } from "./records";
import { ENDED_SIGNAL, NOTIFICATION, OFFER, OWN_DIRECTORY, PERSISTENT, PROCESSES } from "./slots";
import { loadStatusOf, loadStatusOfError } from "./statuses";

/** From the sealed Image to a process that runs, and from there to its end. */

const ALL_RIGHTS = 7n;
const SEND_AND_PASS = 6n;

const registration: RegisterServiceRequest = zeroed();
const withdrawal: WithdrawServicesRequest = zeroed();
const response: DirectoryResponse = zeroed();

function processOf(module: u32): u32 {
  return slotIn(PERSISTENT, slotOfModule(module, PROCESS));
}

/** The kernel makes the process, from what the endowment has. */
export function create(load: Load): LoadEvent {
  const message = local<Message>();
  const name = textOfName(load.name);
  const error = processControlCreate(
    message,
    PROCESSES,
    load.badge,
    load.requestId,
    u64(load.loadId),
    keyWord(load),
    textWord(name, 0),
    textWord(name, 1),
    textWord(name, 2),
    textWord(name, 3),
    processOf(load.module),
    slotIn(PERSISTENT, slotOfModule(load.module, IMAGE)),
    slotIn(PERSISTENT, slotOfModule(load.module, BUDGET)),
    slotIn(PERSISTENT, slotOfModule(load.module, ENDOWMENT)),
  );
  if (error !== 0) return failLoad(load, loadStatusOfError(error));
  const status = toEnum<PackageStatus>(u32(message.words[0]));
  if (status !== PackageStatus.Success) {
    return failAt(load, loadStatusOf(status), u32(message.words[1]), 0, u32(message.words[2]));
  }
  moduleRecord(load.module).processId = u32(answerAt(message, 4));
  load.receipt.refused = message.words[3];
  load.receipt.granted = ((1n << u64(load.verification.manifest.wantedCount)) - 1n) & ~message.words[3];
  return LoadEvent.More;
}

/** The first bytes of the publisher's key id: part of the owner's identity. */
function keyWord(load: Load): u64 {
  return textWord(sliceOf(load.receipt.key.bytes, 0, 8), 0);
}

/** The next pages. */
export function fill(load: Load): LoadEvent {
  const message = local<Message>();
  const error = processStep(message, processOf(load.module));
  if (error !== 0) return failLoad(load, loadStatusOfError(error));
  return message.words[0] === 0n ? LoadEvent.Done : LoadEvent.More;
}

/** Its services are entered, then it runs. */
export function start(load: Load): LoadEvent {
  const message = local<Message>();
  const module = load.module;
  const status = registerOffers(module);
  if (status !== LoadStatus.Success) return failLoad(load, status);
  let error = watchEnd(module);
  if (error === 0) error = processStart(message, processOf(module));
  if (error !== 0) return failLoad(load, loadStatusOfError(error));
  const fault = toEnum<PackageFault>(u32(message.words[0]));
  if (fault !== PackageFault.None) return failAt(load, loadStatusOf(statusOf(fault)), u32(fault), 0, 0);
  moduleRecord(module).state = ModuleState.Running;
  return LoadEvent.Done;
}

/** Its end will be a signal, with the module's bit; answers the error. */
export function watchEnd(module: u32): u32 {
  const message = local<Message>();
  let error = mintInto(SLOT_CNODE, NOTIFICATION, ENDED_SIGNAL, ALL_RIGHTS, 1n << u64(module));
  if (error === 0) error = processSetNotification(message, processOf(module), ENDED_SIGNAL);
  remove(ENDED_SIGNAL);
  return error;
}

/** Refused when another module has one of the names, or the directory has no room. */
function registerOffers(module: u32): LoadStatus {
  const record = moduleRecord(module);
  for (let i: u32 = 0; i < record.offerCount; i++) {
    if (!registerOffer(module, i)) return LoadStatus.KernelInternalError;
    if (response.status !== DirectoryStatus.Success) return LoadStatus.Refused;
  }
  return LoadStatus.Success;
}

/** Asks once more if the directory was being made again: it knows what it has done already. False without an answer. */
function registerOffer(module: u32, offer: u32): boolean {
  const record = moduleRecord(module);
  const message = local<Message>();
  for (let i: u32 = 0; i < 2; i++) {
    const endpoint = slotIn(PERSISTENT, slotOfOffer(module, offer));
    // Without a badge: the directory gives each finder one of its own.
    if (copyWith(SLOT_CNODE, endpoint, OFFER, SEND_AND_PASS) !== 0) return false;
    registration.requestId = u64(record.loadId);
    registration.processId = record.processId;
    copyStruct(registration.name, record.offers[offer].name);
    copyStruct(registration.protocol, record.offers[offer].protocol);
    copyStruct(registration.version, record.version);
    registration.endpoint = OFFER;
    encodeRegisterServiceRequest(registration, message);
    systemCall(Syscall.Call, OWN_DIRECTORY, 0, message);
    remove(OFFER);
    if (errorOf(message) === 0) break;
  }
  return decodeDirectoryResponse(message, response) === MessageFault.None;
}

function withdrawOffers(module: u32): void {
  const record = moduleRecord(module);
  // Before there is a process nothing was entered.
  if (record.processId === 0) return;
  const message = local<Message>();
  for (let i: u32 = 0; i < 2; i++) {
    withdrawal.requestId = u64(record.loadId);
    withdrawal.processId = record.processId;
    encodeWithdrawServicesRequest(withdrawal, message);
    systemCall(Syscall.Call, OWN_DIRECTORY, 0, message);
    if (errorOf(message) === 0) return;
  }
}

/** Ends the module, whatever it does, and releases everything. */
export function endModule(module: u32): void {
  const message = local<Message>();
  const record = moduleRecord(module);
  const hasProcess = record.home !== 0;
  record.state = ModuleState.Loading;
  if (hasProcess) processTerminate(message, processOf(module));
  if (record.offerCount !== 0) withdrawOffers(module);
  releaseModule(module);
}

/**
 * Of an incarnation before: what it has not finished is withdrawn and released, what runs is entered in the directory
 * again, should that have lost it, and its end will be known.
 */
export function takeOver(): void {
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    const record = moduleRecord(i);
    if (record.state === ModuleState.None || record.state === ModuleState.Running) continue;
    // The number of one that has ended long ago may be another's.
    const holder = moduleOfProcess(record.processId);
    if (holder === NO_MODULE || moduleRecord(holder).state !== ModuleState.Running) withdrawOffers(i);
  }
  releaseUnfinished();
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    if (moduleRecord(i).state !== ModuleState.Running) continue;
    registerOffers(i);
    // In this order: what ends between the two is noticed by one of them.
    watchEnd(i);
    noteEnd(i);
  }
}

/** Notes the end of a module that has ended by itself, and releases what it was made from; true when it has. */
export function noteEnd(module: u32): boolean {
  const record = moduleRecord(module);
  if (record.state !== ModuleState.Running) return false;
  const message = local<Message>();
  if (processStatus(message, processOf(module)) !== 0) return false;
  if (message.words[0] !== u64(u32(ProcessState.Ended))) return false;
  record.state = message.words[1] === u64(u32(ProcessEnd.Exited)) ? ModuleState.Exited : ModuleState.Faulted;
  record.code = message.words[2];
  record.address = message.words[3];
  processTerminate(message, processOf(module));
  if (record.offerCount !== 0) withdrawOffers(module);
  releaseObjects(module);
  return true;
}
