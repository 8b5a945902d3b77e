/**
 * @unsafe plays the processor, for which addresses are numbers
 */
import { initInterrupts, VECTOR_TIMER } from "@arch/interrupts";
import { WINDOW_BASE } from "@arch/layout";
import { platform } from "@arch/platform";
import { initTimer } from "@arch/timer";
import { handleTrap, handleUserTrap, type TrapFrame } from "@arch/trap";
import { VECTOR_SYSCALL } from "@arch/userFrame";
import { bootInfo } from "../../../../boot/bootInfo";
import type { Thread } from "../../../../kernel/object/thread";
import { cpu } from "../../../../kernel/sched/cpu";
import { NEVER } from "../../../../kernel/sched/timerWheel";
import { machine, nextPoll, readClock } from "../machine.kts";
import { dropAll, dropPage } from "../translations.kts";

/**
 * The x86_64 processor of the simulated machine: what arch/x86_64/intrinsics.c does with instructions. Interrupt
 * controllers are memory that nobody looks at; the APIC's timer is the machine's alarm.
 */

const APIC = 0xfee0_0000n;
const IO_APIC = 0xfec0_0000n;
const APIC_INITIAL_COUNT = 0x380n;
const APIC_CURRENT_COUNT = 0x390n;
const ACPI_TIMER = 0x608;
/** Counts of the clock in one of the ACPI timer. */
const COUNTS_PER_ACPI = 279n;
const MSR_APIC_BASE = 0x1b;
const MSR_FS_BASE = 0xc000_0100;
const USER_END = 0x7fff_ffff_f000n;
const MSR_LSTAR = 0xc000_0082;
const VECTOR_FIRST_LINE = 0x30;
const VECTOR_NO_FPU = 7n;
const VECTOR_PAGE_FAULT = 14n;
const VECTOR_OPCODE = 6n;
const FETCH_BY_USER = 0x14n;
const WRITE_BY_USER = 6n;
const READ_BY_USER = 4n;
const WRITE_BY_KERNEL = 2n;

export const IS_X86 = true;
/** A line that users may claim. */
export const SOME_LINE = 5;
/** Where the system call of every thread is. */
export const CALL_PC = 0x40_0000n;
export const AFTER_CALL_PC = 0x40_0002n;

const PRESENT = 1n;
const WRITABLE = 2n;
const USER = 4n;
const LARGE = 0x80n;
const NO_EXECUTE = 0x8000_0000_0000_0000n;
const ADDRESS = 0x000f_ffff_ffff_f000n;
const ROOT = 0x000f_ffff_ffff_f000n;

interface Processor extends Struct<"Processor"> {
  cr0: u64;
  cr2: u64;
  cr3: u64;
  cr4: u64;
  lstar: u64;
}

const processor: Processor = zeroed();
const trapFrame: TrapFrame = zeroed();

/** @extern host_map */
declare function map(address: u64, bytes: u64): void;
/** @extern syscall_entry_traced */
declare const tracedEntry: FixedArray<u8, 1>;

/** Devices are there once; everything else anew for every world. */
export function mapDevices(): void {
  map(WINDOW_BASE + APIC, 4096n);
  map(WINDOW_BASE + IO_APIC, 4096n);
}

/** Before the kernel's own start; `root` is an empty table. */
export function resetProcessor(root: u64): void {
  processor.cr0 = 0n;
  processor.cr3 = root;
  processor.cr4 = 0n;
  processor.lstar = 0n;
}

export function startDevices(): void {
  initInterrupts(bootInfo);
  platform.timer = ACPI_TIMER;
  initTimer(bootInfo);
  machine.alarmAt = NEVER;
}

/** Whether system calls go through handle_traced. */
export function isTraced(): boolean {
  return processor.lstar === addressOf(tracedEntry);
}

/** The registers of `thread` as SYSCALL leaves them. */
export function loadCall(thread: Thread, number: u32, capabilities: u64, info: u64, words: FixedArray<u64, 4>): void {
  const frame = thread.frame;
  frame.rax = u64(number);
  frame.rdi = capabilities;
  frame.rsi = info;
  frame.rdx = words[0];
  frame.r8 = words[1];
  frame.r9 = words[2];
  frame.r10 = words[3];
  enterCall(thread);
}

