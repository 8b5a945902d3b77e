/**
 * @unit O2
 * @unsafe is called by libFuzzer, and looks into the kernel's memory
 */

import { windowOf } from "@arch/mmu";
import { REGISTER_PC } from "@arch/registers";
import { infoOf, wordOf } from "@arch/userFrame";
import {
  AFTER_CALL_PC,
  faultUser,
  IS_X86,
  interruptUser,
  isFpuOff,
  isTraced,
  SOME_LINE,
  UserFault,
} from "@machine/processor.kts";
import { CAP_TYPES, CapType, FLAG_DEVICE, isCapWith, typeIn } from "../../kernel/cap/capability";
import { extraOf, isNull, objectOf, type Slot, slotAt } from "../../kernel/cap/slot";
import { SLOT_SPACE } from "../../kernel/initSlots";
import { BUFFER_BYTES, bufferOf, type MessageBuffer } from "../../kernel/ipc/buffer";
import { ERROR, ErrorCode, errorInfo } from "../../kernel/ipc/messageInfo";
import type { PhysAddr } from "../../kernel/memory/address";
import { Outcome } from "../../kernel/object/outcome";
import { pageOf } from "../../kernel/object/region";
import { type Thread, ThreadState } from "../../kernel/object/thread";
import { baseOf } from "../../kernel/object/untyped";
import { Sink, setSink, writeByte, writeHex, writeText } from "../../kernel/output";
import { cpu } from "../../kernel/sched/cpu";
import { INVOCATIONS, Invocation, Syscall } from "../../kernel/syscall/invocation";
import { MAKEABLE, makeable } from "../../test-qemu/conformance/makeable";
import { grammar, WordKind } from "../../test-qemu/hostile/grammar";
import {
  BUFFERS,
  CNODE,
  makeWorld,
  OWN_CNODE,
  rescue,
  revokeWorld,
  SLOTS,
  SPACE,
  startWorld,
  THREADS,
  workerAddress,
  workerSlot,
} from "../../test-qemu/script/world";
import { slotIn } from "../../user/calls";
import type { Message } from "../../user/message";
import { nextRandom } from "../../user/random";
import { threadWriteRegisters } from "../../user/stubs/thread";
import { boot, bootWorld, mapMemory, RAM_END } from "./boot.kts";
import { enter, enterAgain, isBehindCall, isRestarted, prepareCall, type Words } from "./calls.kts";
import { isNarrow, judgeEffect, noteBefore, targetOf } from "./effects.kts";
import { type Input, next8, next16, next64, openInput } from "./input.kts";
import { machine } from "./machine/machine.kts";
import { checkTranslations, touch } from "./machine/translations.kts";
import { loadTrust } from "./parcel.kts";
import { counters } from "./report.kts";
import { isPlayable, isScripting, nameWorker, tellRecord, tellRescue } from "./script.kts";
import { fillParcels, sealImage } from "./sealing.kts";
import { beginComparison, endComparison, endNarrowComparison, noteMemory, restoreWorld } from "./snapshot.kts";
import { STAGES, tellStory } from "./story.kts";

/**
 * Hostile threads: what they do is in the input. In turn whoever runs makes a system call, mostly one that is nearly
 * right by the grammar of the table, or is interrupted, or faults; interrupts come in when the kernel polls. After
 * every call the invariants hold (kernel/invariants), a call that has failed has changed nothing (I12), and no
 * translation is stale (I7). A panic is a finding (I14).
 */

const MAX_STEPS = 4000;
/** At once, of as many timers as a world has. */
const MAX_ALARMS = 256;
/** The words behind a message buffer, which nobody writes; what stands there tells whose they are. */
const REST = 68;
const REST_END = 128;
const UNTOUCHED = 0x5a5a_5a5a_5a5a_5a5an;
const input: Input = zeroed();
const words: Words = zeroed();

interface Fuzz extends Struct<"Fuzz"> {
  isReady: boolean;
  /** The world's slots. */
  base: u64;
  /** The workers' message buffers. */
  buffers: u64;
  /** What kind of object is asked for, if it was chosen. */
  type: u32;
  /** An operation of many steps that is being gone on with, and for how many steps. */
  pursued: u32;
  left: u32;
}
const fuzz: Fuzz = zeroed();

