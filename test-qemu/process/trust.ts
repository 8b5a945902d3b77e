import { PackageFault } from "../../codec/package/fault";
import { PackageStatus } from "../../codec/package/status";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_TRUST_CONTROL } from "../../kernel/initSlots";
import { Outcome } from "../../kernel/object/outcome";
import { ProcessEnd, ProcessState } from "../../kernel/object/processState";
import type { Message } from "../../user/message";
import { cnodeMove } from "../../user/stubs/cnode";
import { processStart } from "../../user/stubs/process";
import { trustControlBegin } from "../../user/stubs/trustControl";
import { type Case, nextCase } from "../codecs/cases";
import {
  type Answer,
  begin,
  check,
  checkEqual,
  finishVerification,
  IMAGE,
  makeRegion,
  OTHER_POOL,
  remove,
  retype,
  SPARE,
  settle,
  settleOther,
  stepTimes,
  VERIFIER,
  verifyPackage,
} from "./harness";
import {
  checkEnd,
  checkState,
  create,
  EXIT_CODE,
  FREE_SLOT,
  first,
  makeNeeds,
  PROCESS,
  prepare,
  runToEnd,
  sealChild,
  verdictOf,
} from "./making";

/**
 * Images and newer trust sets: each further case is a set, and what it has against the first case's package (PackageFault, 0
 * for nothing) is its parameter. No process is created from an Image that was sealed before the set came, nor one started
 * that was created before; the package is sealed again, or refused for what the set says.
 */

const SET = FREE_SLOT;
const HELD = FREE_SLOT + 1;
/** Of the package's verification, when the set comes. */
const STEPS_BEFORE = 2;
const SET_VA = 0x3200_0000n;

const each: Case = zeroed();

function adopt(set: Bytes): void {
  const message = local<Message>();
  const answer = local<Answer>();
  makeRegion(SET, SET_VA, set);
  const error = trustControlBegin(message, SLOT_TRUST_CONTROL, u64(set.length), SET, VERIFIER);
  checkEqual(u64(error), 0n, "begin a trust set");
  // Step wants an empty slot.
  cnodeMove(message, SLOT_CNODE, u64(SPARE), IMAGE);
  finishVerification(answer);
  cnodeMove(message, SLOT_CNODE, u64(IMAGE), SPARE);
  checkEqual(u64(answer.outcome), u64(u32(Outcome.Adopted)), "adopted");
  remove(SET);
}

/** The set comes while the package is verified, which begins anew then: the set says whether it is sealed. */
function adoptMeanwhile(set: Bytes, fault: PackageFault): void {
  const message = local<Message>();
  const answer = local<Answer>();
  settle();
  begin(first);
  checkEqual(u64(stepTimes(STEPS_BEFORE)), 1n, "it is not at its end");
  cnodeMove(message, SLOT_CNODE, u64(HELD), VERIFIER);
  checkEqual(u64(retype(CapType.Verifier, 0n, VERIFIER)), 0n, "another Verifier");
  adopt(set);
  remove(VERIFIER);
  cnodeMove(message, SLOT_CNODE, u64(VERIFIER), HELD);
  finishVerification(answer);
  checkEqual(u64(answer.fault), u64(u32(fault)), "of what the set came across");
}

/** A process that was created before the set came, and an Image that was sealed before. */
function testSealedBefore(): void {
  const message = local<Message>();
  checkEqual(u64(processStart(message, PROCESS)), 0n, "start is answered");
  checkEqual(message.words[0], u64(u32(PackageFault.TrustChanged)), "why it does not run");
  checkState(ProcessState.Prepared, "it stays as it was");
  settleOther();
  makeNeeds(OTHER_POOL, false);
  checkEqual(u64(create()), verdictOf(PackageStatus.ManifestPolicyError, PackageFault.TrustChanged), "created after");
  settleOther();
}

/** Whether the set in force lets the package be sealed: that is what is expected of it, and then it runs. */
function sealAnew(fault: PackageFault): boolean {
  const answer = local<Answer>();
  settle();
  verifyPackage(first, answer);
  checkEqual(u64(answer.fault), u64(u32(fault)), each.parts[0]);
  if (answer.outcome !== u32(Outcome.Sealed)) return false;
  makeNeeds(OTHER_POOL, false);
  checkEqual(u64(create()), 0n, "created of what is sealed anew");
  prepare();
  runToEnd();
  checkEnd(ProcessEnd.Exited, EXIT_CODE, "it runs");
  settleOther();
  return true;
}

/** Of the sets behind the first case, `count`. */
export function testTrust(count: u32): void {
  copyStruct(each, first);
  sealChild();
  let isSealed = true;
  let meanwhile: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    nextCase(each);
    if (isSealed) {
      makeNeeds(OTHER_POOL, false);
      checkEqual(u64(create()), 0n, "created before");
      prepare();
    }
    const fault = toEnum<PackageFault>(each.parameter);
    if (isSealed) {
      adopt(each.parts[1]);
      testSealedBefore();
    } else {
      adoptMeanwhile(each.parts[1], fault);
      meanwhile++;
    }
    isSealed = sealAnew(fault);
  }
  check(meanwhile > 0, "a set has come while the package was verified");
  settle();
}
