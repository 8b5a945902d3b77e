/** The processor itself: its instructions by name, and its features. Sections are those of the Arm ARM (DDI 0487). */

export const ARCH_NAME: Bytes = "aarch64";

import { splitPath } from "@build/watch";
import { cpu } from "../../kernel/sched/cpu";

/** @extern cpu_halt */
export declare function halt(): never;
/** Lets interrupts in, sleeps until one has been handled, and shuts them out again. @extern cpu_waitForInterrupt */
export declare function waitForInterrupt(): void;
/** @extern cpu_enableInterrupts */
export declare function enableInterrupts(): void;
/** @extern cpu_disableInterrupts */
export declare function disableInterrupts(): void;
/** The cycle counter, started by boot.S; under QEMU's `-icount shift=0` it counts instructions. @extern cpu_read_pmccntr */
export declare function readCounter(): u64;
/** @extern cpu_read_mmfr0 */
declare function readMemoryFeatures0(): u64;
/** @extern cpu_read_mmfr1 */
declare function readMemoryFeatures1(): u64;
/** Lets a waiting interrupt in. @extern cpu_interruptWindow */
declare function interruptWindow(): void;
/** @extern cpu_denyUserAccess */
declare function denyUserAccess(): void;

/** For long operations: handles what interrupts wait; true when there was one. @hot */
export function pollInterrupts(): boolean {
  splitPath();
  interruptWindow();
  splitPath();
  const was = cpu.wasInterrupted;
  cpu.wasInterrupted = false;
  return was;
}

/** ID_AA64MMFR0_EL1.TGran4: no 4 KiB pages (D13.2.64). */
const NO_SMALL_PAGES = 0xfn;

/** Refuses a processor without 4 KiB pages, and turns PAN on where there is PAN (ID_AA64MMFR1_EL1, D13.2.65). */
export function checkFeatures(): void {
  if (((readMemoryFeatures0() >> 28n) & 0xfn) === NO_SMALL_PAGES) {
    panic("this CPU lacks 4 KiB pages; in QEMU take -cpu max or -cpu cortex-a53");
  }
  if (((readMemoryFeatures1() >> 20n) & 0xfn) !== 0n) denyUserAccess();
}