function prepare(): void {
  mapMemory();
  bootWorld("invariants=1");
  loadTrust();
  makeWorld(isScripting() ? SLOT_SPACE : slotIn(CNODE, SPACE), IS_X86 || !isScripting());
  fillParcels();
  sealImage();
  for (let i: u32 = 0; i < THREADS; i++) placeWorker(i);
  startWorld();
  fuzz.base = objectOf(slotAt(boot.root, CNODE));
  fuzz.isReady = true;
  for (let i: u32 = 1; i < SLOTS; i++) spoilFree(slotAt(fuzz.base, i));
  fuzz.buffers = windowOf(pageOf(slotAt(boot.root, BUFFERS)));
  for (let i: u32 = 0; i < THREADS; i++) {
    for (let word: u32 = REST; word < REST_END; word++) store64(bufferAt(i) + u64(word) * 8n, UNTOUCHED + u64(i));
  }
  tellStory();
}

function placeWorker(index: u32): void {
  const message = local<Message>();
  const error = threadWriteRegisters(message, workerAddress(index), u64(REGISTER_PC), AFTER_CALL_PC);
  assert(error === 0, "a worker stands behind a system call");
  const root = slotAt(boot.root, index === 0 ? workerAddress(0) : CNODE);
  const slot = index === 0 ? root : slotAt(objectOf(root), workerSlot(index));
  nameWorker(index, objectOf(slot));
}

/** A worker's message buffer. */
function bufferAt(index: u32): u64 {
  return fuzz.buffers + u64(index) * BUFFER_BYTES;
}

/** No message is longer than a buffer (I14). */
function checkRest(): void {
  for (let i: u32 = 0; i < THREADS; i++) {
    assert(load64(bufferAt(i) + u64(REST) * 8n) === UNTOUCHED + u64(i), "I14: a message is no longer than a buffer");
  }
}

/** Free memory is what others have left there: nothing that the kernel could take for its own. */
function spoilFree(slot: Slot): void {
  if (typeIn(slot.word) !== CapType.Untyped || isCapWith(slot.word, CapType.Untyped, FLAG_DEVICE)) return;
  fillMemory(windowOf((baseOf(slot) + slot.data) as PhysAddr), 0xa5, (1n << u64(extraOf(slot))) - slot.data);
}

/** @entry LLVMFuzzerTestOneInput */
export function testOneInput(data: u64, size: u64): i32 {
  if (!fuzz.isReady) prepare();
  openInput(input, castSlice<u8>(data, u32(size)));
  const stage = next8(input);
  restoreWorld(isScripting() || (stage & 1) === 0 ? 0 : (stage >>> 1) % STAGES);
  fuzz.left = 0;
  for (let i: u32 = 0; i < MAX_STEPS && input.at < input.bytes.length; i++) step();
  counters.inputs += 1n;
  return 0;
}

/**
 * Long inputs: one in four is new, the others are mutated and go on with new choices.
 *
 * @entry LLVMFuzzerCustomMutator
 */
export function mutate(data: u64, size: u64, maxSize: u64, seed: u32): u64 {
  let random = u64(seed) * 0x9e37_79b9_7f4a_7c15n + 1n;
  const kept = (seed & 3) === 0 ? 0n : mutateBytes(data, size, maxSize);
  const least = maxSize / 4n + ((u64(seed) >> 2n) % (maxSize / 2n));
  for (let at = kept; at < least; at += 1n) {
    random = nextRandom(random);
    store8(data + at, u8(random >> 32n));
  }
  return kept < least ? least : kept;
}

/** @extern LLVMFuzzerMutate */
declare function mutateBytes(data: u64, size: u64, maxSize: u64): u64;

function step(): void {
  machine.polls = 0n;
  if (!isScripting()) machine.now += 150n;
  if (cpu.current === boot.keeper) keeperStep();
  else if (isRestarted(cpu.current)) restartedStep();
  else if (isBehindCall(cpu.current)) workerStep();
  else strayStep();
  machine.polls = 0n;
  for (let i: u32 = 0; i < MAX_ALARMS && machine.now >= machine.alarmAt; i++) interruptUser(0);
  assert(machine.now < machine.alarmAt, "I13: between two alarms there is time to run");
  noteMemory();
  checkRest();
  checkTranslations(RAM_END);
}

