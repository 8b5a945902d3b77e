import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Outcome } from "../../kernel/object/outcome";
import { ProcessState } from "../../kernel/object/processState";
import { detailOf, errorOf, type Message } from "../../user/message";
import { cnodeMove } from "../../user/stubs/cnode";
import { processStart, processStatus, processStep, processTerminate } from "../../user/stubs/process";
import { verifierBegin } from "../../user/stubs/verifier";
import {
  type Answer,
  BINARY,
  begin,
  beginWith,
  check,
  checkEqual,
  finish,
  finishVerification,
  freeBytes,
  HEADERS,
  IMAGE,
  IMAGE_MEMORY,
  OTHER_POOL,
  preparePools,
  prepareVerification,
  remove,
  retype,
  retypeFrom,
  revoke,
  SPARE,
  settle,
  settleOther,
  stepTimes,
  VERIFIER,
} from "./harness";
import {
  askCreate,
  BUDGET,
  create,
  ENDOWMENT,
  FREE_SLOT,
  first,
  makeNeeds,
  openPackage,
  PROCESS,
  SIGNAL,
  sealChild,
} from "./making";

/**
 * Sealing and creation, ended at every step in every way, and without memory at every allocation: nothing is left, and
 * the same objects serve afterwards. The first case's parameter is the distance of the steps at which a verification
 * is ended: 1 for every one.
 */

/** @storage u32 */
const enum Way {
  DeleteVerifier,
  RevokeMemory,
  RevokeHeaders,
  RevokeBinary,
  RevokePool,
  Last,
}

/** How a process's making ends. @storage u32 */
const enum End {
  Terminate,
  RevokePool,
  DeleteProcess,
  DeleteEndowment,
  Last,
}

/** Before a verification's step `steps`, from 1 on; false when it has fewer. */
function endVerification(way: Way, steps: u32): boolean {
  const answer = local<Answer>();
  begin(first);
  const goesOn = stepTimes(steps);
  if (goesOn) {
    switch (way) {
      case Way.DeleteVerifier:
        remove(VERIFIER);
        break;
      case Way.RevokeMemory:
        revoke(IMAGE_MEMORY);
        finishVerification(answer);
        checkEqual(u64(answer.outcome), u64(u32(Outcome.Lost)), "without its memory");
        break;
      case Way.RevokeHeaders:
        revoke(HEADERS);
        finishVerification(answer);
        checkLost(answer, steps);
        break;
      case Way.RevokeBinary:
        revoke(BINARY);
        finishVerification(answer);
        checkLost(answer, steps);
        break;
      case Way.RevokePool:
      case Way.Last:
        break;
      default:
        unreachable(way);
    }
  }
  settle();
  return goesOn;
}

/** What had been copied is not needed any more. */
function checkLost(answer: Answer, steps: u32): void {
  const isSealed = answer.outcome === u32(Outcome.Sealed);
  check(isSealed || answer.outcome === u32(Outcome.Lost), "sealed, or lost");
  if (steps === 1) check(!isSealed, "with nothing copied it is lost");
}

/** Answers how many times. */
function endVerifications(stride: u32): u32 {
  let count: u32 = 0;
  for (let way: u32 = 0; way < u32(Way.Last); way++) {
    let steps: u32 = 1;
    while (endVerification(toEnum<Way>(way), steps)) {
      count++;
      steps += steps === 1 && stride > 1 ? stride + way : stride;
    }
  }
  return count;
}

/** Steps of a process that was created; false when it has fewer. */
function stepProcess(steps: u32): boolean {
  const message = local<Message>();
  for (let i: u32 = 0; i < steps; i++) {
    if (processStep(message, PROCESS) !== 0) return false;
  }
  return true;
}

function endProcess(end: End): void {
  const message = local<Message>();
  switch (end) {
    case End.Terminate:
      checkEqual(u64(processTerminate(message, PROCESS)), 0n, "terminate");
      processStatus(message, PROCESS);
      checkEqual(message.words[0], u64(u32(ProcessState.Gone)), "nothing of it is left");
      break;
    case End.DeleteProcess:
      remove(PROCESS);
      break;
    case End.DeleteEndowment:
      remove(ENDOWMENT);
      remove(SIGNAL);
      break;
    case End.RevokePool:
    case End.Last:
      break;
    default:
      unreachable(end);
  }
  settleOther();
}

/** After every step of its filling, and started. Of budget and Process the one is older, or the other. */
function endProcesses(isBudgetOlder: boolean): void {
  const message = local<Message>();
  for (let end: u32 = 0; end < u32(End.Last); end++) {
    for (let steps: u32 = 0; ; steps++) {
      makeNeeds(OTHER_POOL, false);
      if (!isBudgetOlder) {
        remove(BUDGET);
        checkEqual(u64(retypeFrom(OTHER_POOL, CapType.Untyped, BUDGET_SIZE, BUDGET)), 0n, "another budget");
      }
      checkEqual(u64(create()), 0n, "created");
      const goesOn = stepProcess(steps);
      if (!goesOn) checkEqual(u64(processStart(message, PROCESS)), 0n, "started when it was whole");
      endProcess(toEnum<End>(end));
      if (!goesOn) break;
    }
  }
}

