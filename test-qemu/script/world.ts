import { CapType } from "../../kernel/cap/capability";
import {
  SLOT_CNODE,
  SLOT_IMAGE,
  SLOT_INSPECT,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_SCHED_CONTROL,
  SLOT_SPACE,
  SLOT_THREAD,
  SLOT_TRACE_CONTROL,
} from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, copyInto, copyWith, mintInto, retype, retypeInto, slotIn, zero } from "../../user/calls";
import { invoke, type Message, ownBuffer } from "../../user/message";
import { threadConfigure, threadSetPriority } from "../../user/stubs/thread";

/**
 * A small world for hostile threads: one CNode of 64 slots with a capability to an object of every type, memory to make
 * more, all controls but that of power, and Regions for what a Verifier has to verify. Made by system calls alone, of the
 * first task or of the simulated machine's keeper (test/kernel/), so that the same world is on the host and on machines.
 */

/** Slots of whoever makes it, the keeper: what it brings, and what it makes. */
export const SLOT_POOL = 100;
export const SLOT_DEVICE = 101;
export const SLOT_PROCESS_CONTROL = 102;
export const SLOT_TRUST_CONTROL = 103;
export const CNODE = 104;
export const BUFFERS = 105;
const DOOR = 106;
const FIRST_THREAD = 110;
export const THREADS = 3;
/** Of the two Untypeds, as powers of two. */
export const POOL_SIZE = 22;
export const DEVICE_SIZE = 23;

/** Slots of the world's CNode. */
export const RADIX = 6n;
export const SLOTS = 64;
export const OWN_CNODE = 1;
export const MEMORY = 2;
export const RING = 3;
const MEETING = 4;
const NOTIFICATION = 5;
const REPLY = 6;
const TIMER = 8;
export const SPACE = 9;
const PAGES = 10;
const PROTECTED = 11;
const RAW = 12;
const CONTEXT = 13;
const THREAD = 14;
export const VERIFIER = 15;
const BADGED = 16;
const DEVICE = 17;
const FIRST_WORKER = 18;
const CONTROLS = 24;
export const SCHED_CONTROL = CONTROLS;
export const PROCESS_CONTROL = 29;
export const TRUST_CONTROL = 30;
export const IMAGE = 31;
export const PROCESS = 32;
export const INNER = 33;
const ONCE = 34;
export const BUDGET = 35;
const LARGE = 36;
const REGISTERS = 37;
const READ_ONLY = 38;
export const HEADERS = 39;
export const BINARY = 40;
export const NEXT_TRUST = 41;
export const REVOKING_TRUST = 42;
export const IMAGE_MEMORY = 43;
/** A CNode with more slots than one call may fill; the last one, so that empty slots are beside each other. */
const WIDE = 63;

const MEMORY_SIZE = 18;
const BUDGET_SIZE = 18n;
const IMAGE_SIZE = 16n;
const WIDE_RADIX = 9n;
/** Of the endowment: the first entry of the manifest, an endpoint to send to. */
const ENDOWED_ENDPOINT = 2;
const RIGHT_SEND = 2n;
const ZEROED = 0x1000n;
/** Of what there is to verify. */
const HEADERS_PAGES = 8n;
const BINARY_PAGES = 4n;
const TRUST_PAGES = 4n;
/** Of four places, two for each badge. */
const RING_POLICY = 0x2_0000_0004n;
const LARGE_PAGES = 512n;
const KEEPER_PRIORITY = 1;
const WORKER_PRIORITY = 100;
const MAX_PRIORITY = 120;
export const BUFFER_BYTES = 1024n;

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

/** Makes everything, without an Image; `space` is the address space of workers 1 and 2, and worker 0 has the keeper's. */
export function makeWorld(space: u32, hasPorts: boolean): void {
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
  must(retypeInto(CNODE, memory, CapType.CNode, 3n, INNER));
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
  for (let i: u32 = 0; i < THREADS; i++) makeWorker(i, i === 0 ? SLOT_SPACE : space);
  for (let i: u32 = 0; i < CONTROL_COUNT; i++) {
    if (hasPorts || controls[i] !== SLOT_IO_PORT) must(copyInto(CNODE, controls[i], CONTROLS + i));
  }
  must(retypeInto(CNODE, memory, CapType.Process, 0n, PROCESS));
  must(mintOnce(slotIn(CNODE, RING), ONCE, 9n));
  must(retypeInto(CNODE, SLOT_POOL, CapType.Untyped, BUDGET_SIZE, BUDGET));
  must(copyWith(slotIn(CNODE, INNER), slotIn(CNODE, RING), ENDOWED_ENDPOINT, RIGHT_SEND));
  must(retypeInto(CNODE, SLOT_POOL, CapType.Verifier, 0n, VERIFIER));
  must(makeRegion(SLOT_POOL, HEADERS, HEADERS_PAGES, ZEROED));
  must(makeRegion(SLOT_POOL, BINARY, BINARY_PAGES, ZEROED));
  must(makeRegion(SLOT_POOL, NEXT_TRUST, TRUST_PAGES, ZEROED));
  must(makeRegion(SLOT_POOL, REVOKING_TRUST, TRUST_PAGES, ZEROED));
  must(retypeInto(CNODE, SLOT_POOL, CapType.Untyped, IMAGE_SIZE, IMAGE_MEMORY));
  must(retypeInto(CNODE, SLOT_POOL, CapType.CNode, WIDE_RADIX, WIDE));
}

/** The keeper's Image is given, and the workers run: the keeper only when nobody else does. */
export function startWorld(): void {
  must(copyInto(CNODE, SLOT_IMAGE, IMAGE));
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
function makeWorker(index: u32, space: u32): void {
  const message = local<Message>();
  const thread = FIRST_THREAD + index;
  const slot = FIRST_WORKER + 2 * index;
  must(retype(SLOT_POOL, CapType.Thread, 0n, 1, thread));
  must(retypeInto(CNODE, SLOT_POOL, CapType.SchedContext, 0n, slot + 1));
  must(threadConfigure(message, thread, u64(index) * BUFFER_BYTES, CNODE, space, BUFFERS));
  must(threadSetPriority(message, thread, u64(WORKER_PRIORITY + (index & 1)), u64(MAX_PRIORITY)));
  if (index === 1) must(ask(thread, Invocation.ThreadSetFaultHandler, 0n, 0n, slotIn(CNODE, BADGED)));
  must(ask(slotIn(CNODE, slot + 1), Invocation.SchedContextBind, 0n, 0n, thread));
  if (index === 0) must(copyInto(CNODE, thread, slot));
  else must(ask(CNODE, Invocation.CNodeMove, u64(slot), 0n, thread));
}

/** The slot of the world's CNode in which worker `index` was; the keeper has the first one besides. */
export function workerSlot(index: u32): u32 {
  return FIRST_WORKER + 2 * index;
}

/** Where the keeper finds worker `index`, while it is where it was. */
export function workerAddress(index: u32): u32 {
  return index === 0 ? u32(FIRST_THREAD) : slotIn(CNODE, workerSlot(index));
}

/** Helps a worker that waits or has stopped. */
export function rescue(index: u32): void {
  const thread = workerAddress(index);
  ask(thread, Invocation.ThreadSuspend, 0n, 0n, 0);
  ask(thread, Invocation.ThreadResume, 0n, 0n, 0);
}

/** Everything of the pool ends. */
export function revokeWorld(): u32 {
  return ask(SLOT_CNODE, Invocation.CNodeRevoke, u64(SLOT_POOL), 0n, 0);
}

function must(error: u32): void {
  assert(error === 0, "a world can be made");
}
