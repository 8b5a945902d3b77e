/**
 * @unit O2
 * @unsafe makes the first objects in raw memory
 */

import { windowOf } from "@arch/mmu";
import { initFrame } from "@arch/userFrame";
import { initUserSpaces } from "@arch/userSpace";
import { mapDevices, resetProcessor, startDevices } from "@machine/processor.kts";
import { bootInfo, setCommandLine } from "../../boot/bootInfo";
import { ALL_RIGHTS, CapType, capWord, FLAG_ZEROED } from "../../kernel/cap/capability";
import { derive } from "../../kernel/cap/derive";
import { insertRoot, type Slot, slotAt } from "../../kernel/cap/slot";
import { BUFFER_ADDRESS } from "../../kernel/initInfo";
import {
  SLOT_BUFFER,
  SLOT_CNODE,
  SLOT_CONTEXT,
  SLOT_INSPECT,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_POWER_CONTROL,
  SLOT_SCHED_CONTROL,
  SLOT_SPACE,
  SLOT_THREAD,
  SLOT_TRACE_CONTROL,
} from "../../kernel/initSlots";
import { initLink } from "../../kernel/ipc/link";
import { initRings } from "../../kernel/ipc/ring";
import { PAGE_BYTES, type PhysAddr } from "../../kernel/memory/address";
import { countFree } from "../../kernel/memory/frames";
import { addressSpaceWord, findFreeId, initAddressSpace, spaceBytes } from "../../kernel/object/addressSpace";
import { ALL_PORTS } from "../../kernel/object/ioPort";
import { regionWord } from "../../kernel/object/region";
import type { SchedContext } from "../../kernel/object/schedContext";
import { type Thread, ThreadState } from "../../kernel/object/thread";
import { untypedWord } from "../../kernel/object/untyped";
import { cpu } from "../../kernel/sched/cpu";
import { initFpu } from "../../kernel/sched/fpu";
import { bindContext, initScheduler, switchTo } from "../../kernel/sched/scheduler";
import { TimerKind } from "../../kernel/sched/timerWheel";
import {
  DEVICE_SIZE,
  POOL_SIZE,
  SLOT_DEVICE,
  SLOT_POOL,
  SLOT_PROCESS_CONTROL,
  SLOT_TRUST_CONTROL,
} from "../../test-qemu/script/world";
import { machine, RAM_START, resetMachine } from "./machine/machine.kts";

/**
 * The first task of the simulated machine: the keeper. It has a root CNode with 2^7 slots, an address space, a
 * thread that runs, and memory; everything else it makes by system calls.
 *
 *   RAM_START ┌────────┬───────────────┬───────┬────────┬────────┐ POOL_START ┌──────┐ DEVICE_START ┌────────┐
 *             │ buffer │ kernel's root │ slots │ space  │ thread │            │ pool │              │ device │
 *             └────────┴───────────────┴───────┴────────┴────────┘            └──────┘              └────────┘
 */

export const POOL_START = 0x40_0000n;
const DEVICE_START = 0x4000_0000n;
/** Behind it no memory is. */
export const RAM_END = 0x80_0000n;

/** The first page: the keeper's message buffer. */
const KEEPER_BUFFER = RAM_START as PhysAddr;
const RADIX = 7n;
const SPACE_POOL = 4;
const KEEPER_PRIORITY = 255;

export interface Boot extends Struct<"Boot"> {
  /** The next free page of the kernel's own memory. */
  next: u64;
  /** Of the keeper's slots. */
  root: u64;
  keeper: Thread | null;
}

export const boot: Boot = zeroed();

/** @extern host_map */
declare function map(address: u64, bytes: u64): void;

/** @extern host_alias */
declare function alias(address: u64, from: u64, bytes: u64): void;

/** Gives the machine its memory, and the keeper its view of the message buffer. Once. */
export function mapMemory(): void {
  map(windowOf(RAM_START as PhysAddr), RAM_END - RAM_START);
  alias(BUFFER_ADDRESS, windowOf(KEEPER_BUFFER), PAGE_BYTES);
  mapDevices();
}

