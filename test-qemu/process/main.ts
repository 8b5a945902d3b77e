/** @unsafe fills Regions that it has mapped */
import { PackageFault } from "../../codec/package/fault";
import { PackageStatus } from "../../codec/package/status";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE } from "../../kernel/initSlots";
import { capsIn, ErrorCode } from "../../kernel/ipc/messageInfo";
import { Outcome } from "../../kernel/object/outcome";
import { ProcessEnd, ProcessState } from "../../kernel/object/processState";
import { Syscall } from "../../kernel/syscall/invocation";
import { zero } from "../../user/calls";
import { infoWord, type Message, ownBuffer, systemCall } from "../../user/message";
import { addressSpaceMap } from "../../user/stubs/addressSpace";
import { cnodeCopy, cnodeDelete, cnodeMove, cnodeRevoke } from "../../user/stubs/cnode";
import {
  processExit,
  processSetNotification,
  processStart,
  processStatus,
  processStep,
  processTerminate,
} from "../../user/stubs/process";
import { threadResume, threadSuspend } from "../../user/stubs/thread";
import {
  ALL,
  type Answer,
  BINARY_VA,
  begin,
  checkEqual,
  enter,
  finish,
  finishVerification,
  HEADERS_VA,
  IMAGE,
  IMAGE_MEMORY,
  POOL,
  preparePools,
  retype,
  retypeFrom,
  settle,
  stepTimes,
  WRITABLE,
} from "./harness";
import {
  askCreate,
  BUDGET,
  BUDGET_SIZE,
  CRASH,
  checkEnd,
  checkState,
  create,
  createChild,
  ENDING,
  ENDOWED_HEIR,
  ENDOWMENT,
  EXIT_CODE,
  FREE_SLOT,
  first,
  makeNeeds,
  openPackage,
  PROCESS,
  prepare,
  runToEnd,
  SIGNAL,
  sealChild,
  verdictOf,
} from "./making";
import { testQuotas } from "./quota";
import { testTrust } from "./trust";
import { testWriter } from "./writer";

/**
 * The life of processes made from the package that the host has put into the boot module `cases`, by the first user task: sealed,
 * created, ended at any stage, and refused what is not theirs. After each test the pool is whole again.
 */

const PARAMETERS = FREE_SLOT;
const HEIR = FREE_SLOT + 1;
const THREAD = FREE_SLOT + 2;
const SEND_AND_PASS = 6n;

/** Create to Gone, with data and bss as the program has them. */
function testLife(): void {
  const message = local<Message>();
  checkEqual(u64(createChild(false)), 0n, "created");
  checkEqual(u64(processStart(message, PROCESS)), u64(u32(ErrorCode.IllegalOperation)), "not before it is filled");
  checkEqual(u64(processExit(message, PROCESS, 0n)), u64(u32(ErrorCode.IllegalOperation)), "nobody else's exit");
  prepare();
  checkState(ProcessState.Prepared, "prepared");
  runToEnd();
  checkEnd(ProcessEnd.Exited, EXIT_CODE, "exited with what its data holds");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Poll, SIGNAL, 0, message);
  checkEqual(message.badge, 1n, "the granted notification was signalled");
  checkEqual(u64(processTerminate(message, PROCESS)), 0n, "terminate");
  checkState(ProcessState.Gone, "gone");
  checkEqual(u64(processTerminate(message, PROCESS)), 0n, "terminate once more");
  settle();
}

/** A fault that nobody handles ends the process, and the epitaph tells where. */
function testFault(): void {
  const message = local<Message>();
  checkEqual(u64(createChild(true)), 0n, "created with both capabilities");
  prepare();
  runToEnd();
  checkEnd(ProcessEnd.Faulted, 0n, "a read fault");
  processStatus(message, PROCESS);
  checkEqual(message.words[3], 8n, "the address of the fault");
  settle();
}

