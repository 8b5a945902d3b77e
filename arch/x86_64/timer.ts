import type { BootInfo } from "../../boot/bootInfo";
import { I8254_HZ, I8254_NO_READING, readI8254, startI8254 } from "../../drivers/i8254";
import { factorOf, scale } from "../../kernel/fixedPoint";
import { cpuid, in32, readCounter } from "./cpu";
import { readApic, VECTOR_TIMER, writeApic } from "./interrupts";
import { platform } from "./platform";

/**
 * Time from the time-stamp counter, alarms from the local APIC's one-shot timer (SDM volume 3, 11.5.4). Their rates
 * are measured against a clock of known rate for ten milliseconds, or longer when a hypervisor takes the processor
 * away meanwhile; the counter's is CPUID leaf 0x15's where that tells. The APIC's is always measured: hypervisors
 * do not keep to the crystal of that leaf.
 */

/** Whose rate is known: the ACPI timer (ACPI 6.5, 4.8.3.3), where there is one, or the 8254. @storage u8 */
const enum Reference {
  AcpiTimer,
  I8254,
}

const NS_PER_SECOND = 1_000_000_000n;
const CALIBRATIONS_PER_SECOND = 100n;
const ACPI_TIMER_HZ = 3_579_545n;
const ACPI_TIMER_MASK = 0xff_ffff;
const NO_READING = I8254_NO_READING;
/** Of one moment; the one that took least is kept. */
const READINGS = 8;
const ATTEMPTS = 5;
/** More readings than ten milliseconds can hold. */
const PATIENCE = 1_000_000;

const APIC_TIMER = 0x320;
const APIC_TIMER_MASKED = 0x1_0000;
const APIC_INITIAL_COUNT = 0x380;
const APIC_CURRENT_COUNT = 0x390;
const APIC_DIVIDE = 0x3e0;
const DIVIDE_BY_1 = 0xb;
const MAX_COUNT = 0xffff_ffffn;

/** All three clocks at one time. */
interface Moment extends Struct<"Moment"> {
  counter: u64;
  /** Counts down. */
  alarm: u32;
  ticks: u32;
}

let startCounter: u64 = 0n;
let nsPerCount: u64 = 0n;
let countsPerNs: u64 = 0n;
let alarmCountsPerNs: u64 = 0n;
let alarmCountsPerTick: u64 = 0n;
let waited: u64 = 0n;

export function initTimer(info: BootInfo): void {
  const start = readCounter();
  writeApic(APIC_TIMER, APIC_TIMER_MASKED | VECTOR_TIMER);
  writeApic(APIC_DIVIDE, DIVIDE_BY_1);
  if (!calibrateBy(Reference.AcpiTimer) && !calibrateBy(Reference.I8254)) {
    panic("this machine has neither an ACPI timer nor a PIT to calibrate the clock with");
  }
  writeApic(APIC_INITIAL_COUNT, 0);
  writeApic(APIC_TIMER, VECTOR_TIMER);
  startCounter = info.entryCounter;
  waited = readCounter() - start;
}

/** Time since the first instruction of the kernel; 0 until the clock is calibrated. */
export function uptimeNs(): u64 {
  return scale(readCounter() - startCounter, nsPerCount);
}

/** Now, in ticks of the counter: cheaper than nanoseconds. @inline */
export function readTicks(): u64 {
  return readCounter();
}

export function ticksOfNs(ns: u64): u64 {
  return scale(ns, countsPerNs);
}

export function nsOfTicks(ticks: u64): u64 {
  return scale(ticks, nsPerCount);
}

/** The tick at `ns` of uptime. */
export function ticksOfUptime(ns: u64): u64 {
  return startCounter + ticksOfNs(ns);
}

/** As `armTimer`, at a tick; also early when it is further away than the alarm can count. @hot */
export function armTicks(at: u64): void {
  const now = readCounter();
  startAlarm(at > now ? at - now : 0n, alarmCountsPerTick);
}

/** No alarm. */
export function stopAlarm(): void {
  writeApic(APIC_INITIAL_COUNT, 0);
}

/** Counts that calibration spent waiting. */
export function calibrationCounts(): u64 {
  return waited;
}

