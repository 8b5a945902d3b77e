import { PackageFault } from "../../codec/package/fault";
import { PackageStatus } from "../../codec/package/status";
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
  checkEqual,
  finishVerification,
  IMAGE,
  makeRegion,
  OTHER_POOL,
  remove,
  SPARE,
  settle,
  settleOther,
  VERIFIER,
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
 * An Image that was sealed before a newer trust set: each further case is one, and what that set has against the Image
 * (PackageFault, 0 for nothing) is its parameter. Neither is a process created from the Image then, nor one started that was
 * created before; and both are again when a later set has nothing against it.
 */

const SET = FREE_SLOT;
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

/** A process that was created before the set came. */
function testStart(fault: PackageFault): void {
  const message = local<Message>();
  if (fault === PackageFault.None) {
    runToEnd();
    checkEnd(ProcessEnd.Exited, EXIT_CODE, "it runs");
    return;
  }
  checkEqual(u64(processStart(message, PROCESS)), 0n, "start is answered");
  checkEqual(message.words[0], u64(u32(fault)), "why it does not run");
  checkState(ProcessState.Prepared, "it stays as it was");
}

/** Of the sets behind the first case, `count`. */
export function testTrust(count: u32): void {
  let before = PackageFault.None;
  copyStruct(each, first);
  sealChild();
  for (let i: u32 = 0; i < count; i++) {
    nextCase(each);
    const fault = toEnum<PackageFault>(each.parameter);
    makeNeeds(OTHER_POOL, false);
    if (before === PackageFault.None) {
      checkEqual(u64(create()), 0n, "created before");
      prepare();
    }
    adopt(each.parts[1]);
    if (before === PackageFault.None) testStart(fault);
    settleOther();
    makeNeeds(OTHER_POOL, false);
    const refused = verdictOf(PackageStatus.ManifestPolicyError, fault);
    checkEqual(u64(create()), fault === PackageFault.None ? 0n : refused, each.parts[0]);
    settleOther();
    before = fault;
  }
  settle();
}