/** An Image that goes takes nobody with it who is not made of it, and the process that is cannot go on. */
function endImages(): void {
  const message = local<Message>();
  for (let steps: u32 = 0; ; steps++) {
    sealChild();
    makeNeeds(OTHER_POOL, false);
    checkEqual(u64(create()), 0n, "created");
    const goesOn = stepProcess(steps);
    revoke(IMAGE_MEMORY);
    const error = goesOn ? processStep(message, PROCESS) : processStart(message, PROCESS);
    check(error === u32(ErrorCode.Gone) || error === u32(ErrorCode.IllegalOperation), "it does not go on");
    settleOther();
    settle();
    if (!goesOn) break;
  }
}

const TINY = FREE_SLOT;
const FILLING = FREE_SLOT + 1;
const LEAST_SIZE = 6n;
const IMAGE_SIZE = 17n;
const PAGE_SIZE = 12n;
const BUDGET_SIZE = 20n;

/** Memory for the Image of every size: too small for a page, for the program, and enough. */
function testImageMemory(): void {
  const answer = local<Answer>();
  prepareVerification(first);
  const headers = first.parts[1].length;
  const binary = first.parts[2].length;
  for (let size = LEAST_SIZE; size < IMAGE_SIZE; size += 1n) {
    remove(IMAGE_MEMORY);
    checkEqual(u64(retype(CapType.Untyped, size, IMAGE_MEMORY)), 0n, "memory");
    const error = beginWith(headers, binary);
    if (size < PAGE_SIZE) {
      checkEqual(u64(error), u64(u32(ErrorCode.NotEnoughMemory)), "less than a page");
      continue;
    }
    if (error === u32(ErrorCode.NotEnoughMemory)) continue;
    checkEqual(u64(error), 0n, "begin");
    finishVerification(answer);
    if (answer.outcome === u32(Outcome.Sealed)) remove(IMAGE);
    else checkEqual(u64(answer.outcome), u64(u32(Outcome.NoRoom)), "too small for the program");
    checkEqual(u64(retype(CapType.Untyped, size, IMAGE)), 0n, "memory as before");
    remove(IMAGE);
  }
  settle();
}

/** A budget of every size up to the manifest's, and then the right one. */
function testBudgets(): void {
  makeNeeds(OTHER_POOL, false);
  remove(BUDGET);
  for (let size = LEAST_SIZE; size < BUDGET_SIZE; size += 1n) {
    checkEqual(u64(retype(CapType.Untyped, size, BUDGET)), 0n, "budget");
    check(create() !== 0, "too small");
    remove(BUDGET);
  }
  settleOther();
}

/** What Begin and Create are given, in the order of their capabilities. */
const begun: FixedArray<u32, 3> = [HEADERS, BINARY, IMAGE_MEMORY];
const created: FixedArray<u32, 4> = [PROCESS, IMAGE, BUDGET, ENDOWMENT];
/** What a load has made of memory. */
const made: FixedArray<CapType, 6> = [
  CapType.Verifier,
  CapType.Region,
  CapType.Process,
  CapType.CNode,
  CapType.Notification,
  CapType.Endpoint,
];

/** Out of memory at each allocation of a load: each says so, and what then is missing is named where it is needed. */
function testMissing(): void {
  const message = local<Message>();
  const error = u64(u32(ErrorCode.InvalidCapability));
  retype(CapType.Untyped, LEAST_SIZE, TINY);
  checkEqual(u64(retypeFrom(TINY, CapType.Untyped, LEAST_SIZE, FILLING)), 0n, "all of it");
  for (let i: u32 = 0; i < made.length; i++) {
    const size = made[i] === CapType.Region || made[i] === CapType.CNode ? 1n : 0n;
    const before = freeBytes();
    const refused = retypeFrom(TINY, made[i], size, SPARE);
    checkEqual(u64(refused), u64(u32(ErrorCode.NotEnoughMemory)), "no room");
    checkEqual(freeBytes(), before, "and none taken");
  }
  remove(TINY);
  prepareVerification(first);
  for (let i: u32 = 0; i < begun.length; i++) {
    cnodeMove(message, SLOT_CNODE, u64(SPARE), begun[i]);
    verifierBegin(message, VERIFIER, 1n, 1n, HEADERS, BINARY, IMAGE_MEMORY);
    checkEqual(u64(errorOf(message)), error, "begin without it");
    checkEqual(u64(detailOf(message)), u64(i), "and which it is");
    cnodeMove(message, SLOT_CNODE, u64(begun[i]), SPARE);
  }
  settle();
  sealChild();
  makeNeeds(OTHER_POOL, false);
  for (let i: u32 = 0; i < created.length; i++) {
    cnodeMove(message, SLOT_CNODE, u64(SPARE), created[i]);
    checkEqual(u64(askCreate(message, BUDGET)), error, "create without it");
    checkEqual(u64(detailOf(message)), u64(i), "and which it is");
    cnodeMove(message, SLOT_CNODE, u64(created[i]), SPARE);
  }
  checkEqual(u64(create()), 0n, "with all it is created");
  settleOther();
  settle();
}

/** @entry program_start */
export function main(info: u64): void {
  preparePools(info);
  openPackage(info);
  check(endVerifications(first.parameter) > u32(Way.Last) * 2, "each way has ended several");
  sealChild();
  endProcesses(true);
  endProcesses(false);
  testBudgets();
  settle();
  endImages();
  testImageMemory();
  testMissing();
  finish();
}
