/** @unsafe copies through the physical window */
import { windowOf } from "@arch/mmu";
import { ELF_MACHINE, publishCode } from "@arch/userSpace";
import type { ElfProgram } from "../../codec/elf/elf";
import { type Bench, HASH_STEP_BYTES } from "../../codec/package/bench";
import { readBinary } from "../../codec/package/binary";
import { type MAX_HEADER_BYTES, Part } from "../../codec/package/container";
import { PackageFault } from "../../codec/package/fault";
import { isTrusted, startTrust, stepTrust, type TrustReading } from "../../codec/package/trust";
import {
  beginVerification,
  endBinary,
  type PackageVerification,
  Progress,
  stepVerification,
  takeBinary,
} from "../../codec/package/verify";
import { FLAG_UNSEALED } from "../cap/capability";
import { extraOf, isNull, type Slot, setExtra } from "../cap/slot";
import { PAGE_BYTES } from "../memory/address";
import { type Image, imageBytes, imageOf, layOut, placeBytes } from "./image";
import { Outcome } from "./outcome";
import { PROGRAM_END, PROGRAM_START } from "./processSlots";
import { pageOf } from "./region";
import { adoptCandidate, candidateBytes, candidateTrust, knownChain, presentTrust, setTrustReader } from "./trust";

/**
 * Verifies a package, or a newer trust set, for the kernel itself, on the caller's time: at most 20,000 instructions a
 * step. Everything is copied before it is looked at, so that nobody changes it afterwards.
 *
 *           Begin                                        a fault
 *   Idle ──────────▶ Headers ─▶ Signatures ─▶ Head ─▶ Clearing ─▶ Binary ─▶ Sealed ──────────▶ Idle
 *     │                                                                   └─ the Image's capability is taken ─▶ Idle
 *     └───TrustControl.Begin──▶ TrustBytes ─▶ Trust ─▶ Idle, and the set is in force
 *
 *   region ── piece ──▶ digest          the same bytes, copied once, are hashed and placed
 *               └─────▶ Image
 *
 * Y1  `image` holds the only capability to the Image until it is sealed and taken (G2). Its memory is taken from the
 *     Untyped meanwhile, so that nobody else gets it.
 * Y2  Whoever revokes headers, binary or memory ends the verification: the slot is null then, and Step finds it so.
 * Y3  What a newer trust set would judge otherwise is verified by that one from the beginning.
 */
export interface Verifier extends Struct<"Verifier"> {
  phase: VerifierPhase;
  readonly image: Inline<Slot>;
  readonly headers: Inline<Slot>;
  readonly binary: Inline<Slot>;
  headersBytes: u32;
  binaryBytes: u32;
  /** Bytes that are copied, or cleared, in this phase. */
  done: u64;
  /** Of the fault that ended it. */
  fault: PackageFault;
  part: Part;
  faultAt: u32;
  trustVersion: u64;
  readonly bench: Inline<Bench>;
  readonly verification: Inline<PackageVerification>;
  readonly reading: Inline<TrustReading>;
  /** What the binary's beginning tells; what is wrong with it counts only once the binary is known to be the signed one. */
  readonly program: Inline<ElfProgram>;
  programFault: PackageFault;
  /** The program is sound, and its Image has room. */
  hasRoom: boolean;
  /** The binary's beginning. */
  readonly head: FixedArray<u8, typeof HEAD_BYTES>;
  readonly piece: FixedArray<u8, typeof HASH_STEP_BYTES>;
  readonly copy: FixedArray<u8, typeof MAX_HEADER_BYTES>;
}

/** @storage u8 */
export const enum VerifierPhase {
  Idle,
  Headers,
  Signatures,
  Head,
  Clearing,
  Binary,
  Sealed,
  TrustBytes,
  Trust,
}

/** All program headers are in it (codec/elf). */
const HEAD_BYTES = 1024;
/** Its capability counts pages in 16 bits. */
const MAX_IMAGE_BYTES = 0xfff_f000n;
const COPY_STEP_BYTES = 4096;
const CLEAR_STEP_PAGES = 16n;