/** The same registers once more: a call that is restarted. */
export function enterCall(thread: Thread): void {
  const frame = thread.frame;
  frame.rip = AFTER_CALL_PC;
  frame.vector = u64(VECTOR_SYSCALL);
  frame.rcx = frame.rip;
  frame.r11 = frame.rflags;
}

export function numberIn(thread: Thread): u32 {
  return u32(thread.frame.rax);
}

export function capabilitiesIn(thread: Thread): u64 {
  return thread.frame.rdi;
}

/** An interrupt while a user runs. Line 0 is the timer. */
export function interruptUser(line: u32): void {
  const frame = cpu.current.frame;
  frame.vector = u64(line === 0 ? VECTOR_TIMER : VECTOR_FIRST_LINE + line);
  frame.errorCode = 0n;
  handleUserTrap(frame);
}

/** @storage u8 */
export const enum UserFault {
  Fetch,
  Read,
  Write,
  Opcode,
  Fpu,
}

/** The current thread faults. */
export function faultUser(kind: UserFault, address: u64): void {
  const frame = cpu.current.frame;
  frame.errorCode = 0n;
  processor.cr2 = address;
  switch (kind) {
    case UserFault.Fetch:
      frame.vector = VECTOR_PAGE_FAULT;
      frame.errorCode = FETCH_BY_USER;
      break;
    case UserFault.Read:
      frame.vector = VECTOR_PAGE_FAULT;
      frame.errorCode = READ_BY_USER;
      break;
    case UserFault.Write:
      frame.vector = VECTOR_PAGE_FAULT;
      frame.errorCode = WRITE_BY_USER;
      break;
    case UserFault.Opcode:
      frame.vector = VECTOR_OPCODE;
      break;
    case UserFault.Fpu:
      frame.vector = VECTOR_NO_FPU;
      break;
    default:
      unreachable(kind);
  }
  handleUserTrap(frame);
}

/** Whether the FPU traps. */
export function isFpuOff(): boolean {
  return (processor.cr0 & 8n) !== 0n;
}

/** The kernel itself writes where nothing is mapped. */
export function faultKernel(address: u64): void {
  processor.cr2 = address;
  trapFrame.vector = VECTOR_PAGE_FAULT;
  trapFrame.errorCode = WRITE_BY_KERNEL;
  handleTrap(trapFrame);
}

function interruptKernel(line: u32): void {
  trapFrame.vector = u64(line === 0 ? VECTOR_TIMER : VECTOR_FIRST_LINE + line);
  handleTrap(trapFrame);
}

/** @entry cpu_interruptWindow */
export function interruptWindow(): void {
  if (nextPoll()) {
    machine.interrupts++;
    interruptKernel(machine.line);
  }
}

/** Sleeps until the alarm; the keeper would run if there were none. @entry cpu_waitForInterrupt */
export function waitForInterrupt(): void {
  noteAlarm();
  machine.sleeps += 1n;
  machine.interrupts++;
  assert(machine.alarmAt !== NEVER, "somebody is ready, or will be");
  if (machine.alarmAt > machine.now) machine.now = machine.alarmAt;
  interruptKernel(0);
}

// ---- page tables, as the processor reads them (SDM volume 3, 4.5) ----

/** What a walk has found: the leaf, its level, and the table in which it is. */
export interface Walk extends Struct<"Walk"> {
  entry: u64;
  level: u32;
  table: u64;
}

/** False when no page is there, or none for users. `limit` ends the machine's memory. */
export function walk(register: u64, va: u64, limit: u64, found: Walk): boolean {
  let table = register & ROOT;
  for (let level: u32 = 3; ; level--) {
    if (table >= limit) return false;
    const entry = load64(WINDOW_BASE + table + ((va >> u64(12 + 9 * level)) & 511n) * 8n);
    if ((entry & PRESENT) === 0n || (entry & USER) === 0n) return false;
    if (level === 0 || (level < 3 && (entry & LARGE) !== 0n)) {
      found.entry = entry;
      found.level = level;
      found.table = table;
      return true;
    }
    table = entry & ADDRESS;
  }
}

export function pageIn(entry: u64): u64 {
  return entry & ADDRESS;
}

export function mayWrite(entry: u64): boolean {
  return (entry & WRITABLE) !== 0n;
}

export function mayExecute(entry: u64): boolean {
  return (entry & NO_EXECUTE) === 0n;
}

// ---- instructions ----

