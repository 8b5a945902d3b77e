/** @unsafe writes into what it has mapped, and reads the cases */

import { REGISTER_PC } from "@arch/registers";
import { PackageFault } from "../../codec/package/fault";
import { PackageStatus } from "../../codec/package/status";
import { CapType } from "../../kernel/cap/capability";
import { FaultKind } from "../../kernel/fault/faultKind";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Outcome } from "../../kernel/object/outcome";
import { SLOT_CNODE, SLOT_PROCESS, SLOT_SPACE, SLOT_THREAD } from "../../kernel/object/processSlots";
import { Syscall } from "../../kernel/syscall/invocation";
import { debugWrite, errorOf, infoWord, type Message, systemCall } from "../../user/message";
import { addressSpaceProtect, addressSpaceTranslate } from "../../user/stubs/addressSpace";
import { cnodeCopy, cnodeDelete, cnodeMint, cnodeMove, cnodeRevoke } from "../../user/stubs/cnode";
import { powerControlPowerOff } from "../../user/stubs/powerControl";
import { processAllocateMemoryRegion, processExit, processStart, processStep } from "../../user/stubs/process";
import { regionAddress, regionZero } from "../../user/stubs/region";
import { threadSetPriority, threadWriteRegisters } from "../../user/stubs/thread";
import { trustControlBegin } from "../../user/stubs/trustControl";
import { type Case, nextCase, openCasesAt } from "../codecs/cases";
import {
  type Answer,
  BINARY,
  BINARY_VA,
  BUDGET,
  BUDGET_SIZE,
  begin,
  beginLoad,
  create,
  done,
  ENDOWMENT,
  expect,
  FREE,
  faultAt,
  finishLoad,
  HEADERS,
  HEADERS_VA,
  IMAGE,
  IMAGE_MEMORY,
  load,
  make,
  makeNeeds,
  makeRegion,
  map,
  PAGE,
  PROCESS,
  prepareLoad,
  refused,
  remove,
  retypeFrom,
  settle,
  step,
  tally,
  VA,
  VERIFIER,
  WRITABLE,
} from "./managerKit";
import { GRANT_CASES, GRANT_CONTROL, GRANT_POOL, GRANT_SERVICE, GRANT_SIGNAL, GRANT_TRUST } from "./managerSlots";

/**
 * A ModuleManager that somebody has taken over: it holds all that one holds, and tries to run code that nobody has signed, or
 * to gain a right that it has not. Each attack is named, and fails with the error that says why; docs/threat-model.md has
 * the list. It exits with the number of those that did not fail so.
 */

/** The host's cases, in this order. */
const SOUND = 0;
const OTHER = 1;
const OWN_ROOT = 2;
const OWN_PUBLISHER = 3;
const OTHER_PURPOSE = 4;
const OLD = 5;
const URGENT = 6;
const SET_OF_OWN = 7;
const SET_OF_NOW = 8;
const SET_OF_FEW = 9;
const SET_REVOKING = 10;
const CASES = 11;

const CASES_VA = 0x6000_0000_0000n;
const MAX_CASE_PAGES = 256n;
const EXECUTABLE = 1n;
const ALL = 7n;
const KERNEL_VA = 0xffff_ffff_8000_0000n;
const OTHER_VA = 0x3300_0000n;
/** A slot of the endowment that the manifest of the sound module does not list, and the one of its notification. */
const UNLISTED = 4n;
const SIGNALLED = 3n;
const SLOTS = 256;

const cases: FixedArray<Inline<Case>, typeof CASES> = zeroed();

type Try = () => void;
interface Attack extends Struct<"Attack"> {
  name: Bytes;
  run: Try;
}

function verdictOf(status: PackageStatus, fault: PackageFault): u64 {
  return u64((u32(status) << 8) | (u32(fault) << 16));
}

/** The kernel refuses to seal the package, and says why. */
function refusesPackage(of: Case, status: PackageStatus, fault: PackageFault): void {
  const answer = local<Answer>();
  prepareLoad(of);
  beginLoad(of);
  finishLoad(answer);
  expect(u64(answer.outcome), u64(u32(Outcome.Refused)), "refused");
  expect(verdictOf(status, fault), u64((answer.status << 8) | (answer.fault << 16)), "why");
  refused(map(IMAGE, VA, 1n, 1n), ErrorCode.InvalidCapability, "there is no Image");
}

function offer(of: Case, answer: Answer): void {
  const message = local<Message>();
  make(CapType.Verifier, 0n, VERIFIER);
  makeRegion(HEADERS, HEADERS_VA, of.parts[1]);
  done(trustControlBegin(message, GRANT_TRUST, u64(of.parts[1].length), HEADERS, VERIFIER), "offer");
  finishLoad(answer);
}

