import { Syscall } from "../../kernel/syscall/invocation";
import { type LoadModuleResponse, LoadPurpose } from "../../protocol/load";
import { encodeLoadModuleResponse } from "../../protocol/marshal/load";
import { LoadStage } from "../../protocol/receipt";
import { LoadStatus } from "../../protocol/status";
import { isEmptySlot, remove, signal } from "../../user/calls";
import { type Message, systemCall } from "../../user/message";
import { nowNs } from "./clock";
import { endow } from "./endow";
import { isBehindAnother, isOut, type Load, loadAt, MAX_LOADS } from "./load";
import { hasRequester, LoadAction, LoadEvent, LoadState, type Transition, transitionOf } from "./loadState";
import { countStage, keepReceipt } from "./receipts";
import { giveBack, moduleRecord, NO_MODULE, noteLent, records } from "./records";
import { create, endModule, fill, start } from "./run";
import { LOAD_SLOTS, REPLY_TO, RESTART, slotsOfLoad } from "./slots";
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
  unpackAgain,
} from "./steps";

/** Drives the loads: for each the action that loadState.ts has for its event, one after the other. */

/** In which the DeepCompressionService has to end what nobody waits for: the largest payload takes a tenth of it. */
const DRAIN_NS = 10_000_000_000n;
/** In which its end has to be known, once init was asked for it. */
const STOP_NS = 1_000_000_000n;

const transition: Transition = zeroed();
const response: LoadModuleResponse = zeroed();

/** One action of each load that has something to do; false when all wait. */
export function stepLoads(): boolean {
  let isBusy = false;
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    const load = loadAt(i);
    if (load.state === LoadState.Free || load.event === LoadEvent.None) continue;
    advance(load, load.event);
    isBusy = true;
  }
  return isBusy;
}

/** Loads of an incarnation before, for which the DeepCompressionService may still be at work. */
export function drainLent(): void {
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    const lent = records().lent[i];
    if (lent.workspace === 0) continue;
    const load = loadAt(i);
    load.state = LoadState.Draining;
    load.loadId = lent.loadId;
    load.workspace = lent.workspace;
    load.deadlineNs = nowNs() + DRAIN_NS;
  }
}

/** What has to happen at `now` to a load: its time may be over, or its requester gone while it waits. */
export function lookAt(load: Load, now: u64): void {
  if (now < load.deadlineNs) {
    if (load.state === LoadState.Unpacking && isOut(load) && isAbandoned(load)) advance(load, LoadEvent.Abandoned);
  } else if (load.state === LoadState.Draining && isBehindAnother(load)) {
    load.deadlineNs = now + DRAIN_NS;
  } else if (load.state !== LoadState.Unpacking || isOut(load)) {
    // What the DeepCompressionService has answered is taken back first.
    advance(load, LoadEvent.Deadline);
  }
}

/** Whether nobody is there any more for the answer. */
function isAbandoned(load: Load): boolean {
  return isEmptySlot(slotsOfLoad(load.index) + REPLY_TO);
}

/** Does what `event` asks for in the load's state; in each new state it is asked once whether the requester is gone. */
export function advance(load: Load, event: LoadEvent): void {
  transitionOf(load.state, event, transition);
  const next = transition.next;
  const action = transition.action;
  if (action === LoadAction.Ignore) return;
  load.event = LoadEvent.None;
  // What an action does is of the stage that it begins.
  countTime(load, next);
  const isNew = load.state !== next;
  const following = act(load, action);
  load.state = next;
  load.event = following;
  if (isNew && hasRequester(next) && next !== LoadState.Unpacking && isAbandoned(load)) {
    load.event = LoadEvent.Abandoned;
  }
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
    case LoadState.Draining:
    case LoadState.Stopping:
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
    case LoadAction.UnpackAgain:
      return unpackAgain(load);
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
      load.status = LoadStatus.KernelInternalError;
      return conclude(load);
    case LoadAction.NoteTimeout:
      load.status = LoadStatus.Timeout;
      return conclude(load);
    case LoadAction.Conclude:
      return conclude(load);
    case LoadAction.GiveUp:
      load.status = LoadStatus.Timeout;
      answer(load, 0);
      load.deadlineNs = nowNs() + DRAIN_NS;
      return LoadEvent.None;
    case LoadAction.Drain:
      load.status = LoadStatus.Timeout;
      keep(load);
      load.deadlineNs = nowNs() + DRAIN_NS;
      return LoadEvent.None;
    case LoadAction.StopUnpacker:
      signal(RESTART);
      load.deadlineNs = nowNs() + STOP_NS;
      return LoadEvent.None;
    case LoadAction.Release:
      if (hasRequester(load.state)) {
        load.status = LoadStatus.Timeout;
        keep(load);
      }
      release(load);
      return LoadEvent.None;
    default:
      unreachable(action);
  }
}

/** Releases what the load does not leave behind, then answers. */
function conclude(load: Load): LoadEvent {
  const isRunning = load.status === LoadStatus.Success && load.purpose === LoadPurpose.Run;
  const processId = isRunning ? moduleRecord(load.module).processId : 0;
  countTime(load, LoadState.Free);
  if (!isRunning) release(load);
  else releaseWork(load);
  answer(load, processId);
  return LoadEvent.None;
}

/** By the request's own place, which is used up then; the receipt can be read from here on. */
function answer(load: Load, processId: u32): void {
  keep(load);
  const message = local<Message>();
  response.requestId = load.requestId;
  response.status = load.status;
  response.fault = load.fault;
  response.part = load.part;
  response.place = load.place;
  response.loadId = load.loadId;
  response.processId = processId;
  copyStruct(response.version, load.version);
  encodeLoadModuleResponse(response, message);
  systemCall(Syscall.NbSend, slotsOfLoad(load.index) + REPLY_TO, 0, message);
  remove(slotsOfLoad(load.index) + REPLY_TO);
}

function keep(load: Load): void {
  load.receipt.status = load.status;
  copyStruct(load.receipt.name, load.name);
  copyStruct(load.receipt.version, load.version);
  keepReceipt(load.receipt);
}

/** Everything: nothing was loaded. */
function release(load: Load): void {
  if (load.module !== NO_MODULE) endModule(load.module);
  load.module = NO_MODULE;
  releaseWork(load);
}

/** What the load worked with; the place to answer to stays. */
function releaseWork(load: Load): void {
  for (let i: u32 = 0; i < LOAD_SLOTS; i++) {
    if (i !== REPLY_TO) remove(slotsOfLoad(load.index) + i);
  }
  noteLent(load.index, 0, 0);
  giveBack(load.workspace);
  giveBack(load.headersMemory);
  load.workspace = 0;
  load.headersMemory = 0;
}
