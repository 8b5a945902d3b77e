/** @unsafe names functions by their addresses, and reads a boot module */

import { REGISTER_ARGUMENT, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CAP_TYPES, CapType } from "../../kernel/cap/capability";
import {
  SLOT_BUFFER,
  SLOT_CNODE,
  SLOT_CONTEXT,
  SLOT_INSPECT,
  SLOT_POWER_CONTROL,
  SLOT_SCHED_CONTROL,
  SLOT_SPACE,
} from "../../kernel/initSlots";
import { INVOCATIONS, Invocation, Syscall } from "../../kernel/syscall/invocation";
import { mapModule, moduleNamed, NO_MODULE } from "../../user/bootModule";
import { ask, mapAll, remove, retype, retypeInto, revoke, zero } from "../../user/calls";
import { initInfo, largestUntyped } from "../../user/initInfo";
import { type Buffer, debugDecimal, debugWrite, errorOf, infoWord, type Message, systemCall } from "../../user/message";
import { nextRandom } from "../../user/random";
import { inspectSystem } from "../../user/stubs/inspect";
import { schedContextConsumed } from "../../user/stubs/schedContext";
import { threadConfigure } from "../../user/stubs/thread";
import { MAKEABLE, makeable } from "../conformance/makeable";
import { grammar, WordKind } from "./grammar";

/**
 * A hostile task throws random system calls at the kernel, with capabilities to objects of every kind made from its
 * own memory. A second task counts, and has to keep its share of the processor. Each time the hostile one has ended
 * itself its memory is revoked, and has to be whole; nothing panics (I14). Switches the machine off with status 1 when
 * one of this fails.
 */

/** What the host has put into the boot module `settings`. */
interface Settings extends Struct<"Settings"> {
  calls: u64;
  seed: u64;
  /** The hostile task may run half of each period. Many of its calls fit into one. */
  periodNs: u64;
}

const settings: Settings = zeroed();

const SETTINGS_ADDRESS = 0x6000_0000_0000n;

/** Of so many calls, so many operations have to have gone through: of each object nearly all. */
const MANY_CALLS = 200_000n;
const LEAST_SERVED = 25;
/** The least that the counter may get of the time that is not this task's: the hostile one's last call goes over. */
const LEAST_PERCENT = 45n;
/** Slots of init. */
const POOL = 99;
const WATCH_POOL = 98;
const CNODE = 110;
const HOSTILE = 111;
const HOSTILE_CONTEXT = 112;
const COUNTER = 113;
const TIMER = 115;
const NOTIFICATION = 116;
const BUFFER = 117;
const POOL_SIZE = 21;
const HOSTILE_BUFFER = 0x5000_0000n;
/** Slots of the hostile task's own CNode: 2^6. */
const RADIX = 6n;
/** How often it is helped out of a call that waits for ever, before it starts anew. */
const RESCUES = 40;

type Stack = FixedArray<u64, 512>;
const stacks: FixedArray<Stack, 2> = zeroed();

interface State extends Struct<"State"> {
  /** First: its address is the state's. */
  counted: u64;
  random: u64;
  done: u64;
  /** The operations that have gone through, a bit each. */
  served: u64;
}
const state: State = zeroed();

/** The endpoint has a ring of four places. */
const sizes: FixedArray<u64, typeof MAKEABLE> = [16n, 4n, 0n, 0n, 4n, 0n, 0n, 4n, 8n, 0n, 0n, 0n];

function random(): u64 {
  state.random = nextRandom(state.random);
  return state.random;
}

/** Mostly small numbers, sometimes any. */
function randomWord(): u64 {
  const kind = random() & 7n;
  if (kind === 0n) return random();
  if (kind === 1n) return (random() & 0xffffn) << 12n;
  if (kind === 2n) return ~(random() & 0xffn);
  return random() & 63n;
}

function randomSlot(): u32 {
  const word = random();
  const index = u32(word & 63n);
  return (word & 0x700n) === 0n ? index | (u32((word >> 12n) & 31n) << 16) : index;
}

/** @entry hostile_task */
function hostile(): void {
  const message = local<Message>();
  const buffer = cast<Buffer>(HOSTILE_BUFFER);
  for (;;) {
    for (let i: u32 = 0; i < 4; i++) {
      message.words[i] = randomWord();
      buffer.sent[i] = randomSlot();
      buffer.slots[i] = randomSlot();
    }
    // Often 0 or 1: what Mint's flags can be.
    if ((random() & 3n) === 0n) message.words[3] = random() & 1n;
    buffer.words[4] = (random() & 7n) !== 0n ? 0n : randomWord();
    const number = random() & 15n;
    message.info = infoWord(u32(random() % u64(INVOCATIONS + 1)), u32(random() & 7n), u32(random() & 7n));
    if ((random() & 63n) === 0n) message.info = random();
    state.done += 1n;
    if (number < 7n) call(number, message);
    else if (number < 9n) systemCall(Syscall.Call, randomSlot(), 0, message);
    else callNearlyRight(message, buffer);
  }
}

