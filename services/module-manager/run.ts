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
import { copyWith, mintInto, remove, slotIn } from "../../user/calls";
import { answerAt, type Message, systemCall } from "../../user/message";
import {
  processSetNotification,
  processStart,
  processStatus,
  processStep,
  processTerminate,
} from "../../user/stubs/process";
import { processControlCreate } from "../../user/stubs/processControl";
import { failAt, failLoad, type Load } from "./load";
import { LoadEvent } from "./loadState";
import { BUDGET, ENDOWMENT, IMAGE, PROCESS, slotOfModule, slotOfOffer } from "./persistent";
import { moduleRecord, releaseModule, releaseObjects } from "./records";
import { ENDED_SIGNAL, NOTIFICATION, OFFER, OWN_DIRECTORY, PERSISTENT, PROCESSES, slotsOfLoad } from "./slots";
import { loadStatusOf, loadStatusOfError } from "./statuses";

/** From the sealed Image to a process that runs, and from there to its end. */

const ALL_RIGHTS = 7n;
const SEND_AND_PASS = 6n;
const NAME_WORDS = 4;

const registration: RegisterServiceRequest = zeroed();
const withdrawal: WithdrawServicesRequest = zeroed();
const response: DirectoryResponse = zeroed();

function processOf(module: u32): u32 {
  return slotIn(PERSISTENT, slotOfModule(module, PROCESS));
}

/** The kernel makes the process, from what the endowment has. */
export function create(load: Load): LoadEvent {
  const message = local<Message>();
  const words = local<FixedArray<u64, typeof NAME_WORDS>>();
  for (let i: u32 = 0; i < load.name.length && i < NAME_WORDS * 8; i++) {
    words[i >>> 3] |= u64(u32(load.name.bytes[i])) << u64((i & 7) * 8);
  }
  const error = processControlCreate(
    message,
    PROCESSES,
    load.badge,
    load.requestId,
    u64(load.loadId),
    keyWord(load),
    words[0],
    words[1],
    words[2],
    words[3],
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
  let word: u64 = 0n;
  for (let i: u32 = 0; i < 8; i++) word |= u64(u32(load.receipt.key.bytes[i])) << u64(i * 8);
  return word;
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
  if (!registerOffers(load)) return failLoad(load, LoadStatus.Refused);
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

/** False when another module has one of the names, or the directory has no room. */
function registerOffers(load: Load): boolean {
  const record = moduleRecord(load.module);
  for (let i: u32 = 0; i < record.offerCount; i++) {
    const slot = slotsOfLoad(load.index) + OFFER;
    const endpoint = slotIn(PERSISTENT, slotOfOffer(load.module, i));
    // Without a badge: the directory gives each finder one of its own.
    if (copyWith(SLOT_CNODE, endpoint, slot, SEND_AND_PASS) !== 0) return false;
    registration.requestId = u64(load.loadId);
    registration.processId = record.processId;
    copyStruct(registration.name, record.offers[i].name);
    copyStruct(registration.protocol, record.offers[i].protocol);
    copyStruct(registration.version, record.version);
    registration.endpoint = slot;
    const message = local<Message>();
    encodeRegisterServiceRequest(registration, message);
    systemCall(Syscall.Call, OWN_DIRECTORY, 0, message);
    remove(slot);
    const fault = decodeDirectoryResponse(message, response);
    if (fault !== MessageFault.None || response.status !== DirectoryStatus.Success) return false;
  }
  return true;
}

function withdrawOffers(module: u32): void {
  const record = moduleRecord(module);
  // Before there is a process nothing was entered.
  if (record.offerCount === 0 || record.processId === 0) return;
  const message = local<Message>();
  withdrawal.requestId = u64(record.loadId);
  withdrawal.processId = record.processId;
  encodeWithdrawServicesRequest(withdrawal, message);
  systemCall(Syscall.Call, OWN_DIRECTORY, 0, message);
}

/** Ends the module, whatever it does, and releases everything. */
export function endModule(module: u32): void {
  const message = local<Message>();
  if (moduleRecord(module).home !== 0) processTerminate(message, processOf(module));
  withdrawOffers(module);
  releaseModule(module);
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
  withdrawOffers(module);
  releaseObjects(module);
  return true;
}
