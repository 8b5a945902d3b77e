/** @unsafe makes a thread in raw memory */
import { REGISTER_ARGUMENT, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { initFrame, setRegister } from "@arch/userFrame";
import type { Slot } from "../cap/slot";
import { initLink } from "../ipc/link";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";
import { bindContext } from "../sched/scheduler";
import { TimerKind } from "../sched/timerWheel";
import { type AddressSpace, generationOf, MAX_STEP, mapPages, missingTables } from "./addressSpace";
import { firstPageOf, imageLeaf, imageOf, imageRun } from "./image";
import { type Mapping, pageOf, writeMapping } from "./region";
import type { SchedContext } from "./schedContext";
import { type Thread, ThreadState } from "./thread";

/** A sealed Image's program on its way to run: its text in an address space, its first thread. */

/** Maps text and constants of the Image in `slot` from page `from` on, at most MAX_STEP; answers how many (I5). */
export function mapText(slot: Slot, from: u32, space: AddressSpace): u32 {
  const image = imageOf(slot);
  const left = image.pages - from;
  const run = imageRun(image, from, left < MAX_STEP ? left : MAX_STEP);
  const start = firstPageOf(image.program);
  const va = start + u64(from) * PAGE_BYTES;
  assert(missingTables(space, va, run) <= space.freeCount, "a program's tables are counted when its space is made");
  mapPages(space, va, (u64(pageOf(slot)) + u64(from) * PAGE_BYTES) as PhysAddr, run, imageLeaf(image, from));
  noteMapping(slot, space, start, from + run);
  return run;
}

/** The capability's pages are mapped from `start` on (I7). */
export function noteMapping(slot: Slot, space: AddressSpace, start: u64, pages: u32): void {
  const mapping = local<Mapping>();
  mapping.space = space.id;
  mapping.generation = generationOf(space);
  mapping.start = start;
  mapping.count = pages;
  writeMapping(slot, mapping);
}

/** The Image's first thread, at kernel address `address`: it will find `argument` in its first register. */
export function makeFirstThread(slot: Slot, address: u64, stackTop: u64, argument: u64): Thread {
  const image = imageOf(slot);
  const thread = cast<Thread>(address);
  fillMemory(address, 0, sizeOf<Thread>());
  initFrame(thread.frame);
  initLink(thread.outbox);
  setRegister(thread.frame, REGISTER_PC, image.program.entry);
  setRegister(thread.frame, REGISTER_SP, stackTop);
  setRegister(thread.frame, REGISTER_ARGUMENT, argument);
  thread.priority = u8(image.manifest.priority);
  thread.maxPriority = u8(image.manifest.priority);
  thread.state = ThreadState.Inactive;
  return thread;
}

/** The thread's scheduling context, at kernel address `address`, without a limit. */
export function makeFirstContext(thread: Thread, address: u64): void {
  const context = cast<SchedContext>(address);
  fillMemory(address, 0, sizeOf<SchedContext>());
  context.refill.kind = TimerKind.Refill;
  bindContext(context, thread);
}
