/** @unsafe hands state areas to the processor */
import { readCr0, readCr4, writeCr0, writeCr4 } from "./cpu";

/** x87, SSE and AVX state of users (SDM volume 1, chapter 13); kernel/sched/fpu.ts says when it is switched. */

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

/** Once, before anything else of this file. */
export function prepareFpu(): void {
  writeCr4(readCr4() | CR4_FXSR_XMM_XSAVE);
  setExtendedState(STATE);
}

/** Users may use it. @inline */
export function allowFpu(): void {
  writeCr0(readCr0() & ~CR0_TASK_SWITCHED);
}

/** A user's use traps. @inline */
export function forbidFpu(): void {
  writeCr0(readCr0() | CR0_TASK_SWITCHED);
}

/** While it is allowed. @inline */
export function saveFpu(state: FpuState): void {
  saveState(addressOf(state));
}

/** While it is allowed. @inline */
export function restoreFpu(state: FpuState): void {
  restoreState(addressOf(state));
}

/** What a thread begins with. */
export function initFpuState(state: FpuState): void {
  fillMemory(addressOf(state), 0, u64(AREA_BYTES));
  state.area[0] = u64(FCW);
  state.area[3] = u64(MXCSR);
}
