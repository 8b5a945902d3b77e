/** @unsafe reaches the process behind a capability, and fills its memory */
import { windowOf } from "@arch/mmu";
import { REGISTER_COUNT } from "@arch/registers";
import { registerOf } from "@arch/userFrame";
import { LEAF_WRITE } from "@arch/userSpace";
import { PackageFault } from "../../codec/package/fault";
import {
  CapType,
  FLAG_DMA,
  FLAG_PROTECTED,
  FLAG_READ_ONLY,
  FLAG_SELF,
  FLAG_UNCACHED,
  isCapWith,
} from "../cap/capability";
import { deleteAll, dropTarget, revoke, stopThread } from "../cap/delete";
import { derive, whyNoCopy } from "../cap/derive";
import { extraOf, isNull, objectOf, type Slot, slotAt } from "../cap/slot";
import { ErrorCode } from "../ipc/messageInfo";
import { PAGE_BYTES, type PhysAddr, pageAlignDown } from "../memory/address";
import { makeReady } from "../sched/scheduler";
import { answerWord, argument, capability, request, target, wrong } from "../syscall/request";
import { type AddressSpace, addressSpaceIn, mapPages, missingTables } from "./addressSpace";
import { dataSegmentOf, type Image, imageOf, imagePage } from "./image";
import type { Process } from "./process";
import { dataPagesOf, stackPagesOf } from "./processCreate";
import { endProcess, isAlive } from "./processEnd";
import {
  BUFFER_ADDRESS,
  PROCESS_INFO_ADDRESS,
  type ProcessInfo,
  SLOT_BUFFER,
  SLOT_DATA,
  SLOT_STACK,
  STACK_TOP,
} from "./processSlots";
import { ProcessEnd, ProcessState } from "./processState";
import { mapText, noteMapping } from "./program";
import { MAX_REGION_PAGES, pageOf, pagesOf } from "./region";
import { faultOfImage } from "./trust";
import { ARGUMENT_ATTRIBUTES, ARGUMENT_SLOT, carve } from "./untyped";

/**
 * What a Process's capability can be asked for. Both its own (FLAG_SELF) and the creator's take memory from its budget and
 * tell its state; its own exits, the creator's does the rest.
 */

/** Pages that one Step copies or clears: the half of what a call may (I13). */
const FILL_STEP_PAGES = 16;
/** The spec's attributes of memory, beside those of Retype. */
const ATTRIBUTE_EXECUTABLE = 1n;
const OTHER_ATTRIBUTES = FLAG_DMA | FLAG_UNCACHED | FLAG_PROTECTED | FLAG_READ_ONLY;
const MAX_REGION_BYTES = u64(MAX_REGION_PAGES) * PAGE_BYTES;

function process(): Process {
  return cast<Process>(objectOf(target()));
}

function isSelf(): boolean {
  return isCapWith(target().word, CapType.Process, FLAG_SELF);
}

/** Process.Step: maps and fills the next pages of a process that was created → how many pages are left. */
export function stepProcess(): ErrorCode {
  const of = process();
  if (isSelf() || of.state !== ProcessState.Filling) return ErrorCode.IllegalOperation;
  const thread = of.thread;
  if (thread === null || isNull(of.image) || isNull(thread.space) || isNull(thread.cspace)) return ErrorCode.Gone;
  const image = imageOf(of.image);
  const left = pagesLeft(of, image);
  const space = addressSpaceIn(thread.space);
  let done: u32 = 0;
  if (of.mappedPages < image.pages) {
    done = mapText(of.image, of.mappedPages, space);
    of.mappedPages += done;
  } else {
    done = fillNext(of, image, space, objectOf(thread.cspace));
  }
  if (done === 0) return ErrorCode.Gone;
  answerWord(0, left - u64(done));
  if (left === u64(done)) of.state = ProcessState.Prepared;
  return ErrorCode.None;
}

function pagesLeft(of: Process, image: Image): u64 {
  const all = dataPagesOf(image) + stackPagesOf(image) + 1n;
  return u64(image.pages - of.mappedPages) + all - u64(of.filledPages);
}