/** X2: each wrong endowment is refused, and the same objects make a process afterwards (I12). */
function testEndowment(): void {
  const message = local<Message>();
  const missing = verdictOf(PackageStatus.ManifestPolicyError, PackageFault.GrantMissing);
  const wrongKind = verdictOf(PackageStatus.ManifestPolicyError, PackageFault.GrantWrongKind);
  const tooWide = verdictOf(PackageStatus.ManifestPolicyError, PackageFault.GrantTooWide);
  const unlisted = verdictOf(PackageStatus.ManifestPolicyError, PackageFault.GrantUnlisted);
  createChild(false);
  processTerminate(message, PROCESS);
  cnodeDelete(message, SLOT_CNODE, u64(PROCESS));
  cnodeDelete(message, SLOT_CNODE, u64(BUDGET));
  retype(CapType.Process, 0n, PROCESS);
  retype(CapType.Untyped, BUDGET_SIZE, BUDGET);
  cnodeDelete(message, ENDOWMENT, 3n);
  checkEqual(u64(create()), missing, "a required capability is missing");
  cnodeCopy(message, ENDOWMENT, 3n, 2n, ENDOWMENT);
  checkEqual(u64(create()), wrongKind, "of another kind");
  cnodeDelete(message, ENDOWMENT, 3n);
  cnodeCopy(message, ENDOWMENT, 3n, ALL, SIGNAL);
  checkEqual(u64(create()), tooWide, "with wider rights");
  cnodeDelete(message, ENDOWMENT, 3n);
  cnodeCopy(message, ENDOWMENT, 3n, 2n, SIGNAL);
  cnodeCopy(message, ENDOWMENT, 5n, 2n, CRASH);
  checkEqual(u64(create()), unlisted, "one that the manifest does not list");
  cnodeDelete(message, ENDOWMENT, 5n);
  cnodeCopy(message, ENDOWMENT, 1n, 2n, CRASH);
  checkEqual(u64(create()), wrongKind, "parameters that are no Region");
  cnodeDelete(message, ENDOWMENT, 1n);
  cnodeMove(message, ENDOWMENT, 4n, BUDGET);
  const within = askCreate(message, (4 << 16) | ENDOWMENT);
  checkEqual(u64(within), u64(u32(ErrorCode.InvalidArgument)), "a budget in the endowment");
  cnodeMove(message, SLOT_CNODE, u64(BUDGET), (4 << 16) | ENDOWMENT);
  checkState(ProcessState.Empty, "nothing was made");
  checkEqual(u64(create()), 0n, "what is right makes a process");
  settle();
}

/** The budget is the manifest's: neither less nor more. */
function testBudget(): void {
  const message = local<Message>();
  createChild(false);
  processTerminate(message, PROCESS);
  cnodeDelete(message, SLOT_CNODE, u64(PROCESS));
  cnodeDelete(message, SLOT_CNODE, u64(BUDGET));
  retype(CapType.Process, 0n, PROCESS);
  retype(CapType.Untyped, BUDGET_SIZE - 1n, BUDGET);
  checkEqual(u64(create()), verdictOf(PackageStatus.InsufficientResourcesError, PackageFault.None), "too small");
  cnodeDelete(message, SLOT_CNODE, u64(BUDGET));
  retype(CapType.Untyped, BUDGET_SIZE + 1n, BUDGET);
  const above = verdictOf(PackageStatus.ManifestPolicyError, PackageFault.BudgetAboveCeiling);
  checkEqual(u64(create()), above, "larger than the manifest says");
  settle();
}

