/** @unsafe names a function by its address, and reaches mapped memory */
import { REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import type { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Outcome } from "../../kernel/object/outcome";
import { SLOT_CNODE, SLOT_SPACE } from "../../kernel/object/processSlots";
import { Syscall } from "../../kernel/syscall/invocation";
import { debugDecimal, debugWrite, errorOf, infoWord, type Message, systemCall } from "../../user/message";
import { addressSpaceMap } from "../../user/stubs/addressSpace";
import { cnodeCopy, cnodeDelete, cnodeRevoke } from "../../user/stubs/cnode";
import { processControlCreate } from "../../user/stubs/processControl";
import { regionZero } from "../../user/stubs/region";
import { schedContextBind } from "../../user/stubs/schedContext";
import {
  threadConfigure,
  threadResume,
  threadSetFaultHandler,
  threadSetPriority,
  threadWriteRegisters,
} from "../../user/stubs/thread";
import { untypedRetype } from "../../user/stubs/untyped";
import { verifierBegin, verifierStep } from "../../user/stubs/verifier";
import type { Case } from "../codecs/cases";
import { GRANT_CONTROL, GRANT_POOL, GRANT_SIGNAL } from "./managerSlots";

/** The tampering manager's tools: what a ModuleManager does to load a module, and what it must not get by it. */

export const VERIFIER = 40;
export const HEADERS = 41;
export const BINARY = 42;
export const IMAGE_MEMORY = 43;
export const IMAGE = 44;
export const PROCESS = 45;
export const BUDGET = 46;
export const ENDOWMENT = 47;
export const FREE = 48;
const THREAD = 60;
const CONTEXT = 61;
const STACK = 62;
const FAULTS = 63;
const REPLY = 64;
const FIRST_SLOT = 40;
const LAST_SLOT = 70;

export const HEADERS_VA = 0x1000_0000n;
export const BINARY_VA = 0x2000_0000n;
export const VA = 0x3000_0000n;
const STACK_VA = 0x3100_0000n;
export const PAGE = 4096n;
export const WRITABLE = 3n;
const IMAGE_SIZE = 17n;
export const BUDGET_SIZE = 20n;
const POOL_SIZE = 22n;
const PRIORITY = 150n;

interface Tally extends Struct<"Tally"> {
  attack: Bytes;
  failures: u32;
}
export const tally: Tally = zeroed();

/** The kernel's last word on what it verified. */
export interface Answer extends Struct<"Answer"> {
  outcome: u32;
  status: u32;
  fault: u32;
}

export function expect(value: u64, wanted: u64, what: Bytes): void {
  if (value === wanted) return;
  tally.failures++;
  debugWrite("FAILED ");
  debugWrite(tally.attack);
  debugWrite(": ");
  debugWrite(what);
  debugWrite(", got ");
  debugDecimal(value);
  debugWrite(", expected ");
  debugDecimal(wanted);
  debugWrite("\n");
}

export function refused(error: u32, code: ErrorCode, what: Bytes): void {
  expect(u64(error), u64(u32(code)), what);
}

export function done(error: u32, what: Bytes): void {
  expect(u64(error), 0n, what);
}

export function retypeFrom(untyped: u32, type: CapType, size: u64, slot: u32): u32 {
  const message = local<Message>();
  return untypedRetype(message, untyped, type, size, 1n, u64(slot), 0n, SLOT_CNODE);
}

export function make(type: CapType, size: u64, slot: u32): void {
  done(retypeFrom(GRANT_POOL, type, size, slot), "make");
}

export function remove(slot: u32): void {
  const message = local<Message>();
  cnodeDelete(message, SLOT_CNODE, u64(slot));
}

export function map(slot: u32, va: u64, pages: u64, rights: u64): u32 {
  const message = local<Message>();
  return addressSpaceMap(message, SLOT_SPACE, va, pages, rights, slot);
}

/** A mapped Region with these bytes. */
export function makeRegion(slot: u32, va: u64, bytes: Bytes): void {
  const message = local<Message>();
  const pages = (u64(bytes.length) + PAGE - 1n) / PAGE;
  make(CapType.Region, pages, slot);
  do regionZero(message, slot);
  while (message.words[0] !== 0n);
  done(map(slot, va, pages, WRITABLE), "map");
  copyMemory(va, addressOf(bytes), u64(bytes.length));
}

/** All that a load needs of memory, with this package in it. */
export function prepareLoad(of: Case): void {
  make(CapType.Verifier, 0n, VERIFIER);
  make(CapType.Untyped, IMAGE_SIZE, IMAGE_MEMORY);
  makeRegion(HEADERS, HEADERS_VA, of.parts[1]);
  makeRegion(BINARY, BINARY_VA, of.parts[2]);
}

export function begin(headersBytes: u64, binaryBytes: u64): u32 {
  const message = local<Message>();
  return verifierBegin(message, VERIFIER, headersBytes, binaryBytes, HEADERS, BINARY, IMAGE_MEMORY);
}

export function beginLoad(of: Case): void {
  done(begin(u64(of.parts[1].length), u64(of.parts[2].length)), "begin");
}

/** Steps, at most `most`; answers whether the verification has ended. */
export function step(most: u32, answer: Answer): boolean {
  const message = local<Message>();
  for (let i: u32 = 0; i < most; i++) {
    const error = verifierStep(message, VERIFIER, u64(IMAGE), SLOT_CNODE);
    answer.outcome = error === 0 ? u32(message.words[0]) : u32(Outcome.Lost);
    answer.status = u32(message.words[1]);
    answer.fault = u32(message.words[2]);
    if (answer.outcome !== u32(Outcome.More)) return true;
  }
  return false;
}

export function finishLoad(answer: Answer): void {
  while (!step(1, answer)) {}
}

/** The package is sealed: an Image is in its slot. */
export function load(of: Case): void {
  const answer = local<Answer>();
  prepareLoad(of);
  beginLoad(of);
  finishLoad(answer);
  expect(u64(answer.outcome), u64(u32(Outcome.Sealed)), "a sound package is sealed");
}

/** What a process of the sound package needs, with what it is signed for. */
export function makeNeeds(budgetSize: u64): void {
  const message = local<Message>();
  make(CapType.Untyped, budgetSize, BUDGET);
  make(CapType.Process, 0n, PROCESS);
  make(CapType.CNode, 3n, ENDOWMENT);
  done(cnodeCopy(message, ENDOWMENT, 3n, 2n, GRANT_SIGNAL), "endow");
}

/** Answers the error, or status and fault of the answer in bits 8 to 15 and 16 to 23. */
export function create(): u32 {
  const message = local<Message>();
  const error = processControlCreate(
    message,
    GRANT_CONTROL,
    0n,
    0n,
    0n,
    0n,
    0n,
    0n,
    0n,
    0n,
    PROCESS,
    IMAGE,
    BUDGET,
    ENDOWMENT,
  );
  return error === 0 ? (u32(message.words[0]) << 8) | (u32(message.words[1]) << 16) : error;
}

/** A thread of its own runs at `pc`, and makes a fault; answers its kind. */
export function faultAt(pc: u64): u64 {
  const message = local<Message>();
  const nothing = local<FixedArray<u8, 8>>();
  makeRegion(STACK, STACK_VA, sliceOf(nothing, 0, 8));
  make(CapType.Thread, 0n, THREAD);
  make(CapType.SchedContext, 0n, CONTEXT);
  make(CapType.Endpoint, 0n, FAULTS);
  make(CapType.Reply, 0n, REPLY);
  done(threadConfigure(message, THREAD, 0n, SLOT_CNODE, SLOT_SPACE, STACK), "configure");
  done(threadWriteRegisters(message, THREAD, u64(REGISTER_PC), pc), "where it begins");
  done(threadWriteRegisters(message, THREAD, u64(REGISTER_SP), STACK_VA + PAGE - 16n), "its stack");
  done(threadSetPriority(message, THREAD, PRIORITY, PRIORITY), "its priority");
  done(threadSetFaultHandler(message, THREAD, FAULTS), "its handler");
  done(schedContextBind(message, CONTEXT, THREAD), "its context");
  done(threadResume(message, THREAD), "it runs");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Recv, FAULTS, REPLY, message);
  done(errorOf(message), "its fault");
  expect(message.words[1], pc, "where the fault was");
  return message.words[0];
}

/** Everything that an attack has made goes, and the pool is whole. */
export function settle(): void {
  const message = local<Message>();
  cnodeRevoke(message, SLOT_CNODE, u64(GRANT_POOL));
  for (let slot: u32 = FIRST_SLOT; slot < LAST_SLOT; slot++) remove(slot);
  done(retypeFrom(GRANT_POOL, CapType.Untyped, POOL_SIZE, FREE), "the pool is whole");
  remove(FREE);
}