function refusesSet(of: Case, status: PackageStatus, fault: PackageFault): void {
  const answer = local<Answer>();
  offer(of, answer);
  expect(u64(answer.outcome), u64(u32(Outcome.Refused)), "refused");
  expect(verdictOf(status, fault), u64((answer.status << 8) | (answer.fault << 16)), "why");
}

function refusesCreate(fault: PackageFault): void {
  expect(u64(create()), verdictOf(PackageStatus.ManifestPolicyError, fault), "why");
}

function runBytes(): void {
  makeRegion(FREE, VA, cases[SOUND].parts[2]);
  expect(faultAt(VA), u64(u32(FaultKind.Execute)), "no code to run");
}

function mapExecutable(): void {
  makeRegion(FREE, VA, cases[SOUND].parts[2]);
  remove(FREE);
  make(CapType.Region, 1n, FREE);
  refused(map(FREE, OTHER_VA, 1n, ALL), ErrorCode.Busy, "not before it is zero");
  remove(FREE);
  makeRegion(FREE, VA, cases[SOUND].parts[2]);
  const message = local<Message>();
  done(cnodeCopy(message, SLOT_CNODE, u64(FREE) + 1n, ALL, FREE), "copy");
  done(map(FREE + 1, OTHER_VA, 1n, ALL), "all rights are asked for");
  expect(faultAt(OTHER_VA), u64(u32(FaultKind.Execute)), "and this one is not among them");
}

function allocateExecutable(): void {
  const message = local<Message>();
  const error = processAllocateMemoryRegion(message, SLOT_PROCESS, PAGE, EXECUTABLE, u64(FREE), SLOT_CNODE);
  refused(error, ErrorCode.Policy, "allocate");
}

function makeImage(): void {
  refused(retypeFrom(GRANT_POOL, CapType.Image, 1n, FREE), ErrorCode.InvalidArgument, "an Image");
}

function makeAuthority(): void {
  refused(retypeFrom(GRANT_POOL, CapType.PowerControl, 0n, FREE), ErrorCode.InvalidArgument, "PowerControl");
  refused(retypeFrom(GRANT_POOL, CapType.SchedControl, 0n, FREE), ErrorCode.InvalidArgument, "SchedControl");
  refused(retypeFrom(GRANT_POOL, CapType.IrqControl, 0n, FREE), ErrorCode.InvalidArgument, "IrqControl");
}

function writeImage(): void {
  load(cases[SOUND]);
  refused(map(IMAGE, VA, 1n, WRITABLE), ErrorCode.Policy, "to be written");
}

function unprotectImage(): void {
  const message = local<Message>();
  load(cases[SOUND]);
  done(map(IMAGE, VA, 1n, 1n), "to be read");
  const error = addressSpaceProtect(message, SLOT_SPACE, 0n, 1n, WRITABLE, IMAGE);
  refused(error, ErrorCode.InvalidCapability, "protection is of Regions");
  makeRegion(FREE, OTHER_VA, cases[SOUND].parts[2]);
  refused(addressSpaceProtect(message, SLOT_SPACE, 0n, 1n, ALL, FREE), ErrorCode.IllegalOperation, "and gives nothing");
}

function useUnsealed(): void {
  const answer = local<Answer>();
  prepareLoad(cases[SOUND]);
  beginLoad(cases[SOUND]);
  step(400, answer);
  expect(u64(answer.outcome), u64(u32(Outcome.More)), "it is not sealed");
  makeNeeds(BUDGET_SIZE);
  refused(create(), ErrorCode.InvalidCapability, "create");
  refused(map(IMAGE, VA, 1n, 1n), ErrorCode.InvalidCapability, "map");
}

function carveImage(): void {
  const answer = local<Answer>();
  prepareLoad(cases[SOUND]);
  beginLoad(cases[SOUND]);
  refused(retypeFrom(IMAGE_MEMORY, CapType.Region, 1n, FREE), ErrorCode.NotEnoughMemory, "while it is filled");
  finishLoad(answer);
  refused(retypeFrom(IMAGE_MEMORY, CapType.Region, 1n, FREE), ErrorCode.NotEnoughMemory, "when it is sealed");
}

