/** @unsafe fills Regions that it has mapped */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_CONTEXT, SLOT_INSPECT, SLOT_POWER_CONTROL, SLOT_SPACE } from "../../kernel/initSlots";
import { Outcome } from "../../kernel/object/outcome";
import { Syscall } from "../../kernel/syscall/invocation";
import { largestUntyped } from "../../user/initInfo";
import { debugDecimal, debugWrite, type Message, systemCall } from "../../user/message";
import { addressSpaceMap } from "../../user/stubs/addressSpace";
import { cnodeDelete, cnodeRevoke } from "../../user/stubs/cnode";
import { inspectSystem } from "../../user/stubs/inspect";
import { powerControlPowerOff } from "../../user/stubs/powerControl";
import { regionZero } from "../../user/stubs/region";
import { schedContextConsumed } from "../../user/stubs/schedContext";
import { untypedRetype } from "../../user/stubs/untyped";
import { verifierBegin, verifierStep } from "../../user/stubs/verifier";
import type { Case } from "../codecs/cases";

/** What the programs of this folder share, each the first user task: pools, checks, and the way to a verdict of the kernel. */

export const POOL = 600;
export const POOL_SIZE = 23n;
/** For what is made and ended while something sealed stays. */
export const OTHER_POOL = 650;
export const OTHER_POOL_SIZE = 22n;
export const VERIFIER = 601;
export const HEADERS = 602;
export const BINARY = 603;
export const IMAGE_MEMORY = 604;
export const IMAGE = 605;
/** The first slot that a program may use as it likes, up to LAST_SLOT. */
export const OWN_SLOT = 606;
/** For a moment. */
export const SPARE = 651;
const FIRST_SLOT = 601;
const LAST_SLOT = 640;

export const HEADERS_VA = 0x1000_0000n;
export const BINARY_VA = 0x2000_0000n;
export const PAGE = 4096n;
export const IMAGE_SIZE = 17n;
export const ALL = 7n;
export const WRITABLE = 3n;
/** So that one mistake does not hide the rest of the console. */
const MAX_COMPLAINTS = 40;

interface Score extends Struct<"Score"> {
  passed: u32;
  failed: u32;
  longestStep: u64;
  /** What is verified now, and in what the longest step was. */
  subject: Bytes;
  longestIn: Bytes;
  steps: u64;
}
export const score: Score = zeroed();

/** What the kernel says of a package or a trust set. */
export interface Answer extends Struct<"Answer"> {
  outcome: u32;
  status: u32;
  fault: u32;
  part: u32;
  at: u32;
}

export function check(condition: boolean, what: Bytes): void {
  if (condition) {
    score.passed++;
    return;
  }
  score.failed++;
  if (score.failed > MAX_COMPLAINTS) return;
  debugWrite("FAILED: ");
  debugWrite(what);
  debugWrite("\n");
}

export function checkEqual(value: u64, expected: u64, what: Bytes): void {
  check(value === expected, what);
  if (value === expected || score.failed > MAX_COMPLAINTS) return;
  debugWrite("  got ");
  debugDecimal(value);
  debugWrite(", expected ");
  debugDecimal(expected);
  debugWrite("\n");
}

/** Both pools, from the largest memory that there is. */
export function preparePools(info: u64): void {
  const memory = largestUntyped(info);
  checkEqual(u64(retypeFrom(memory, CapType.Untyped, POOL_SIZE, POOL)), 0n, "the pool");
  checkEqual(u64(retypeFrom(memory, CapType.Untyped, OTHER_POOL_SIZE, OTHER_POOL)), 0n, "the other pool");
}

/** From the pool; answers the error. */
export function retype(type: CapType, size: u64, slot: u32): u32 {
  return retypeFrom(POOL, type, size, slot);
}

export function retypeFrom(untyped: u32, type: CapType, size: u64, slot: u32): u32 {
  const message = local<Message>();
  return untypedRetype(message, untyped, type, size, 1n, u64(slot), 0n, SLOT_CNODE);
}

export function remove(slot: u32): void {
  const message = local<Message>();
  cnodeDelete(message, SLOT_CNODE, u64(slot));
}

export function revoke(slot: u32): void {
  const message = local<Message>();
  checkEqual(u64(cnodeRevoke(message, SLOT_CNODE, u64(slot))), 0n, "revoke");
}

/** Bytes of all memory that nothing is made of. */
export function freeBytes(): u64 {
  const message = local<Message>();
  checkEqual(u64(inspectSystem(message, SLOT_INSPECT)), 0n, "inspect");
  return message.words[2];
}

/** Nanoseconds that this thread has run: instructions, in virtual time. */
export function used(): u64 {
  const message = local<Message>();
  schedContextConsumed(message, SLOT_CONTEXT);
  return message.words[0];
}

