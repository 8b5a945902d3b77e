import type { BootInfo } from "../../boot/bootInfo";
import { factorOf, scale } from "../../kernel/fixedPoint";
import { cpuid, in8, out8, readCounter } from "./cpu";
import { readApic, VECTOR_TIMER, writeApic } from "./interrupts";

/**
 * Time from the time-stamp counter, alarms from the local APIC's one-shot timer (SDM volume 3, 11.5.4). The rates come
 * from CPUID leaf 0x15 where the processor tells them, else from ten milliseconds of the PIT.
 */

const NS_PER_SECOND = 1_000_000_000n;
const CALIBRATION_NS = 10_000_000n;
/** 10 ms of the PIT's 1,193,182 Hz. */
const CALIBRATION_TICKS = 11932;
const PIT_CHANNEL0 = 0x40;
const PIT_COMMAND = 0x43;
/** Channel 0, both bytes, mode 0: it counts down from what is written. */
const PIT_COUNT_DOWN = 0x30;
const PIT_LATCH0 = 0;
const PIT_START = 0xffff;
/** More reads than ten milliseconds can hold. */
const PIT_PATIENCE = 10_000_000;

const APIC_TIMER = 0x320;
const APIC_INITIAL_COUNT = 0x380;
const APIC_CURRENT_COUNT = 0x390;
const APIC_DIVIDE = 0x3e0;
const DIVIDE_BY_1 = 0xb;
const MAX_COUNT = 0xffff_ffffn;

let startCounter: u64 = 0n;
let nsPerCount: u64 = 0n;
let alarmCountsPerNs: u64 = 0n;
let waited: u64 = 0n;

export function initTimer(info: BootInfo): void {
  writeApic(APIC_DIVIDE, DIVIDE_BY_1);
  calibrate(info.entryCounter);
  writeApic(APIC_TIMER, VECTOR_TIMER);
}

/** Time since the first instruction of the kernel; 0 until the clock is calibrated. */
export function uptimeNs(): u64 {
  return scale(readCounter() - startCounter, nsPerCount);
}

/** Counts that calibration spent waiting. */
export function calibrationCounts(): u64 {
  return waited;
}

/** One timer interrupt at `deadlineNs` of uptime, or at once when that is past; replaces the alarm before. */
export function armTimer(deadlineNs: u64): void {
  const now = uptimeNs();
  const counts = deadlineNs > now ? scale(deadlineNs - now, alarmCountsPerNs) : 1n;
  const bounded = counts > MAX_COUNT ? MAX_COUNT : counts;
  writeApic(APIC_INITIAL_COUNT, bounded === 0n ? 1 : u32(bounded));
}

/** Runs both clocks against the PIT's channel 0, and the counter against CPUID where that tells. */
function calibrate(entryCounter: u64): void {
  out8(PIT_COMMAND, PIT_COUNT_DOWN);
  out8(PIT_CHANNEL0, u8(PIT_START & 0xff));
  out8(PIT_CHANNEL0, u8(PIT_START >>> 8));
  writeApic(APIC_INITIAL_COUNT, u32(MAX_COUNT));
  const start = readCounter();
  const alarmStart = readApic(APIC_CURRENT_COUNT);
  waitForPit();
  const alarmCounts = u64(alarmStart - readApic(APIC_CURRENT_COUNT));
  waited = readCounter() - start;
  writeApic(APIC_INITIAL_COUNT, 0);
  const known = counterRate();
  const countsPerSecond = known === 0n ? waited * (NS_PER_SECOND / CALIBRATION_NS) : known;
  nsPerCount = factorOf(NS_PER_SECOND, countsPerSecond);
  alarmCountsPerNs = factorOf(alarmCounts, CALIBRATION_NS);
  startCounter = entryCounter;
}

/** Ten milliseconds by the PIT alone. */
function waitForPit(): void {
  for (let reads: u32 = 0; reads < PIT_PATIENCE; reads++) {
    out8(PIT_COMMAND, PIT_LATCH0);
    const low = u32(in8(PIT_CHANNEL0));
    const count = low | (u32(in8(PIT_CHANNEL0)) << 8);
    if (PIT_START - count >= CALIBRATION_TICKS) return;
  }
  panic("this machine has no working PIT to calibrate the clock with");
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
