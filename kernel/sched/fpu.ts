import { allowFpu, forbidFpu, initFpuState, prepareFpu, restoreFpu, saveFpu } from "@arch/fpu";
import type { Thread } from "../object/thread";
import { cpu } from "./cpu";

/**
 * Floating-point and vector state of users. The kernel itself uses none of it. A thread has no state until its first
 * use, which traps; from then on it is switched with the thread, never left for another one to trap on: between two
 * threads without state nothing is done.
 *
 * V1  `isAllowed` says whether the processor lets users use it: exactly while the current thread has state.
 * V2  The registers hold the state of `cpu.fpuOwner`, or nobody's.
 */

let isAllowed = false;

/** Off until somebody's. */
export function initFpu(): void {
  prepareFpu();
  forbidFpu();
}

/** Before `next` runs: its own state, or none at all. @inline */
export function enableFpu(next: Thread): void {
  if (next.hasFpuState || isAllowed) switchFpu(next);
}

/** @noinline @hot */
function switchFpu(next: Thread): void {
  if (next.hasFpuState !== isAllowed) {
    isAllowed = next.hasFpuState;
    if (isAllowed) allowFpu();
    else forbidFpu();
  }
  const owner = cpu.fpuOwner;
  if (!isAllowed || owner === next) return;
  if (owner !== null) saveFpu(owner.fpu);
  restoreFpu(next.fpu);
  cpu.fpuOwner = next;
}

/** The current thread's first use: default state from now on. */
export function startFpu(thread: Thread): void {
  initFpuState(thread.fpu);
  thread.hasFpuState = true;
  switchFpu(thread);
}

/** The thread is no more: nobody's state is in the registers. */
export function forgetFpu(thread: Thread): void {
  if (cpu.fpuOwner === thread) cpu.fpuOwner = null;
}