/** Does the next step of a verification that was begun. */
export function stepVerifier(verifier: Verifier): Outcome {
  switch (verifier.phase) {
    case VerifierPhase.Headers:
      return copyHeaders(verifier);
    case VerifierPhase.Signatures:
      return stepSignatures(verifier);
    case VerifierPhase.Head:
      return lookAtBinary(verifier);
    case VerifierPhase.Clearing:
      return clear(verifier);
    case VerifierPhase.Binary:
      return takePiece(verifier);
    case VerifierPhase.TrustBytes:
      return copyTrust(verifier);
    case VerifierPhase.Trust:
      return readTrust(verifier);
    case VerifierPhase.Sealed:
      return isNull(verifier.image) ? Outcome.Lost : Outcome.Sealed;
    case VerifierPhase.Idle:
      return Outcome.Lost;
    default:
      unreachable(verifier.phase);
  }
}

/** Begins with a package; the slots are filled. */
export function startPackage(verifier: Verifier, headersBytes: u32, binaryBytes: u32): void {
  verifier.headersBytes = headersBytes;
  verifier.binaryBytes = binaryBytes;
  verifier.done = 0n;
  verifier.phase = VerifierPhase.Headers;
}

/** Begins with a trust set in `headers`; the candidate's place is free. */
export function startTrustSet(verifier: Verifier, bytes: u32): void {
  setTrustReader(verifier);
  verifier.headersBytes = bytes;
  verifier.done = 0n;
  verifier.phase = VerifierPhase.TrustBytes;
}

/** What was refused, and where. */
function refuse(verifier: Verifier, fault: PackageFault, part: Part, at: u32): Outcome {
  verifier.fault = fault;
  verifier.part = part;
  verifier.faultAt = at;
  return Outcome.Refused;
}

/** Copies `bytes` bytes at `offset` of the Region's memory, which the caller knows to be there. */
function copyFrom(region: Slot, offset: u64, to: Bytes): void {
  copyMemory(addressOf(to), windowOf(pageOf(region)) + offset, u64(to.length));
}

function copyHeaders(verifier: Verifier): Outcome {
  if (isNull(verifier.headers)) return Outcome.Lost;
  const at = u32(verifier.done);
  const count = stepOf(verifier.headersBytes - at, COPY_STEP_BYTES);
  copyFrom(verifier.headers, verifier.done, sliceOf(verifier.copy, at, count));
  verifier.done += u64(count);
  if (at + count === verifier.headersBytes) startSignatures(verifier);
  return Outcome.More;
}

function stepOf(left: u32, most: u32): u32 {
  return left < most ? left : most;
}

function startSignatures(verifier: Verifier): void {
  const trust = presentTrust();
  const headers = sliceOf(verifier.copy, 0, verifier.headersBytes);
  verifier.trustVersion = trust.version;
  beginVerification(verifier.verification, verifier.bench, headers, trust, knownChain());
  verifier.phase = VerifierPhase.Signatures;
}

/** Whether the trust set by which it began is still the one in force (Y3). */
function isCurrent(verifier: Verifier): boolean {
  return verifier.trustVersion === presentTrust().version;
}

function stepSignatures(verifier: Verifier): Outcome {
  if (!isCurrent(verifier)) {
    startSignatures(verifier);
    return Outcome.More;
  }
  const v = verifier.verification;
  const progress = stepVerification(v);
  if (progress === Progress.Failed) return refuse(verifier, v.fault, v.part, v.faultAt);
  if (progress === Progress.Headers) verifier.phase = VerifierPhase.Head;
  return Outcome.More;
}

/** The binary's beginning says how much memory the Image takes, and where everything in it goes. */
function lookAtBinary(verifier: Verifier): Outcome {
  if (isNull(verifier.binary) || isNull(verifier.image)) return Outcome.Lost;
  const manifest = verifier.verification.manifest;
  const headBytes = stepOf(verifier.binaryBytes, HEAD_BYTES);
  const head = sliceOf(verifier.head, 0, headBytes);
  copyFrom(verifier.binary, 0n, head);
  const program = verifier.program;
  const fault = readBinary(head, u64(verifier.binaryBytes), ELF_MACHINE, manifest, program);
  verifier.programFault = fault === PackageFault.None && !isInPlace(program) ? PackageFault.ElfAddress : fault;
  verifier.hasRoom = verifier.programFault === PackageFault.None && fits(verifier);
  verifier.done = 0n;
  verifier.phase = verifier.hasRoom ? VerifierPhase.Clearing : VerifierPhase.Binary;
  return Outcome.More;
}

/** Where programs may be; the address at fault is the first segment's. */
function isInPlace(program: ElfProgram): boolean {
  return program.lowest >= PROGRAM_START && endOf(program) <= PROGRAM_END;
}

