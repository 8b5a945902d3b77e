/** @unsafe names functions by their addresses */
import { REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_BUFFER, SLOT_CNODE, SLOT_SPACE, SLOT_THREAD } from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/table";
import { debugDecimal, debugWrite, invoke, type Message, ownBuffer } from "../../user/message";

/**
 * What the conformance tests share: a pool of memory that is whole again after each test, and threads with stacks of
 * their own in the one address space.
 */

/** The Untyped of the tests, and the first slot that a test may fill. */
export const POOL = 99;
export const FIRST = 100;
export const POOL_SIZE = 20;

const THREADS = 4;
const STACK_BYTES = 4096;
type Stack = FixedArray<u64, 512>;
const stacks: FixedArray<Stack, typeof THREADS> = zeroed();

interface Harness extends Struct<"Harness"> {
  /** Where the kernel has put what init has to know. */
  info: u64;
  failures: u32;
  checks: u32;
}

export const harness: Harness = zeroed();

/** Counts a failure and says which check it was. */
export function check(condition: boolean, what: Bytes): void {
  harness.checks++;
  if (condition) return;
  harness.failures++;
  debugWrite("  failed: ");
  debugWrite(what);
  debugWrite("\n");
}

/** As check, with the number that was expected and the one that came. */
export function checkEqual(value: u64, expected: u64, what: Bytes): void {
  check(value === expected, what);
  if (value === expected) return;
  debugWrite("    got ");
  debugDecimal(value);
  debugWrite(", expected ");
  debugDecimal(expected);
  debugWrite("\n");
}

/** Untyped.Retype into consecutive slots of the root CNode; answers the error. */
export function retypeFrom(untyped: u32, type: CapType, size: u64, count: u32, slot: u32): u32 {
  const message = local<Message>();
  const buffer = ownBuffer();
  message.words[0] = u64(u32(type));
  message.words[1] = size;
  message.words[2] = u64(count);
  message.words[3] = u64(slot);
  buffer.words[4] = 0n;
  buffer.sent[0] = SLOT_CNODE;
  return invoke(message, untyped, u32(Invocation.UntypedRetype), 5, 1);
}

export function retype(type: CapType, size: u64, slot: u32): u32 {
  return retypeFrom(POOL, type, size, 1, slot);
}

/** A call with up to two words and one capability; answers the error. */
export function ask(capability: u32, label: Invocation, word0: u64, word1: u64, sent: u32): u32 {
  const message = local<Message>();
  message.words[0] = word0;
  message.words[1] = word1;
  ownBuffer().sent[0] = sent;
  return invoke(message, capability, u32(label), 2, 1);
}

/** CNode.Mint from slot `from` to slot `to`. */
export function mint(from: u32, to: u32, rights: u64, badge: u64): u32 {
  const message = local<Message>();
  message.words[0] = u64(to);
  message.words[1] = rights;
  message.words[2] = badge;
  message.words[3] = 0n;
  ownBuffer().sent[0] = from;
  return invoke(message, SLOT_CNODE, u32(Invocation.CNodeMint), 4, 1);
}

export function copyTo(from: u32, to: u32, rights: u64): u32 {
  return ask(SLOT_CNODE, Invocation.CNodeCopy, u64(to), rights, from);
}

export function moveTo(from: u32, to: u32): u32 {
  return ask(SLOT_CNODE, Invocation.CNodeMove, u64(to), 0n, from);
}

export function remove(slot: u32): u32 {
  return ask(SLOT_CNODE, Invocation.CNodeDelete, u64(slot), 0n, 0);
}

export function revoke(slot: u32): u32 {
  return ask(SLOT_CNODE, Invocation.CNodeRevoke, u64(slot), 0n, 0);
}

/**
 * Thread `index` (0 to 3) in slots `slot` (Thread) and `slot + 1` (SchedContext), ready to be resumed at `entry`, an
 * address. Its buffer is part of init's own page.
 */
export function makeThread(index: u32, slot: u32, entry: u64, priority: u64): void {
  const message = local<Message>();
  const buffer = ownBuffer();
  checkEqual(u64(retype(CapType.Thread, 0n, slot)), 0n, "retype a thread");
  checkEqual(u64(retype(CapType.SchedContext, 0n, slot + 1)), 0n, "retype a scheduling context");
  buffer.sent[0] = SLOT_CNODE;
  buffer.sent[1] = SLOT_SPACE;
  buffer.sent[2] = SLOT_BUFFER;
  message.words[0] = index === 3 ? 0n : u64(index + 1) * 1024n;
  checkEqual(u64(invoke(message, slot, u32(Invocation.ThreadConfigure), 1, 3)), 0n, "configure");
  const top = addressOf(stacks[index]) + u64(STACK_BYTES) - 8n;
  checkEqual(u64(ask(slot, Invocation.ThreadWriteRegisters, u64(REGISTER_PC), entry, 0)), 0n, "program counter");
  checkEqual(u64(ask(slot, Invocation.ThreadWriteRegisters, u64(REGISTER_SP), top & ~15n, 0)), 0n, "stack pointer");
  checkEqual(u64(ask(slot, Invocation.ThreadSetPriority, priority, priority, 0)), 0n, "priority");
  checkEqual(u64(ask(slot + 1, Invocation.SchedContextBind, 0n, 0n, slot)), 0n, "bind");
}

export function resume(slot: u32): void {
  checkEqual(u64(ask(slot, Invocation.ThreadResume, 0n, 0n, 0)), 0n, "resume");
}

/** This thread's own priority: below it, others run only while it waits. */
export function setOwnPriority(priority: u64): void {
  checkEqual(u64(ask(SLOT_THREAD, Invocation.ThreadSetPriority, priority, 255n, 0)), 0n, "own priority");
}