/** The next pages of data, stack or buffer, in this order; 0 when they are gone. */
function fillNext(of: Process, image: Image, space: AddressSpace, slots: u64): u32 {
  const dataPages = u32(dataPagesOf(image));
  const stackPages = u32(stackPagesOf(image));
  const at = of.filledPages;
  let done: u32 = 0;
  if (at < dataPages) {
    const data = dataSegmentOf(image.program)!;
    done = fill(slotAt(slots, SLOT_DATA), at, space, pageAlignDown(data.address), image);
  } else if (at < dataPages + stackPages) {
    const start = STACK_TOP - u64(stackPages) * PAGE_BYTES;
    done = fill(slotAt(slots, SLOT_STACK), at - dataPages, space, start, null);
  } else {
    done = fill(slotAt(slots, SLOT_BUFFER), 0, space, BUFFER_ADDRESS, null);
    if (done !== 0) tell(of, slotAt(slots, SLOT_BUFFER));
  }
  of.filledPages = at + done;
  return done;
}

/** Pages from `from` on of a Region: what `image` has for them, then zero. Answers how many that were. */
function fill(slot: Slot, from: u32, space: AddressSpace, start: u64, image: Image | null): u32 {
  if (!isCapWith(slot.word, CapType.Region, 0n)) return 0;
  const left = pagesOf(slot) - from;
  const count = left < FILL_STEP_PAGES ? left : FILL_STEP_PAGES;
  const to = windowOf(pageOf(slot)) + u64(from) * PAGE_BYTES;
  const contents = image === null ? 0 : image.dataPages;
  for (let i: u32 = 0; i < count; i++) {
    const page = to + u64(i) * PAGE_BYTES;
    if (image !== null && from + i < contents) copyMemory(page, imagePage(image, image.pages + from + i), PAGE_BYTES);
    else fillMemory(page, 0, PAGE_BYTES);
  }
  const va = start + u64(from) * PAGE_BYTES;
  assert(missingTables(space, va, count) <= space.freeCount, "a process's tables are counted when it is planned");
  mapPages(space, va, (u64(pageOf(slot)) + u64(from) * PAGE_BYTES) as PhysAddr, count, LEAF_WRITE);
  noteMapping(slot, space, start, from + count);
  return count;
}

function tell(of: Process, buffer: Slot): void {
  const info = cast<ProcessInfo>(windowOf(pageOf(buffer)) + PROCESS_INFO_ADDRESS - BUFFER_ADDRESS);
  info.refused = of.refused;
  info.freeBytes = (1n << u64(extraOf(of.budget))) - of.budget.data;
}

/** Process.Start → a PackageFault when the trust set does not let it run any more, and then nothing else changes. */
export function startProcess(): ErrorCode {
  const of = process();
  if (isSelf() || of.state !== ProcessState.Prepared) return ErrorCode.IllegalOperation;
  const thread = of.thread;
  if (thread === null || isNull(of.image)) return ErrorCode.Gone;
  const fault = faultOfImage(imageOf(of.image));
  answerWord(0, u64(u32(fault)));
  if (fault !== PackageFault.None) return ErrorCode.None;
  of.state = ProcessState.Running;
  makeReady(thread);
  return ErrorCode.None;
}

/** Process.Terminate: nothing of what its budget has made is left. Restarts; whoever comes later ends it. */
export function terminateProcess(): ErrorCode {
  const of = process();
  if (isSelf() || of.state === ProcessState.Empty) return ErrorCode.IllegalOperation;
  if (isAlive(of)) endProcess(of, ProcessEnd.Terminated);
  const thread = of.thread;
  if (thread !== null) stopThread(thread);
  if (of.state !== ProcessState.Gone) of.state = ProcessState.Dying;
  if (!revoke(of.budget) || !deleteAll(of.image)) {
    request.isRestarted = true;
    return ErrorCode.None;
  }
  of.state = ProcessState.Gone;
  return ErrorCode.None;
}