/** A mapping of what was there before does not outlive it. */
function keepAlias(): void {
  const message = local<Message>();
  prepareLoad(cases[SOUND]);
  done(retypeFrom(IMAGE_MEMORY, CapType.Region, 1n, FREE), "a Region of the Image's memory");
  do regionZero(message, FREE);
  while (message.words[0] !== 0n);
  done(map(FREE, VA, 1n, WRITABLE), "which is mapped");
  refused(
    begin(u64(cases[SOUND].parts[1].length), u64(cases[SOUND].parts[2].length)),
    ErrorCode.RevokeFirst,
    "with a Region in it",
  );
  remove(FREE);
  beginLoad(cases[SOUND]);
  done(addressSpaceTranslate(message, SLOT_SPACE, VA), "look it up");
  expect(message.words[0], 0n, "nothing is mapped there any more");
}

function swapBinary(): void {
  prepareLoad(cases[SOUND]);
  remove(BINARY);
  makeRegion(BINARY, BINARY_VA, cases[OTHER].parts[2]);
  done(begin(u64(cases[SOUND].parts[1].length), u64(cases[OTHER].parts[2].length)), "begin");
  const answer = local<Answer>();
  finishLoad(answer);
  expect(u64(answer.outcome), u64(u32(Outcome.Refused)), "refused");
  expect(u64(answer.status), u64(u32(PackageStatus.PackageFormatError)), "its length alone tells");
}

/** Of the same length. */
function changeBinary(): void {
  const answer = local<Answer>();
  prepareLoad(cases[SOUND]);
  beginLoad(cases[SOUND]);
  const last = BINARY_VA + u64(cases[SOUND].parts[2].length) - 1n;
  store8(last, u8(u32(load8(last)) ^ 1));
  finishLoad(answer);
  expect(u64(answer.outcome), u64(u32(Outcome.Refused)), "refused");
  expect(u64(answer.fault), u64(u32(PackageFault.BinaryDigest)), "by its digest");
}

/** What the kernel has copied is what it verifies. */
function changeHeaders(): void {
  const answer = local<Answer>();
  load(cases[SOUND]);
  settle();
  prepareLoad(cases[OWN_ROOT]);
  beginLoad(cases[OWN_ROOT]);
  step(7, answer);
  expect(u64(answer.outcome), u64(u32(Outcome.More)), "they are copied");
  copyMemory(HEADERS_VA, addressOf(cases[SOUND].parts[1]), u64(cases[SOUND].parts[1].length));
  finishLoad(answer);
  expect(u64(answer.outcome), u64(u32(Outcome.Refused)), "the first headers count");
  expect(u64(answer.fault), u64(u32(PackageFault.UnknownSigner)), "which nobody has certified");
}

function beginTwice(): void {
  const answer = local<Answer>();
  const sound = cases[SOUND];
  prepareLoad(sound);
  beginLoad(sound);
  step(300, answer);
  remove(FREE);
  make(CapType.Untyped, 17n, FREE);
  refused(begin(u64(sound.parts[1].length), u64(sound.parts[2].length)), ErrorCode.Busy, "another package");
}

function lieOfLength(): void {
  const sound = cases[SOUND];
  prepareLoad(sound);
  refused(begin(0x1_0000n, u64(sound.parts[2].length)), ErrorCode.RangeError, "headers of 64 KiB");
  refused(begin(u64(sound.parts[1].length), 0x7ff_0000n), ErrorCode.InvalidCapability, "beyond the Region");
  refused(begin(0n, 1n), ErrorCode.RangeError, "no headers");
}

function ownRoot(): void {
  refusesPackage(cases[OWN_ROOT], PackageStatus.CertificateError, PackageFault.UnknownSigner);
}

function ownPublisher(): void {
  refusesPackage(cases[OWN_PUBLISHER], PackageStatus.PackageSignatureError, PackageFault.ManifestSigner);
}

function otherPurpose(): void {
  refusesPackage(cases[OTHER_PURPOSE], PackageStatus.PackageFormatError, PackageFault.SignPurpose);
}

function oldVersion(): void {
  refusesPackage(cases[OLD], PackageStatus.RolledBack, PackageFault.VersionBelowMinimum);
}

function setOfOwn(): void {
  refusesSet(cases[SET_OF_OWN], PackageStatus.TrustError, PackageFault.UnknownSigner);
}

function setOfNow(): void {
  refusesSet(cases[SET_OF_NOW], PackageStatus.RolledBack, PackageFault.TrustNotNewer);
}

function setOfFew(): void {
  refusesSet(cases[SET_OF_FEW], PackageStatus.TrustError, PackageFault.ThresholdNotMet);
}