function fits(verifier: Verifier): boolean {
  const bytes = imageBytes(verifier.program);
  return bytes <= 1n << u64(extraOf(verifier.image)) && bytes <= MAX_IMAGE_BYTES;
}

function endOf(program: ElfProgram): u64 {
  const last = program.segments[program.count - 1];
  return last.address + last.bytes;
}

/** The Image's memory, as it will be; until then the slot's extra is the Untyped's size. */
function imageIn(verifier: Verifier): Image {
  return imageOf(verifier.image);
}

function clear(verifier: Verifier): Outcome {
  if (isNull(verifier.image)) return Outcome.Lost;
  const bytes = imageBytes(verifier.program);
  const left = bytes - verifier.done;
  const most = CLEAR_STEP_PAGES * PAGE_BYTES;
  const count = left < most ? left : most;
  const to = addressOf(imageIn(verifier)) + verifier.done;
  fillMemory(to, 0, count);
  // Of a page of text that the file does not fill, nothing that was there before may be fetched.
  publishCode(to, count);
  verifier.done += count;
  if (verifier.done < bytes) return Outcome.More;
  layOut(imageIn(verifier), verifier.program);
  verifier.done = 0n;
  verifier.phase = VerifierPhase.Binary;
  return Outcome.More;
}

/** Copies a piece, hashes the copy, and places the copy. */
function takePiece(verifier: Verifier): Outcome {
  if (isNull(verifier.binary) || isNull(verifier.image)) return Outcome.Lost;
  if (!isCurrent(verifier)) {
    startSignatures(verifier);
    return Outcome.More;
  }
  const at = u32(verifier.done);
  if (at === verifier.binaryBytes) return seal(verifier);
  const piece = nextPiece(verifier, at);
  const v = verifier.verification;
  if (takeBinary(v, piece) === Progress.Failed) return refuse(verifier, v.fault, v.part, v.faultAt);
  if (verifier.hasRoom) placeBytes(imageIn(verifier), u64(at), piece);
  verifier.done += u64(piece.length);
  return Outcome.More;
}

/** The beginning is what was looked at already. */
function nextPiece(verifier: Verifier, at: u32): Bytes {
  const count = stepOf(verifier.binaryBytes - at, HASH_STEP_BYTES);
  if (at < HEAD_BYTES) return sliceOf(verifier.head, at, stepOf(count, HEAD_BYTES - at));
  const piece = sliceOf(verifier.piece, 0, count);
  copyFrom(verifier.binary, u64(at), piece);
  return piece;
}

/** The binary is the one that was signed: from now on its Image is one (G1). */
function seal(verifier: Verifier): Outcome {
  const v = verifier.verification;
  if (endBinary(v) !== Progress.Verified) return refuse(verifier, v.fault, v.part, v.faultAt);
  if (verifier.programFault !== PackageFault.None) {
    return refuse(verifier, verifier.programFault, Part.Binary, u32(verifier.program.faultAt));
  }
  if (!verifier.hasRoom) return Outcome.NoRoom;
  const image = imageIn(verifier);
  copyStruct(image.manifest, v.manifest);
  const bytes = v.manifestBytes;
  copyMemory(addressOf(sliceOf(image.manifestBytes, 0, bytes.length)), addressOf(bytes), u64(bytes.length));
  image.manifestLength = bytes.length;
  image.trustVersion = v.trust.version;
  image.isSealed = true;
  setExtra(verifier.image, image.pages);
  verifier.image.word &= ~FLAG_UNSEALED;
  verifier.phase = VerifierPhase.Sealed;
  return Outcome.More;
}

function copyTrust(verifier: Verifier): Outcome {
  if (isNull(verifier.headers)) return Outcome.Lost;
  const at = u32(verifier.done);
  const count = stepOf(verifier.headersBytes - at, COPY_STEP_BYTES);
  copyFrom(verifier.headers, verifier.done, candidateBytes(at, count));
  verifier.done += u64(count);
  if (at + count < verifier.headersBytes) return Outcome.More;
  const bytes = candidateBytes(0, verifier.headersBytes);
  startTrust(verifier.reading, verifier.bench, bytes, candidateTrust(), presentTrust());
  verifier.phase = VerifierPhase.Trust;
  return Outcome.More;
}

function readTrust(verifier: Verifier): Outcome {
  const reading = verifier.reading;
  if (stepTrust(reading)) return Outcome.More;
  if (!isTrusted(reading)) return refuse(verifier, reading.fault, Part.Trust, reading.faultAt);
  adoptCandidate();
  return Outcome.Adopted;
}
