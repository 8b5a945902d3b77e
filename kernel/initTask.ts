/** @unsafe makes the first objects in raw memory */

import { withholdControllers } from "@arch/interrupts";
import { HAS_PORTS } from "@arch/layout";
import { windowOf } from "@arch/mmu";
import { copyScreen, screenAddress, screenBytes } from "@arch/screen";
import { uartAddress, uartLine } from "@arch/uart";
import { initUserSpaces, LEAF_READ, LEAF_WRITE } from "@arch/userSpace";
import type { BootInfo } from "../boot/bootInfo";
import type { Screen } from "../drivers/screen";
import { firstPackage, giveModule, sealModule, writeModuleName } from "./bootPackage";
import { loadTrust } from "./bootTrust";
import { ALL_RIGHTS, CapType, capWord, FLAG_DEVICE, FLAG_ZEROED, RIGHT_READ } from "./cap/capability";
import { derive } from "./cap/derive";
import { insertRoot, SLOT_BYTES, type Slot, slotAt } from "./cap/slot";
import {
  BUFFER_ADDRESS,
  INFO_ADDRESS,
  INFO_MAGIC,
  INFO_PAGES,
  type InitInfo,
  MAX_DEVICES,
  MAX_MODULES,
} from "./initInfo";
import { addUntyped } from "./initMemory";
import {
  SLOT_BUFFER,
  SLOT_CNODE,
  SLOT_CONTEXT,
  SLOT_DATA,
  SLOT_FIRST_DEVICE,
  SLOT_FIRST_MODULE,
  SLOT_FIRST_UNTYPED,
  SLOT_IMAGE,
  SLOT_INFO,
  SLOT_INSPECT,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_POWER_CONTROL,
  SLOT_PROCESS_CONTROL,
  SLOT_SCHED_CONTROL,
  SLOT_SCREEN,
  SLOT_SCREEN_MEMORY,
  SLOT_SPACE,
  SLOT_STACK,
  SLOT_THREAD,
  SLOT_TRACE_CONTROL,
  SLOT_TRUST_CONTROL,
} from "./initSlots";
import { initRings } from "./ipc/ring";
import { beginRecord, endRecord, LogLevel, log } from "./log";
import { PAGE_BYTES, type PhysAddr, pageAlignDown, pageAlignUp } from "./memory/address";
import { type Block, countFree, openDevices, releasePages, takeBlock, takePages, withhold } from "./memory/frames";
import {
  addressSpaceIn,
  addressSpaceWord,
  findFreeId,
  initAddressSpace,
  MAX_STEP,
  mapPages,
  spaceBytes,
} from "./object/addressSpace";
import { dataSegmentOf, type Image, imageOf, imagePage } from "./object/image";
import { ALL_PORTS } from "./object/ioPort";
import { dataPagesOf, stackPagesOf } from "./object/processCreate";
import { makeFirstContext, makeFirstThread, mapText, noteMapping } from "./object/program";
import { regionWord } from "./object/region";
import type { Thread } from "./object/thread";
import { untypedWord } from "./object/untyped";
import { writeText } from "./output";
import { cpu, WORK_ALARM } from "./sched/cpu";
import { initFpu } from "./sched/fpu";
import { initScheduler, switchTo } from "./sched/scheduler";

/**
 * The first user task, made of the first package: it has no manifest's endowment but capabilities to everything that is
 * left.
 *
 *   boot module ─▶ Verifier ─▶ Image ─▶ address space, data, stack ─▶ thread ─▶ all free memory as Untypeds
 *
 * Every further module it gets as a Region to read. Its CSpace is laid out as initSlots.ts says; the pages at INFO_ADDRESS
 * tell the rest.
 */

const INIT_RADIX = 10n;
/** Frames for tables: enough to map boot modules of 32 MiB beside its own. */
const INIT_POOL = 32;
const STACK_TOP = 0x20_0000n;
/** A Region counts its pages in 16 bits. */
const MAX_MODULE_BYTES = 0xfff_f000n;
/** The smallest memory that init gets: less is not worth a slot. */
const MIN_UNTYPED_SIZE = 12;

/** @extern enter_user */
declare function enterUser(): void;

