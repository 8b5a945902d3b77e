/** @unsafe numbers a frame's registers */
import type { TrapFrame } from "./trap";

/**
 * The registers of a user thread by their meaning in a system call, whose number is the immediate of SVC:
 *
 *   X0 capability in, badge out   X1 info   X2 X3 X4 X5 words 0 to 3
 */

/** Bytes of the SVC instruction. */
const SVC_BYTES = 4n;
/** N, Z, C, V. Everything else is 0: EL0, AArch64, interrupts on. */
const USER_FLAGS = 0xf000_0000n;
const GENERAL_REGISTERS = 31;

/** @inline */
export function infoOf(frame: TrapFrame): u64 {
  return frame.x1;
}

/** @inline */
export function setInfo(frame: TrapFrame, info: u64): void {
  frame.x1 = info;
}

/** @inline */
export function setBadge(frame: TrapFrame, badge: u64): void {
  frame.x0 = badge;
}

/** @inline */
export function badgeOf(frame: TrapFrame): u64 {
  return frame.x0;
}

/** Word 0 to 3. @inline */
export function wordOf(frame: TrapFrame, index: u32): u64 {
  if (index === 0) return frame.x2;
  if (index === 1) return frame.x3;
  return index === 2 ? frame.x4 : frame.x5;
}

/** @inline */
export function setWord(frame: TrapFrame, index: u32, value: u64): void {
  if (index === 0) frame.x2 = value;
  else if (index === 1) frame.x3 = value;
  else if (index === 2) frame.x4 = value;
  else frame.x5 = value;
}

/** @inline */
export function copyWords(to: TrapFrame, from: TrapFrame): void {
  to.x2 = from.x2;
  to.x3 = from.x3;
  to.x4 = from.x4;
  to.x5 = from.x5;
}

/** A thread that has never run. */
export function initFrame(frame: TrapFrame): void {
  frame.spsr = 0n;
}

/** The system call is made again when the thread runs next. */
export function restartCall(frame: TrapFrame): void {
  frame.elr -= SVC_BYTES;
}

export function programCounterOf(frame: TrapFrame): u64 {
  return frame.elr;
}

export function stackPointerOf(frame: TrapFrame): u64 {
  return frame.sp;
}

/** Register `index` below REGISTER_COUNT. */
export function registerOf(frame: TrapFrame, index: u32): u64 {
  if (index < GENERAL_REGISTERS) return cast<FixedArray<u64, typeof GENERAL_REGISTERS>>(addressOf(frame) + 16n)[index];
  if (index === 31) return frame.elr;
  return index === 32 ? frame.spsr & USER_FLAGS : frame.sp;
}

export function setRegister(frame: TrapFrame, index: u32, value: u64): void {
  if (index < GENERAL_REGISTERS) {
    cast<FixedArray<u64, typeof GENERAL_REGISTERS>>(addressOf(frame) + 16n)[index] = value;
  } else if (index === 31) frame.elr = value;
  else if (index === 32) frame.spsr = value & USER_FLAGS;
  else frame.sp = value;
}

/** Whether a thread can start there. */
export function isUserAddress(address: u64): boolean {
  return address < 0x7fff_ffff_f000n;
}
