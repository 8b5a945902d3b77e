/** @unsafe hands state areas to the processor */

/** Advanced SIMD and floating-point state of users (Arm ARM, B1.2.2); kernel/sched/fpu.ts says when it is switched. */

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

/** Once, before anything else of this file: nothing to be done here. */
export function prepareFpu(): void {}

/** Users may use it. @inline */
export function allowFpu(): void {
  writeControl(ENABLED);
}

/** A user's use traps. @inline */
export function forbidFpu(): void {
  writeControl(0n);
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
}
