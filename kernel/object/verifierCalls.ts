/** @unsafe reaches the verifier behind a capability */
import { MAX_HEADER_BYTES, Part } from "../../codec/package/container";
import { PackageStatus, statusOf, statusOfTrust } from "../../codec/package/status";
import { MAX_TRUST_BYTES } from "../../codec/package/trust";
import { CapType, FLAG_DEVICE, FLAG_UNSEALED, FLAG_ZEROED, isCapWith, RIGHT_READ } from "../cap/capability";
import { emptySlotOf } from "../cap/cspace";
import { endVerification } from "../cap/delete";
import { derive, whyNoCopy } from "../cap/derive";
import { extraOf, insertChild, levelOf, MAX_LEVEL, moveSlot, objectOf, type Slot } from "../cap/slot";
import { sentSlot } from "../ipc/buffer";
import { ErrorCode } from "../ipc/messageInfo";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";
import { countTaken } from "../memory/frames";
import { answerWord, argument, caller, capability, target, wrong } from "../syscall/request";
import { imageHeaderBytes, imageWord } from "./image";
import { Outcome } from "./outcome";
import { pagesOf } from "./region";
import { trustReader } from "./trust";
import { baseOf } from "./untyped";
import { startPackage, startTrustSet, stepVerifier, type Verifier, VerifierPhase } from "./verifier";

/** What a Verifier's capability and TrustControl's can be asked for. */

/** The longest binary: its offsets are 32 bits. */
const MAX_BINARY = 0x800_0000n;

function verifier(): Verifier {
  return cast<Verifier>(objectOf(target()));
}

/** Capability `index` if it is a Region of memory that the kernel may read, of at least `bytes` bytes. */
function source(index: u32, bytes: u64): Slot | null {
  const slot = sentSlot(caller(), index);
  if (slot === null || !isCapWith(slot.word, CapType.Region, RIGHT_READ | FLAG_ZEROED)) return null;
  if (isCapWith(slot.word, CapType.Region, FLAG_DEVICE)) return null;
  return u64(pagesOf(slot)) * PAGE_BYTES >= bytes ? slot : null;
}

/** Verifier.Begin: bytes of the headers, bytes of the binary; their Regions, and an Untyped for the Image. */
export function beginPackage(): ErrorCode {
  const headersBytes = argument(0);
  const binaryBytes = argument(1);
  const to = verifier();
  if (headersBytes === 0n || headersBytes > u64(MAX_HEADER_BYTES)) return wrong(ErrorCode.RangeError, 0);
  if (binaryBytes === 0n || binaryBytes > MAX_BINARY) return wrong(ErrorCode.RangeError, 1);
  const headers = source(0, headersBytes);
  const binary = source(1, binaryBytes);
  const memory = capability(2, CapType.Untyped);
  if (headers === null) return wrong(ErrorCode.InvalidCapability, 0);
  if (whyNoCopy(headers) !== ErrorCode.None) return wrong(whyNoCopy(headers), 0);
  if (binary === null) return wrong(ErrorCode.InvalidCapability, 1);
  if (whyNoCopy(binary) !== ErrorCode.None) return wrong(whyNoCopy(binary), 1);
  if (memory === null || isCapWith(memory.word, CapType.Untyped, FLAG_DEVICE)) {
    return wrong(ErrorCode.InvalidCapability, 2);
  }
  if (to.phase !== VerifierPhase.Idle) return ErrorCode.Busy;
  if (memory.data !== 0n) return wrong(ErrorCode.RevokeFirst, 2);
  const start = (baseOf(memory) + PAGE_BYTES - 1n) & ~(PAGE_BYTES - 1n);
  const isLarge = start === baseOf(memory) && 1n << u64(extraOf(memory)) > imageHeaderBytes();
  if (!isLarge || levelOf(memory) >= MAX_LEVEL) return wrong(ErrorCode.NotEnoughMemory, 2);
  derive(headers, to.headers, headers.word, 0n);
  derive(binary, to.binary, binary.word, 0n);
  insertChild(memory, to.image, imageWord(start as PhysAddr) | FLAG_UNSEALED, 0n, extraOf(memory));
  memory.data = 1n << u64(extraOf(memory));
  countTaken(memory.data);
  startPackage(to, u32(headersBytes), u32(binaryBytes));
  return ErrorCode.None;
}

/** TrustControl.Begin: bytes of the trust set; its Region, and the Verifier that reads it. */
export function beginTrust(): ErrorCode {
  const bytes = argument(0);
  if (bytes === 0n || bytes > u64(MAX_TRUST_BYTES)) return wrong(ErrorCode.RangeError, 0);
  const set = source(0, bytes);
  const slot = capability(1, CapType.Verifier);
  if (set === null) return wrong(ErrorCode.InvalidCapability, 0);
  if (whyNoCopy(set) !== ErrorCode.None) return wrong(whyNoCopy(set), 0);
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 1);
  const to = cast<Verifier>(objectOf(slot));
  if (to.phase !== VerifierPhase.Idle || trustReader() !== null) return ErrorCode.Busy;
  derive(set, to.headers, set.word, 0n);
  startTrustSet(to, u32(bytes));
  return ErrorCode.None;
}

/**
 * Verifier.Step: slot; the CNode in which the sealed Image's capability goes → Outcome, PackageStatus, PackageFault; and
 * the Part that it is about in bits 32 to 39 of the last word, with the place in it.
 */
export function stepPackage(): ErrorCode {
  const cnode = capability(0, CapType.CNode);
  if (cnode === null) return wrong(ErrorCode.InvalidCapability, 0);
  const to = verifier();
  if (to.phase === VerifierPhase.Idle) return ErrorCode.IllegalOperation;
  const place = emptySlotOf(cnode, argument(0));
  if (place === null) return wrong(ErrorCode.DeleteFirst, 0);
  const outcome = stepVerifier(to);
  if (outcome === Outcome.Sealed) moveSlot(to.image, place);
  answerWord(0, u64(u32(outcome)));
  answerWord(1, u64(u32(statusOfOutcome(to, outcome))));
  answerWord(2, outcome === Outcome.Refused ? u64(u32(to.fault)) : 0n);
  answerWord(3, outcome === Outcome.Refused ? (u64(u32(to.part)) << 32n) | u64(to.faultAt) : 0n);
  if (outcome !== Outcome.More) endVerification(to);
  return ErrorCode.None;
}

function statusOfOutcome(of: Verifier, outcome: Outcome): PackageStatus {
  if (outcome === Outcome.Refused) return of.part === Part.Trust ? statusOfTrust(of.fault) : statusOf(of.fault);
  return outcome === Outcome.NoRoom || outcome === Outcome.Lost
    ? PackageStatus.InsufficientResourcesError
    : PackageStatus.Success;
}