/** Nobody else runs: time passes, and somebody is helped. */
function keeperStep(): void {
  const thread = boot.keeper;
  if (thread !== null && isRestarted(thread)) {
    enterAgain();
    return;
  }
  const choice = next8(input);
  if (isTalking()) tellInfo(u64(choice) | 0xbee0000n);
  if (isScripting()) help(choice % THREADS);
  else if (choice < 4) revokeWorld();
  else if ((choice & 3) === 0) machine.now += 1n << u64(10 + (next8(input) & 15));
  else help(choice % THREADS);
}

/** Whoever is in the worker's slot, if it is a thread still: the keeper must not wait. */
function help(index: u32): void {
  if (index !== 0 && typeIn(slotAt(fuzz.base, workerSlot(index)).word) !== CapType.Thread) return;
  if (isScripting()) tellRescue(index);
  rescue(index);
}

function restartedStep(): void {
  planPolls();
  enterAgain();
}

/** A thread whose registers somebody has set: nothing is mapped there that could run. */
function strayStep(): void {
  faultUser(UserFault.Fetch, 0x1234_5000n);
}

/** Interrupts that come at the polls of the call that follows. */
function planPolls(): void {
  const plan = next8(input);
  machine.line = (plan & 0x80) === 0 ? 0 : SOME_LINE;
  machine.polls = (plan & 3) === 0 ? u64(next8(input)) : 0n;
}

function workerStep(): void {
  const choice = next8(input);
  if (fuzz.left !== 0 && choice >= 64) {
    fuzz.left--;
    callByGrammar(fuzz.pursued);
    return;
  }
  if (isScripting()) {
    if (choice < 192) callByGrammar(next8(input) % INVOCATIONS);
    else sendOrReceive();
    return;
  }
  if (choice < 168) callByGrammar(next8(input) % INVOCATIONS);
  else if (choice < 176) pursue(next8(input));
  else if (choice < 222) sendOrReceive();
  else if (choice < 224) callAtRandom();
  else if (choice < 230) interrupt((choice & 1) === 0 ? 0 : SOME_LINE);
  else if (choice < 234) fault(choice);
  else if (choice < 239) useFpu();
  else if (choice < 250) touchPages();
  else if (choice < 252) scribble();
  else machine.now += 1n << u64(10 + (next8(input) & 15));
}

function interrupt(line: u32): void {
  counters.interrupts += 1n;
  interruptUser(line);
}

function fault(choice: u32): void {
  counters.faults += 1n;
  const address = u64(next16(input)) << 12n;
  if (choice === 230) faultUser(UserFault.Fetch, address);
  else if (choice === 231) faultUser(UserFault.Read, address);
  else if (choice === 232) faultUser(UserFault.Write, address);
  else faultUser(UserFault.Opcode, address);
}

function useFpu(): void {
  if (isFpuOff()) faultUser(UserFault.Fpu, 0n);
}

/** The thread uses pages, so that the processor knows them. */
function touchPages(): void {
  for (let i: u32 = 0; i < 4; i++) touch(cpu.space, placeOf(next8(input)), RAM_END);
}

/** Memory changes underneath, as a device's DMA does. */
function scribble(): void {
  const buffer = bufferOf(cpu.current);
  if (buffer === null) return;
  const at = next8(input);
  buffer.words[at & 63] = next64(input);
  buffer.sent[at & 3] = anyAddress();
  buffer.slots[at & 3] = anyAddress();
}

// ---- calls ----

/** An operation of many steps: as many of them follow, others between them. */
function pursue(choice: u32): void {
  fuzz.left = choice >>> 2;
  if ((choice & 3) === 0) fuzz.pursued = u32(Invocation.ProcessStep);
  else if ((choice & 31) === 1) fuzz.pursued = u32(Invocation.RegionZero);
  else fuzz.pursued = u32(Invocation.VerifierStep);
}

