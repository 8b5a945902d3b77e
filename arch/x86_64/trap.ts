/** @unsafe tells the stacks by their addresses */

import { enterKernel, leaveKernel } from "@build/watch";
import { FaultKind } from "../../kernel/fault/faultKind";
import { panicTrap } from "../../kernel/fault/panic";
import { writeByte, writeHex, writeText } from "../../kernel/output";
import { cpu } from "../../kernel/sched/cpu";
import { schedule } from "../../kernel/sched/scheduler";
import { traceSwitch } from "../../kernel/trace/ring";
import { onFpuUse, onUserFault, TRAPS } from "../../kernel/userEntry";
import { readCr2, readCr3 } from "./cpu";
import { handleInterrupt } from "./interrupts";
import { KERNEL_STACK_SIZE } from "./layout";
import { initTrapTable, isTrapStack } from "./trapTable";

/** Exceptions and interrupts as trapEntry.asm delivers them (SDM volume 3, 6.15). */

/** What a trap saves, from the lowest address. @layout */
export interface TrapFrame extends Struct<"TrapFrame"> {
  /** Frame record (RBP and RIP once more) for backtraces out of a handler. */
  callerFrame: u64;
  callerAddress: u64;
  r15: u64;
  r14: u64;
  r13: u64;
  r12: u64;
  r11: u64;
  r10: u64;
  r9: u64;
  r8: u64;
  rbp: u64;
  rdi: u64;
  rsi: u64;
  rdx: u64;
  rcx: u64;
  rbx: u64;
  rax: u64;
  vector: u64;
  errorCode: u64;
  rip: u64;
  cs: u64;
  rflags: u64;
  rsp: u64;
  ss: u64;
}

const EXCEPTIONS = 32;
const VECTOR_DIVIDE = 0;
const VECTOR_DEBUG = 1;
const VECTOR_NMI = 2;
const VECTOR_BREAKPOINT = 3;
const VECTOR_OPCODE = 6;
const VECTOR_NO_FPU = 7;
const VECTOR_DOUBLE_FAULT = 8;
const VECTOR_X87 = 16;
const VECTOR_ALIGNMENT = 17;
const VECTOR_MACHINE_CHECK = 18;
const VECTOR_SIMD = 19;
const VECTOR_PAGE_FAULT = 14;
const VECTOR_GENERAL_PROTECTION = 13;

/** Bits of a page fault's error code (volume 3, 4.7). */
const FAULT_PRESENT = 1n;
const FAULT_WRITE = 2n;
const FAULT_RESERVED = 8n;
const FAULT_FETCH = 16n;

/** Volume 3, table 6-1. */
const exceptionNames: FixedArray<Bytes, typeof EXCEPTIONS> = [
  "divide error",
  "debug exception",
  "non-maskable interrupt",
  "breakpoint",
  "overflow",
  "bound range exceeded",
  "invalid opcode",
  "device not available",
  "double fault",
  "coprocessor segment overrun",
  "invalid TSS",
  "segment not present",
  "stack segment fault",
  "general protection fault",
  "page fault",
  "reserved exception 15",
  "x87 floating-point error",
  "alignment check",
  "machine check",
  "SIMD floating-point exception",
  "virtualization exception",
  "control protection exception",
  "reserved exception 22",
  "reserved exception 23",
  "reserved exception 24",
  "reserved exception 25",
  "reserved exception 26",
  "reserved exception 27",
  "hypervisor injection exception",
  "VMM communication exception",
  "security exception",
  "reserved exception 31",
];

/** @extern kernel_stack_bottom */
declare const stackBottom: FixedArray<u8, 1>;
/** Stores the registers of its caller, as a trap there would have. @extern capture_registers */
export declare function captureRegisters(frame: TrapFrame): void;

/** From here on every exception is reported. Call first of all. */
export function initTraps(): void {
  initTrapTable();
}

/** Called by trapEntry.asm with interrupts off; what it changes in the frame is what is restored. @entry handle_trap */
export function handleTrap(frame: TrapFrame): void {
  const vector = u32(frame.vector);
  if (vector >= EXCEPTIONS) {
    handleInterrupt(vector);
    cpu.wasInterrupted = true;
    return;
  }
  const address = readCr2();
  if (vector === VECTOR_PAGE_FAULT) panicTrap(frame, describePageFault(frame.errorCode), address, true);
  if (isStackGuard(frame.rsp))
    panicTrap(frame, "kernel stack overflow, touching the guard page: access", address, true);
  if (vector === VECTOR_GENERAL_PROTECTION && frame.errorCode !== 0n) {
    panicTrap(frame, "general protection fault: bad segment selector", 0n, false);
  }
  panicTrap(frame, exceptionNames[vector], 0n, false);
}

/**
 * Called by trapEntry.asm for a trap of the current user thread, on the kernel's stack. The frame is the thread's own,
 * except for the vectors that have stacks of their own.
 *
 * @entry handle_user_trap
 * @hot
 * @scratch
 */
