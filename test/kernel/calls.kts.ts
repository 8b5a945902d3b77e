/**
 * @unit O2
 * @unsafe plays the entry code of the kernel
 */

import { badgeOf, infoOf, programCounterOf, wordOf } from "@arch/userFrame";
import {
  AFTER_CALL_PC,
  CALL_PC,
  capabilitiesIn,
  enterCall,
  isTraced,
  loadCall,
  numberIn,
  settleAlarm,
} from "@machine/processor.kts";
import type { Thread } from "../../kernel/object/thread";
import { cpu } from "../../kernel/sched/cpu";
import { SYSCALLS, Syscall } from "../../kernel/syscall/invocation";
import { handleCall, handleReplyRecv, handleSyscall, handleUnknown } from "../../kernel/syscall/syscall";
import { handleTraced } from "../../kernel/trace/tracedCall";
import { machine } from "./machine/machine.kts";

/** System calls of simulated users, as the entry code of both architectures hands them to the kernel. */

export type Words = FixedArray<u64, 4>;

/** The current thread has all that a system call needs in its registers, and the kernel is not yet entered. */
export function prepareCall(number: u32, capabilities: u64, info: u64, words: Words): void {
  loadCall(cpu.current, number, capabilities, info, words);
}

/** The kernel is entered. */
export function enter(): void {
  serve(cpu.current);
}

/** Whether the thread's call is to be made again: an interrupt came in. */
export function isRestarted(thread: Thread): boolean {
  return programCounterOf(thread.frame) === CALL_PC;
}

/** Whether the thread is behind a system call that was made for it, and not somewhere that its registers were set to. */
export function isBehindCall(thread: Thread): boolean {
  return programCounterOf(thread.frame) === AFTER_CALL_PC;
}

/** Makes the current thread's call again. */
export function enterAgain(): void {
  enterCall(cpu.current);
  serve(cpu.current);
}

function serve(thread: Thread): void {
  const number = numberIn(thread);
  const capabilities = capabilitiesIn(thread);
  const info = infoOf(thread.frame);
  machine.interrupts = 0;
  if (isTraced()) handleTraced(capabilities, info, thread, number);
  else if (number === u32(Syscall.Call)) handleCall(capabilities, info, thread);
  else if (number === u32(Syscall.ReplyRecv)) handleReplyRecv(capabilities, info, thread);
  else if (number < SYSCALLS) handleSyscall(capabilities, info, thread, number);
  else handleUnknown(capabilities, info, thread);
  settleAlarm();
}

/** What user/message.ts hands over. */
interface Call extends Struct<"Call"> {
  badge: u64;
  info: u64;
  readonly words: Inline<CallWords>;
}

interface CallWords extends Struct<"CallWords"> {
  readonly all: FixedArray<u64, 4>;
}

/**
 * A system call of the thread that runs, for the user library: nobody else runs before it is done.
 *
 * @entry user_syscall
 */
export function userSyscall(number: u64, capabilities: u64, message: u64): void {
  const thread = cpu.current;
  const call = cast<Call>(message);
  prepareCall(u32(number), capabilities, call.info, call.words.all);
  enter();
  while (isRestarted(thread) && cpu.current === thread) enterAgain();
  call.badge = badgeOf(thread.frame);
  call.info = infoOf(thread.frame);
  for (let i: u32 = 0; i < 4; i++) call.words.all[i] = wordOf(thread.frame, i);
}

/** @entry user_illegal */
export function userIllegal(): void {
  panic("the harness's own user code is wrong");
}
