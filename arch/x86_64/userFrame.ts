/** @unsafe numbers a frame's registers */
import type { TrapFrame } from "./trap";

/**
 * The registers of a user thread by their meaning in a system call:
 *
 *   RAX number   RDI capability in, badge out   RSI info   RDX R8 R9 R10 words 0 to 3   RCX R11 lost
 */

export const USER_CODE = 0x23n;
export const USER_DATA = 0x1bn;
/** In `vector`: the thread is in the kernel by SYSCALL, and goes back by SYSRET. @layout */
export const VECTOR_SYSCALL = 256;
/** Bytes of the SYSCALL instruction. */
const SYSCALL_BYTES = 2n;
/** Carry, parity, adjust, zero, sign, direction, overflow, trap, alignment check. */
const USER_FLAGS = 0x4_0dd5n;
const FLAGS_ALWAYS = 0x202n;
const GENERAL_REGISTERS = 15;

/** @inline */
export function infoOf(frame: TrapFrame): u64 {
  return frame.rsi;
}

/** @inline */
export function setInfo(frame: TrapFrame, info: u64): void {
  frame.rsi = info;
}

/** @inline */
export function setBadge(frame: TrapFrame, badge: u64): void {
  frame.rdi = badge;
}

/** @inline */
export function badgeOf(frame: TrapFrame): u64 {
  return frame.rdi;
}

/** Word 0 to 3. @inline */
export function wordOf(frame: TrapFrame, index: u32): u64 {
  if (index === 0) return frame.rdx;
  if (index === 1) return frame.r8;
  return index === 2 ? frame.r9 : frame.r10;
}

/** @inline */
export function setWord(frame: TrapFrame, index: u32, value: u64): void {
  if (index === 0) frame.rdx = value;
  else if (index === 1) frame.r8 = value;
  else if (index === 2) frame.r9 = value;
  else frame.r10 = value;
}

/** @inline */
export function copyWords(to: TrapFrame, from: TrapFrame): void {
  to.rdx = from.rdx;
  to.r8 = from.r8;
  to.r9 = from.r9;
  to.r10 = from.r10;
}

/** A thread that has never run. */
export function initFrame(frame: TrapFrame): void {
  frame.cs = USER_CODE;
  frame.ss = USER_DATA;
  frame.rflags = FLAGS_ALWAYS;
  frame.vector = 0n;
}

/** The system call is made again when the thread runs next. */
export function restartCall(frame: TrapFrame): void {
  frame.rip -= SYSCALL_BYTES;
}

export function programCounterOf(frame: TrapFrame): u64 {
  return frame.rip;
}

export function stackPointerOf(frame: TrapFrame): u64 {
  return frame.rsp;
}

/** Register `index` below REGISTER_COUNT. */
export function registerOf(frame: TrapFrame, index: u32): u64 {
  if (index < GENERAL_REGISTERS) return cast<FixedArray<u64, typeof GENERAL_REGISTERS>>(addressOf(frame) + 16n)[index];
  if (index === 15) return frame.rip;
  return index === 16 ? frame.rflags : frame.rsp;
}

/** The thread then returns by IRETQ, which takes any program counter: a wrong one faults in user mode. */
export function setRegister(frame: TrapFrame, index: u32, value: u64): void {
  frame.vector = 0n;
  if (index < GENERAL_REGISTERS) {
    cast<FixedArray<u64, typeof GENERAL_REGISTERS>>(addressOf(frame) + 16n)[index] = value;
  } else if (index === 15) frame.rip = value;
  else if (index === 16) frame.rflags = (value & USER_FLAGS) | FLAGS_ALWAYS;
  else frame.rsp = value;
}

/** Whether a thread can start there: IRETQ itself faults for an address that is not canonical. */
export function isUserAddress(address: u64): boolean {
  return address < 0x7fff_ffff_f000n;
}
