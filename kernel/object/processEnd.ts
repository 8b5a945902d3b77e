/** @unsafe reaches the notification that tells of a process's end */
import { CapType, isCapWith, objectIn } from "../cap/capability";
import type { FaultKind } from "../fault/faultKind";
import { type Notification, signal } from "./notification";
import type { Process } from "./process";
import { ProcessEnd, ProcessState } from "./processState";
import type { Thread } from "./thread";

/** How processes end: what is known of it is kept as the epitaph, and whoever wants to know is told, once. */

/** Whether it was created and has not ended. */
export function isAlive(process: Process): boolean {
  return (
    process.state === ProcessState.Filling ||
    process.state === ProcessState.Prepared ||
    process.state === ProcessState.Running
  );
}

/** A process that is alive ends. Its first thread stops by its caller's hand. */
export function endProcess(process: Process, end: ProcessEnd): void {
  process.state = ProcessState.Ended;
  process.end = end;
  const thread = process.thread;
  if (thread !== null) copyStruct(process.registers, thread.frame);
  const target = process.target.word;
  if (isCapWith(target, CapType.Notification, 0n)) {
    signal(cast<Notification>(objectIn(target)), process.target.data);
  }
}

/** A fault of the first thread that nobody handles; false when the thread is no process's, or it has ended. */
export function endByFault(thread: Thread, kind: FaultKind, address: u64): boolean {
  const process = thread.process;
  if (process === null || !isAlive(process)) return false;
  process.faultKind = kind;
  process.faultAddress = address;
  endProcess(process, ProcessEnd.Faulted);
  return true;
}

/** The thread is about to be destroyed (K2). */
export function leaveProcess(thread: Thread): void {
  const process = thread.process;
  if (process === null) return;
  if (isAlive(process)) endProcess(process, ProcessEnd.Destroyed);
  process.thread = null;
  thread.process = null;
}