/** Makes the task and goes into it. @noreturn */
export function startInit(info: BootInfo): never {
  const first = firstPackage(info);
  initUserSpaces();
  initFpu();
  initScheduler();
  initRings();
  loadTrust(info);
  const root = makeCNode();
  const space = makeSpace(root);
  sealModule(info.modules[first], slotAt(root, SLOT_IMAGE));
  const image = imageOf(slotAt(root, SLOT_IMAGE));
  mapProgram(image, root, space);
  const stackPages = stackPagesOf(image);
  mapNew(root, SLOT_STACK, space, STACK_TOP - stackPages * PAGE_BYTES, stackPages, LEAF_WRITE);
  mapNew(root, SLOT_BUFFER, space, BUFFER_ADDRESS, 1n, LEAF_WRITE);
  const page = mapNew(root, SLOT_INFO, space, INFO_ADDRESS, INFO_PAGES, LEAF_READ);
  const thread = makeThread(root, space);
  insertRoot(slotAt(root, SLOT_SCHED_CONTROL), capWord(CapType.SchedControl, ALL_RIGHTS, 0n), 0n, 0);
  insertRoot(slotAt(root, SLOT_POWER_CONTROL), capWord(CapType.PowerControl, ALL_RIGHTS, 0n), 0n, 0);
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
  told.screenBytes = screenBytes();
  giveModules(root, info, first, told);
  const screen = giveScreen(root);
  giveMemory(root, told);
  giveDevices(root, info, told);
  beginRecord(LogLevel.Info);
  writeText("init: ");
  writeModuleName(info.modules[first]);
  endRecord();
  if (screen !== 0n) copyScreen(cast<Screen>(windowOf(screen)));
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

/** Maps text and constants of the Image in SLOT_IMAGE, and data of its own (I5). */
function mapProgram(image: Image, root: u64, space: Slot): void {
  const slot = slotAt(root, SLOT_IMAGE);
  for (let done: u32 = 0; done < image.pages; ) done += mapText(slot, done, addressSpaceIn(space));
  const segment = dataSegmentOf(image.program);
  if (segment === null) return;
  const page = mapNew(root, SLOT_DATA, space, pageAlignDown(segment.address), dataPagesOf(image), LEAF_WRITE);
  copyMemory(windowOf(page), imagePage(image, image.pages), u64(image.dataPages) * PAGE_BYTES);
}

/** Every module but the first becomes a Region; then the modules' own memory is free. */
function giveModules(root: u64, boot: BootInfo, first: u32, told: InitInfo): void {
  let count: u32 = 0;
  for (let i: u32 = 0; i < boot.moduleCount; i++) {
    const module = boot.modules[i];
    if (i === first || module.bytes === 0n) continue;
    if (count === MAX_MODULES || module.bytes > MAX_MODULE_BYTES) {
      log(LogLevel.Warn, "boot: init cannot be given all modules: they are too many, or too large");
      continue;
    }
    told.modules[count].bytes = module.bytes;
    told.modules[count].nameLength = u64(module.nameLength);
    copyStruct(told.modules[count].name, module.name);
    giveModule(module, slotAt(root, SLOT_FIRST_MODULE + count));
    count++;
  }
  told.moduleCount = u64(count);
  for (let i: u32 = 0; i < boot.moduleCount; i++) releasePages(boot.modules[i].start, boot.modules[i].bytes);
  releasePages(boot.archiveStart, boot.archiveBytes);
}

/**
 * Its memory is not among the other devices': it may lie anywhere, and is one piece. Answers the page for what it shows, to
 * be filled after the last record; 0n without a screen.
 */
function giveScreen(root: u64): PhysAddr {
  if (screenBytes() === 0n) return 0n as PhysAddr;
  const memory = regionWord(ALL_RIGHTS, screenAddress()) | FLAG_DEVICE | FLAG_ZEROED;
  insertRoot(slotAt(root, SLOT_SCREEN_MEMORY), memory, 0n, u32(pageAlignUp(screenBytes()) / PAGE_BYTES));
  const pages = pageAlignUp(sizeOf<Screen>()) / PAGE_BYTES;
  const page = takePages(pages);
  fillMemory(windowOf(page), 0, pages * PAGE_BYTES);
  insertRoot(slotAt(root, SLOT_SCREEN), regionWord(RIGHT_READ, page) | FLAG_ZEROED, 0n, u32(pages));
  return page;
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
  noteMapping(slot, addressSpaceIn(space), va, u32(pages));
  return page;
}

/** The first thread with all that it needs, ready to run. */
function makeThread(root: u64, space: Slot): Thread {
  const address = windowOf(takePages((sizeOf<Thread>() + PAGE_BYTES - 1n) / PAGE_BYTES));
  const thread = makeFirstThread(slotAt(root, SLOT_IMAGE), address, STACK_TOP, INFO_ADDRESS);
  const cnode = slotAt(root, SLOT_CNODE);
  const buffer = slotAt(root, SLOT_BUFFER);
  derive(cnode, thread.cspace, cnode.word, cnode.data);
  derive(space, thread.space, space.word, 0n);
  derive(buffer, thread.buffer, buffer.word, 0n);
  insertRoot(slotAt(root, SLOT_THREAD), capWord(CapType.Thread, ALL_RIGHTS, address), 0n, 0);
  const context = windowOf(takePages(1n));
  insertRoot(slotAt(root, SLOT_CONTEXT), capWord(CapType.SchedContext, ALL_RIGHTS, context), 0n, 0);
  makeFirstContext(thread, context);
  return thread;
}

/** All memory that is still free. */
function giveMemory(root: u64, info: InitInfo): void {
  const block = local<Block>();
  while (takeBlock(block)) {
    if (block.size >= MIN_UNTYPED_SIZE) addUntyped(info, block.start, block.size);
  }
  for (let i: u32 = 0; i < u32(info.untypedCount); i++) {
    const untyped = info.untypeds[i];
    insertRoot(slotAt(root, SLOT_FIRST_UNTYPED + i), untypedWord(untyped.start, false), 0n, u32(untyped.size));
    countFree(1n << untyped.size);
  }
}

/** All devices but the interrupt controllers and the screen. */
function giveDevices(root: u64, boot: BootInfo, info: InitInfo): void {
  const block = local<Block>();
  let count: u32 = 0;
  openDevices(boot);
  withholdControllers();
  withhold(screenAddress(), screenBytes());
  while (takeBlock(block)) {
    if (count === MAX_DEVICES) continue;
    info.devices[count].start = block.start;
    info.devices[count].size = u64(block.size);
    insertRoot(slotAt(root, SLOT_FIRST_DEVICE + count), untypedWord(block.start, true), 0n, block.size);
    count++;
  }
  info.deviceCount = u64(count);
}
