/** @unsafe hands the address of the vectors to the processor */
import type { Thread } from "../../kernel/object/thread";
import { TRAP_STACK_SIZE } from "./layout";

/**
 * The exception vectors (Arm ARM, D1.10.2). A trap that finds the kernel stack overflowed runs on a stack of its own.
 */

/** @extern trap_vectors */
declare const vectors: FixedArray<u8, 2048>;
/** @extern trap_vectors_traced */
declare const tracedVectors: FixedArray<u8, 2048>;
/** @extern overflow_stack_bottom */
declare const overflowStackBottom: FixedArray<u8, 1>;
/** @extern cpu_write_vbar */
declare function writeVectorBase(address: u64): void;

/** From here on every exception reaches `handle_trap`. */
export function initTrapTable(): void {
  writeVectorBase(addressOf(vectors));
}

/** From now on system calls reach `handle_traced`. */
export function traceCalls(): void {
  writeVectorBase(addressOf(tracedVectors));
}

export function traceNoCalls(): void {
  writeVectorBase(addressOf(vectors));
}

/** Traps of `thread` save its registers in its own frame: the exit code sets SP_EL1. @inline */
export function setTrapFrame(thread: Thread): void {}

/** Whether `address` lies in the stack of such traps. */
export function isTrapStack(address: u64): boolean {
  const start = addressOf(overflowStackBottom);
  return address >= start && address < start + u64(TRAP_STACK_SIZE);
}