/** An operation with nearly the right arguments. */
function callByGrammar(label: u32): void {
  fuzz.type = u32(CapType.Region);
  const rule = grammar[label];
  const buffer = bufferOf(cpu.current);
  const noise = next8(input);
  for (let i: u32 = 0; i < u32(rule.words); i++) {
    const word = wordLike(toEnum<WordKind>(rule.kinds[i]));
    if (i < 4) words[i] = word;
    else if (buffer !== null) buffer.words[i] = word;
  }
  for (let i: u32 = 0; i < u32(rule.caps); i++) {
    const address = slotLike(label === u32(Invocation.CNodeMint) ? mintable(noise) : toEnum<CapType>(rule.types[i]));
    if (buffer !== null) buffer.sent[i] = address;
  }
  const count = u32(rule.words) - ((noise & 31) === 1 && rule.words > 0 ? 1 : 0);
  const caps = u32(rule.caps) - ((noise & 31) === 2 && rule.caps > 0 ? 1 : 0);
  makeCall(u32(Syscall.Call), slotLike(rule.object), 0, infoWord(label, count, caps), (noise & 0xc0) === 0);
}

/** What can have a badge, and now and then anything. */
function mintable(choice: u32): CapType {
  if ((choice & 0x28) === 0x28) return (choice & 16) === 0 ? CapType.IoPort : CapType.Null;
  return (choice & 32) === 0 ? CapType.Endpoint : CapType.Notification;
}

/** Messages between threads, and signals. */
function sendOrReceive(): void {
  const number = next8(input) % 10;
  const counts = next8(input);
  const buffer = bufferOf(cpu.current);
  words[0] = u64(next8(input));
  if (buffer !== null) prepareCapabilities(buffer);
  const isWait = number === u32(Syscall.Wait) || number === u32(Syscall.Poll);
  const isSignal = number === u32(Syscall.NbSend) && (counts & 0x80) !== 0;
  const slot = slotLike(isWait || isSignal ? CapType.Notification : CapType.Endpoint);
  const length = (counts & 7) === 7 ? 40 + (counts & 0x60) : counts & 7;
  const info = infoWord(next8(input) & 15, length, (counts >>> 3) & 3);
  makeCall(number, slot, slotLike(CapType.Reply), info, (counts & 0x60) === 0);
}

function prepareCapabilities(buffer: MessageBuffer): void {
  for (let i: u32 = 0; i < 2; i++) {
    buffer.sent[i] = slotLike(CapType.Null);
    buffer.slots[i] = emptySlot(next8(input));
  }
}

/** Any number, any address, any info. */
function callAtRandom(): void {
  for (let i: u32 = 0; i < 4; i++) words[i] = next64(input);
  const info = next64(input);
  const choice = next16(input);
  const number = (choice >>> 1) & 15;
  // Nobody wants to read what DebugWrite would write.
  const isKept = (choice & 1) !== 0 && number !== u32(Syscall.DebugWrite);
  makeCall(isKept ? number : u32(Syscall.Call), anyAddress(), anyAddress(), info, true);
}

function infoWord(label: u32, length: u32, caps: u32): u64 {
  return (u64(label) << 16n) | u64(caps << 8) | u64(length);
}

/** A system call of the current thread; `isWanted` asks that the state be compared, should it fail. */
function makeCall(number: u32, address: u32, reply: u32, info: u64, isWanted: boolean): void {
  const thread = cpu.current;
  const capabilities = (u64(reply) << 32n) | u64(address);
  if (isScripting()) {
    if (!isPlayable(number, u32((info >> 16n) & 0xffffn))) return;
    tellRecord(number, capabilities, info, words);
  } else {
    planPolls();
  }
  prepareCall(number, capabilities, info, words);
  // A trace tells of calls that fail, too.
  const isCompared = isWanted && !isTraced();
  if (isCompared) beginComparison();
  if (number === u32(Syscall.Call)) noteBefore(cpu.current, address, u32((info >> 16n) & 0xffffn));
  counters.calls += 1n;
  if (isTalking()) tellCall(number, address, reply, info);
  enter();
  if (isTalking()) tellInfo(infoOf(thread.frame));
  judge(thread, number, address, info, isCompared);
}

/** @extern host_isTalking */
declare function isTalking(): boolean;

function tellCall(number: u32, address: u32, reply: u32, info: u64): void {
  tell("call", u64(number));
  tell(" on", u64(address));
  tell(" reply", u64(reply));
  tell(" info", info);
  for (let i: u32 = 0; i < 4; i++) tell(" word", words[i]);
  const buffer = bufferOf(cpu.current);
  if (buffer === null) return;
  tell(" word", buffer.words[4]);
  for (let i: u32 = 0; i < 4; i++) tell(" sent", u64(buffer.sent[i]));
}

