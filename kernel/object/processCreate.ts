/** @unsafe makes the objects of a process in its budget's memory */
import { windowOf } from "@arch/mmu";
import { PackageFault } from "../../codec/package/fault";
import { faultOfGrant, NO_GRANT } from "../../codec/package/grants";
import type { Manifest } from "../../codec/package/manifest";
import { PackageStatus } from "../../codec/package/status";
import {
  ALL_RIGHTS,
  CapType,
  capWord,
  FLAG_DEVICE,
  FLAG_SELF,
  FLAG_ZEROED,
  isCapWith,
  objectIn,
  rightsIn,
} from "../cap/capability";
import { dataOfCopy, derive, whyNoCopy } from "../cap/derive";
import {
  extraOf,
  insertChild,
  isNull,
  levelOf,
  MAX_LEVEL,
  moveSlot,
  objectOf,
  SLOT_BYTES,
  type Slot,
  slotAt,
  typeOf,
} from "../cap/slot";
import { ErrorCode } from "../ipc/messageInfo";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";
import { countTaken } from "../memory/frames";
import { answerRoom, answerWord, argument, caller, capability, wrong } from "../syscall/request";
import { type AddressSpace, addressSpaceWord, findFreeId, initAddressSpace, spaceBytes } from "./addressSpace";
import { dataSegmentOf, type Image, imageOf, segmentPages } from "./image";
import type { Process } from "./process";
import {
  PROCESS_INFO_ADDRESS,
  SLOT_BUFFER,
  SLOT_CNODE,
  SLOT_CONTEXT,
  SLOT_DATA,
  SLOT_FIRST_GRANT,
  SLOT_PARAMETERS,
  SLOT_PROCESS,
  SLOT_SPACE,
  SLOT_STACK,
  SLOT_THREAD,
  STACK_TOP,
} from "./processSlots";
import { ProcessEnd, ProcessState } from "./processState";
import { makeFirstContext, makeFirstThread } from "./program";
import { regionWord } from "./region";
import type { SchedContext } from "./schedContext";
import type { Thread } from "./thread";
import { faultOfImage } from "./trust";
import { baseOf } from "./untyped";

/**
 * ProcessControl.Create: an Image, a budget and what the manifest asks for become a process. Everything is made from the
 * budget, in this order:
 *
 *   ┌───────────────┬────────┬─────────────┬───────┬────────┬───────┬────────┬──────────────────────┐
 *   │ address space │ buffer │ data, bss   │ stack │ CSpace │ thread │ context │ free: the process's own │
 *   └───────────────┴────────┴─────────────┴───────┴────────┴───────┴────────┴──────────────────────┘
 *
 * The endowment is a CNode of the creator's: slot 1 the requester's parameters or nothing, then one slot for each entry
 * of the manifest, in its order. What cannot be copied moves.
 *
 * X1  Either everything is made, or nothing has changed and the answer says why (I12).
 * X2  A process holds what its signed manifest lists and no more: of the kind listed, with no wider rights.
 */

/** The arguments: two words of name and owner each, as they come; capabilities: Process, Image, budget, endowment. */
const OWNER_WORDS = 4;
const NAME_WORDS = 4;
const RADIX = 8n;
const SLOTS = 1n << RADIX;
/** Frames for tables: those of three places in the address space, and some for what the process maps itself. */
const SPARE_TABLES = 32n;
const PAGES_PER_TABLE = 512n;
const OBJECT_ALIGNMENT = 64n;
/** Of an endowment: MAX_WANTED, the parameters, and some. */
const MAX_ENDOWMENT = 64n;
const ENDOWED_PARAMETERS = 1;
const ENDOWED_FIRST = 2;
const BUFFER_PAGES = 1n;

/** Where everything goes, from the beginning of the budget. */
interface Plan extends Struct<"Plan"> {
  tables: u64;
  buffer: u64;
  data: u64;
  dataPages: u64;
  stack: u64;
  stackPages: u64;
  cnode: u64;
  thread: u64;
  context: u64;
  end: u64;
}

/** Of the process's data and bss. */
export function dataPagesOf(image: Image): u64 {
  const data = dataSegmentOf(image.program);
  return data === null ? 0n : segmentPages(data, data.bytes);
}

export function stackPagesOf(image: Image): u64 {
  return (image.manifest.stackBytes + PAGE_BYTES - 1n) / PAGE_BYTES;
}

function makePlan(image: Image, plan: Plan): void {
  plan.dataPages = dataPagesOf(image);
  plan.stackPages = stackPagesOf(image);
  plan.tables = SPARE_TABLES + (u64(image.pages) + plan.dataPages + plan.stackPages) / PAGES_PER_TABLE;
  plan.buffer = spaceBytes(plan.tables);
  plan.data = plan.buffer + BUFFER_PAGES * PAGE_BYTES;
  plan.stack = plan.data + plan.dataPages * PAGE_BYTES;
  plan.cnode = plan.stack + plan.stackPages * PAGE_BYTES;
  plan.thread = plan.cnode + (SLOT_BYTES << RADIX);
  plan.context = aligned(plan.thread + sizeOf<Thread>());
  plan.end = aligned(plan.context + sizeOf<SchedContext>());
}