/** Process.Exit: code. By its own capability; its first thread stops, its memory is its creator's to take back. */
export function exitProcess(): ErrorCode {
  const of = process();
  if (!isSelf() || of.state !== ProcessState.Running) return ErrorCode.IllegalOperation;
  of.exitCode = argument(0);
  endProcess(of, ProcessEnd.Exited);
  const thread = of.thread;
  if (thread !== null) stopThread(thread);
  return ErrorCode.None;
}

/** Process.Status → state, end, exit code or fault kind, fault address. */
export function processStatus(): ErrorCode {
  const of = process();
  answerWord(0, u64(u32(of.state)));
  answerWord(1, u64(u32(of.end)));
  answerWord(2, of.end === ProcessEnd.Faulted ? u64(u32(of.faultKind)) : of.exitCode);
  answerWord(3, of.faultAddress);
  return ErrorCode.None;
}

/** Process.ReadEpitaph: first register → up to four registers of the first thread, as they were at the end. */
export function readEpitaph(): ErrorCode {
  const first = argument(0);
  if (first >= u64(REGISTER_COUNT)) return wrong(ErrorCode.RangeError, 0);
  const of = process();
  for (let i: u32 = 0; i < 4 && u32(first) + i < REGISTER_COUNT; i++) {
    answerWord(i, registerOf(of.registers, u32(first) + i));
  }
  return ErrorCode.None;
}

/** Process.SetNotification: Notification, which gets its badge's bits when the process ends. */
export function setEndNotification(): ErrorCode {
  const slot = capability(0, CapType.Notification);
  if (isSelf()) return ErrorCode.IllegalOperation;
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 0);
  const problem = whyNoCopy(slot);
  if (problem !== ErrorCode.None) return wrong(problem, 0);
  const of = process();
  dropTarget(of.target);
  derive(slot, of.target, slot.word, slot.data);
  return ErrorCode.None;
}

/**
 * Process.AllocateMemoryRegion: bytes, attributes, slot; CNode. The spec's operation: the memory is the owning process's
 * budget, which is its quota. Memory to execute is what Images are for.
 */
export function allocateRegion(): ErrorCode {
  const bytes = argument(0);
  const attributes = argument(1);
  const of = process();
  if (!isOwner(of)) return ErrorCode.IllegalOperation;
  if ((attributes & ATTRIBUTE_EXECUTABLE) !== 0n) return wrong(ErrorCode.Policy, 1);
  if ((attributes & ~OTHER_ATTRIBUTES) !== 0n) return wrong(ErrorCode.InvalidArgument, 1);
  if (bytes === 0n || bytes > MAX_REGION_BYTES) return wrong(ErrorCode.RangeError, 0);
  const pages = (bytes + PAGE_BYTES - 1n) / PAGE_BYTES;
  const cnode = capability(0, CapType.CNode);
  return aboutOwn(carve(of.budget, cnode, u64(u32(CapType.Region)), pages, 1n, argument(2), attributes), 2, 1);
}

/** Process.CreateEndpoint: policy (endpointPolicy.ts), slot; CNode. From the owning process's budget. */
export function createEndpoint(): ErrorCode {
  const of = process();
  if (!isOwner(of)) return ErrorCode.IllegalOperation;
  const cnode = capability(0, CapType.CNode);
  return aboutOwn(carve(of.budget, cnode, u64(u32(CapType.Endpoint)), argument(0), 1n, argument(1), 0n), 1, 0);
}

/** What carve says of Retype's arguments is about this call's: the slot, the attributes, else the size, its first one. */
function aboutOwn(error: ErrorCode, slot: u32, attributes: u32): ErrorCode {
  if (error === ErrorCode.InvalidCapability || error === ErrorCode.None) return error;
  if (request.detail === ARGUMENT_SLOT) request.detail = slot;
  else if (request.detail === ARGUMENT_ATTRIBUTES) request.detail = attributes;
  else request.detail = 0;
  return error;
}

/** Whether it has a budget from which something can be made. */
function isOwner(of: Process): boolean {
  return isAlive(of) && isCapWith(of.budget.word, CapType.Untyped, 0n);
}
