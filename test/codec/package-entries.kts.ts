import type { ElfProgram } from "../../codec/elf/elf";
import type { Bench } from "../../codec/package/bench";
import { readBinary } from "../../codec/package/binary";
import { type Container, Part, readContainer } from "../../codec/package/container";
import { PackageFault } from "../../codec/package/fault";
import { faultOfGrant, faultOfGrantCount } from "../../codec/package/grants";
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
import { Outcome } from "../../kernel/object/outcome";
import { editPackage } from "../fuzz/codec/package-edits.kts";
import { holdSignature, loadTrust, seal, sealerOf } from "./sealer.kts";

/** What test/codec/package-host.ts calls: koffi passes numbers and pointers. */

const bench: Bench = zeroed();
const trusts: FixedArray<Inline<TrustSet>, 2> = zeroed();
const reading: TrustReading = zeroed();
const verification: PackageVerification = zeroed();
const program: ElfProgram = zeroed();
const container: Container = zeroed();
/** That the last headers took. */
let steps: u32 = 0;

/** Every signature is taken for valid: what lies behind them is reached without keys. */
const known: KnownChain = zeroed();
/** By which trust set: here several have one version. */
let knownBy: u32 = 0;
let holds = false;

/** @entry hold_signatures */
export function holdSignatures(on: u32): void {
  holds = on !== 0;
}

/** Fault, part and status in one word; where in the upper half. */
function verdict(fault: PackageFault, part: Part, faultAt: u32): u64 {
  const status = part === Part.Trust ? statusOfTrust(fault) : statusOf(fault);
  const low = u32(fault) | (u32(part) << 8) | (u32(status) << 16);
  return u64(low) | (u64(faultAt) << 32n);
}

/** Reads a trust set as the boot image's (`present` 2) or as the successor of another one. @entry read_trust */
export function readTrust(bytes: Bytes, into: u32, present: u32): u64 {
  startTrust(reading, bench, bytes, trusts[into], present < 2 ? trusts[present] : null);
  while (stepTrust(reading)) {}
  known.isSet = false;
  assert(isTrusted(reading) === (reading.fault === PackageFault.None), "R2");
  return verdict(reading.fault, Part.Trust, reading.faultAt);
}

/** @entry verify_headers */
export function verifyHeaders(headers: Bytes, trust: u32): u64 {
  if (holds || trust !== knownBy) known.isSet = false;
  knownBy = trust;
  beginVerification(verification, bench, headers, trusts[trust], known);
  steps = 0;
  let progress = Progress.More as Progress;
  for (; progress === Progress.More; steps++) {
    if (holds) holdSignature(bench);
    progress = stepVerification(verification);
  }
  if (holds) known.isSet = false;
  return answer();
}

/** Hands over the payload in pieces. @entry verify_payload */
export function verifyPayload(payload: Bytes, pieceBytes: u32): u64 {
  for (let at: u32 = 0; at < payload.length; at += pieceBytes)
    takePayload(verification, piece(payload, at, pieceBytes));
  endPayload(verification);
  return answer();
}

/** Hands over the binary in pieces, and reads the program that is in it. @entry verify_binary */
export function verifyBinary(binary: Bytes, pieceBytes: u32, machine: u32): u64 {
  for (let at: u32 = 0; at < binary.length; at += pieceBytes) takeBinary(verification, piece(binary, at, pieceBytes));
  if (endBinary(verification) !== Progress.Verified) return answer();
  const fault = readBinary(binary, u64(binary.length), machine, verification.manifest, program);
  return verdict(fault, Part.Binary, u32(program.faultAt));
}

function piece(bytes: Bytes, at: u32, most: u32): Bytes {
  const left = bytes.length - at;
  return subslice(bytes, at, left < most ? left : most);
}

function answer(): u64 {
  return verdict(verification.fault, verification.part, verification.faultAt);
}

/** Where the payload of a file begins; the file's length when its headers are damaged. @entry find_payload */
export function findPayload(bytes: Bytes): u32 {
  readContainer(bench.fields, bytes, container);
  return bench.fields.fault === PackageFault.None ? container.headerBytes : bytes.length;
}

/** Of the last headers. @entry header_steps */
export function headerSteps(): u32 {
  return steps;
}

/** What is wrong with a grant to what was verified last. @entry grant_fault */
export function grantFault(index: u32, kind: u32, rights: u32): u32 {
  return u32(faultOfGrant(verification.manifest, index, kind, rights));
}

/** @entry grant_count_fault */
export function grantCountFault(count: u32): u32 {
  return u32(faultOfGrantCount(verification.manifest, count));
}

/** Bytes of what a Verifier needs beside the headers' copy. @entry package_sizes */
export function sizes(to: FixedArray<u32, 4>): void {
  to[0] = u32(sizeOf<Bench>());
  to[1] = u32(sizeOf<PackageVerification>());
  to[2] = u32(sizeOf<TrustReading>());
  to[3] = u32(sizeOf<TrustSet>());
}

/** The kernel's own trust set. @entry load_kernel_trust */
export function loadKernelTrust(bytes: Bytes): u32 {
  return loadTrust(bytes) ? 1 : 0;
}

/** The kernel's verdict, and its outcome in the bits above the status. @entry seal_package */
export function sealPackage(headers: Bytes, binary: Bytes): u64 {
  const outcome = seal(headers, binary, holds);
  const sealer = sealerOf();
  const isRefused = outcome === Outcome.Refused;
  const word = isRefused
    ? verdict(sealer.fault, sealer.part, sealer.faultAt)
    : verdict(PackageFault.None, Part.File, 0);
  return word | (u64(u32(outcome)) << 24n);
}

/** Edits the first `size` bytes of `room`; answers how many they are then. @entry edit_package */
export function edit(room: Bytes, size: u32, seed: u32): u32 {
  return editPackage(room, size, seed);
}