function aligned(bytes: u64): u64 {
  return (bytes + OBJECT_ALIGNMENT - 1n) & ~(OBJECT_ALIGNMENT - 1n);
}

/**
 * ProcessControl.Create: owner (4 words), name (4 words); Process, Image, Untyped, CNode → status; what is at fault
 * (PackageFault), and which entry of the manifest; which entries were refused, a bit each; the number by which Inspect
 * knows the process, 0 when there is none. Whoever has no message buffer does not learn the number.
 */
export function createProcess(): ErrorCode {
  const processSlot = capability(0, CapType.Process);
  const imageSlot = capability(1, CapType.Image);
  const budget = capability(2, CapType.Untyped);
  const endowment = capability(3, CapType.CNode);
  if (processSlot === null || isCapWith(processSlot.word, CapType.Process, FLAG_SELF)) {
    return wrong(ErrorCode.InvalidCapability, 0);
  }
  if (imageSlot === null || !imageOf(imageSlot).isSealed) return wrong(ErrorCode.InvalidCapability, 1);
  if (budget === null || isCapWith(budget.word, CapType.Untyped, FLAG_DEVICE)) {
    return wrong(ErrorCode.InvalidCapability, 2);
  }
  if (endowment === null) return wrong(ErrorCode.InvalidCapability, 3);
  if (endowment.data > MAX_ENDOWMENT) return wrong(ErrorCode.RangeError, 3);
  // It moves into the process, and what is in the endowment goes to the process's own slots.
  if (isIn(endowment, budget)) return wrong(ErrorCode.InvalidArgument, 2);
  if (budget.data !== 0n) return wrong(ErrorCode.RevokeFirst, 2);
  const process = cast<Process>(objectOf(processSlot));
  if (process.state !== ProcessState.Empty) return wrong(ErrorCode.DeleteFirst, 0);
  if (levelOf(budget) >= MAX_LEVEL - 1 || whyNoCopy(processSlot) !== ErrorCode.None) return ErrorCode.NotEnoughMemory;
  if (whyNoCopy(imageSlot) !== ErrorCode.None) return ErrorCode.NotEnoughMemory;
  const image = imageOf(imageSlot);
  const plan = local<Plan>();
  makePlan(image, plan);
  if (!isCreatable(image, budget, plan, endowment)) return ErrorCode.None;
  const id = findFreeId();
  const refused = make(process, processSlot, imageSlot, budget, plan, endowment, id);
  process.refused = refused;
  for (let i: u32 = 0; i < OWNER_WORDS; i++) process.owner[i] = argument(i);
  for (let i: u32 = 0; i < NAME_WORDS; i++) process.name[i] = argument(OWNER_WORDS + i);
  answer(PackageStatus.Success, PackageFault.None, 0, refused, id);
  return ErrorCode.None;
}

/** Whether `slot` is one of the CNode's. */
function isIn(cnode: Slot, slot: Slot): boolean {
  const base = objectOf(cnode);
  return addressOf(slot) >= base && addressOf(slot) < base + cnode.data * SLOT_BYTES;
}

function answer(status: PackageStatus, fault: PackageFault, entry: u32, refused: u64, id: u32): void {
  answerWord(0, u64(u32(status)));
  answerWord(1, u64(u32(fault)));
  answerWord(2, u64(entry));
  answerWord(3, refused);
  if (answerRoom() > 4) answerWord(4, u64(id));
}

/** False, and the reason in the answer. */
function isCreatable(image: Image, budget: Slot, plan: Plan, endowment: Slot): boolean {
  const fault = faultOfImage(image);
  if (fault !== PackageFault.None) return refuse(fault, 0);
  const bytes = 1n << u64(extraOf(budget));
  if (bytes < plan.end || bytes < image.manifest.budgetBytes || findFreeId() === 0) {
    answer(PackageStatus.InsufficientResourcesError, PackageFault.None, 0, 0n, 0);
    return false;
  }
  if (bytes >> 1n >= image.manifest.budgetBytes && bytes >> 1n >= plan.end)
    return refuse(PackageFault.BudgetAboveCeiling, 0);
  if (image.manifest.priority > u32(caller().maxPriority)) return refuse(PackageFault.PriorityAbovePolicy, 0);
  return isEndowable(image, endowment);
}

function refuse(fault: PackageFault, entry: u32): boolean {
  answer(PackageStatus.ManifestPolicyError, fault, entry, 0n, 0);
  return false;
}

/** X2, entry by entry; nothing else is in the endowment. */
function isEndowable(image: Image, endowment: Slot): boolean {
  const base = objectOf(endowment);
  const slots = u32(endowment.data);
  const wanted = image.manifest.wantedCount;
  for (let i: u32 = 0; i < wanted; i++) {
    const given: Slot | null = ENDOWED_FIRST + i < slots ? slotAt(base, ENDOWED_FIRST + i) : null;
    const fault = faultOfSlot(image.manifest, i, given);
    if (fault !== PackageFault.None) return refuse(fault, i);
  }
  for (let i = ENDOWED_FIRST + wanted; i < slots; i++) {
    if (!isNull(slotAt(base, i))) return refuse(PackageFault.GrantUnlisted, i - ENDOWED_FIRST);
  }
  if (slots <= ENDOWED_PARAMETERS) return true;
  const parameters = slotAt(base, ENDOWED_PARAMETERS);
  if (isNull(parameters)) return true;
  const isPassable = typeOf(parameters) === CapType.Region && whyNoCopy(parameters) === ErrorCode.None;
  return isPassable || refuse(PackageFault.GrantWrongKind, wanted);
}