function tellInfo(info: u64): void {
  tell(" =", info);
  writeByte(0x0a);
}

function tell(name: Bytes, value: u64): void {
  setSink(Sink.Console);
  writeText(name);
  writeByte(0x20);
  writeHex(value, 0);
}

function judge(thread: Thread, number: u32, address: u32, info: u64, isCompared: boolean): void {
  if (isRestarted(thread)) {
    counters.restarts += 1n;
    return;
  }
  const label = u32((info >> 16n) & 0xffffn);
  const after = infoOf(thread.frame);
  if (cpu.current !== thread || thread.state !== ThreadState.Running) return;
  if ((after & ERROR) === 0n) {
    if (number !== u32(Syscall.Call) || label >= INVOCATIONS) return;
    count(thread, label);
    judgeEffect(thread, address, label, words);
    if (!isCompared || machine.interrupts > 0 || !isNarrow(label)) return;
    counters.compared += 1n;
    endNarrowComparison(thread, targetOf(thread, address));
    return;
  }
  counters.failures += 1n;
  // Of a message that was never answered: the call has done what it can. ReplyRecv has answered, whatever comes then.
  const isGone = (after & 0xffff_0000n) === (errorInfo(ErrorCode.Gone, 0n) & 0xffff_0000n);
  if (!isCompared || isGone || machine.interrupts > 0 || number === u32(Syscall.ReplyRecv)) return;
  counters.compared += 1n;
  endComparison(thread, info);
}

function count(thread: Thread, label: u32): void {
  counters.served[label] += 1n;
  if (label !== u32(Invocation.VerifierStep)) return;
  const outcome = wordOf(thread.frame, 0);
  if (outcome === u64(u32(Outcome.Sealed))) counters.sealed += 1n;
  if (outcome === u64(u32(Outcome.Adopted))) counters.adopted += 1n;
}

// ---- arguments ----

/** Mostly the address of a capability of `type`, of any for Null. */
function slotLike(type: CapType): u32 {
  const choice = next8(input);
  const root = cpu.current.cspace;
  if (choice >= 250 || root.data < u64(SLOTS)) return anyAddress();
  // Where Regions are asked for Images may be, too.
  const wanted = type === CapType.Region && (choice & 7) === 7 ? CapType.Image : type;
  // The one whose empty slots others are told.
  if (type === CapType.CNode && choice >= 64 && isOwn(slotAt(objectOf(root), OWN_CNODE), root)) return OWN_CNODE;
  for (let i: u32 = 0; i < SLOTS; i++) {
    const index = (choice + i) & (SLOTS - 1);
    const slot = slotAt(objectOf(root), index);
    if (index !== 0 && !isNull(slot) && (wanted === CapType.Null || typeIn(slot.word) === wanted)) return index;
  }
  return choice & (SLOTS - 1);
}

function isOwn(slot: Slot, root: Slot): boolean {
  return typeIn(slot.word) === CapType.CNode && objectOf(slot) === objectOf(root);
}

function emptySlot(choice: u32): u32 {
  const root = cpu.current.cspace;
  if (choice >= 250 || root.data < u64(SLOTS)) return anyAddress();
  for (let i: u32 = 0; i < SLOTS; i++) {
    const index = (choice + i) & (SLOTS - 1);
    if (index !== 0 && isNull(slotAt(objectOf(root), index))) return index;
  }
  return 0;
}

function anyAddress(): u32 {
  const choice = next16(input);
  return (
    (choice & 0x3f) | ((choice & 0x4000) === 0 ? 0 : ((choice >>> 6) & 7) << 16) | ((choice & 0x8000) === 0 ? 0 : 0x80)
  );
}

/** One of the places where pages are mapped. */
function placeOf(choice: u32): u64 {
  const page = u64(choice & 15) << 12n;
  if ((choice & 0xc0) === 0) return 0x7fff_ffe0_0000n + page;
  if ((choice & 0xc0) === 0x40) return (u64(choice & 0x30) << 26n) + 0x1f_c000n + page;
  if ((choice & 0xf0) === 0xb0) return 0x4000_0000n;
  if ((choice & 0xfc) === 0x9c) return 0xffff_ffff_8000_0000n | page;
  // Two pages before what the next table of the second level maps.
  if ((choice & 0xf0) === 0xa0) return 0x7f_ffff_e000n + (page & 0x1000n);
  return 0x20_0000n + ((u64(choice & 0x30) >> 4n) << 21n) + page;
}

