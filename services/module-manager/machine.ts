import { Syscall } from "../../kernel/syscall/invocation";
import { type LoadModuleResponse, LoadPurpose } from "../../protocol/load";
import { encodeLoadModuleResponse } from "../../protocol/marshal/load";
import { LoadStage } from "../../protocol/receipt";
import { LoadStatus } from "../../protocol/status";
import { isEmptySlot, remove } from "../../user/calls";
import { type Message, systemCall } from "../../user/message";
import { nowNs } from "./clock";
import { endow } from "./endow";
import { type Load, loadAt, MAX_LOADS } from "./load";
import { LoadAction, LoadEvent, LoadState, type Transition, transitionOf } from "./loadState";
import { countStage, keepReceipt } from "./receipts";
import { giveBack, moduleRecord, NO_MODULE } from "./records";
import { create, endModule, fill, start } from "./run";
import { LOAD_SLOTS, REPLY_TO, slotsOfLoad } from "./slots";
import {
  beginBinary,
  beginPayload,
  beginSealing,
  beginUnpacking,
  copyHeaders,
  find,
  stepBinary,
  stepHeaders,
  stepPayload,
  stepSealing,
  takeBack,
} from "./steps";

/** Drives the loads: for each the action that loadState.ts has for its event, one after the other. */

const transition: Transition = zeroed();
const response: LoadModuleResponse = zeroed();

/** One action of each load that has something to do; false when all wait. */
export function stepLoads(): boolean {
  let isBusy = false;
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    const load = loadAt(i);
    if (load.state === LoadState.Free || load.event === LoadEvent.None) continue;
    if (isAbandoned(load)) load.event = LoadEvent.Abandoned;
    advance(load, load.event);
    isBusy = true;
  }
  return isBusy;
}

/** Whether nobody is there any more for the answer. */
export function isAbandoned(load: Load): boolean {
  return isEmptySlot(slotsOfLoad(load.index) + REPLY_TO);
}

/** Does what `event` asks for in the load's state. */
export function advance(load: Load, event: LoadEvent): void {
  transitionOf(load.state, event, transition);
  const next = transition.next;
  const action = transition.action;
  if (action === LoadAction.Ignore) return;
  load.event = LoadEvent.None;
  // What an action does is of the stage that it begins.
  countTime(load, next);
  const following = act(load, action);
  load.state = next;
  load.event = following;
}

function countTime(load: Load, next: LoadState): void {
  if (load.state === next) return;
  const now = nowNs();
  countStage(load.receipt, load.stage, now - load.stageSinceNs);
  load.stageSinceNs = now;
  load.stage = stageOf(next);
}

function stageOf(state: LoadState): LoadStage {
  switch (state) {
    case LoadState.Free:
    case LoadState.Starting:
      return LoadStage.Start;
    case LoadState.Finding:
      return LoadStage.Find;
    case LoadState.Verifying:
      return LoadStage.Headers;
    case LoadState.Copying:
      return LoadStage.Payload;
    case LoadState.Unpacking:
      return LoadStage.Unpack;
    case LoadState.Hashing:
      return LoadStage.Binary;
    case LoadState.Sealing:
      return LoadStage.Seal;
    case LoadState.Endowing:
    case LoadState.Filling:
      return LoadStage.Create;
    default:
      unreachable(state);
  }
}

function act(load: Load, action: LoadAction): LoadEvent {
  switch (action) {
    case LoadAction.Ignore:
      return LoadEvent.None;
    case LoadAction.Find:
      return find(load);
    case LoadAction.CopyHeaders:
      return copyHeaders(load);
    case LoadAction.StepHeaders:
      return stepHeaders(load);
    case LoadAction.BeginPayload:
      return beginPayload(load);
    case LoadAction.StepPayload:
      return stepPayload(load);
    case LoadAction.BeginUnpacking:
      return beginUnpacking(load);
    case LoadAction.TakeBack:
      return takeBack(load);
    case LoadAction.BeginBinary:
      return beginBinary(load);
    case LoadAction.StepBinary:
      return stepBinary(load);
    case LoadAction.BeginSealing:
      return beginSealing(load);
    case LoadAction.StepSealing:
      return stepSealing(load);
    case LoadAction.Endow:
      return endow(load);
    case LoadAction.Create:
      return create(load);
    case LoadAction.Fill:
      return fill(load);
    case LoadAction.Start:
      return start(load);
    case LoadAction.Settle:
      load.status = LoadStatus.Success;
      return conclude(load);
    case LoadAction.NoteLoss:
      load.status = LoadStatus.DecompressionError;
      return conclude(load);
    case LoadAction.NoteTimeout:
      load.status = LoadStatus.Timeout;
      return conclude(load);
    case LoadAction.Conclude:
      return conclude(load);
    case LoadAction.Release:
      load.status = LoadStatus.Timeout;
      release(load);
      return LoadEvent.None;
    default:
      unreachable(action);
  }
}

/** Releases what the load does not leave behind, then answers. */
function conclude(load: Load): LoadEvent {
  const isRunning = load.status === LoadStatus.Success && load.purpose === LoadPurpose.Run;
  response.processId = isRunning ? moduleRecord(load.module).processId : 0;
  countTime(load, LoadState.Free);
  if (!isRunning) release(load);
  else releaseWork(load);
  const message = local<Message>();
  response.requestId = load.requestId;
  response.status = load.status;
  response.fault = load.fault;
  response.part = load.part;
  response.place = load.place;
  response.loadId = load.loadId;
  copyStruct(response.version, load.version);
  encodeLoadModuleResponse(response, message);
  systemCall(Syscall.NbSend, slotsOfLoad(load.index) + REPLY_TO, 0, message);
  remove(slotsOfLoad(load.index) + REPLY_TO);
  return LoadEvent.None;
}

/** Everything: nothing was loaded. */
function release(load: Load): void {
  if (load.module !== NO_MODULE) endModule(load.module);
  load.module = NO_MODULE;
  releaseWork(load);
}

/** What the load worked with; the place to answer to stays. */
function releaseWork(load: Load): void {
  load.receipt.status = load.status;
  copyStruct(load.receipt.name, load.name);
  copyStruct(load.receipt.version, load.version);
  keepReceipt(load.receipt);
  for (let i: u32 = 0; i < LOAD_SLOTS; i++) {
    if (i !== REPLY_TO) remove(slotsOfLoad(load.index) + i);
  }
  giveBack(load.workspace);
  giveBack(load.headersMemory);
  load.workspace = 0;
  load.headersMemory = 0;
}
