import type { ElfProgram } from "../../codec/elf/elf";
import type { Bench } from "../../codec/package/bench";
import { readBinary } from "../../codec/package/binary";
import { Part } from "../../codec/package/container";
import { PackageFault } from "../../codec/package/fault";
import { statusOf, statusOfTrust } from "../../codec/package/status";
import { startTrust, stepTrust, type TrustReading, type TrustSet } from "../../codec/package/trust";
import {
  beginVerification,
  endBinary,
  type KnownChain,
  type PackageVerification,
  Progress,
  stepVerification,
  takeBinary,
} from "../../codec/package/verify";

/**
 * A task's own judgement, by codec/package in user mode. A verdict is a word: fault, part, status, a byte each, and in the
 * upper half the place.
 */

const PIECE_BYTES: u32 = 512;
/** Of the boot image's trust set: no other one has to stand for it. */
export const NO_TRUST = 2;

const bench: Bench = zeroed();
const trusts: FixedArray<Inline<TrustSet>, 2> = zeroed();
const reading: TrustReading = zeroed();
const verification: PackageVerification = zeroed();
const known: KnownChain = zeroed();
const program: ElfProgram = zeroed();

function verdict(fault: PackageFault, part: Part, at: u32): u64 {
  const status = part === Part.Trust ? statusOfTrust(fault) : statusOf(fault);
  return u64(u32(fault) | (u32(part) << 8) | (u32(status) << 16)) | (u64(at) << 32n);
}

function answer(): u64 {
  return verdict(verification.fault, verification.part, verification.faultAt);
}

/** Reads a trust set into place `into`, as the successor of the one in `present`, or NO_TRUST. */
export function readTrust(bytes: Bytes, into: u32, present: u32): u64 {
  startTrust(reading, bench, bytes, trusts[into], present === NO_TRUST ? null : trusts[present]);
  while (stepTrust(reading)) {}
  return verdict(reading.fault, Part.Trust, reading.faultAt);
}

/** Verifies a package by the trust set in place `trust`; no certificate is known from before. */
export function judgePackage(headers: Bytes, binary: Bytes, trust: u32, machine: u32): u64 {
  known.isSet = false;
  beginVerification(verification, bench, headers, trusts[trust], known);
  while (stepVerification(verification) === Progress.More) {}
  if (verification.fault !== PackageFault.None) return answer();
  for (let at: u32 = 0; at < binary.length; at += PIECE_BYTES) {
    const left = binary.length - at;
    takeBinary(verification, subslice(binary, at, left < PIECE_BYTES ? left : PIECE_BYTES));
  }
  if (endBinary(verification) !== Progress.Verified) return answer();
  const fault = readBinary(binary, u64(binary.length), machine, verification.manifest, program);
  return verdict(fault, Part.Binary, u32(program.faultAt));
}
