import type { ElfProgram } from "../../codec/elf/elf";
import type { Bench } from "../../codec/package/bench";
import { readBinary } from "../../codec/package/binary";
import { Part } from "../../codec/package/container";
import { PackageFault } from "../../codec/package/fault";
import { statusOf, statusOfTrust } from "../../codec/package/status";
import { isTrusted, startTrust, stepTrust, type TrustReading, type TrustSet } from "../../codec/package/trust";
import {
  beginVerification,
  endBinary,
  endPayload,
  type KnownChain,
  type PackageVerification,
  Progress,
  stepVerification,
  takeBinary,
  takePayload,
} from "../../codec/package/verify";
import { Verdict } from "../../crypto/mldsa87/verify";

/**
 * A test's own judgement, by codec/package: of the tasks here, of the host's tests and of the fuzzer. A verdict is a word:
 * fault, part, status, a byte each, and in the upper half the place. With `holds` every signature is taken for valid: what
 * lies behind them is reached without keys.
 */

/** Of the boot image's trust set: no other one has to stand for it. */
export const NO_TRUST = 2;
/** What is handed over at once, if nothing else is said. */
const PIECE_BYTES: u32 = 512;

const bench: Bench = zeroed();
const trusts: FixedArray<Inline<TrustSet>, 2> = zeroed();
const reading: TrustReading = zeroed();
const verification: PackageVerification = zeroed();
/** By the trust set in place `knownBy`: here several have one version. */
const known: KnownChain = zeroed();
let knownBy: u32 = 0;
const program: ElfProgram = zeroed();
/** That the last headers took. */
let steps: u32 = 0;

export function verdict(fault: PackageFault, part: Part, at: u32): u64 {
  const status = part === Part.Trust ? statusOfTrust(fault) : statusOf(fault);
  return u64(u32(fault) | (u32(part) << 8) | (u32(status) << 16)) | (u64(at) << 32n);
}

/** Of what was verified last, as far as it has got. */
export function verdictNow(): u64 {
  return verdict(verification.fault, verification.part, verification.faultAt);
}

/** What was verified last. */
export function lastVerification(): PackageVerification {
  return verification;
}

/** That the last headers took. */
export function stepCount(): u32 {
  return steps;
}

/** What is being verified has a signature that holds. */
export function holdSignature(to: Bench): void {
  to.verification.verdict = Verdict.Valid;
}

/** Reads a trust set into place `into`, as the successor of the one in `present`, or NO_TRUST. */
export function readTrust(bytes: Bytes, into: u32, present: u32, holds: boolean): u64 {
  startTrust(reading, bench, bytes, trusts[into], present === NO_TRUST ? null : trusts[present]);
  if (holds) holdSignature(bench);
  while (stepTrust(reading)) {
    if (holds) holdSignature(bench);
  }
  known.isSet = false;
  assert(isTrusted(reading) === (reading.fault === PackageFault.None), "a trust set is used when nothing is wrong");
  return verdict(reading.fault, Part.Trust, reading.faultAt);
}

/** False when something is wrong with them by the trust set in place `trust`. */
export function verifyHeaders(headers: Bytes, trust: u32, holds: boolean): boolean {
  if (holds || trust !== knownBy) known.isSet = false;
  knownBy = trust;
  beginVerification(verification, bench, headers, trusts[trust], known);
  let progress = Progress.More as Progress;
  for (steps = 0; progress === Progress.More; steps++) {
    if (holds) holdSignature(bench);
    progress = stepVerification(verification);
  }
  if (holds) known.isSet = false;
  return progress === Progress.Headers;
}

/** In pieces; false when it is not the one that was signed. */
export function verifyPayload(payload: Bytes, pieceBytes: u32): boolean {
  for (let at: u32 = 0; at < payload.length; at += pieceBytes) {
    takePayload(verification, piece(payload, at, pieceBytes));
  }
  return endPayload(verification) !== Progress.Failed;
}

/** In pieces; false when it is not the one that was signed. */
export function verifyBinary(binary: Bytes, pieceBytes: u32): boolean {
  for (let at: u32 = 0; at < binary.length; at += pieceBytes) takeBinary(verification, piece(binary, at, pieceBytes));
  return endBinary(verification) === Progress.Verified;
}

/** What is wrong with the program that a verified binary is. */
export function faultOfProgram(binary: Bytes, machine: u32): PackageFault {
  return readBinary(binary, u64(binary.length), machine, verification.manifest, program);
}

/** Of a binary, once the headers are verified: whether it is the one that was signed, and what is wrong with the program. */
export function judgeBinary(binary: Bytes, pieceBytes: u32, machine: u32): u64 {
  if (!verifyBinary(binary, pieceBytes)) return verdictNow();
  return verdict(faultOfProgram(binary, machine), Part.Binary, u32(program.faultAt));
}

/** Verifies a package by the trust set in place `trust`; no certificate is known from before. */
export function judgePackage(headers: Bytes, binary: Bytes, trust: u32, machine: u32): u64 {
  known.isSet = false;
  return verifyHeaders(headers, trust, false) ? judgeBinary(binary, PIECE_BYTES, machine) : verdictNow();
}

function piece(bytes: Bytes, at: u32, most: u32): Bytes {
  const left = bytes.length - at;
  return subslice(bytes, at, left < most ? left : most);
}
