/** @unsafe hands state areas to the processor */
import type { Thread } from "../../kernel/object/thread";
import { cpu } from "../../kernel/sched/cpu";
import { readCr0, readCr4, writeCr0, writeCr4 } from "./cpu";

/**
 * x87, SSE and AVX state of users (SDM volume 1, chapter 13). The kernel itself uses none of it. A thread has no
 * state until its first use, which traps; from then on it is switched with the thread, never left for another one
 * to trap on: between two threads without state nothing is done.
 */

/** XSAVE area of x87, SSE and AVX, standard format (13.4): legacy 512, header 64, upper halves 256. */
const AREA_BYTES = 832;
const CR0_TASK_SWITCHED = 8n;
const CR4_FXSR_XMM_XSAVE = 0x4_0600n;
const STATE = 7n;
/** Default control words (13.5.1, 11.6.4). */
const FCW = 0x37f;
const MXCSR = 0x1f80;

export interface FpuState extends Struct<"FpuState"> {
  readonly area: FixedArray<u64, 104>;
}

/** @extern cpu_xsetbv */
declare function setExtendedState(value: u64): void;
/** @extern cpu_xsave */
declare function saveState(area: u64): void;
/** @extern cpu_xrstor */
declare function restoreState(area: u64): void;

let isOn = true;

/** Allows users the state; off until somebody's. */
export function initFpu(): void {
  writeCr4(readCr4() | CR4_FXSR_XMM_XSAVE);
  setExtendedState(STATE);
  turnOff();
}

/** Before `next` runs: its own state, or none at all. @inline */
export function enableFpu(next: Thread): void {
  if (next.hasFpuState || isOn) switchFpu(next);
}

/** @noinline @hot */
function switchFpu(next: Thread): void {
  if (!next.hasFpuState) {
    turnOff();
    return;
  }
  if (!isOn) {
    writeCr0(readCr0() & ~CR0_TASK_SWITCHED);
    isOn = true;
  }
  const owner = cpu.fpuOwner;
  if (owner === next) return;
  if (owner !== null) saveState(addressOf(owner.fpu));
  restoreState(addressOf(next.fpu));
  cpu.fpuOwner = next;
}

/** The current thread's first use: default state from now on. */
export function startFpu(thread: Thread): void {
  fillMemory(addressOf(thread.fpu), 0, u64(AREA_BYTES));
  thread.fpu.area[0] = u64(FCW);
  thread.fpu.area[3] = u64(MXCSR);
  thread.hasFpuState = true;
  switchFpu(thread);
}

/** The thread is no more: nobody's state is in the registers. */
export function forgetFpu(thread: Thread): void {
  if (cpu.fpuOwner === thread) cpu.fpuOwner = null;
}

function turnOff(): void {
  writeCr0(readCr0() | CR0_TASK_SWITCHED);
  isOn = false;
}