function wordLike(kind: WordKind): u64 {
  const choice = next8(input);
  if (choice >= 248) return edge(choice);
  switch (kind) {
    case WordKind.Address:
      return placeOf(choice);
    case WordKind.Bytes:
      return (choice & 16) === 0 ? u64(u32(1) << (choice & 3)) : u64(choice & 3) << 10n;
    case WordKind.CapType:
      fuzz.type = (choice & 0xc0) === 0 ? choice % CAP_TYPES : u32(makeable[choice % MAKEABLE]);
      return u64(fuzz.type);
    case WordKind.Flags:
      if ((choice & 0xc0) === 0 || (fuzz.type !== u32(CapType.Region) && choice < 224)) return 0n;
      if ((choice & 8) === 0) return u64(choice & 1);
      return (u64(choice >>> 4) << 8n) | ((choice & 4) === 0 ? 0n : 0x2000n);
    case WordKind.Count:
      if ((choice & 0xe0) === 0) return u64(next8(input)) << u64(choice & 3);
      return u64((choice & 0xe0) === 0x20 ? choice & 15 : 1);
    case WordKind.Pages:
      if ((choice & 0xe0) === 0xe0) return (choice & 1) === 0 ? u64(choice & 31) << 6n : 512n;
      return u64(choice & 7);
    case WordKind.Ns:
      return (choice & 0xc0) === 0 ? u64(choice & 15) : u64(choice) << u64(choice & 31);
    case WordKind.Priority:
      return u64(choice & 127);
    case WordKind.Register:
      return u64(choice % 40);
    case WordKind.Rights:
      return u64(choice & 7);
    case WordKind.Size:
      return sizeLike(choice);
    case WordKind.Slot:
      return (choice & 3) === 0 ? u64(choice & 63) : u64(emptySlot(choice));
    case WordKind.Line:
      return u64((choice & 3) === 0 ? choice & 63 : SOME_LINE);
    case WordKind.None:
    case WordKind.Badge:
    case WordKind.Events:
    case WordKind.Index:
    case WordKind.Port:
    case WordKind.Position:
    case WordKind.Status:
    case WordKind.Value:
      return u64(choice & 63);
    default:
      unreachable(kind);
  }
}

/** The size of an object of the type that was chosen, mostly: pages, a power of two, or a policy. */
function sizeLike(choice: u32): u64 {
  if ((choice & 0xe0) === 0xe0) return sizeAtAnEdge(next8(input));
  switch (fuzz.type) {
    case u32(CapType.Untyped):
      return u64(6 + (choice % 11));
    case u32(CapType.CNode):
      return u64(1 + (choice % 12));
    case u32(CapType.Endpoint):
      return policyLike(choice);
    case u32(CapType.Region):
      return (choice & 0xc0) === 0x80 ? 512n << u64(choice & 3) : u64(choice & 7);
    default:
      return u64(choice & 15);
  }
}

/** Any small one, or one with so many pages that their bytes come round. */
function sizeAtAnEdge(choice: u32): u64 {
  return choice < 192 ? u64(choice & 127) : (1n << 52n) + u64(choice & 3) - 2n;
}

/** A few places and their shares, badged senders only, a largest message. */
function policyLike(choice: u32): u64 {
  const words = (choice & 0x40) === 0 ? 0n : u64(next8(input) & 127);
  return u64(choice & 7) | (u64((choice >>> 3) & 3) << 32n) | (u64(choice & 32) << 51n) | (words << 48n);
}

/** Numbers at which something ends. */
function edge(choice: u32): u64 {
  const number = u64(next16(input));
  if (choice === 248) return ~(number & 1n);
  if (choice === 249) return ~(number & 0xffn);
  if (choice === 250) return 1n << (number & 63n);
  if (choice === 251) return (1n << (number & 63n)) - 1n;
  if (choice === 252) return 0x7fff_ffff_f000n - (number & 3n) * 0x1000n;
  if (choice === 253) return number << 12n;
  return choice === 254 ? 0xffff_ffff_8000_0000n | (number << 12n) : number;
}
