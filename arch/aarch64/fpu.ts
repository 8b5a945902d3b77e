/** @unsafe hands state areas to the processor */
import type { Thread } from "../../kernel/object/thread";
import { cpu } from "../../kernel/sched/cpu";

/**
 * Advanced SIMD and floating-point state of users (Arm ARM, B1.2.2). The kernel itself uses none of it. A thread has
 * no state until its first use, which traps; from then on it is switched with the thread, never left for another one
 * to trap on: between two threads without state nothing is done.
 */

/** V0 to V31, FPCR, FPSR. */
const AREA_BYTES = 528;
/** CPACR_EL1.FPEN: no traps. */
const ENABLED = 0x30_0000n;

export interface FpuState extends Struct<"FpuState"> {
  readonly area: FixedArray<u64, 72>;
}

/** @extern cpu_write_cpacr */
declare function writeControl(value: u64): void;
/** @extern cpu_saveFpu */
declare function saveState(area: u64): void;
/** @extern cpu_restoreFpu */
declare function restoreState(area: u64): void;

let isOn = true;

/** Off until somebody's. */
export function initFpu(): void {
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
    writeControl(ENABLED);
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
  thread.hasFpuState = true;
  switchFpu(thread);
}

/** The thread is no more: nobody's state is in the registers. */
export function forgetFpu(thread: Thread): void {
  if (cpu.fpuOwner === thread) cpu.fpuOwner = null;
}

function turnOff(): void {
  writeControl(0n);
  isOn = false;
}