export function handleUserTrap(frame: TrapFrame): void {
  enterKernel(TRAPS + u32(frame.vector), 0n);
  serveUserTrap(frame);
  leaveKernel();
}

function serveUserTrap(frame: TrapFrame): void {
  const thread = cpu.current;
  if (addressOf(frame) !== addressOf(thread.frame)) copyStruct(thread.frame, frame);
  const vector = u32(frame.vector);
  if (vector >= EXCEPTIONS) {
    handleInterrupt(vector);
    schedule();
    traceSwitch(thread);
    return;
  }
  switch (vector) {
    case VECTOR_NMI:
    case VECTOR_DOUBLE_FAULT:
    case VECTOR_MACHINE_CHECK:
      panicTrap(frame, exceptionNames[vector], 0n, false);
      return;
    case VECTOR_NO_FPU:
      onFpuUse();
      return;
    case VECTOR_PAGE_FAULT:
      onUserFault(pageFaultKind(frame.errorCode), readCr2());
      return;
    case VECTOR_DIVIDE:
    case VECTOR_X87:
    case VECTOR_SIMD:
      onUserFault(FaultKind.Arithmetic, frame.rip);
      return;
    case VECTOR_DEBUG:
    case VECTOR_BREAKPOINT:
      onUserFault(FaultKind.Breakpoint, frame.rip);
      return;
    case VECTOR_OPCODE:
      onUserFault(FaultKind.IllegalInstruction, frame.rip);
      return;
    case VECTOR_GENERAL_PROTECTION:
      onUserFault(FaultKind.Privileged, frame.rip);
      return;
    case VECTOR_ALIGNMENT:
      onUserFault(FaultKind.Alignment, frame.rip);
      return;
    default:
      onUserFault(FaultKind.Other, frame.rip);
  }
}

function pageFaultKind(errorCode: u64): FaultKind {
  if ((errorCode & FAULT_FETCH) !== 0n) return FaultKind.Execute;
  return (errorCode & FAULT_WRITE) !== 0n ? FaultKind.Write : FaultKind.Read;
}

export function printRegisters(frame: TrapFrame): void {
  writeRegisters("rax ", frame.rax, "rbx ", frame.rbx, "rcx ", frame.rcx);
  writeRegisters("rdx ", frame.rdx, "rsi ", frame.rsi, "rdi ", frame.rdi);
  writeRegisters("r8  ", frame.r8, "r9  ", frame.r9, "r10 ", frame.r10);
  writeRegisters("r11 ", frame.r11, "r12 ", frame.r12, "r13 ", frame.r13);
  writeRegisters("r14 ", frame.r14, "r15 ", frame.r15, "rbp ", frame.rbp);
  writeRegisters("rip ", frame.rip, "rsp ", frame.rsp, "rfl ", frame.rflags);
  writeRegisters("vec ", frame.vector, "err ", frame.errorCode, "cs  ", frame.cs);
  writeRegisters("cr2 ", readCr2(), "cr3 ", readCr3(), "ss  ", frame.ss);
}

export function programCounter(frame: TrapFrame): u64 {
  return frame.rip;
}

export function framePointer(frame: TrapFrame): u64 {
  return frame.rbp;
}

export function stackPointer(frame: TrapFrame): u64 {
  return frame.rsp;
}

/** Whether eight bytes at `address` belong to a stack of the kernel. */
export function isStackAddress(address: u64): boolean {
  const bottom = addressOf(stackBottom);
  return (address >= bottom && address < bottom + u64(KERNEL_STACK_SIZE)) || isTrapStack(address);
}

/** The page below the stack is not mapped: a stack pointer in or at it has overflowed. */
function isStackGuard(stackPointer: u64): boolean {
  const bottom = addressOf(stackBottom);
  return stackPointer <= bottom + 64n && stackPointer >= bottom - 4096n;
}

function describePageFault(errorCode: u64): Bytes {
  if ((errorCode & FAULT_RESERVED) !== 0n) return "page fault: reserved bit in a page table, access";
  const isPresent = (errorCode & FAULT_PRESENT) !== 0n;
  if ((errorCode & FAULT_FETCH) !== 0n) {
    return isPresent
      ? "page fault: execution of non-executable memory, access"
      : "page fault: execution of unmapped memory, access";
  }
  if ((errorCode & FAULT_WRITE) !== 0n) {
    return isPresent ? "page fault: write to read-only memory, access" : "page fault: write to unmapped memory, access";
  }
  return isPresent ? "page fault: read of protected memory, access" : "page fault: read of unmapped memory, access";
}

function writeRegisters(a: Bytes, x: u64, b: Bytes, y: u64, c: Bytes, z: u64): void {
  writeRegister(a, x);
  writeRegister(b, y);
  writeRegister(c, z);
  writeByte(0x0a);
}

function writeRegister(name: Bytes, value: u64): void {
  writeText("  ");
  writeText(name);
  writeHex(value, 16);
}
