/** @unsafe tells the stacks by their addresses */
import { enterKernel, leaveKernel } from "@build/watch";
import { FaultKind } from "../../kernel/fault/faultKind";
import { panicTrap } from "../../kernel/fault/panic";
import { writeByte, writeHex, writeText } from "../../kernel/output";
import { cpu } from "../../kernel/sched/cpu";
import { schedule } from "../../kernel/sched/scheduler";
import { traceSwitch } from "../../kernel/trace/ring";
import { onFpuUse, onUserFault, TRAPS } from "../../kernel/userEntry";
import { handleInterrupt } from "./interrupts";
import { KERNEL_STACK_SIZE } from "./layout";
import { initTrapTable, isTrapStack } from "./trapTable";

/** Exceptions and interrupts as trapEntry.S delivers them (Arm ARM, D1.10 and D13.2.37 ESR_EL1). */

/** What a trap saves, from the lowest address. @layout */
export interface TrapFrame extends Struct<"TrapFrame"> {
  /** Frame record (X29 and ELR once more) for backtraces out of a handler. */
  callerFrame: u64;
  callerAddress: u64;
  x0: u64;
  x1: u64;
  x2: u64;
  x3: u64;
  x4: u64;
  x5: u64;
  x6: u64;
  x7: u64;
  x8: u64;
  x9: u64;
  x10: u64;
  x11: u64;
  x12: u64;
  x13: u64;
  x14: u64;
  x15: u64;
  x16: u64;
  x17: u64;
  x18: u64;
  x19: u64;
  x20: u64;
  x21: u64;
  x22: u64;
  x23: u64;
  x24: u64;
  x25: u64;
  x26: u64;
  x27: u64;
  x28: u64;
  x29: u64;
  x30: u64;
  sp: u64;
  elr: u64;
  spsr: u64;
  esr: u64;
  far: u64;
  vector: u64;
  /** Keeps the stack pointer a multiple of 16. */
  reserved: u64;
}

/** Vectors 4 to 7: from the kernel. trapEntry.S makes 16 of a trap on an overflowed stack. */
const VECTOR_IRQ = 5;
const VECTOR_SERROR = 7;
const VECTOR_OVERFLOW = 16;
const VECTOR_KERNEL_SYNCHRONOUS = 4;
const VECTOR_USER_SYNCHRONOUS = 8;
const VECTOR_USER_IRQ = 9;

/** Exception classes, ESR_EL1 bits 31 to 26. */
const CLASS_UNKNOWN = 0x00;
const CLASS_FPU = 0x07;
const CLASS_USER_INSTRUCTION_ABORT = 0x20;
const CLASS_USER_DATA_ABORT = 0x24;
const CLASS_ILLEGAL_STATE = 0x0e;
const CLASS_SUPERVISOR_CALL = 0x15;
const CLASS_SYSTEM_REGISTER = 0x18;
const CLASS_INSTRUCTION_ABORT = 0x21;
const CLASS_PC_ALIGNMENT = 0x22;
const CLASS_DATA_ABORT = 0x25;
const CLASS_SP_ALIGNMENT = 0x26;
const CLASS_BREAKPOINT = 0x3c;

/** Fault status codes of aborts, without the level. */
const STATUS_TRANSLATION = 0x04;
const STATUS_ACCESS_FLAG = 0x08;
const STATUS_PERMISSION = 0x0c;
const STATUS_ALIGNMENT = 0x21;
const ABORT_WRITE = 0x40n;

/** @extern kernel_stack_bottom */
declare const stackBottom: FixedArray<u8, 1>;
/** Stores the registers of its caller, as a trap there would have. @extern capture_registers */
export declare function captureRegisters(frame: TrapFrame): void;

/** From here on every exception is reported. Call first of all. */
export function initTraps(): void {
  initTrapTable();
}

/** Called by trapEntry.S with interrupts off; what it changes in the frame is what is restored. @entry handle_trap */
export function handleTrap(frame: TrapFrame): void {
  switch (u32(frame.vector)) {
    case VECTOR_IRQ:
      handleInterrupt();
      cpu.wasInterrupted = true;
      return;
    case VECTOR_OVERFLOW:
      panicTrap(frame, "kernel stack overflow, touching the guard page: access", frame.far, true);
      return;
    case VECTOR_SERROR:
      panicTrap(frame, "system error", 0n, false);
      return;
    case VECTOR_KERNEL_SYNCHRONOUS:
      panicSynchronous(frame);
      return;
    default:
      panicTrap(frame, "exception from a level that does not exist yet", 0n, false);
  }
}

