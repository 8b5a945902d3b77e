/** @unsafe drives the local and the IO APIC */
import type { BootInfo } from "../../boot/bootInfo";
import { onTimer } from "../../kernel/interrupt";
import type { PhysAddr } from "../../kernel/memory/address";
import { withhold } from "../../kernel/memory/frames";
import { mapDevice } from "../../kernel/memory/kernelSpace";
import { signalLine } from "../../kernel/object/irqHandler";
import { out8, readMsr, writeMsr } from "./cpu";
import { initPlatform, platform } from "./platform";

/**
 * Interrupts: the local APIC of the one processor (SDM volume 3, chapter 11), and the IO APIC (82093AA data sheet) for
 * the lines of the ISA bus.
 *
 *   vector 0x20 timer   0x30 + n line n   0xff spurious
 *
 * Lines 0 to 15 are those of the ISA bus, wherever they are wired; from 16 on, the global interrupts of their number.
 */

export const FIRST_LINE = 0;
export const LINES = 24;
const ISA_LINES = 16;

export const VECTOR_TIMER = 0x20;
const VECTOR_FIRST_LINE = 0x30;
const VECTOR_SPURIOUS = 0xff;

const MSR_APIC_BASE = 0x1b;
const APIC_ENABLED = 0x800n;
const APIC_X2 = 0x400n;
const APIC_BYTES = 4096n;
const APIC_ID = 0x20;
const APIC_TASK_PRIORITY = 0x80;
const APIC_END_OF_INTERRUPT = 0xb0;
const APIC_SPURIOUS = 0xf0;
const APIC_SOFTWARE_ENABLED = 0x100;
const APIC_COMMAND = 0x300;
const APIC_COMMAND_TARGET = 0x310;
/** To the processor whose identifier is in the other register, delivered as NMI (figure 11-12). */
const COMMAND_NMI = 0x4400;
const APIC_LINT0 = 0x350;
const APIC_MASKED = 0x1_0000;

const IO_SELECT = 0n;
const IO_WINDOW = 0x10n;
const IO_VERSION = 1;
const IO_REDIRECTION = 0x10;
const IO_MASKED = 0x1_0000;
const IO_LEVEL = 0x8000;
const IO_ACTIVE_LOW = 0x2000;

const PIC_FIRST_DATA = 0x21;
const PIC_SECOND_DATA = 0xa1;

let apic: u64 = 0n;
let ioApic: u64 = 0n;

/** Masks the old PIC and the pin behind which it is, turns the APICs on. */
export function initInterrupts(info: BootInfo): void {
  initPlatform(info);
  out8(PIC_FIRST_DATA, 0xff);
  out8(PIC_SECOND_DATA, 0xff);
  const base = readMsr(MSR_APIC_BASE);
  // The way from x2APIC back to memory-mapped registers leads through "disabled" (11.12.5).
  if ((base & APIC_X2) !== 0n) writeMsr(MSR_APIC_BASE, base & ~(APIC_X2 | APIC_ENABLED));
  writeMsr(MSR_APIC_BASE, (base & ~APIC_X2) | APIC_ENABLED);
  apic = mapDevice(apicPage(base), APIC_BYTES);
  writeApic(APIC_TASK_PRIORITY, 0);
  writeApic(APIC_SPURIOUS, APIC_SOFTWARE_ENABLED | VECTOR_SPURIOUS);
  writeApic(APIC_LINT0, APIC_MASKED);
  ioApic = mapDevice(platform.ioApic, APIC_BYTES);
  const last = (readIo(IO_VERSION) >>> 16) & 0xff;
  for (let i: u32 = 0; i <= last; i++) writeIo(IO_REDIRECTION + 2 * i, IO_MASKED);
}

function apicPage(base: u64): PhysAddr {
  return (base & 0xf_ffff_f000n) as PhysAddr;
}

/** No user gets the interrupt controllers. */
export function withholdControllers(): void {
  withhold(apicPage(readMsr(MSR_APIC_BASE)), APIC_BYTES);
  withhold(platform.ioApic, APIC_BYTES);
}

/** Lets interrupts of a line through to this processor. Those above the ISA bus are PCI's: level, active low. */
export function enableLine(line: u32): void {
  const isIsa = line < ISA_LINES;
  const flags = isIsa ? u32(platform.flags[line]) : 0;
  const isActiveLow = !isIsa || (flags & 3) === 3;
  const index = redirectionOf(line);
  writeIo(index + 1, readApic(APIC_ID));
  writeIo(index, (VECTOR_FIRST_LINE + line) | (isActiveLow ? IO_ACTIVE_LOW : 0) | (isLevel(line) ? IO_LEVEL : 0));
}

/** Shuts a line out. An edge that comes meanwhile is lost. */
export function disableLine(line: u32): void {
  writeIo(redirectionOf(line), IO_MASKED);
}

/** Whether a line interrupts again and again until its device has been served. */
export function isLevel(line: u32): boolean {
  return line >= ISA_LINES || ((u32(platform.flags[line]) >>> 2) & 3) === 3;
}

function redirectionOf(line: u32): u32 {
  const global = line < ISA_LINES ? platform.lines[line] : line;
  return IO_REDIRECTION + 2 * (global - platform.ioApicFirstLine);
}

/** A non-maskable interrupt to this processor. */
export function raiseNmi(): void {
  writeApic(APIC_COMMAND_TARGET, readApic(APIC_ID));
  writeApic(APIC_COMMAND, COMMAND_NMI);
}

/** Called for every vector that is not an exception, with interrupts off. @hot */
export function handleInterrupt(vector: u32): void {
  if (vector === VECTOR_SPURIOUS) return;
  if (vector === VECTOR_TIMER) onTimer();
  else signalLine(vector - VECTOR_FIRST_LINE);
  writeApic(APIC_END_OF_INTERRUPT, 0);
}

/** A register of the local APIC by its offset. */
export function readApic(register: u32): u32 {
  return volatileLoad32(apic + u64(register));
}

export function writeApic(register: u32, value: u32): void {
  volatileStore32(apic + u64(register), value);
}

function readIo(register: u32): u32 {
  volatileStore32(ioApic + IO_SELECT, register);
  return volatileLoad32(ioApic + IO_WINDOW);
}

function writeIo(register: u32, value: u32): void {
  volatileStore32(ioApic + IO_SELECT, register);
  volatileStore32(ioApic + IO_WINDOW, value);
}
