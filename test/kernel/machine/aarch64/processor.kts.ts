/**
 * @unsafe plays the processor, for which addresses are numbers
 */
import { initInterrupts, TIMER_LINE } from "@arch/interrupts";
import { WINDOW_BASE } from "@arch/layout";
import { platform } from "@arch/platform";
import { initTimer } from "@arch/timer";
import { handleTrap, handleUserTrap, type TrapFrame } from "@arch/trap";
import { bootInfo } from "../../../../boot/bootInfo";
import { GicVersion } from "../../../../boot/deviceTree";
import type { PhysAddr } from "../../../../kernel/memory/address";
import type { Thread } from "../../../../kernel/object/thread";
import { cpu } from "../../../../kernel/sched/cpu";
import { NEVER } from "../../../../kernel/sched/timerWheel";
import { machine, nextPoll, readClock } from "../machine.kts";
import { dropMasked } from "../translations.kts";

/**
 * The aarch64 processor of the simulated machine: what arch/aarch64/intrinsics.c does with instructions. The interrupt
 * controller is memory, in which the number of the interrupt stands that comes next.
 */

const DISTRIBUTOR = 0x800_0000n;
const CPU_INTERFACE = 0x801_0000n;
const DISTRIBUTOR_BYTES = 0x1_0000n;
const INTERFACE_BYTES = 0x2_0000n;
const ACKNOWLEDGE = 0xcn;
const CLOCK_HZ = 1_000_000_000n;
const TIMER_ENABLED = 1n;
const VECTOR_KERNEL_SYNCHRONOUS = 4n;
const VECTOR_KERNEL_IRQ = 5n;
const VECTOR_USER_SYNCHRONOUS = 8n;
const VECTOR_USER_IRQ = 9n;
const CLASS_SHIFT = 26n;
const CLASS_UNKNOWN = 0x00n;
const CLASS_FPU = 0x07n;
const CLASS_FETCH = 0x20n;
const CLASS_DATA = 0x24n;
const CLASS_DATA_OF_KERNEL = 0x25n;
const ABORT_WRITE = 0x40n;

export const IS_X86 = false;
/** A line that users may claim. */
export const SOME_LINE = 40;
/** Where the system call of every thread is. */
export const CALL_PC = 0x40_0000n;
export const AFTER_CALL_PC = 0x40_0004n;

const USER_END = 0x7fff_ffff_f000n;
const VALID = 1n;
const TABLE = 2n;
const USER_ACCESS = 0x40n;
const READ_ONLY = 0x80n;
const USER_NO_EXECUTE = 0x40_0000_0000_0000n;
const ADDRESS = 0x0000_ffff_ffff_f000n;
const ID_MASK = 0xffff_0000_0000_0000n;

interface Processor extends Struct<"Processor"> {
  ttbr0: u64;
  ttbr1: u64;
  tcr: u64;
  sctlr: u64;
  vbar: u64;
  cpacr: u64;
  compare: u64;
}

const processor: Processor = zeroed();
const trapFrame: TrapFrame = zeroed();

/** @extern host_map */
declare function map(address: u64, bytes: u64): void;
/** @extern trap_vectors_traced */
declare const tracedVectors: FixedArray<u8, 2048>;

/** Devices are there once; everything else anew for every world. */
export function mapDevices(): void {
  map(WINDOW_BASE + DISTRIBUTOR, DISTRIBUTOR_BYTES);
  map(WINDOW_BASE + CPU_INTERFACE, INTERFACE_BYTES);
}

/** Before the kernel's own start; `root` is an empty table. */
export function resetProcessor(root: u64): void {
  processor.ttbr0 = 0n;
  processor.ttbr1 = root;
  processor.vbar = 0n;
  processor.cpacr = 0n;
}

export function startDevices(): void {
  platform.gicVersion = GicVersion.V2;
  platform.gicDistributor = DISTRIBUTOR as PhysAddr;
  platform.gicSecond = CPU_INTERFACE as PhysAddr;
  initInterrupts(bootInfo);
  initTimer(bootInfo);
}

/** Whether system calls go through handle_traced. */
export function isTraced(): boolean {
  return processor.vbar === addressOf(tracedVectors);
}