/** An operation by the grammar: each part is of the kind that it has to be, but for one in eight or so. */
function callNearlyRight(message: Message, buffer: Buffer): void {
  const label = u32(random() % u64(INVOCATIONS));
  const rule = grammar[label];
  for (let i: u32 = 0; i < u32(rule.words); i++) {
    const word = (random() & 7n) === 0n ? randomWord() : wordLike(toEnum<WordKind>(rule.kinds[i]));
    if (i < 4) message.words[i] = word;
    else buffer.words[i] = word;
  }
  for (let i: u32 = 0; i < u32(rule.caps); i++) buffer.sent[i] = slotLike(toEnum<CapType>(rule.types[i]));
  const words = u32(rule.words) + ((random() & 15n) === 0n ? 1 : 0);
  const caps = u32(rule.caps) + ((random() & 15n) === 0n ? 1 : 0);
  message.info = infoWord(label, words, caps);
  systemCall(Syscall.Call, slotLike(rule.object), 0, message);
  if (errorOf(message) === 0) state.served |= 1n << u64(label);
}

/** Mostly where its object of this type was. */
function slotLike(type: CapType): u32 {
  if ((random() & 7n) === 0n) return randomSlot();
  for (let i: u32 = 0; i < MAKEABLE; i++) {
    if (makeable[i] === type) return i + 2;
  }
  return randomSlot();
}

function wordLike(kind: WordKind): u64 {
  const word = random();
  switch (kind) {
    case WordKind.Address:
      return 0x5100_0000n + ((word & 0x3ffn) << 12n);
    case WordKind.Bytes:
      return (word & 16n) === 0n ? 1n << (word & 3n) : (word & 3n) << 10n;
    case WordKind.CapType:
      return word % u64(CAP_TYPES);
    case WordKind.Flags:
      return (word & 8n) === 0n ? word & 1n : ((word >> 4n) & 0xfn) << 8n;
    case WordKind.Count:
    case WordKind.Pages:
      return word & 7n;
    case WordKind.Ns:
      return word & 0x1ff_ffffn;
    case WordKind.Priority:
      return word & 0x7fn;
    case WordKind.Register:
      return word % 40n;
    case WordKind.Rights:
      return word & 7n;
    case WordKind.Size:
      return word & 15n;
    case WordKind.None:
    case WordKind.Badge:
    case WordKind.Events:
    case WordKind.Index:
    case WordKind.Line:
    case WordKind.Port:
    case WordKind.Position:
    case WordKind.Slot:
    case WordKind.Status:
    case WordKind.Value:
      return word & 63n;
    default:
      unreachable(kind);
  }
}

/** `main` helps it out of those that wait without end. */
function call(number: u64, message: Message): void {
  const slot = randomSlot();
  const reply = randomSlot();
  if (number === u64(u32(Syscall.Send))) systemCall(Syscall.Send, slot, reply, message);
  else if (number === u64(u32(Syscall.NbSend))) systemCall(Syscall.NbSend, slot, reply, message);
  else if (number === u64(u32(Syscall.NbRecv))) systemCall(Syscall.NbRecv, slot, reply, message);
  else if (number === u64(u32(Syscall.Recv))) systemCall(Syscall.Recv, slot, reply, message);
  else if (number === u64(u32(Syscall.Reply))) systemCall(Syscall.Reply, slot, reply, message);
  else if (number === u64(u32(Syscall.ReplyRecv))) systemCall(Syscall.ReplyRecv, slot, reply, message);
  else if (number === u64(u32(Syscall.Wait))) systemCall(Syscall.Wait, slot, reply, message);
  else if (number === u64(u32(Syscall.Poll))) systemCall(Syscall.Poll, slot, reply, message);
  else if (number === u64(u32(Syscall.Yield))) systemCall(Syscall.Yield, slot, reply, message);
  else systemCall(Syscall.Call, slot, reply, message);
}

/** @entry hostile_counter */
function count(): void {
  for (;;) atomicAdd64(addressOf(state), 1n);
}

function must(error: u32, what: Bytes): void {
  if (error === 0) return;
  debugWrite("FAILED ");
  debugWrite(what);
  debugWrite("\n");
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, 1n, 0n, 0);
}

function startThread(index: u32, thread: u32, pool: u32, cspace: u32, buffer: u32, entry: u64, priority: u64): void {
  const message = local<Message>();
  must(retype(pool, CapType.Thread, 0n, 1, thread), "thread");
  must(retype(pool, CapType.SchedContext, 0n, 1, thread + 1), "context");
  must(threadConfigure(message, thread, 0n, cspace, SLOT_SPACE, buffer), "configure");
  const top = (addressOf(stacks[index]) + 4088n) & ~15n;
  must(ask(thread, Invocation.ThreadWriteRegisters, u64(REGISTER_PC), entry, 0), "program counter");
  must(ask(thread, Invocation.ThreadWriteRegisters, u64(REGISTER_SP), top, 0), "stack pointer");
  must(ask(thread, Invocation.ThreadWriteRegisters, u64(REGISTER_ARGUMENT), 0n, 0), "argument");
  must(ask(thread, Invocation.ThreadSetPriority, priority, priority, 0), "priority");
  must(ask(thread + 1, Invocation.SchedContextBind, 0n, 0n, thread), "bind");
  must(ask(thread, Invocation.ThreadResume, 0n, 0n, 0), "resume");
}

