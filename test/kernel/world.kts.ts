/**
 * @unit O2
 * @unsafe reaches Regions behind capabilities
 */

import { REGISTER_PC } from "@arch/registers";
import { AFTER_CALL_PC } from "@machine/processor.kts";
import { CapType } from "../../kernel/cap/capability";
import { objectOf, slotAt } from "../../kernel/cap/slot";
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
import { Outcome } from "../../kernel/object/outcome";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, copyInto, copyWith, mintInto, retype, retypeInto, slotIn, zero } from "../../user/calls";
import { invoke, type Message, ownBuffer } from "../../user/message";
import { threadConfigure, threadSetPriority, threadWriteRegisters } from "../../user/stubs/thread";
import { verifierBegin, verifierStep } from "../../user/stubs/verifier";
import { boot, SLOT_DEVICE, SLOT_POOL, SLOT_PROCESS_CONTROL, SLOT_TRUST_CONTROL } from "./boot.kts";
import { fillWith, Parcel, parcelBytes } from "./parcel.kts";

/**
 * A small world for hostile threads: one CNode of 64 slots with a capability to an object of every type, memory to make
 * more, all controls but that of power, and what a Verifier has to verify. Made by system calls.
 */

/** Slots of the keeper. */
export const CNODE = 20;
export const BUFFERS = 21;
const DOOR = 22;
const SLOT_IMAGE = 40;
const SLOT_IMAGE_MEMORY = 41;
const FIRST_THREAD = 50;
export const THREADS = 3;

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
const SPACE = 9;
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

const MEMORY_SIZE = 18;
const BUDGET_SIZE = 18n;
const IMAGE_SIZE = 16n;
/** Of the endowment: the first entry of the manifest, an endpoint to send to. */
const ENDOWED_ENDPOINT = 2;
const RIGHT_SEND = 2n;
const ZEROED = 0x1000n;
const PAGE_BYTES = 4096n;
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

/** Fills a world; the keeper then runs only when nobody else does. */
export function makeWorld(): void {
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
  for (let i: u32 = 0; i < THREADS; i++) makeWorker(i);
  for (let i: u32 = 0; i < CONTROL_COUNT; i++) copyInto(CNODE, controls[i], CONTROLS + i);
  must(retypeInto(CNODE, memory, CapType.Process, 0n, PROCESS));
  must(mintOnce(slotIn(CNODE, RING), ONCE, 9n));
  must(retypeInto(CNODE, SLOT_POOL, CapType.Untyped, BUDGET_SIZE, BUDGET));
  must(copyWith(slotIn(CNODE, INNER), slotIn(CNODE, RING), ENDOWED_ENDPOINT, RIGHT_SEND));
  makeParcels();
  sealImage();
  for (let i: u32 = 0; i < THREADS; i++) rescue(i);
  const message = local<Message>();
  must(threadSetPriority(message, SLOT_THREAD, u64(KEEPER_PRIORITY), 255n));
}

/** A package and two trust sets to verify. */
function makeParcels(): void {
  must(retypeInto(CNODE, SLOT_POOL, CapType.Verifier, 0n, VERIFIER));
  makeParcel(HEADERS, Parcel.Headers);
  makeParcel(BINARY, Parcel.Binary);
  makeParcel(NEXT_TRUST, Parcel.NextTrust);
  makeParcel(REVOKING_TRUST, Parcel.RevokingTrust);
  must(retypeInto(CNODE, SLOT_POOL, CapType.Untyped, IMAGE_SIZE, IMAGE_MEMORY));
}

function makeParcel(slot: u32, parcel: Parcel): void {
  must(makeRegion(SLOT_POOL, slot, (parcelBytes(parcel) + PAGE_BYTES - 1n) / PAGE_BYTES, ZEROED));
  fillWith(slotAt(objectOf(slotAt(boot.root, CNODE)), slot), parcel);
}

/** The package's Image, once for all: the keeper's, and a copy of it. */
function sealImage(): void {
  const message = local<Message>();
  const verifier = slotIn(CNODE, VERIFIER);
  const headers = slotIn(CNODE, HEADERS);
  const binary = slotIn(CNODE, BINARY);
  must(retype(SLOT_POOL, CapType.Untyped, IMAGE_SIZE, 1, SLOT_IMAGE_MEMORY));
  const headersBytes = parcelBytes(Parcel.Headers);
  must(verifierBegin(message, verifier, headersBytes, parcelBytes(Parcel.Binary), headers, binary, SLOT_IMAGE_MEMORY));
  do {
    must(verifierStep(message, verifier, u64(SLOT_IMAGE), SLOT_CNODE));
  } while (message.words[0] === u64(u32(Outcome.More)));
  assert(message.words[0] === u64(u32(Outcome.Sealed)), "the world's package is sound");
  must(copyInto(CNODE, SLOT_IMAGE, IMAGE));
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