/**
 * Called by trapEntry.S for a trap of the current user thread, on the kernel's stack; the frame is the thread's own.
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
  switch (u32(frame.vector)) {
    case VECTOR_USER_IRQ:
      handleInterrupt();
      schedule();
      traceSwitch(thread);
      return;
    case VECTOR_USER_SYNCHRONOUS:
      userSynchronous(frame);
      return;
    default:
      panicTrap(frame, "system error", 0n, false);
  }
}

function userSynchronous(frame: TrapFrame): void {
  switch (u32((frame.esr >> 26n) & 0x3fn)) {
    case CLASS_FPU:
      onFpuUse();
      return;
    case CLASS_USER_INSTRUCTION_ABORT:
      onUserFault(FaultKind.Execute, frame.far);
      return;
    case CLASS_USER_DATA_ABORT:
      onUserFault(dataFaultKind(frame.esr), frame.far);
      return;
    case CLASS_PC_ALIGNMENT:
    case CLASS_SP_ALIGNMENT:
      onUserFault(FaultKind.Alignment, frame.elr);
      return;
    case CLASS_BREAKPOINT:
      onUserFault(FaultKind.Breakpoint, frame.elr);
      return;
    case CLASS_SYSTEM_REGISTER:
      onUserFault(FaultKind.Privileged, frame.elr);
      return;
    case CLASS_UNKNOWN:
      onUserFault(FaultKind.IllegalInstruction, frame.elr);
      return;
    default:
      onUserFault(FaultKind.Other, frame.elr);
  }
}

function dataFaultKind(esr: u64): FaultKind {
  if (u32(esr & 0x3fn) === STATUS_ALIGNMENT) return FaultKind.Alignment;
  return (esr & ABORT_WRITE) !== 0n ? FaultKind.Write : FaultKind.Read;
}

export function printRegisters(frame: TrapFrame): void {
  writeRegisters("x0  ", frame.x0, "x1  ", frame.x1, "x2  ", frame.x2);
  writeRegisters("x3  ", frame.x3, "x4  ", frame.x4, "x5  ", frame.x5);
  writeRegisters("x6  ", frame.x6, "x7  ", frame.x7, "x8  ", frame.x8);
  writeRegisters("x9  ", frame.x9, "x10 ", frame.x10, "x11 ", frame.x11);
  writeRegisters("x12 ", frame.x12, "x13 ", frame.x13, "x14 ", frame.x14);
  writeRegisters("x15 ", frame.x15, "x16 ", frame.x16, "x17 ", frame.x17);
  writeRegisters("x18 ", frame.x18, "x19 ", frame.x19, "x20 ", frame.x20);
  writeRegisters("x21 ", frame.x21, "x22 ", frame.x22, "x23 ", frame.x23);
  writeRegisters("x24 ", frame.x24, "x25 ", frame.x25, "x26 ", frame.x26);
  writeRegisters("x27 ", frame.x27, "x28 ", frame.x28, "x29 ", frame.x29);
  writeRegisters("x30 ", frame.x30, "sp  ", frame.sp, "elr ", frame.elr);
  writeRegisters("esr ", frame.esr, "far ", frame.far, "spsr", frame.spsr);
}

export function programCounter(frame: TrapFrame): u64 {
  return frame.elr;
}

export function framePointer(frame: TrapFrame): u64 {
  return frame.x29;
}

export function stackPointer(frame: TrapFrame): u64 {
  return frame.sp;
}

/** Whether eight bytes at `address` belong to a stack of the kernel. */
export function isStackAddress(address: u64): boolean {
  const bottom = addressOf(stackBottom);
  if (address >= bottom && address < bottom + u64(KERNEL_STACK_SIZE)) return true;
  return isTrapStack(address);
}

function panicSynchronous(frame: TrapFrame): void {
  switch (u32((frame.esr >> 26n) & 0x3fn)) {
    case CLASS_INSTRUCTION_ABORT:
      panicTrap(frame, describeFetch(frame.esr), frame.far, true);
      return;
    case CLASS_DATA_ABORT:
      panicTrap(frame, describeAccess(frame.esr), frame.far, true);
      return;
    case CLASS_UNKNOWN:
      panicTrap(frame, "invalid opcode", 0n, false);
      return;
    case CLASS_BREAKPOINT:
      panicTrap(frame, "breakpoint", 0n, false);
      return;
    case CLASS_PC_ALIGNMENT:
      panicTrap(frame, "alignment fault: program counter", frame.far, true);
      return;
    case CLASS_SP_ALIGNMENT:
      panicTrap(frame, "alignment fault: stack pointer", 0n, false);
      return;
    case CLASS_ILLEGAL_STATE:
      panicTrap(frame, "illegal execution state", 0n, false);
      return;
    case CLASS_SUPERVISOR_CALL:
      panicTrap(frame, "supervisor call inside the kernel", 0n, false);
      return;
    case CLASS_SYSTEM_REGISTER:
      panicTrap(frame, "trapped system register access", 0n, false);
      return;
    default:
      panicTrap(frame, "unexpected exception class", (frame.esr >> 26n) & 0x3fn, true);
  }
}

function describeFetch(esr: u64): Bytes {
  switch (u32(esr & 0x3cn)) {
    case STATUS_TRANSLATION:
      return "page fault: execution of unmapped memory, access";
    case STATUS_PERMISSION:
      return "page fault: execution of non-executable memory, access";
    default:
      return "instruction abort";
  }
}

function describeAccess(esr: u64): Bytes {
  const isWrite = (esr & ABORT_WRITE) !== 0n;
  if (u32(esr & 0x3fn) === STATUS_ALIGNMENT) return "alignment fault: access";
  switch (u32(esr & 0x3cn)) {
    case STATUS_TRANSLATION:
      return isWrite ? "page fault: write to unmapped memory, access" : "page fault: read of unmapped memory, access";
    case STATUS_PERMISSION:
      return isWrite ? "page fault: write to read-only memory, access" : "page fault: read of protected memory, access";
    case STATUS_ACCESS_FLAG:
      return "page fault: access flag not set, access";
    default:
      return "data abort";
  }
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
