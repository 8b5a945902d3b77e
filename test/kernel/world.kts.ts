/**
 * @unit O2
 */

import { REGISTER_PC } from "@arch/registers";
import { AFTER_CALL_PC } from "@machine/processor.kts";
import { CapType } from "../../kernel/cap/capability";
import {
  SLOT_CNODE,
  SLOT_INSPECT,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_SCHED_CONTROL,
  SLOT_SPACE,
  SLOT_THREAD,
  SLOT_TRACE_CONTROL,
} from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, copyInto, mintInto, retype, retypeInto, slotIn, zero } from "../../user/calls";
import { invoke, type Message, ownBuffer } from "../../user/message";
import { threadConfigure, threadSetPriority, threadWriteRegisters } from "../../user/stubs/thread";
import { SLOT_DEVICE, SLOT_POOL, SLOT_PROCESS_CONTROL, SLOT_TRUST_CONTROL } from "./boot.kts";

/**
 * A small world for hostile threads: one CNode of 64 slots with a capability to an object of every type, memory to make
 * more, and all controls but that of power. Made by system calls alone, so that the same world can be made on a machine.
 */

/** Slots of the keeper. */
export const CNODE = 20;
const BUFFERS = 21;
const DOOR = 22;
export const SLOT_BOOT_IMAGE = 40;
const FIRST_THREAD = 50;
export const THREADS = 3;

/** Slots of the world's CNode. */
export const RADIX = 6n;
export const SLOTS = 64;
export const OWN_CNODE = 1;
export const MEMORY = 2;
const RING = 3;
const MEETING = 4;
const NOTIFICATION = 5;
const REPLY = 6;
const TIMER = 8;
const SPACE = 9;
const PAGES = 10;
const PROTECTED = 11;
const RAW = 12;
const CONTEXT = 13;
const THREAD = 14;
const VERIFIER = 15;
const BADGED = 16;
const DEVICE = 17;
const FIRST_WORKER = 18;
const CONTROLS = 24;
const IMAGE = 31;
const PROCESS = 32;
const INNER = 33;
const ONCE = 34;
const BUDGET = 35;
const LARGE = 36;
const REGISTERS = 37;
const READ_ONLY = 38;

const MEMORY_SIZE = 18;
const BUDGET_SIZE = 18n;
/** Of four places, two for each badge. */
const RING_POLICY = 0x2_0000_0004n;
const LARGE_PAGES = 512n;
const KEEPER_PRIORITY = 1;
const WORKER_PRIORITY = 100;
const MAX_PRIORITY = 120;
const BUFFER_BYTES = 1024n;

const CONTROL_COUNT = 7;
const controls: FixedArray<u32, typeof CONTROL_COUNT> = [
  SLOT_SCHED_CONTROL,
  SLOT_IRQ_CONTROL,
  SLOT_IO_PORT,
  SLOT_INSPECT,
  SLOT_TRACE_CONTROL,
  SLOT_PROCESS_CONTROL,
  SLOT_TRUST_CONTROL,
];

