/** The processor itself: its instructions by name, and its features. Sections are those of Intel's SDM. */

import { splitPath } from "@build/watch";
import { cpu } from "../../kernel/sched/cpu";

export const ARCH_NAME: Bytes = "x86_64";

/** @extern cpu_halt */
export declare function halt(): never;
/** Lets interrupts in, sleeps until one has been handled, and shuts them out again. @extern cpu_waitForInterrupt */
export declare function waitForInterrupt(): void;
/** @extern cpu_enableInterrupts */
export declare function enableInterrupts(): void;
/** @extern cpu_disableInterrupts */
export declare function disableInterrupts(): void;
/** The time-stamp counter; under QEMU's `-icount shift=0` it counts instructions. @extern cpu_readTsc */
export declare function readCounter(): u64;
/** @extern cpu_out8 */
export declare function out8(port: u16, value: u8): void;
/** @extern cpu_out16 */
export declare function out16(port: u16, value: u16): void;
/** @extern cpu_in8 */
export declare function in8(port: u16): u8;
/** @extern cpu_in16 */
export declare function in16(port: u16): u16;
/** @extern cpu_in32 */
export declare function in32(port: u16): u32;
/** @extern cpu_out32 */
export declare function out32(port: u16, value: u32): void;
/** @extern cpu_readMsr */
export declare function readMsr(index: u32): u64;
/** @extern cpu_writeMsr */
export declare function writeMsr(index: u32, value: u64): void;
/** @extern cpu_readCr2 */
export declare function readCr2(): u64;
/** @extern cpu_readCr3 */
export declare function readCr3(): u64;
/** @extern cpu_writeCr3 */
export declare function writeCr3(value: u64): void;
/** @extern cpu_readCr0 */
export declare function readCr0(): u64;
/** @extern cpu_writeCr0 */
export declare function writeCr0(value: u64): void;
/** Lets interrupts in for one instruction. @extern cpu_interruptWindow */
declare function interruptWindow(): void;
/** @extern cpu_readCr4 */
export declare function readCr4(): u64;
/** @extern cpu_writeCr4 */
export declare function writeCr4(value: u64): void;
/** CPUID of a leaf with subleaf 0: register 0 EAX, 1 EBX, 2 ECX, 3 EDX. @extern cpu_cpuid */
export declare function cpuid(leaf: u32, register: u32): u32;
/** @extern cpu_pause */
export declare function pause(): void;

/** For long operations: handles what interrupts wait; true when there was one. @hot */
export function pollInterrupts(): boolean {
  splitPath();
  interruptWindow();
  splitPath();
  const was = cpu.wasInterrupted;
  cpu.wasInterrupted = false;
  return was;
}

/** Volume 3, 2.5. */
const CR4_MCE = 0x40n;
const CR4_UMIP = 0x800n;
const CR4_FSGSBASE = 0x1_0000n;
const CR4_SMEP = 0x10_0000n;
const CR4_SMAP = 0x20_0000n;

/**
 * Turns the protections on: no supervisor execution or access of user pages, no descriptor-table stores by users.
 * The boot stub has refused every processor that lacks one of them. Machine checks become exceptions: without
 * that bit they are resets.
 */
export function checkFeatures(): void {
  writeCr4((readCr4() | CR4_MCE | CR4_UMIP | CR4_SMEP | CR4_SMAP) & ~CR4_FSGSBASE);
}