/** The registers of `thread` as SVC finds them; the number, which is in the instruction, is kept in X8. */
export function loadCall(thread: Thread, number: u32, capabilities: u64, info: u64, words: FixedArray<u64, 4>): void {
  const frame = thread.frame;
  frame.x8 = u64(number);
  frame.x0 = capabilities;
  frame.x1 = info;
  frame.x2 = words[0];
  frame.x3 = words[1];
  frame.x4 = words[2];
  frame.x5 = words[3];
  enterCall(thread);
}

/** The same registers once more: a call that is restarted. */
export function enterCall(thread: Thread): void {
  thread.frame.elr = AFTER_CALL_PC;
}

export function numberIn(thread: Thread): u32 {
  return u32(thread.frame.x8);
}

export function capabilitiesIn(thread: Thread): u64 {
  return thread.frame.x0;
}

/** An interrupt while a user runs. Line 0 is the timer. */
export function interruptUser(line: u32): void {
  const frame = cpu.current.frame;
  frame.vector = VECTOR_USER_IRQ;
  setPending(line);
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
  frame.vector = VECTOR_USER_SYNCHRONOUS;
  frame.far = address;
  switch (kind) {
    case UserFault.Fetch:
      frame.esr = CLASS_FETCH << CLASS_SHIFT;
      break;
    case UserFault.Read:
      frame.esr = CLASS_DATA << CLASS_SHIFT;
      break;
    case UserFault.Write:
      frame.esr = (CLASS_DATA << CLASS_SHIFT) | ABORT_WRITE;
      break;
    case UserFault.Opcode:
      frame.esr = CLASS_UNKNOWN << CLASS_SHIFT;
      break;
    case UserFault.Fpu:
      frame.esr = CLASS_FPU << CLASS_SHIFT;
      break;
    default:
      unreachable(kind);
  }
  handleUserTrap(frame);
}

/** Whether the FPU traps. */
export function isFpuOff(): boolean {
  return processor.cpacr === 0n;
}

function setPending(line: u32): void {
  store32(WINDOW_BASE + CPU_INTERFACE + ACKNOWLEDGE, line === 0 ? TIMER_LINE : line);
}

/** The kernel itself writes where nothing is mapped. */
export function faultKernel(address: u64): void {
  trapFrame.vector = VECTOR_KERNEL_SYNCHRONOUS;
  trapFrame.far = address;
  trapFrame.esr = (CLASS_DATA_OF_KERNEL << CLASS_SHIFT) | ABORT_WRITE;
  handleTrap(trapFrame);
}

function interruptKernel(line: u32): void {
  setPending(line);
  trapFrame.vector = VECTOR_KERNEL_IRQ;
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
  machine.sleeps += 1n;
  machine.interrupts++;
  assert(machine.alarmAt !== NEVER, "somebody is ready, or will be");
  if (machine.alarmAt > machine.now) machine.now = machine.alarmAt;
  interruptKernel(0);
}

// ---- page tables, as the processor reads them (Arm ARM, D5.3) ----

/** What a walk has found: the leaf, its level, and the table in which it is. */
export interface Walk extends Struct<"Walk"> {
  entry: u64;
  level: u32;
  table: u64;
}

/** False when no page is there, or none for users. `limit` ends the machine's memory. */
export function walk(register: u64, va: u64, limit: u64, found: Walk): boolean {
  let table = register & ADDRESS;
  for (let level: u32 = 3; ; level--) {
    if (table >= limit) return false;
    const entry = load64(WINDOW_BASE + table + ((va >> u64(12 + 9 * level)) & 511n) * 8n);
    if ((entry & VALID) === 0n) return false;
    const isTable = (entry & TABLE) !== 0n;
    if (level === 0 ? isTable : level < 3 && !isTable) {
      found.entry = entry;
      found.level = level;
      found.table = table;
      return (entry & USER_ACCESS) !== 0n;
    }
    if (!isTable) return false;
    table = entry & ADDRESS;
  }
}

export function pageIn(entry: u64): u64 {
  return entry & ADDRESS;
}

export function mayWrite(entry: u64): boolean {
  return (entry & READ_ONLY) === 0n;
}

