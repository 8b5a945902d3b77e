/** @unsafe reads records, names functions and reaches message buffers by their addresses */
import { REGISTER_ARGUMENT, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import {
  SLOT_CNODE,
  SLOT_FIRST_DEVICE,
  SLOT_IO_PORT,
  SLOT_PROCESS_CONTROL as SLOT_OWN_PROCESS_CONTROL,
  SLOT_TRUST_CONTROL as SLOT_OWN_TRUST_CONTROL,
  SLOT_POWER_CONTROL,
  SLOT_SPACE,
  SLOT_THREAD,
} from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, copyInto, isEmptySlot, mapAll, retype, revoke } from "../../user/calls";
import { initInfo, largestUntyped } from "../../user/initInfo";
import { type Buffer, debugDecimal, debugWrite, type Message } from "../../user/message";
import { threadSetPriority, threadWriteRegisters } from "../../user/stubs/thread";
import { type Case, nextCase, openCases } from "../codecs/cases";
import { KEEPER, RECORD_BYTES, type ScriptRecord } from "./record";
import {
  BUFFER_BYTES,
  BUFFERS,
  DEVICE_SIZE,
  makeWorld,
  POOL_SIZE,
  rescue,
  SLOT_DEVICE,
  SLOT_POOL,
  SLOT_PROCESS_CONTROL,
  SLOT_TRUST_CONTROL,
  startWorld,
  THREADS,
  workerAddress,
} from "./world";

/** Plays every script of the boot module `cases` in a world of its own, and says how far the machine agrees with the host. */

const BUFFERS_VA = 0x5000_0000_0000n;
const READ_WRITE = 3n;
const HIGHEST = 255n;
const STACK_BYTES = 4096;
type Stack = FixedArray<u64, 512>;
const stacks: FixedArray<Stack, typeof THREADS> = zeroed();
const each: Case = zeroed();

interface Play extends Struct<"Play"> {
  records: u64;
  count: u32;
  next: u32;
  /** Why it is over. */
  verdict: Verdict;
  /** Of each worker: whether it has made a call, and what that left it. */
  readonly hasCalled: FixedArray<boolean, typeof THREADS>;
  readonly left: FixedArray<u64, typeof THREADS>;
}

/** @storage u8 */
const enum Verdict {
  None,
  Agrees,
  /** Somebody else had the turn on the host. */
  OtherTurn,
  OtherAnswer,
}

const play: Play = zeroed();

/** @extern user_syscall */
declare function enter(number: u64, capabilities: u64, message: u64): void;
/** @extern user_illegal */
declare function stop(): void;

/** @entry program_start */
export function main(info: u64): void {
  const count = openCases(info, each);
  let agreed: u32 = 0;
  bring(info);
  for (let i: u32 = 0; i < count; i++) {
    nextCase(each);
    playScript(each.parts[1]);
    if (play.verdict === Verdict.Agrees) agreed++;
    else tell(i);
  }
  debugDecimal(u64(agreed));
  debugWrite(" agreed, ");
  debugDecimal(u64(count - agreed));
  debugWrite(" differed\n");
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, agreed === count ? 0n : 1n, 0n, 0);
}

function tell(index: u32): void {
  debugWrite("script ");
  debugDecimal(u64(index));
  debugWrite(play.verdict === Verdict.OtherTurn ? ": another turn" : ": another answer");
  debugWrite(" at call ");
  debugDecimal(u64(play.next));
  debugWrite("\n");
}

/** What the world is made of, in the slots where it looks for it. */
function bring(info: u64): void {
  must(retype(largestUntyped(info), CapType.Untyped, u64(POOL_SIZE), 1, SLOT_POOL));
  must(copyInto(SLOT_CNODE, SLOT_OWN_PROCESS_CONTROL, SLOT_PROCESS_CONTROL));
  must(copyInto(SLOT_CNODE, SLOT_OWN_TRUST_CONTROL, SLOT_TRUST_CONTROL));
  for (let i: u32 = 0; i < u32(initInfo(info).deviceCount) && isEmptySlot(SLOT_DEVICE); i++) {
    retype(SLOT_FIRST_DEVICE + i, CapType.Untyped, u64(DEVICE_SIZE), 1, SLOT_DEVICE);
  }
  must(isEmptySlot(SLOT_DEVICE) ? 1 : 0);
}

function playScript(script: Bytes): void {
  const message = local<Message>();
  fillMemory(addressOf(play), 0, sizeOf<Play>());
  play.records = addressOf(script);
  play.count = script.length / RECORD_BYTES;
  makeWorld(SLOT_SPACE, !isEmptySlot(SLOT_IO_PORT));
  must(mapAll(SLOT_SPACE, BUFFERS, BUFFERS_VA, 1n, READ_WRITE));
  for (let i: u32 = 0; i < THREADS; i++) {
    const top = (addressOf(stacks[i]) + u64(STACK_BYTES) - 8n) & ~15n;
    must(threadWriteRegisters(message, workerAddress(i), u64(REGISTER_PC), addressOfFunction(work)));
    must(threadWriteRegisters(message, workerAddress(i), u64(REGISTER_SP), top));
    must(threadWriteRegisters(message, workerAddress(i), u64(REGISTER_ARGUMENT), u64(i)));
  }
  startWorld();
  keep();
  must(threadSetPriority(message, SLOT_THREAD, HIGHEST, HIGHEST));
  must(revoke(SLOT_POOL));
  must(revoke(SLOT_DEVICE));
}

function recordAt(index: u32): ScriptRecord {
  return cast<ScriptRecord>(play.records + u64(index * RECORD_BYTES));
}

function isOver(): boolean {
  compilerBarrier();
  if (play.verdict === Verdict.None && play.next === play.count) play.verdict = Verdict.Agrees;
  return play.verdict !== Verdict.None;
}

/** Whether it is `actor`'s turn, as on the host. */
function hasTurn(actor: u32): boolean {
  if (recordAt(play.next).actor === actor) return true;
  play.verdict = Verdict.OtherTurn;
  return false;
}

/** The keeper runs only when nobody else does. */
function keep(): void {
  while (!isOver() && hasTurn(KEEPER)) {
    const index = recordAt(play.next).number;
    play.next++;
    rescue(index);
  }
}

/** A worker makes its calls, as the script has them. @entry script_work */
function work(argument: u64): void {
  const index = u32(argument) % THREADS;
  const message = local<Message>();
  while (!isOver() && hasTurn(index)) {
    const record = recordAt(play.next);
    if (play.hasCalled[index] && play.left[index] !== record.before) {
      play.verdict = Verdict.OtherAnswer;
      break;
    }
    play.next++;
    play.hasCalled[index] = true;
    prepareBuffer(cast<Buffer>(BUFFERS_VA + u64(index) * BUFFER_BYTES), record);
    for (let i: u32 = 0; i < 4; i++) message.words[i] = record.words[i];
    message.info = record.info;
    enter(u64(record.number), record.capabilities, addressOf(message));
    play.left[index] = message.info;
  }
  stop();
}

function prepareBuffer(buffer: Buffer, record: ScriptRecord): void {
  for (let i: u32 = 0; i < 4; i++) {
    buffer.words[4 + i] = record.more[i];
    buffer.sent[i] = record.sent[i];
    buffer.slots[i] = record.slots[i];
  }
}

function must(error: u32): void {
  assert(error === 0, "a script's world can be made");
}