/** Kinds of grants are numbered as types of capabilities are. What has no copies moves: memory, replies, lines. */
function faultOfSlot(manifest: Manifest, index: u32, given: Slot | null): PackageFault {
  const kind = given === null ? NO_GRANT : u32(typeOf(given));
  const fault = faultOfGrant(manifest, index, kind, given === null ? 0 : u32(rightsIn(given.word)));
  if (fault !== PackageFault.None || given === null || kind === NO_GRANT) return fault;
  const problem = whyNoCopy(given);
  const isGivable = problem === ErrorCode.None || problem === ErrorCode.IllegalOperation;
  return isGivable ? PackageFault.None : PackageFault.GrantWrongKind;
}

/** Makes everything. Cannot fail; answers which entries were refused. */
function make(process: Process, own: Slot, image: Slot, budget: Slot, plan: Plan, endowment: Slot, id: u32): u64 {
  const base = baseOf(budget);
  moveSlot(budget, process.budget);
  const from = process.budget;
  const slots = windowOf((base + plan.cnode) as PhysAddr);
  fillMemory(slots, 0, SLOT_BYTES << RADIX);
  const cnode = slotAt(slots, SLOT_CNODE);
  const space = slotAt(slots, SLOT_SPACE);
  const buffer = slotAt(slots, SLOT_BUFFER);
  // In the order of their addresses, as Retype makes objects.
  initAddressSpace(base as PhysAddr, u32(plan.tables), id);
  cast<AddressSpace>(windowOf(base as PhysAddr)).process = process;
  insertChild(from, space, addressSpaceWord(ALL_RIGHTS, base as PhysAddr), 0n, 0);
  insertRegion(from, buffer, base + plan.buffer, BUFFER_PAGES);
  if (plan.dataPages !== 0n) insertRegion(from, slotAt(slots, SLOT_DATA), base + plan.data, plan.dataPages);
  insertRegion(from, slotAt(slots, SLOT_STACK), base + plan.stack, plan.stackPages);
  insertChild(from, cnode, capWord(CapType.CNode, ALL_RIGHTS, slots), SLOTS, 0);
  const address = windowOf((base + plan.thread) as PhysAddr);
  const thread = makeFirstThread(image, address, STACK_TOP, PROCESS_INFO_ADDRESS);
  insertChild(from, slotAt(slots, SLOT_THREAD), capWord(CapType.Thread, ALL_RIGHTS, address), 0n, 0);
  derive(cnode, thread.cspace, cnode.word, cnode.data);
  derive(space, thread.space, space.word, 0n);
  derive(buffer, thread.buffer, buffer.word, 0n);
  const context = windowOf((base + plan.context) as PhysAddr);
  insertChild(from, slotAt(slots, SLOT_CONTEXT), capWord(CapType.SchedContext, ALL_RIGHTS, context), 0n, 0);
  makeFirstContext(thread, context);
  from.data = plan.end;
  countTaken(plan.end);
  derive(own, slotAt(slots, SLOT_PROCESS), own.word | FLAG_SELF, 0n);
  derive(image, process.image, image.word, 0n);
  process.thread = thread;
  thread.process = process;
  process.state = ProcessState.Filling;
  process.end = ProcessEnd.None;
  process.mappedPages = 0;
  process.filledPages = 0;
  return endow(imageOf(image), endowment, slots);
}

function insertRegion(from: Slot, slot: Slot, p: u64, pages: u64): void {
  insertChild(from, slot, regionWord(ALL_RIGHTS, p as PhysAddr) | FLAG_ZEROED, 0n, u32(pages));
}

/** A bit for each entry that stays empty. */
function endow(image: Image, endowment: Slot, slots: u64): u64 {
  const base = objectIn(endowment.word);
  const count = u32(endowment.data);
  let refused: u64 = 0n;
  for (let i: u32 = 0; i < image.manifest.wantedCount; i++) {
    if (ENDOWED_FIRST + i >= count || isNull(slotAt(base, ENDOWED_FIRST + i))) refused |= 1n << u64(i);
    else give(slotAt(base, ENDOWED_FIRST + i), slotAt(slots, SLOT_FIRST_GRANT + i));
  }
  if (count > ENDOWED_PARAMETERS && !isNull(slotAt(base, ENDOWED_PARAMETERS))) {
    give(slotAt(base, ENDOWED_PARAMETERS), slotAt(slots, SLOT_PARAMETERS));
  }
  return refused;
}

function give(from: Slot, to: Slot): void {
  if (whyNoCopy(from) === ErrorCode.None) derive(from, to, from.word, dataOfCopy(from));
  else moveSlot(from, to);
}
