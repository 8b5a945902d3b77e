/** @unsafe makes the first objects in raw memory and copies the first program */
import { initFpu } from "@arch/fpu";
import { withholdControllers } from "@arch/interrupts";
import { HAS_PORTS } from "@arch/layout";
import { windowOf } from "@arch/mmu";
import { REGISTER_ARGUMENT, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { uartAddress, uartLine } from "@arch/uart";
import { initFrame, setRegister } from "@arch/userFrame";
import { initUserSpaces, LEAF_READ, LEAF_WRITE } from "@arch/userSpace";
import type { BootInfo, BootModule } from "../boot/bootInfo";
import type { ElfProgram } from "../codec/elf/elf";
import { makeImage, nextProgram, writeModuleName } from "./bootProgram";
import { loadTrust } from "./bootTrust";
import { ALL_RIGHTS, CapType, capWord, FLAG_ZEROED, RIGHT_READ } from "./cap/capability";
import { derive } from "./cap/derive";
import { insertRoot, SLOT_BYTES, type Slot, slotAt } from "./cap/slot";
import {
  BUFFER_ADDRESS,
  INFO_ADDRESS,
  INFO_MAGIC,
  INFO_PAGES,
  type InitInfo,
  MAX_DEVICES,
  MAX_PROGRAM_NAME,
  MAX_PROGRAMS,
  MAX_UNTYPEDS,
  type ProgramInfo,
} from "./initInfo";
import {
  SLOT_BUFFER,
  SLOT_CNODE,
  SLOT_CONTEXT,
  SLOT_DATA,
  SLOT_FIRST_DEVICE,
  SLOT_FIRST_PROGRAM,
  SLOT_FIRST_UNTYPED,
  SLOT_IMAGE,
  SLOT_INFO,
  SLOT_INSPECT,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_POWER_CONTROL,
  SLOT_PROCESS_CONTROL,
  SLOT_SCHED_CONTROL,
  SLOT_SPACE,
  SLOT_STACK,
  SLOT_THREAD,
  SLOT_TRACE_CONTROL,
  SLOT_TRUST_CONTROL,
} from "./initSlots";
import { initLink } from "./ipc/link";
import { initRings } from "./ipc/ring";
import { beginRecord, endRecord, LogLevel, log } from "./log";
import { PAGE_BYTES, type PhysAddr, pageAlignDown } from "./memory/address";
import { type Block, countFree, openDevices, releasePages, takeBlock, takePages } from "./memory/frames";
import {
  addressSpaceIn,
  addressSpaceWord,
  findFreeId,
  generationOf,
  initAddressSpace,
  MAX_STEP,
  mapPages,
  spaceBytes,
} from "./object/addressSpace";
import {
  dataSegmentOf,
  firstPageOf,
  imageAt,
  imageHeaderBytes,
  imageLeaf,
  imagePage,
  imageRun,
  imageWord,
  segmentPages,
} from "./object/image";
import { ALL_PORTS } from "./object/ioPort";
import { type Mapping, pageOf, pagesOf, regionWord, writeMapping } from "./object/region";
import type { SchedContext } from "./object/schedContext";
import { type Thread, ThreadState } from "./object/thread";
import { untypedWord } from "./object/untyped";
import { writeText } from "./output";
import { cpu, WORK_ALARM } from "./sched/cpu";
import { bindContext, initScheduler, switchTo } from "./sched/scheduler";
import { TimerKind } from "./sched/timerWheel";

/**
 * The first user task: a thread that runs the first boot module and holds capabilities to everything that is left.
 *
 *   boot module ─▶ Image (text, constants) and Region (data) ─▶ address space ─▶ thread ─▶ all free memory as Untypeds
 *
 * Every further module that is a program it gets as an Image and a Region of its data's contents. Its CSpace is laid
 * out as initSlots.ts says; the pages at INFO_ADDRESS tell the rest.
 */

const INIT_RADIX = 10n;
const INIT_POOL = 16;
const STACK_TOP = 0x20_0000n;
const STACK_PAGES = 8n;
const INIT_PRIORITY = 255;
/** The smallest memory that init gets: less is not worth a slot. */
const MIN_UNTYPED_SIZE = 12;

/** @extern enter_user */
declare function enterUser(): void;

/** Makes the task and goes into it. @noreturn */
export function startInit(info: BootInfo): never {
  const program = local<ElfProgram>();
  const first = nextProgram(info, 0, program);
  if (first === info.moduleCount) panic("no boot module is a program that could be started");
  const module = info.modules[first];
  initUserSpaces();
  initFpu();
  initScheduler();
  initRings();
  loadTrust(info);
  const root = makeCNode();
  const space = makeSpace(root);
  loadProgram(module, program, root, space);
  const stack = mapNew(root, SLOT_STACK, space, STACK_TOP - STACK_PAGES * PAGE_BYTES, STACK_PAGES, LEAF_WRITE);
  const buffer = mapNew(root, SLOT_BUFFER, space, BUFFER_ADDRESS, 1n, LEAF_WRITE);
  const page = mapNew(root, SLOT_INFO, space, INFO_ADDRESS, INFO_PAGES, LEAF_READ);
  assert(stack !== 0n, "memory does not begin at 0");
  const thread = makeThread(root, space, program.entry);
  derive(slotAt(root, SLOT_BUFFER), thread.buffer, slotAt(root, SLOT_BUFFER).word, 0n);
  insertRoot(slotAt(root, SLOT_SCHED_CONTROL), capWord(CapType.SchedControl, ALL_RIGHTS, 0n), 0n, 0);
  insertRoot(slotAt(root, SLOT_POWER_CONTROL), capWord(CapType.PowerControl, ALL_RIGHTS, 0n), 0n, 0);
  assert(buffer !== 0n, "memory does not begin at 0");
  insertRoot(slotAt(root, SLOT_IRQ_CONTROL), capWord(CapType.IrqControl, ALL_RIGHTS, 0n), 0n, 0);
  if (HAS_PORTS) insertRoot(slotAt(root, SLOT_IO_PORT), capWord(CapType.IoPort, ALL_RIGHTS, 0n), ALL_PORTS, 0);
  insertRoot(slotAt(root, SLOT_PROCESS_CONTROL), capWord(CapType.ProcessControl, ALL_RIGHTS, 0n), 0n, 0);
  insertRoot(slotAt(root, SLOT_TRUST_CONTROL), capWord(CapType.TrustControl, ALL_RIGHTS, 0n), 0n, 0);
  insertRoot(slotAt(root, SLOT_INSPECT), capWord(CapType.Inspect, ALL_RIGHTS, 0n), 0n, 0);
  insertRoot(slotAt(root, SLOT_TRACE_CONTROL), capWord(CapType.TraceControl, ALL_RIGHTS, 0n), 0n, 0);
  assert(sizeOf<InitInfo>() <= INFO_PAGES * PAGE_BYTES, "what init is told has room");
  const told = cast<InitInfo>(windowOf(page));
  told.magic = INFO_MAGIC;
  told.uartAddress = uartAddress();
  told.uartLine = u64(uartLine());
  givePrograms(root, info, first + 1, told);
  giveMemory(root, told);
  giveDevices(root, info, told);
  beginRecord(LogLevel.Info);
  writeText("init: ");
  writeModuleName(module);
  endRecord();
  cpu.current = thread;
  switchTo(thread);
  cpu.work |= WORK_ALARM;
  enterUser();
  panic("enterUser does not return");
}

/** Answers the kernel's address of the slots. */
function makeCNode(): u64 {
  const bytes = SLOT_BYTES << INIT_RADIX;
  const base = windowOf(takePages(bytes / PAGE_BYTES));
  fillMemory(base, 0, bytes);
  insertRoot(slotAt(base, SLOT_CNODE), capWord(CapType.CNode, ALL_RIGHTS, base), 1n << INIT_RADIX, 0);
  return base;
}

function makeSpace(root: u64): Slot {
  const p = takePages(spaceBytes(u64(INIT_POOL)) / PAGE_BYTES);
  initAddressSpace(p, INIT_POOL, findFreeId());
  const slot = slotAt(root, SLOT_SPACE);
  insertRoot(slot, addressSpaceWord(ALL_RIGHTS, p), 0n, 0);
  return slot;
}

/** Text and constants become an Image, the writable segment a Region of its own (I5). */
function loadProgram(module: BootModule, program: ElfProgram, root: u64, space: Slot): void {
  const start = makeImage(module, program);
  const image = imageAt(start);
  const first = firstPageOf(program);
  const slot = slotAt(root, SLOT_IMAGE);
  insertRoot(slot, imageWord(start), 0n, image.pages);
  for (let done: u32 = 0; done < image.pages; ) {
    const left = image.pages - done;
    const run = imageRun(image, done, left < MAX_STEP ? left : MAX_STEP);
    const page = (u64(pageOf(slot)) + u64(done) * PAGE_BYTES) as PhysAddr;
    mapPages(addressSpaceIn(space), first + u64(done) * PAGE_BYTES, page, run, imageLeaf(image, done));
    done += run;
  }
  noteMapping(slot, space, first);
  const segment = dataSegmentOf(program);
  if (segment === null) return;
  const page = mapNew(
    root,
    SLOT_DATA,
    space,
    pageAlignDown(segment.address),
    segmentPages(segment, segment.bytes),
    LEAF_WRITE,
  );
  copyMemory(windowOf(page), imagePage(image, image.pages), u64(image.dataPages) * PAGE_BYTES);
}

/** The programs behind the first become Images and Regions of their data; then the modules' own memory is free. */
function givePrograms(root: u64, boot: BootInfo, from: u32, info: InitInfo): void {
  const program = local<ElfProgram>();
  let count: u32 = 0;
  for (let i = nextProgram(boot, from, program); i < boot.moduleCount; i = nextProgram(boot, i + 1, program)) {
    if (count === MAX_PROGRAMS) {
      log(LogLevel.Warn, "boot: there are more programs than init can be given");
      break;
    }
    giveProgram(root, SLOT_FIRST_PROGRAM + 2 * count, boot.modules[i], program, info.programs[count]);
    count++;
  }
  info.programCount = u64(count);
  for (let i: u32 = 0; i < boot.moduleCount; i++) releasePages(boot.modules[i].start, boot.modules[i].bytes);
}

function giveProgram(root: u64, slot: u32, module: BootModule, program: ElfProgram, info: ProgramInfo): void {
  info.entry = program.entry;
  info.nameLength = u64(module.nameLength < MAX_PROGRAM_NAME ? module.nameLength : MAX_PROGRAM_NAME);
  for (let i: u32 = 0; i < u32(info.nameLength); i++) info.name[i] = module.name[i];
  const start = makeImage(module, program);
  const image = imageAt(start);
  info.imageAddress = firstPageOf(program);
  info.imagePages = u64(image.pages);
  insertRoot(slotAt(root, slot), imageWord(start), 0n, image.pages);
  const segment = dataSegmentOf(program);
  if (segment === null) return;
  info.dataAddress = pageAlignDown(segment.address);
  info.dataPages = segmentPages(segment, segment.bytes);
  info.contentPages = u64(image.dataPages);
  if (image.dataPages === 0) return;
  const page = (u64(start) + imageHeaderBytes() + u64(image.pages) * PAGE_BYTES) as PhysAddr;
  insertRoot(slotAt(root, slot + 1), regionWord(RIGHT_READ, page) | FLAG_ZEROED, 0n, image.dataPages);
}

/** A zeroed Region in `slot`, mapped at `va`; answers its page. */
function mapNew(root: u64, index: u32, space: Slot, va: u64, pages: u64, leaf: u64): PhysAddr {
  const page = takePages(pages);
  const slot = slotAt(root, index);
  fillMemory(windowOf(page), 0, pages * PAGE_BYTES);
  insertRoot(slot, regionWord(ALL_RIGHTS, page) | FLAG_ZEROED, 0n, u32(pages));
  for (let done: u64 = 0n; done < pages; done += u64(MAX_STEP)) {
    const left = pages - done;
    const part = left < u64(MAX_STEP) ? u32(left) : MAX_STEP;
    const offset = done * PAGE_BYTES;
    mapPages(addressSpaceIn(space), va + offset, (u64(page) + offset) as PhysAddr, part, leaf);
  }
  noteMapping(slot, space, va);
  return page;
}

function noteMapping(slot: Slot, space: Slot, va: u64): void {
  const mapping = local<Mapping>();
  mapping.space = addressSpaceIn(space).id;
  mapping.generation = generationOf(addressSpaceIn(space));
  mapping.start = va;
  mapping.count = pagesOf(slot);
  writeMapping(slot, mapping);
}

function makeThread(root: u64, space: Slot, entry: u64): Thread {
  const address = windowOf(takePages((sizeOf<Thread>() + PAGE_BYTES - 1n) / PAGE_BYTES));
  const thread = cast<Thread>(address);
  fillMemory(address, 0, PAGE_BYTES);
  initFrame(thread.frame);
  initLink(thread.outbox);
  setRegister(thread.frame, REGISTER_PC, entry);
  setRegister(thread.frame, REGISTER_SP, STACK_TOP);
  setRegister(thread.frame, REGISTER_ARGUMENT, INFO_ADDRESS);
  thread.priority = INIT_PRIORITY;
  thread.maxPriority = INIT_PRIORITY;
  const cnode = slotAt(root, SLOT_CNODE);
  derive(cnode, thread.cspace, cnode.word, cnode.data);
  derive(space, thread.space, space.word, 0n);
  insertRoot(slotAt(root, SLOT_THREAD), capWord(CapType.Thread, ALL_RIGHTS, address), 0n, 0);
  const context = windowOf(takePages(1n));
  fillMemory(context, 0, PAGE_BYTES);
  cast<SchedContext>(context).refill.kind = TimerKind.Refill;
  insertRoot(slotAt(root, SLOT_CONTEXT), capWord(CapType.SchedContext, ALL_RIGHTS, context), 0n, 0);
  thread.state = ThreadState.Inactive;
  bindContext(cast<SchedContext>(context), thread);
  return thread;
}

/** All memory that is still free. */
function giveMemory(root: u64, info: InitInfo): void {
  const block = local<Block>();
  let count: u32 = 0;
  while (takeBlock(block)) {
    if (count === MAX_UNTYPEDS || block.size < MIN_UNTYPED_SIZE) continue;
    info.untypeds[count].start = block.start;
    info.untypeds[count].size = u64(block.size);
    insertRoot(slotAt(root, SLOT_FIRST_UNTYPED + count), untypedWord(block.start, false), 0n, block.size);
    countFree(1n << u64(block.size));
    count++;
  }
  info.untypedCount = u64(count);
}

/** All devices but the interrupt controllers. */
function giveDevices(root: u64, boot: BootInfo, info: InitInfo): void {
  const block = local<Block>();
  let count: u32 = 0;
  openDevices(boot);
  withholdControllers();
  while (takeBlock(block)) {
    if (count === MAX_DEVICES) continue;
    info.devices[count].start = block.start;
    info.devices[count].size = u64(block.size);
    insertRoot(slotAt(root, SLOT_FIRST_DEVICE + count), untypedWord(block.start, true), 0n, block.size);
    count++;
  }
  info.deviceCount = u64(count);
}
