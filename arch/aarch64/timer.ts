import type { BootInfo } from "../../boot/bootInfo";
import { factorOf, scale } from "../../kernel/fixedPoint";

/**
 * Time and alarms from the generic timer's virtual counter (Arm ARM, D11.2), whose rate the processor tells.
 */

const NS_PER_SECOND = 1_000_000_000n;
const TIMER_ENABLED = 1n;

/** @extern cpu_read_cntfrq */
declare function readFrequency(): u64;
/** @extern cpu_write_cntv_cval */
declare function setCompare(ticks: u64): void;
/** @extern cpu_write_cntv_ctl */
declare function setControl(value: u64): void;

let startTicks: u64 = 0n;
let nsPerTick: u64 = 0n;
let ticksPerNs: u64 = 0n;

export function initTimer(info: BootInfo): void {
  const hz = readFrequency();
  assert(hz !== 0n, "the firmware has set the rate of the generic timer");
  nsPerTick = factorOf(NS_PER_SECOND, hz);
  ticksPerNs = factorOf(hz, NS_PER_SECOND);
  startTicks = readTicks();
}

/** Time since this function's clock was initialised; 0 before. */
export function uptimeNs(): u64 {
  return scale(readTicks() - startTicks, nsPerTick);
}

/** Now, in ticks of the counter: cheaper than nanoseconds. @extern cpu_read_cntvct */
export declare function readTicks(): u64;

export function ticksOfNs(ns: u64): u64 {
  return scale(ns, ticksPerNs);
}

export function nsOfTicks(ticks: u64): u64 {
  return scale(ticks, nsPerTick);
}

/** The tick at `ns` of uptime. */
export function ticksOfUptime(ns: u64): u64 {
  return startTicks + ticksOfNs(ns);
}

/** As `armTimer`, at a tick. @hot */
export function armTicks(at: u64): void {
  setCompare(at);
  setControl(TIMER_ENABLED);
}

/** No alarm: one that has gone off would go on asking for interrupts. */
export function stopAlarm(): void {
  setControl(0n);
}

/** The rate is known without waiting. */
export function calibrationCounts(): u64 {
  return 0n;
}

/** One timer interrupt at `deadlineNs` of uptime, or at once when that is past; replaces the alarm before. */
export function armTimer(deadlineNs: u64): void {
  setCompare(startTicks + scale(deadlineNs, ticksPerNs));
  setControl(TIMER_ENABLED);
}