/** The hostile task anew, in a pool of its own: it may have destroyed itself. */
function startHostile(): void {
  must(retype(POOL, CapType.CNode, RADIX, 1, CNODE), "cnode");
  for (let i: u32 = 0; i < MAKEABLE; i++) must(retypeInto(CNODE, POOL, makeable[i], sizes[i], i + 2), "object");
  must(retype(POOL, CapType.Region, 1n, 1, BUFFER), "buffer");
  must(zero(BUFFER), "zero");
  must(mapAll(SLOT_SPACE, BUFFER, HOSTILE_BUFFER, 1n, 3n), "map");
  startThread(0, HOSTILE, POOL, CNODE, BUFFER, addressOfFunction(hostile), 101n);
  must(
    ask(
      SLOT_SCHED_CONTROL,
      Invocation.SchedControlConfigure,
      settings.periodNs / 2n,
      settings.periodNs,
      HOSTILE_CONTEXT,
    ),
    "budget",
  );
}

/** Uptime in nanoseconds, and the bytes of memory that are free. */
interface System extends Struct<"System"> {
  now: u64;
  free: u64;
}

function look(at: System): void {
  const message = local<Message>();
  must(inspectSystem(message, SLOT_INSPECT), "inspect");
  at.now = message.words[0];
  at.free = message.words[2];
}

function consumed(context: u32): u64 {
  const message = local<Message>();
  must(schedContextConsumed(message, context), "consumed");
  return message.words[0];
}

function readSettings(address: u64): void {
  const info = initInfo(address);
  const index = moduleNamed(info, "settings");
  assert(index !== NO_MODULE, "the host has added the settings");
  copyStruct(settings, cast<Settings>(addressOf(mapModule(info, index, SETTINGS_ADDRESS))));
}

/** @entry program_start */
export function main(info: u64): void {
  readSettings(info);
  const untyped = largestUntyped(info);
  must(retype(untyped, CapType.Untyped, u64(POOL_SIZE), 1, POOL), "pool");
  must(retype(untyped, CapType.Untyped, 16n, 1, WATCH_POOL), "pool");
  must(retype(WATCH_POOL, CapType.Timer, 0n, 1, TIMER), "timer");
  must(retype(WATCH_POOL, CapType.Notification, 0n, 1, NOTIFICATION), "notification");
  // Not 0, which would stay.
  state.random = settings.seed | 1n;
  startThread(1, COUNTER, WATCH_POOL, SLOT_CNODE, SLOT_BUFFER, addressOfFunction(count), 100n);
  const before = local<System>();
  const after = local<System>();
  look(before);
  const own = consumed(SLOT_CONTEXT);
  const lives = spendLives(before.now);
  look(after);
  const share = (consumed(COUNTER + 1) * 100n) / (after.now - before.now - (consumed(SLOT_CONTEXT) - own));
  report(lives, share);
  must(share >= LEAST_PERCENT ? 0 : 1, "the counter keeps its share");
  if (settings.calls >= MANY_CALLS) {
    must(popcount64(state.served) >= LEAST_SERVED ? 0 : 1, "nearly all operations go through");
  }
  must(after.free === before.free ? 0 : 1, "all memory is where it was");
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, 0n, 0n, 0);
}

/** Lets the hostile task live until its calls are made; answers how often it had to start anew. */
function spendLives(start: u64): u64 {
  let lives: u64 = 0n;
  for (let at: u64 = start; state.done < settings.calls; ) {
    startHostile();
    lives += 1n;
    for (let rescues: u32 = 0; rescues < RESCUES && state.done < settings.calls; rescues++) {
      at += settings.periodNs;
      sleepUntil(at);
      ask(HOSTILE, Invocation.ThreadSuspend, 0n, 0n, 0);
      ask(HOSTILE, Invocation.ThreadResume, 0n, 0n, 0);
    }
    revoke(POOL);
    must(retype(POOL, CapType.Untyped, u64(POOL_SIZE), 1, CNODE), "the memory is whole again");
    must(remove(CNODE), "delete");
  }
  return lives;
}

function report(lives: u64, share: u64): void {
  debugDecimal(state.done);
  debugWrite(" calls in ");
  debugDecimal(lives);
  debugWrite(" lives, counted to ");
  debugDecimal(state.counted);
  debugWrite(" in ");
  debugDecimal(share);
  debugWrite(" % of the time, ");
  debugDecimal(u64(popcount64(state.served)));
  debugWrite(" operations went through\n");
}

function sleepUntil(ns: u64): void {
  const message = local<Message>();
  must(ask(TIMER, Invocation.TimerArm, ns, 0n, NOTIFICATION), "arm");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}
