/** @unsafe copies the contents of new processes' data */
import { REGISTER_ARGUMENT, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../kernel/cap/capability";
import { BUFFER_ADDRESS, type ProgramInfo } from "../kernel/initInfo";
import { SLOT_CNODE, SLOT_SPACE } from "../kernel/initSlots";
import { Invocation } from "../kernel/syscall/invocation";
import { ask, copyInto, mapAll, remove, retype, unmapAll, zero } from "./calls";
import { invoke, type Message, ownBuffer } from "./message";

/**
 * Processes made by whoever holds a program's Image: an address space with the program, its data, a stack and a message
 * buffer, a thread with a scheduling context, and a root CNode for what it is given.
 *
 *   Image ──copy──▶ text, constants      contents ──copied──▶ data      budget ──Retype──▶ everything else
 *
 * A process takes SLOTS_OF_PROCESS slots of its maker from `first` on. It ends when its budget is revoked; then
 * `forgetProcess` empties the slot that is not made from it. In its own CNode the slots up to 15 are numbered like
 * init's (kernel/initSlots.ts).
 *
 * D1  A process that could not be made is removed by the same two steps.
 */

export const SLOTS_OF_PROCESS = 16;
/** Of a process, behind `first`. */
export const CNODE = 0;
export const SPACE = 1;
export const THREAD = 2;
export const CONTEXT = 3;
const IMAGE = 4;
const DATA = 5;
const STACK = 6;
const BUFFER = 7;

const RADIX = 8n;
const TABLES = 12n;
const STACK_TOP = 0x20_0000n;
const STACK_PAGES = 8n;
const PAGE_BYTES = 4096n;
/** Where the maker maps a new process's data, and its contents, to fill the one from the other. */
const FILL_ADDRESS = 0x7000_0000_0000n;
const CONTENTS_ADDRESS = 0x7100_0000_0000n;
const READ = 1n;
const READ_WRITE = 3n;

/** What a process is made from, beside its program. */
export interface ProcessSpec extends Struct<"ProcessSpec"> {
  /** Slots of the Image, and of the Region with its data's contents. */
  image: u32;
  contents: u32;
  /** Untyped of which nothing has been made. */
  budget: u32;
  /** First of its maker's slots for it. */
  first: u32;
  priority: u64;
}

/** Makes a process whose thread has not started; answers the first error. */
export function makeProcess(spec: ProcessSpec, program: ProgramInfo): u32 {
  const first = spec.first;
  let error = retype(spec.budget, CapType.CNode, RADIX, 1, first + CNODE);
  if (error === 0) error = retype(spec.budget, CapType.AddressSpace, TABLES, 1, first + SPACE);
  if (error === 0) error = mapImage(spec, program);
  if (error === 0) error = fillData(spec, program);
  if (error === 0) error = newRegion(spec, STACK, STACK_TOP - STACK_PAGES * PAGE_BYTES, STACK_PAGES);
  if (error === 0) error = newRegion(spec, BUFFER, BUFFER_ADDRESS, 1n);
  return error === 0 ? makeThread(spec, program) : error;
}

/** Lets it go; its first function is called with `argument`. */
export function startProcess(first: u32, argument: u64): u32 {
  const error = setRegister(first + THREAD, REGISTER_ARGUMENT, argument);
  if (error !== 0) return error;
  return ask(first + THREAD, Invocation.ThreadResume, 0n, 0n, 0);
}

/** Once its budget has been revoked: what was not made from it. */
export function forgetProcess(first: u32): void {
  remove(first + IMAGE);
}

function mapImage(spec: ProcessSpec, program: ProgramInfo): u32 {
  const error = copyInto(SLOT_CNODE, spec.image, spec.first + IMAGE);
  if (error !== 0) return error;
  return mapAll(spec.first + SPACE, spec.first + IMAGE, program.imageAddress, program.imagePages, READ);
}

/** The data's pages are filled while they are mapped here, then mapped there. */
function fillData(spec: ProcessSpec, program: ProgramInfo): u32 {
  const data = spec.first + DATA;
  if (program.dataPages === 0n) return 0;
  let error = retype(spec.budget, CapType.Region, program.dataPages, 1, data);
  if (error === 0) error = zero(data);
  if (error === 0 && program.contentPages !== 0n) error = copyContents(data, spec.contents, program.contentPages);
  return error === 0 ? mapAll(spec.first + SPACE, data, program.dataAddress, program.dataPages, READ_WRITE) : error;
}

function copyContents(data: u32, contents: u32, pages: u64): u32 {
  let error = mapAll(SLOT_SPACE, data, FILL_ADDRESS, pages, READ_WRITE);
  if (error === 0) error = mapAll(SLOT_SPACE, contents, CONTENTS_ADDRESS, pages, READ);
  if (error === 0) copyMemory(FILL_ADDRESS, CONTENTS_ADDRESS, pages * PAGE_BYTES);
  unmapAll(SLOT_SPACE, contents);
  const unmapped = unmapAll(SLOT_SPACE, data);
  return error === 0 ? unmapped : error;
}

/** Zeroed pages that the process may read and write at `va`. */
function newRegion(spec: ProcessSpec, index: u32, va: u64, pages: u64): u32 {
  const slot = spec.first + index;
  let error = retype(spec.budget, CapType.Region, pages, 1, slot);
  if (error === 0) error = zero(slot);
  return error === 0 ? mapAll(spec.first + SPACE, slot, va, pages, READ_WRITE) : error;
}

function makeThread(spec: ProcessSpec, program: ProgramInfo): u32 {
  const thread = spec.first + THREAD;
  let error = retype(spec.budget, CapType.Thread, 0n, 1, thread);
  if (error === 0) error = retype(spec.budget, CapType.SchedContext, 0n, 1, spec.first + CONTEXT);
  if (error === 0) error = configure(spec);
  if (error === 0) error = setRegister(thread, REGISTER_PC, program.entry);
  if (error === 0) error = setRegister(thread, REGISTER_SP, STACK_TOP);
  if (error === 0) error = ask(thread, Invocation.ThreadSetPriority, spec.priority, spec.priority, 0);
  if (error === 0) error = ask(spec.first + CONTEXT, Invocation.SchedContextBind, 0n, 0n, thread);
  return error;
}

function configure(spec: ProcessSpec): u32 {
  const message = local<Message>();
  message.words[0] = 0n;
  ownBuffer().sent[0] = spec.first + CNODE;
  ownBuffer().sent[1] = spec.first + SPACE;
  ownBuffer().sent[2] = spec.first + BUFFER;
  return invoke(message, spec.first + THREAD, u32(Invocation.ThreadConfigure), 1, 3);
}

function setRegister(thread: u32, register: u32, value: u64): u32 {
  return ask(thread, Invocation.ThreadWriteRegisters, u64(register), value, 0);
}