/**
 * One timer interrupt at `deadlineNs` of uptime, at once when that is past, or earlier when it is further away than
 * the timer can count; replaces the alarm before.
 */
export function armTimer(deadlineNs: u64): void {
  const now = uptimeNs();
  startAlarm(deadlineNs > now ? deadlineNs - now : 0n, alarmCountsPerNs);
}

/** An interrupt after `delay`, of which one is `factor` counts; a delay that is cut off cannot overflow. @inline */
function startAlarm(delay: u64, factor: u64): void {
  const counts = scale(delay < MAX_COUNT ? delay : MAX_COUNT, factor);
  const bounded = counts > MAX_COUNT ? MAX_COUNT : counts;
  writeApic(APIC_INITIAL_COUNT, bounded === 0n ? 1 : u32(bounded));
}

/** Finds both rates; false when the reference does not run, or never undisturbed. */
function calibrateBy(reference: Reference): boolean {
  if (reference === Reference.AcpiTimer && platform.timer === 0) return false;
  const hz = reference === Reference.AcpiTimer ? ACPI_TIMER_HZ : I8254_HZ;
  const from = local<Moment>();
  const to = local<Moment>();
  for (let attempt: u32 = 0; attempt < ATTEMPTS; attempt++) {
    if (reference === Reference.I8254) startI8254();
    writeApic(APIC_INITIAL_COUNT, u32(MAX_COUNT));
    if (!note(reference, from) || !waitFrom(reference, from.ticks, u32(hz / CALIBRATIONS_PER_SECOND))) continue;
    if (!note(reference, to)) continue;
    const ticks = u64(elapsed(from.ticks, to.ticks));
    const counts = to.counter - from.counter;
    const alarmCounts = u64(from.alarm - to.alarm);
    if (ticks >= hz || alarmCounts === 0n) continue;
    const known = counterRate();
    const rate = known === 0n ? (counts * hz) / ticks : known;
    nsPerCount = factorOf(NS_PER_SECOND, rate);
    countsPerNs = factorOf(rate, NS_PER_SECOND);
    alarmCountsPerTick = factorOf(alarmCounts, counts);
    alarmCountsPerNs = factorOf(alarmCounts, (ticks * NS_PER_SECOND) / hz);
    return true;
  }
  return false;
}

/** Reads all three clocks; false when the reference has no reading. */
function note(reference: Reference, moment: Moment): boolean {
  let least: u64 = MAX_COUNT;
  for (let i: u32 = 0; i < READINGS; i++) {
    const start = readCounter();
    const ticks = ticksOf(reference);
    const alarm = readApic(APIC_CURRENT_COUNT);
    const end = readCounter();
    if (ticks === NO_READING) return false;
    if (end - start >= least) continue;
    least = end - start;
    moment.counter = start + least / 2n;
    moment.alarm = alarm;
    moment.ticks = ticks;
  }
  return least < MAX_COUNT;
}

/** Until `ticks` ticks of the reference after `start` have gone by; false when they never do. */
function waitFrom(reference: Reference, start: u32, ticks: u32): boolean {
  for (let reads: u32 = 0; reads < PATIENCE; reads++) {
    const now = ticksOf(reference);
    if (now === NO_READING) return false;
    if (elapsed(start, now) >= ticks) return true;
  }
  return false;
}

function ticksOf(reference: Reference): u32 {
  switch (reference) {
    case Reference.AcpiTimer:
      return in32(platform.timer) & ACPI_TIMER_MASK;
    case Reference.I8254:
      return readI8254();
    default:
      unreachable(reference);
  }
}

/** The 8254's ticks never wrap, so that the ACPI timer's width suits both. @inline */
function elapsed(from: u32, to: u32): u32 {
  return (to - from) & ACPI_TIMER_MASK;
}

/** Hz of the time-stamp counter by CPUID leaf 0x15 (SDM volume 3, 19.7.3), or 0n. */
function counterRate(): u64 {
  if (cpuid(0, 0) < 0x15) return 0n;
  const denominator = cpuid(0x15, 0);
  const numerator = cpuid(0x15, 1);
  const crystalHz = cpuid(0x15, 2);
  if (denominator === 0 || numerator === 0 || crystalHz === 0) return 0n;
  return (u64(crystalHz) * u64(numerator)) / u64(denominator);
}