function grantUnlisted(): void {
  const message = local<Message>();
  load(cases[SOUND]);
  makeNeeds(BUDGET_SIZE);
  done(cnodeCopy(message, ENDOWMENT, UNLISTED, 2n, GRANT_CONTROL), "endow");
  refusesCreate(PackageFault.GrantUnlisted);
}

function grantWider(): void {
  const message = local<Message>();
  load(cases[SOUND]);
  makeNeeds(BUDGET_SIZE);
  cnodeDelete(message, ENDOWMENT, SIGNALLED);
  make(CapType.Notification, 0n, FREE);
  done(cnodeCopy(message, ENDOWMENT, SIGNALLED, ALL, FREE), "endow");
  refusesCreate(PackageFault.GrantTooWide);
}

function grantOther(): void {
  const message = local<Message>();
  load(cases[SOUND]);
  makeNeeds(BUDGET_SIZE);
  cnodeDelete(message, ENDOWMENT, SIGNALLED);
  done(cnodeCopy(message, ENDOWMENT, SIGNALLED, 2n, GRANT_TRUST), "endow");
  refusesCreate(PackageFault.GrantWrongKind);
}

function largerBudget(): void {
  makeNeeds(BUDGET_SIZE + 1n);
  load(cases[SOUND]);
  refusesCreate(PackageFault.BudgetAboveCeiling);
}

function moreUrgent(): void {
  const message = local<Message>();
  load(cases[URGENT]);
  makeNeeds(BUDGET_SIZE);
  refusesCreate(PackageFault.PriorityAbovePolicy);
  refused(threadSetPriority(message, SLOT_THREAD, 255n, 255n), ErrorCode.RangeError, "nor is it itself");
}

/** What it was given to signal it cannot wait for, whatever it asks of a copy. */
function widerRights(): void {
  const message = local<Message>();
  done(cnodeCopy(message, SLOT_CNODE, u64(FREE), ALL, GRANT_SIGNAL), "copy");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Poll, FREE, 0, message);
  refused(errorOf(message), ErrorCode.IllegalOperation, "wait");
}

function otherBadge(): void {
  const message = local<Message>();
  const error = cnodeMint(message, SLOT_CNODE, u64(FREE), 2n, 99n, 0n, GRANT_SERVICE);
  refused(error, ErrorCode.IllegalOperation, "mint");
}

function kernelAddresses(): void {
  const message = local<Message>();
  make(CapType.Thread, 0n, FREE);
  refused(threadWriteRegisters(message, FREE, u64(REGISTER_PC), KERNEL_VA), ErrorCode.RangeError, "run there");
  makeRegion(FREE + 1, VA, cases[SOUND].parts[2]);
  done(cnodeCopy(message, SLOT_CNODE, u64(FREE) + 2n, ALL, FREE + 1), "copy");
  refused(map(FREE + 2, KERNEL_VA, 1n, WRITABLE), ErrorCode.RangeError, "map there");
}

/** The operation of another authority, on each capability of the kernel that it has and on each slot that it has not. */
function confuse(): void {
  const message = local<Message>();
  for (let slot: u32 = 0; slot < SLOTS; slot++) {
    // To an endpoint it is a message like any other.
    if (slot === GRANT_SERVICE) continue;
    const error = powerControlPowerOff(message, slot, 0n);
    expect(error === u32(ErrorCode.IllegalOperation) || error === u32(ErrorCode.FailedLookup) ? 1n : 0n, 1n, "power");
  }
}

/** Of a process that it has made it holds the process, not what is in it. */
function childsInside(): void {
  const message = local<Message>();
  load(cases[SOUND]);
  makeNeeds(BUDGET_SIZE);
  done(create(), "create");
  refused(processExit(message, PROCESS, 0n), ErrorCode.IllegalOperation, "exit in its name");
  refused(processStart(message, PROCESS), ErrorCode.IllegalOperation, "start before it is filled");
  done(processStep(message, PROCESS), "step");
  refused(map(BUDGET, VA, 1n, WRITABLE), ErrorCode.InvalidCapability, "its memory, which has moved into it");
  refused(
    retypeFrom(BUDGET, CapType.Region, 1n, FREE),
    ErrorCode.IllegalOperation,
    "its budget, which has moved into it",
  );
}

function ownProcess(): void {
  const message = local<Message>();
  load(cases[SOUND]);
  makeNeeds(BUDGET_SIZE);
  remove(PROCESS);
  done(cnodeCopy(message, SLOT_CNODE, u64(PROCESS), ALL, SLOT_PROCESS), "copy");
  refused(create(), ErrorCode.InvalidCapability, "made anew with itself");
}