export function takeBoot(pages: u64): PhysAddr {
  const start = boot.next as PhysAddr;
  boot.next += pages * PAGE_BYTES;
  assert(boot.next <= POOL_START, "the kernel's own memory has room");
  fillMemory(windowOf(start), 0, pages * PAGE_BYTES);
  return start;
}

/** The keeper runs, and has everything. */
export function bootWorld(commandLine: Bytes): void {
  resetMachine();
  boot.next = RAM_START;
  const buffer = takeBoot(1n);
  resetProcessor(takeBoot(1n));
  setCommandLine(bootInfo, commandLine);
  startDevices();
  initUserSpaces();
  initFpu();
  initScheduler();
  initRings();
  const base = windowOf(takeBoot(1n));
  boot.root = base;
  insertRoot(slotAt(base, SLOT_CNODE), capWord(CapType.CNode, ALL_RIGHTS, base), 1n << RADIX, 0);
  const space = takeBoot(spaceBytes(u64(SPACE_POOL)) / PAGE_BYTES);
  initAddressSpace(space, SPACE_POOL, findFreeId());
  insertRoot(slotAt(base, SLOT_SPACE), addressSpaceWord(ALL_RIGHTS, space), 0n, 0);
  insertRoot(slotAt(base, SLOT_BUFFER), regionWord(ALL_RIGHTS, buffer) | FLAG_ZEROED, 0n, 1);
  insertControls(base);
  insertRoot(slotAt(base, SLOT_POOL), untypedWord(POOL_START as PhysAddr, false), 0n, POOL_SIZE);
  countFree(1n << u64(POOL_SIZE));
  insertRoot(slotAt(base, SLOT_DEVICE), untypedWord(DEVICE_START as PhysAddr, true), 0n, DEVICE_SIZE);
  const thread = makeKeeper(base);
  boot.keeper = thread;
  cpu.current = thread;
  switchTo(thread);
}

function insertControls(base: u64): void {
  insertControl(slotAt(base, SLOT_SCHED_CONTROL), CapType.SchedControl);
  insertControl(slotAt(base, SLOT_IRQ_CONTROL), CapType.IrqControl);
  insertControl(slotAt(base, SLOT_PROCESS_CONTROL), CapType.ProcessControl);
  insertControl(slotAt(base, SLOT_TRUST_CONTROL), CapType.TrustControl);
  insertControl(slotAt(base, SLOT_INSPECT), CapType.Inspect);
  insertControl(slotAt(base, SLOT_TRACE_CONTROL), CapType.TraceControl);
  insertControl(slotAt(base, SLOT_POWER_CONTROL), CapType.PowerControl);
  insertRoot(slotAt(base, SLOT_IO_PORT), capWord(CapType.IoPort, ALL_RIGHTS, 0n), ALL_PORTS, 0);
}

function insertControl(slot: Slot, type: CapType): void {
  insertRoot(slot, capWord(type, ALL_RIGHTS, 0n), 0n, 0);
}

function makeKeeper(base: u64): Thread {
  const address = windowOf(takeBoot(1n));
  const thread = cast<Thread>(address);
  initFrame(thread.frame);
  initLink(thread.outbox);
  thread.priority = KEEPER_PRIORITY;
  thread.maxPriority = KEEPER_PRIORITY;
  const cnode = slotAt(base, SLOT_CNODE);
  const space = slotAt(base, SLOT_SPACE);
  const buffer = slotAt(base, SLOT_BUFFER);
  derive(cnode, thread.cspace, cnode.word, cnode.data);
  derive(space, thread.space, space.word, 0n);
  derive(buffer, thread.buffer, buffer.word, 0n);
  insertRoot(slotAt(base, SLOT_THREAD), capWord(CapType.Thread, ALL_RIGHTS, address), 0n, 0);
  const context = windowOf(takeBoot(1n));
  cast<SchedContext>(context).refill.kind = TimerKind.Refill;
  insertRoot(slotAt(base, SLOT_CONTEXT), capWord(CapType.SchedContext, ALL_RIGHTS, context), 0n, 0);
  thread.state = ThreadState.Inactive;
  bindContext(cast<SchedContext>(context), thread);
  machine.polls = 0n;
  return thread;
}
