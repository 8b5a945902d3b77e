import { REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { BUFFER_ADDRESS } from "../../kernel/initInfo";
import { SLOT_BUFFER, SLOT_CNODE, SLOT_CONTEXT, SLOT_IMAGE } from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, copyTo, retype } from "../../test-qemu/conformance/harness";
import { invoke, type Message, ownBuffer } from "../../user/message";
import { used } from "./measure";
import { map, zero } from "./memory";

/**
 * The other side of each pair: a thread with an address space of its own, in which this program's image is mapped, a
 * stack, and the page of all message buffers. Its slots follow each other: the thread, its scheduling context, and so on.
 */

export const CONTEXT = 1;
const SPACE = 2;
const IMAGE = 3;
const STACK = 4;
const BUFFERS = 5;

const IMAGE_VA = 0x40_0000n;
const STACK_VA = 0x5000_0000n;
const PAGE_BYTES = 4096n;
export const BUFFER_BYTES = 1024n;
/** Of all threads, if not more is said. */
export const PRIORITY = 100n;

/** A thread in slots from `slot` on, in an address space of its own; its buffer is part `buffer` of init's page. */
export function startThread(slot: u32, buffer: u64, entry: u64): void {
  const message = local<Message>();
  retype(CapType.Thread, 0n, slot);
  retype(CapType.SchedContext, 0n, slot + CONTEXT);
  retype(CapType.AddressSpace, 8n, slot + SPACE);
  retype(CapType.Region, 1n, slot + STACK);
  zero(slot + STACK);
  map(slot + SPACE, slot + STACK, STACK_VA, 1n, 3n);
  copyTo(SLOT_BUFFER, slot + BUFFERS, 7n);
  map(slot + SPACE, slot + BUFFERS, BUFFER_ADDRESS, 1n, 3n);
  copyTo(SLOT_IMAGE, slot + IMAGE, 7n);
  for (let va = IMAGE_VA; map(slot + SPACE, slot + IMAGE, va, 1n, 1n) === 0; ) va += PAGE_BYTES;
  ownBuffer().sent[0] = SLOT_CNODE;
  ownBuffer().sent[1] = slot + SPACE;
  ownBuffer().sent[2] = SLOT_BUFFER;
  message.words[0] = buffer * BUFFER_BYTES;
  invoke(message, slot, u32(Invocation.ThreadConfigure), 1, 3);
  ask(slot, Invocation.ThreadWriteRegisters, u64(REGISTER_PC), entry, 0);
  ask(slot, Invocation.ThreadWriteRegisters, u64(REGISTER_SP), STACK_VA + PAGE_BYTES - 16n, 0);
  ask(slot, Invocation.ThreadSetPriority, PRIORITY, PRIORITY, 0);
  ask(slot + CONTEXT, Invocation.SchedContextBind, 0n, 0n, slot);
}

/** What this thread and the other one have used. */
export function both(other: u32): u64 {
  return used(SLOT_CONTEXT) + used(other + CONTEXT);
}