/** @entry cpu_halt @noreturn */
export function halt(): never {
  hostAbort();
}
/** @extern host_abort @noreturn */
declare function hostAbort(): never;

/** @entry cpu_enableInterrupts */
export function enableInterrupts(): void {}
/** @entry cpu_disableInterrupts */
export function disableInterrupts(): void {}
/** @entry cpu_pause */
export function pause(): void {}

/** @entry cpu_readTsc */
export function readTsc(): u64 {
  const now = readClock();
  noteAlarm();
  return now;
}

/** What was written to the APIC's timer is the alarm. */
function noteAlarm(): void {
  const register = WINDOW_BASE + APIC + APIC_INITIAL_COUNT;
  const count = load32(register);
  if (count === IDLE_COUNT) return;
  machine.alarmAt = count === 0 ? NEVER : machine.now + u64(count);
  store32(register, IDLE_COUNT);
}
const IDLE_COUNT = 0xfeed_beef;

/** The alarm, if one was set meanwhile. */
export function settleAlarm(): void {
  noteAlarm();
}

/** @entry cpu_out8 */
export function out8(port: u16, value: u8): void {}
/** @entry cpu_out16 */
export function out16(port: u16, value: u16): void {}
/** @entry cpu_out32 */
export function out32(port: u16, value: u32): void {}
/** The line status of a serial port: it has room. @entry cpu_in8 */
export function in8(port: u16): u8 {
  return 0x60;
}
/** @entry cpu_in16 */
export function in16(port: u16): u16 {
  return 0;
}
/** The ACPI timer; the APIC's counts down at the clock's rate. @entry cpu_in32 */
export function in32(port: u16): u32 {
  machine.now += 1000n;
  store32(WINDOW_BASE + APIC + APIC_CURRENT_COUNT, 0xffff_ffff - u32(machine.now));
  return u32(machine.now / COUNTS_PER_ACPI);
}
/** @entry cpu_readMsr */
export function readMsr(index: u32): u64 {
  return index === MSR_APIC_BASE ? APIC : 0n;
}
/** @entry cpu_writeMsr */
export function writeMsr(index: u32, value: u64): void {
  // Only canonical addresses can be: WRMSR faults (SDM volume 2, WRMSR).
  if (index === MSR_FS_BASE) assert(value < USER_END, "I14: a thread pointer is a user's address");
  if (index === MSR_LSTAR) processor.lstar = value;
}
/** @entry cpu_readCr0 */
export function readCr0(): u64 {
  return processor.cr0;
}
/** @entry cpu_writeCr0 */
export function writeCr0(value: u64): void {
  processor.cr0 = value;
}
/** @entry cpu_readCr2 */
export function readCr2(): u64 {
  return processor.cr2;
}
/** @entry cpu_readCr3 */
export function readCr3(): u64 {
  return processor.cr3;
}
/** No translation outlives it: none is global, and there are no identifiers. @entry cpu_writeCr3 */
export function writeCr3(value: u64): void {
  processor.cr3 = value;
  dropAll();
}
/** @entry cpu_readCr4 */
export function readCr4(): u64 {
  return processor.cr4;
}
/** @entry cpu_writeCr4 */
export function writeCr4(value: u64): void {
  processor.cr4 = value;
}
/** @entry cpu_flushPage */
export function flushPage(address: u64): void {
  dropPage(processor.cr3, address);
}
/** @entry cpu_clearPages */
export function clearPages(address: u64, bytes: u64): void {
  fillMemory(address, 0, bytes);
}
/** @entry cpu_cpuid */
export function cpuid(leaf: u32, register: u32): u32 {
  return 0;
}
/** @entry cpu_xsetbv */
export function setExtendedState(value: u64): void {}
/** @entry cpu_xsave */
export function saveState(area: u64): void {
  fillMemory(area, 0x5a, 832n);
}
/** @entry cpu_xrstor */
export function restoreState(area: u64): void {
  assert(load64(area) !== 0n, "an FPU state that is restored was made");
}
/** @entry cpu_loadGdt */
export function loadGdt(pointer: u64, code: u16, data: u16, task: u16): void {}
/** @entry cpu_loadIdt */
export function loadIdt(pointer: u64): void {}
/** @entry capture_registers */
export function captureRegisters(frame: TrapFrame): void {}
/** @entry cpu_tripleFault @noreturn */
export function tripleFault(): never {
  hostAbort();
}