/** A Region in `slot`, filled with `bytes` by way of a mapping at `va`. */
export function makeRegion(slot: u32, va: u64, bytes: Bytes): void {
  const message = local<Message>();
  const pages = (u64(bytes.length) + PAGE - 1n) / PAGE;
  retype(CapType.Region, pages, slot);
  do regionZero(message, slot);
  while (message.words[0] !== 0n);
  for (let done: u64 = 0n; done < pages; done += message.words[0]) {
    const error = addressSpaceMap(message, SLOT_SPACE, va + done * PAGE, pages - done, WRITABLE, slot);
    if (error !== 0) {
      checkEqual(u64(error), 0n, "map a Region");
      return;
    }
  }
  copyMemory(va, addressOf(bytes), u64(bytes.length));
}

/** Verifier, Regions with headers and binary, and memory for the Image. */
export function prepareVerification(of: Case): void {
  checkEqual(u64(retype(CapType.Verifier, 0n, VERIFIER)), 0n, "retype a Verifier");
  retype(CapType.Untyped, IMAGE_SIZE, IMAGE_MEMORY);
  makeRegion(HEADERS, HEADERS_VA, of.parts[1]);
  makeRegion(BINARY, BINARY_VA, of.parts[2]);
}

/** Begins to verify what is in the Regions; answers the error. */
export function beginWith(headersBytes: u32, binaryBytes: u32): u32 {
  const message = local<Message>();
  return verifierBegin(message, VERIFIER, u64(headersBytes), u64(binaryBytes), HEADERS, BINARY, IMAGE_MEMORY);
}

/** Begins to verify a package: headers in part 1, binary in part 2. */
export function begin(of: Case): void {
  prepareVerification(of);
  checkEqual(u64(beginWith(of.parts[1].length, of.parts[2].length)), 0n, "begin");
}

/** One step of a verification; false when it was the last one, and `answer` is the kernel's word. */
export function stepOnce(answer: Answer): boolean {
  const message = local<Message>();
  const empty = used();
  const before = used();
  const error = verifierStep(message, VERIFIER, u64(IMAGE), SLOT_CNODE);
  const words = message.words;
  noteStep(used() - before - (before - empty));
  checkEqual(u64(error), 0n, "step");
  answer.outcome = error === 0 ? u32(words[0]) : u32(Outcome.Lost);
  answer.status = u32(words[1]);
  answer.fault = u32(words[2]);
  answer.part = u32(words[3] >> 32n);
  answer.at = u32(words[3]);
  return answer.outcome === u32(Outcome.More);
}

/** So many steps; false when the verification ends before. */
export function stepTimes(count: u32): boolean {
  const answer = local<Answer>();
  for (let i: u32 = 0; i < count; i++) {
    if (!stepOnce(answer)) return false;
  }
  return true;
}

export function finishVerification(answer: Answer): void {
  while (stepOnce(answer)) {}
}

function noteStep(cost: u64): void {
  score.steps += 1n;
  if (cost <= score.longestStep) return;
  score.longestStep = cost;
  score.longestIn = score.subject;
}

export function verifyPackage(of: Case, answer: Answer): void {
  begin(of);
  finishVerification(answer);
}

/** Everything from the pool goes, and all of it can be taken again. */
export function settle(): void {
  revoke(POOL);
  for (let slot: u32 = FIRST_SLOT; slot < LAST_SLOT; slot++) remove(slot);
  checkWhole(POOL, POOL_SIZE);
}

/** The same of the other pool alone: what was sealed in the first one stays. */
export function settleOther(): void {
  revoke(OTHER_POOL);
  for (let slot: u32 = OWN_SLOT; slot < LAST_SLOT; slot++) remove(slot);
  checkWhole(OTHER_POOL, OTHER_POOL_SIZE);
}

function checkWhole(pool: u32, size: u64): void {
  checkEqual(u64(retypeFrom(pool, CapType.Untyped, size, SPARE)), 0n, "the pool is whole again");
  remove(SPARE);
}

/** Says what comes next, and what is measured from now on. */
export function enter(name: Bytes): void {
  score.subject = name;
  debugWrite(name);
  debugWrite("\n");
}

/** Says how the checks went, and switches off: with status 1 when one has failed. */
export function finish(): void {
  const message = local<Message>();
  debugWrite("longest step ");
  debugDecimal(score.longestStep);
  debugWrite(": ");
  debugWrite(score.longestIn);
  debugWrite("\n");
  debugDecimal(u64(score.passed));
  debugWrite(" passed, ");
  debugDecimal(u64(score.failed));
  debugWrite(" failed\n");
  powerControlPowerOff(message, SLOT_POWER_CONTROL, score.failed === 0 ? 0n : 1n);
  for (;;) systemCall(Syscall.Yield, 0, 0, message);
}