/** Fills a world; the keeper then runs only when nobody else does. `hasAll` adds what takes much memory. */
export function makeWorld(hasAll: boolean): void {
  must(retype(SLOT_POOL, CapType.Untyped, u64(MEMORY_SIZE), 1, DOOR));
  must(retype(SLOT_POOL, CapType.CNode, RADIX, 1, CNODE));
  must(retype(SLOT_POOL, CapType.Region, 1n, 1, BUFFERS));
  must(zero(BUFFERS));
  must(copyInto(CNODE, CNODE, OWN_CNODE));
  must(ask(CNODE, Invocation.CNodeMove, u64(MEMORY), 0n, DOOR));
  const memory = slotIn(CNODE, MEMORY);
  must(retypeInto(CNODE, memory, CapType.Endpoint, RING_POLICY, RING));
  must(retypeInto(CNODE, memory, CapType.Endpoint, 0n, MEETING));
  must(retypeInto(CNODE, memory, CapType.Notification, 0n, NOTIFICATION));
  must(retypeInto(CNODE, memory, CapType.Reply, 0n, REPLY));
  must(retypeInto(CNODE, memory, CapType.Reply, 0n, REPLY + 1));
  must(retypeInto(CNODE, memory, CapType.Timer, 0n, TIMER));
  must(retypeInto(CNODE, memory, CapType.SchedContext, 0n, CONTEXT));
  must(retypeInto(CNODE, memory, CapType.Thread, 0n, THREAD));
  must(retypeInto(CNODE, memory, CapType.CNode, 2n, INNER));
  must(retypeInto(CNODE, memory, CapType.AddressSpace, 5n, SPACE));
  must(makeRegion(memory, PAGES, 2n, 0n));
  must(zero(slotIn(CNODE, PAGES)));
  must(ask(CNODE, Invocation.CNodeCopy, u64(READ_ONLY), 5n, slotIn(CNODE, PAGES)));
  must(makeRegion(memory, PROTECTED, 1n, 0x1800n));
  must(makeRegion(memory, RAW, 3n, 0n));
  must(mintInto(CNODE, slotIn(CNODE, RING), BADGED, 7n, 5n));
  must(retype(SLOT_DEVICE, CapType.Untyped, 22n, 1, DOOR));
  must(ask(CNODE, Invocation.CNodeMove, u64(DEVICE), 0n, DOOR));
  must(retypeInto(CNODE, SLOT_DEVICE, CapType.Region, LARGE_PAGES, LARGE));
  must(retypeInto(CNODE, SLOT_DEVICE, CapType.Region, 4n, REGISTERS));
  for (let i: u32 = 0; i < THREADS; i++) makeWorker(i);
  for (let i: u32 = 0; i < CONTROL_COUNT; i++) copyInto(CNODE, controls[i], CONTROLS + i);
  must(copyInto(CNODE, SLOT_BOOT_IMAGE, IMAGE));
  must(retypeInto(CNODE, memory, CapType.Process, 0n, PROCESS));
  must(mintOnce(slotIn(CNODE, RING), ONCE, 9n));
  if (hasAll) {
    must(retypeInto(CNODE, SLOT_POOL, CapType.Untyped, BUDGET_SIZE, BUDGET));
    must(retypeInto(CNODE, SLOT_POOL, CapType.Verifier, 0n, VERIFIER));
  }
  for (let i: u32 = 0; i < THREADS; i++) rescue(i);
  const message = local<Message>();
  must(threadSetPriority(message, SLOT_THREAD, u64(KEEPER_PRIORITY), 255n));
}

function makeRegion(memory: u32, slot: u32, pages: u64, attributes: u64): u32 {
  const message = local<Message>();
  message.words[0] = u64(u32(CapType.Region));
  message.words[1] = pages;
  message.words[2] = 1n;
  message.words[3] = u64(slot);
  ownBuffer().words[4] = attributes;
  ownBuffer().sent[0] = CNODE;
  return invoke(message, memory, u32(Invocation.UntypedRetype), 5, 1);
}

function mintOnce(source: u32, slot: u32, badge: u64): u32 {
  const message = local<Message>();
  message.words[0] = u64(slot);
  message.words[1] = 7n;
  message.words[2] = badge;
  message.words[3] = 1n;
  ownBuffer().sent[0] = source;
  return invoke(message, CNODE, u32(Invocation.CNodeMint), 4, 1);
}

/** The keeper keeps the first worker; the others belong to the world alone. */
function makeWorker(index: u32): void {
  const message = local<Message>();
  const thread = FIRST_THREAD + index;
  const slot = FIRST_WORKER + 2 * index;
  must(retype(SLOT_POOL, CapType.Thread, 0n, 1, thread));
  must(retypeInto(CNODE, SLOT_POOL, CapType.SchedContext, 0n, slot + 1));
  const space = index === 0 ? SLOT_SPACE : slotIn(CNODE, SPACE);
  must(threadConfigure(message, thread, u64(index) * BUFFER_BYTES, CNODE, space, BUFFERS));
  must(threadSetPriority(message, thread, u64(WORKER_PRIORITY + (index & 1)), u64(MAX_PRIORITY)));
  must(threadWriteRegisters(message, thread, u64(REGISTER_PC), AFTER_CALL_PC));
  if (index === 1) must(ask(thread, Invocation.ThreadSetFaultHandler, 0n, 0n, slotIn(CNODE, BADGED)));
  must(ask(slotIn(CNODE, slot + 1), Invocation.SchedContextBind, 0n, 0n, thread));
  if (index === 0) must(copyInto(CNODE, thread, slot));
  else must(ask(CNODE, Invocation.CNodeMove, u64(slot), 0n, thread));
}

/** The slot of the world's CNode in which worker `index` was; the keeper has the first one besides. */
export function workerSlot(index: u32): u32 {
  return FIRST_WORKER + 2 * index;
}

/** Helps a worker that waits or has stopped. */
export function rescue(index: u32): void {
  const thread = index === 0 ? u32(FIRST_THREAD) : slotIn(CNODE, workerSlot(index));
  ask(thread, Invocation.ThreadSuspend, 0n, 0n, 0);
  ask(thread, Invocation.ThreadResume, 0n, 0n, 0);
}

/** Everything ends; false when an interrupt came in. */
export function revokeWorld(): u32 {
  return ask(SLOT_CNODE, Invocation.CNodeRevoke, u64(SLOT_POOL), 0n, 0);
}

function must(error: u32): void {
  assert(error === 0, "a world can be made");
}