/** What is written after the kernel has copied it does not matter, and before that it is what counts. */
function testChangedBytes(): void {
  const message = local<Message>();
  const answer = local<Answer>();
  begin(first);
  stepTimes(16);
  fillMemory(HEADERS_VA, 0, u64(first.parts[1].length));
  finishVerification(answer);
  checkEqual(u64(answer.outcome), u64(u32(Outcome.Sealed)), "headers changed after they were copied");
  checkEqual(
    u64(addressSpaceMap(message, SLOT_SPACE, 0x3000_0000n, 1n, WRITABLE, IMAGE)),
    u64(u32(ErrorCode.Policy)),
    "an Image is never writable",
  );
  settle();
  begin(first);
  store8(BINARY_VA + u64(first.parts[2].length) - 1n, 0xff);
  finishVerification(answer);
  checkEqual(u64(answer.outcome), u64(u32(Outcome.Refused)), "a binary changed before it was copied");
  checkEqual(u64(answer.fault), u64(u32(PackageFault.BinaryDigest)), "by its digest");
  settle();
}

/** In whatever state a process is, its memory can be taken back. */
function testRevoked(): void {
  const message = local<Message>();
  createChild(false);
  settle();
  createChild(false);
  prepare();
  settle();
  createChild(false);
  prepare();
  processStart(message, PROCESS);
  settle();
  createChild(false);
  processStep(message, PROCESS);
  cnodeRevoke(message, SLOT_CNODE, u64(IMAGE_MEMORY));
  checkEqual(u64(processStep(message, PROCESS)), u64(u32(ErrorCode.Gone)), "its Image is gone");
  settle();
  createChild(false);
  prepare();
  cnodeDelete(message, SLOT_CNODE, u64(PROCESS));
  settle();
}

/** A process that nobody has a capability to but a message in its own endpoint: it ends, and its end is told. */
function testEndWithin(): void {
  const message = local<Message>();
  sealChild();
  makeNeeds(POOL, false);
  retypeFrom(POOL, CapType.Region, 1n, PARAMETERS);
  zero(PARAMETERS);
  checkEqual(u64(cnodeCopy(message, ENDOWMENT, 1n, 1n, PARAMETERS)), 0n, "parameters");
  checkEqual(u64(create()), 0n, "created with parameters");
  prepare();
  checkEqual(u64(processSetNotification(message, PROCESS, ENDING)), 0n, "notification of the end");
  checkEqual(u64(processStart(message, PROCESS)), 0n, "start");
  cnodeDelete(message, SLOT_CNODE, u64(PROCESS));
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Wait, ENDING, 0, message);
  settle();
}

/** K3: whoever holds the first thread of a process that has ended cannot let it go on. */
function testHeir(): void {
  const message = local<Message>();
  sealChild();
  makeNeeds(POOL, false);
  checkEqual(u64(retypeFrom(POOL, CapType.Endpoint, 1n, HEIR)), 0n, "an endpoint with one place");
  checkEqual(u64(cnodeCopy(message, ENDOWMENT, ENDOWED_HEIR, SEND_AND_PASS, HEIR)), 0n, "for the thread");
  checkEqual(u64(create()), 0n, "created with an heir");
  prepare();
  runToEnd();
  checkEnd(ProcessEnd.Exited, EXIT_CODE, "exited, its thread handed over");
  ownBuffer().slots[0] = THREAD;
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.NbRecv, HEIR, 0, message);
  checkEqual(u64(capsIn(message.info)), 1n, "the thread");
  checkEqual(u64(threadSuspend(message, THREAD)), 0n, "which is one");
  checkEqual(u64(threadResume(message, THREAD)), u64(u32(ErrorCode.IllegalOperation)), "it does not go on");
  checkEnd(ProcessEnd.Exited, EXIT_CODE, "and has not");
  settle();
}

/** @entry program_start */
export function main(info: u64): void {
  preparePools(info);
  const cases = openPackage(info);
  enter("life");
  testLife();
  enter("fault");
  testFault();
  enter("endowment");
  testEndowment();
  enter("budget");
  testBudget();
  enter("quotas");
  testQuotas();
  enter("changed bytes");
  testChangedBytes();
  enter("revoked memory");
  testRevoked();
  enter("end within an endpoint");
  testEndWithin();
  enter("an heir of the first thread");
  testHeir();
  enter("another thread writes");
  testWriter();
  enter("newer trust sets");
  testTrust(cases - 1);
  finish();
}