function physicalAddress(): void {
  const message = local<Message>();
  make(CapType.Region, 1n, FREE);
  refused(regionAddress(message, FREE), ErrorCode.IllegalOperation, "address");
}

function revokedImage(): void {
  const message = local<Message>();
  load(cases[SOUND]);
  makeNeeds(BUDGET_SIZE);
  done(cnodeRevoke(message, SLOT_CNODE, u64(IMAGE_MEMORY)), "revoke");
  refused(create(), ErrorCode.InvalidCapability, "create");
}

/** The last one: from then on nothing of that publisher runs. */
function revokedKey(): void {
  const message = local<Message>();
  const answer = local<Answer>();
  load(cases[SOUND]);
  remove(VERIFIER);
  remove(HEADERS);
  done(cnodeMove(message, SLOT_CNODE, u64(FREE), IMAGE), "put the Image aside");
  offer(cases[SET_REVOKING], answer);
  done(cnodeMove(message, SLOT_CNODE, u64(IMAGE), FREE), "and back");
  expect(u64(answer.outcome), u64(u32(Outcome.Adopted)), "the newer set is in force");
  makeNeeds(BUDGET_SIZE);
  refusesCreate(PackageFault.TrustChanged);
}

const ATTACKS = 36;
const attacks: FixedArray<Inline<Attack>, typeof ATTACKS> = [
  { name: "runs bytes of a Region", run: runBytes },
  { name: "maps a Region to be executed", run: mapExecutable },
  { name: "allocates memory to execute", run: allocateExecutable },
  { name: "makes an Image of memory", run: makeImage },
  { name: "makes itself an authority", run: makeAuthority },
  { name: "maps an Image to be written", run: writeImage },
  { name: "takes an Image's protection away", run: unprotectImage },
  { name: "uses an Image before it is sealed", run: useUnsealed },
  { name: "carves a Region from an Image's memory", run: carveImage },
  { name: "keeps a Region in an Image's memory", run: keepAlias },
  { name: "pairs headers with another binary", run: swapBinary },
  { name: "changes the binary after Begin", run: changeBinary },
  { name: "changes the headers after they were copied", run: changeHeaders },
  { name: "begins a second package in a Verifier", run: beginTwice },
  { name: "lies of a length", run: lieOfLength },
  { name: "certifies with a root of its own", run: ownRoot },
  { name: "signs a manifest with a key of its own", run: ownPublisher },
  { name: "uses a signature for another purpose", run: otherPurpose },
  { name: "brings an old version back", run: oldVersion },
  { name: "offers a trust set of its own", run: setOfOwn },
  { name: "offers the trust set of now again", run: setOfNow },
  { name: "offers a trust set that too few have signed", run: setOfFew },
  { name: "grants what the manifest does not list", run: grantUnlisted },
  { name: "grants wider rights", run: grantWider },
  { name: "grants another kind of capability", run: grantOther },
  { name: "gives a larger budget", run: largerBudget },
  { name: "makes something more urgent than itself", run: moreUrgent },
  { name: "widens its own rights", run: widerRights },
  { name: "takes another badge", run: otherBadge },
  { name: "reaches for the kernel's addresses", run: kernelAddresses },
  { name: "asks every slot for another's operation", run: confuse },
  { name: "acts for a process that it has made", run: childsInside },
  { name: "makes itself anew", run: ownProcess },
  { name: "asks where its memory is", run: physicalAddress },
  { name: "makes a process of a revoked Image", run: revokedImage },
  { name: "starts what a revoked key has signed", run: revokedKey },
];

/** Leaves the pool whole. */
function attack(index: u32): void {
  const before = tally.failures;
  tally.attack = attacks[index].name;
  attacks[index].run();
  settle();
  debugWrite(tally.failures === before ? "resisted: " : "succeeded: ");
  debugWrite(tally.attack);
  debugWrite("\n");
}

/** @entry program_start */
export function main(info: u64): void {
  const message = local<Message>();
  for (let pages: u64 = MAX_CASE_PAGES; pages > 0n && map(GRANT_CASES, CASES_VA, pages, 1n) !== 0; pages -= 1n) {}
  openCasesAt(CASES_VA, cases[0]);
  for (let i: u32 = 0; i < CASES; i++) {
    if (i > 0) copyStruct(cases[i], cases[i - 1]);
    nextCase(cases[i]);
  }
  for (let i: u32 = 0; i < ATTACKS; i++) attack(i);
  message.info = info;
  processExit(message, SLOT_PROCESS, u64(tally.failures));
  for (;;) systemCall(Syscall.Wait, GRANT_SIGNAL, 0, message);
}
