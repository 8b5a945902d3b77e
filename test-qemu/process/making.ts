import type { PackageFault } from "../../codec/package/fault";
import type { PackageStatus } from "../../codec/package/status";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_PROCESS_CONTROL } from "../../kernel/initSlots";
import { Outcome } from "../../kernel/object/outcome";
import { type ProcessEnd, ProcessState } from "../../kernel/object/processState";
import { Syscall } from "../../kernel/syscall/invocation";
import { infoWord, type Message, systemCall } from "../../user/message";
import { cnodeCopy } from "../../user/stubs/cnode";
import { processSetNotification, processStart, processStatus, processStep } from "../../user/stubs/process";
import { processControlCreate } from "../../user/stubs/processControl";
import { type Case, nextCase, openCases } from "../codecs/cases";
import { type Answer, checkEqual, IMAGE, OWN_SLOT, POOL, retypeFrom, verifyPackage } from "./harness";

/** Makes processes of the first package among the cases: the module of child.ts. */

export const PROCESS = OWN_SLOT;
export const BUDGET = OWN_SLOT + 1;
export const ENDOWMENT = OWN_SLOT + 2;
export const SIGNAL = OWN_SLOT + 3;
export const ENDING = OWN_SLOT + 4;
export const CRASH = OWN_SLOT + 5;
/** The first slot that making processes leaves free. */
export const FREE_SLOT = OWN_SLOT + 6;
export const BUDGET_SIZE = 20n;
const ENDOWMENT_RADIX = 3n;
/** Of the endowment: what the manifest wants, behind the parameters. */
export const ENDOWED_CRASH = 2n;
export const ENDOWED_SIGNAL = 3n;
export const ENDOWED_HEIR = 4n;
export const EXIT_CODE = 0x2a00n;

/** The package from which all processes are made. */
export const first: Case = zeroed();

/** Reads the first case; answers how many there are. */
export function openPackage(info: u64): u32 {
  const count = openCases(info, first);
  nextCase(first);
  return count;
}

/** Seals the package in the pool. */
export function sealChild(): void {
  const answer = local<Answer>();
  verifyPackage(first, answer);
  checkEqual(u64(answer.outcome), u64(u32(Outcome.Sealed)), "the first package is sound");
}

/** All that Create needs beside the Image, from `pool`; the optional capability, too, when the child shall crash. */
export function makeNeeds(pool: u32, crashes: boolean): void {
  const message = local<Message>();
  retypeFrom(pool, CapType.Untyped, BUDGET_SIZE, BUDGET);
  retypeFrom(pool, CapType.Process, 0n, PROCESS);
  retypeFrom(pool, CapType.CNode, ENDOWMENT_RADIX, ENDOWMENT);
  retypeFrom(pool, CapType.Notification, 0n, SIGNAL);
  retypeFrom(pool, CapType.Notification, 0n, ENDING);
  retypeFrom(pool, CapType.Notification, 0n, CRASH);
  if (crashes) cnodeCopy(message, ENDOWMENT, ENDOWED_CRASH, 2n, CRASH);
  cnodeCopy(message, ENDOWMENT, ENDOWED_SIGNAL, 2n, SIGNAL);
}

/** A process of the first package, sealed anew; answers the kernel's status. */
export function createChild(crashes: boolean): u32 {
  sealChild();
  makeNeeds(POOL, crashes);
  return create();
}

/** Create, for an owner and with a name, of the budget in slot `budget`; answers the error. */
export function askCreate(message: Message, budget: u32): u32 {
  const name = 0x64_6c69_6863n;
  return processControlCreate(
    message,
    SLOT_PROCESS_CONTROL,
    1n,
    2n,
    3n,
    4n,
    name,
    0n,
    0n,
    0n,
    PROCESS,
    IMAGE,
    budget,
    ENDOWMENT,
  );
}

/** Answers status and fault. */
export function create(): u32 {
  const message = local<Message>();
  checkEqual(u64(askCreate(message, BUDGET)), 0n, "create");
  return u32(message.words[0]) | (u32(message.words[1]) << 8);
}

export function verdictOf(status: PackageStatus, fault: PackageFault): u64 {
  return u64(u32(status) | (u32(fault) << 8));
}

/** Maps and fills all of it. */
export function prepare(): void {
  const message = local<Message>();
  let error: u32 = 0;
  do error = processStep(message, PROCESS);
  while (error === 0 && message.words[0] !== 0n);
  checkEqual(u64(error), 0n, "step of a process");
}

/** Starts it and waits for its end. */
export function runToEnd(): void {
  const message = local<Message>();
  checkEqual(u64(processSetNotification(message, PROCESS, ENDING)), 0n, "notification of the end");
  checkEqual(u64(processStart(message, PROCESS)), 0n, "start");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Wait, ENDING, 0, message);
}

/** Why the process ended, and its code. */
export function checkEnd(end: ProcessEnd, code: u64, what: Bytes): void {
  const message = local<Message>();
  processStatus(message, PROCESS);
  checkEqual(message.words[0], u64(u32(ProcessState.Ended)), what);
  checkEqual(message.words[1], u64(u32(end)), what);
  checkEqual(message.words[2], code, what);
}

export function checkState(state: ProcessState, what: Bytes): void {
  const message = local<Message>();
  processStatus(message, PROCESS);
  checkEqual(message.words[0], u64(u32(state)), what);
}