export function mayExecute(entry: u64): boolean {
  return (entry & USER_NO_EXECUTE) === 0n;
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

/** @entry cpu_read_pmccntr */
export function readCycles(): u64 {
  return readClock();
}
/** @entry cpu_read_cntvct */
export function readVirtualCount(): u64 {
  return readClock();
}
/** @entry cpu_read_cntfrq */
export function readFrequency(): u64 {
  return CLOCK_HZ;
}
/** @entry cpu_write_cntv_cval */
export function writeCompare(value: u64): void {
  processor.compare = value;
}
/** @entry cpu_write_cntv_ctl */
export function writeTimerControl(value: u64): void {
  machine.alarmAt = value === TIMER_ENABLED ? processor.compare : NEVER;
}
/** The alarm, if one was set meanwhile. */
export function settleAlarm(): void {}

/** @entry cpu_read_mmfr0 */
export function readFeatures0(): u64 {
  return 0n;
}
/** @entry cpu_read_mmfr1 */
export function readFeatures1(): u64 {
  return 0n;
}
/** @entry cpu_denyUserAccess */
export function denyUserAccess(): void {}
/** @entry cpu_write_cpacr */
export function writeFpuControl(value: u64): void {
  processor.cpacr = value;
}
/** @entry cpu_saveFpu */
export function saveState(area: u64): void {
  fillMemory(area, 0x5a, 528n);
}
/** @entry cpu_restoreFpu */
export function restoreState(area: u64): void {}
/** @entry cpu_read_icc_iar1 */
export function acknowledge(): u64 {
  return 1023n;
}
/** @entry cpu_write_icc_eoir1 */
export function endInterrupt(line: u64): void {}
/** @entry cpu_write_icc_sre */
export function writeSre(value: u64): void {}
/** @entry cpu_write_icc_igrpen1 */
export function writeGroup(value: u64): void {}
/** @entry cpu_write_icc_pmr */
export function writePriorityMask(value: u64): void {}
/** @entry cpu_read_tcr */
export function readTcr(): u64 {
  return processor.tcr;
}
/** @entry cpu_write_tcr */
export function writeTcr(value: u64): void {
  processor.tcr = value;
}
/** @entry cpu_read_sctlr */
export function readSctlr(): u64 {
  return processor.sctlr;
}
/** @entry cpu_write_sctlr */
export function writeSctlr(value: u64): void {
  processor.sctlr = value;
}
/** @entry cpu_read_ttbr1 */
export function readTtbr1(): u64 {
  return processor.ttbr1;
}
/** @entry cpu_write_ttbr1 */
export function writeTtbr1(value: u64): void {
  processor.ttbr1 = value;
}
/** Translations stay: they have identifiers. @entry cpu_write_ttbr0 */
export function writeTtbr0(value: u64): void {
  processor.ttbr0 = value;
}
/** @entry cpu_write_tpidr_el0 */
export function writeThreadPointer(value: u64): void {
  assert(value < USER_END, "I14: a thread pointer is a user's address");
}
/** @entry cpu_write_vbar */
export function writeVectorBase(value: u64): void {
  processor.vbar = value;
}
/** @entry cpu_flushTlb */
export function flushTlb(): void {
  dropMasked(0n, 0n, 0n, false);
}
/** TLBI VAE1: the page of an identifier. @entry cpu_flushUserPage */
export function flushUserPage(operand: u64): void {
  dropMasked(operand, ID_MASK, (operand << 12n) & ADDRESS, true);
}
/** TLBI ASIDE1. @entry cpu_flushUserSpace */
export function flushUserSpace(operand: u64): void {
  dropMasked(operand, ID_MASK, 0n, false);
}
/** @entry cpu_publishTables */
export function publishTables(): void {}
/** @entry cpu_publishCode */
export function publishCode(address: u64, bytes: u64): void {}
/** @entry cpu_enableLowerHalf */
export function enableLowerHalf(): void {}
/** @entry cpu_clearPages */
export function clearPages(address: u64, bytes: u64): void {
  fillMemory(address, 0, bytes);
}
/** @entry cpu_semihosting */
export function semihosting(operation: u64, block: u64): void {}
/** @entry cpu_hypervisorCall */
export function hypervisorCall(operation: u64): u64 {
  return 0n;
}
/** @entry cpu_secureCall */
export function secureCall(operation: u64): u64 {
  return 0n;
}
/** @entry capture_registers */
export function captureRegisters(frame: TrapFrame): void {}
