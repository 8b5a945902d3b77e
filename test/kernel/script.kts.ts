/**
 * @unit O2
 * @unsafe reads the message buffer
 */
import { infoOf } from "@arch/userFrame";
import { CapType, typeIn } from "../../kernel/cap/capability";
import { lookupSlot } from "../../kernel/cap/cspace";
import { bufferOf } from "../../kernel/ipc/buffer";
import { Sink, setSink, writeByte, writeHex, writeText } from "../../kernel/output";
import { cpu } from "../../kernel/sched/cpu";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { KEEPER } from "../../test-qemu/script/record";
import { THREADS } from "../../test-qemu/script/world";
import type { Words } from "./calls.kts";

/**
 * An input as a script that a machine can play, too (test-qemu/script): of what hostile threads do, only the system calls,
 * and of these not those that ask the machine itself, take time, start programs, or move threads elsewhere. A line for each.
 */

/** @extern host_isScripting */
export declare function isScripting(): boolean;

interface Script extends Struct<"Script"> {
  readonly workers: FixedArray<u64, typeof THREADS>;
}

const script: Script = zeroed();

/** The worker's thread has this address. */
export function nameWorker(index: u32, thread: u64): void {
  script.workers[index] = thread;
}

/** Whether a machine can make the call as the current thread would. */
export function isPlayable(number: u32, label: u32): boolean {
  if (actorOf(addressOf(cpu.current)) === KEEPER || number >= u32(Syscall.DebugWrite)) return false;
  if (number !== u32(Syscall.Call)) return true;
  const buffer = bufferOf(cpu.current);
  const slot = buffer === null ? null : lookupSlot(cpu.current.cspace, buffer.sent[0]);
  // Another program is in its place.
  if (slot !== null && typeIn(slot.word) === CapType.Image) return false;
  if (label >= u32(Invocation.TimerCancel)) return false;
  return (
    label !== u32(Invocation.ThreadWriteRegisters) &&
    label !== u32(Invocation.SchedControlConfigure) &&
    label !== u32(Invocation.TimerArm)
  );
}

function actorOf(thread: u64): u32 {
  for (let i: u32 = 0; i < THREADS; i++) {
    if (script.workers[i] === thread) return i;
  }
  return KEEPER;
}

/** The current thread makes this call; its registers are those of the last one still. */
export function tellRecord(number: u32, capabilities: u64, info: u64, words: Words): void {
  begin(actorOf(addressOf(cpu.current)), number);
  field(capabilities);
  field(info);
  field(infoOf(cpu.current.frame));
  for (let i: u32 = 0; i < 4; i++) field(words[i]);
  const buffer = bufferOf(cpu.current);
  for (let i: u32 = 0; i < 4; i++) field(buffer === null ? 0n : buffer.words[4 + i]);
  for (let i: u32 = 0; i < 4; i++) field(buffer === null ? 0n : u64(buffer.sent[i]));
  for (let i: u32 = 0; i < 4; i++) field(buffer === null ? 0n : u64(buffer.slots[i]));
  writeByte(0x0a);
}

/** The keeper helps a worker. */
export function tellRescue(index: u32): void {
  begin(KEEPER, index);
  for (let i: u32 = 0; i < FIELDS; i++) field(0n);
  writeByte(0x0a);
}

/** Behind actor and number. */
const FIELDS = 19;

function begin(actor: u32, number: u32): void {
  setSink(Sink.Console);
  writeText("script");
  field(u64(actor));
  field(u64(number));
}

function field(value: u64): void {
  writeByte(0x20);
  writeHex(value, 0);
}
