import type { Bench } from "../../codec/package/bench";
import { type Container, Part, readContainer } from "../../codec/package/container";
import { PackageFault } from "../../codec/package/fault";
import type { Fields } from "../../codec/package/fields";
import { faultOfGrant, faultOfGrantCount } from "../../codec/package/grants";
import type { TrustReading, TrustSet } from "../../codec/package/trust";
import type { PackageVerification } from "../../codec/package/verify";
import { Outcome } from "../../kernel/object/outcome";
import {
  judgeBinary,
  lastVerification,
  readTrust,
  stepCount,
  verdict,
  verdictNow,
  verifyHeaders,
  verifyPayload,
} from "../../test-qemu/process/judge";
import { editPackage } from "../fuzz/codec/package-edits.kts";
import { loadTrust, seal, sealerOf } from "./sealer.kts";

/** What test/codec/package-host.ts calls: koffi passes numbers and pointers. */

const fields: Fields = zeroed();
const container: Container = zeroed();
/** Every signature is taken for valid. */
let holds = false;

/** @entry hold_signatures */
export function holdSignatures(on: u32): void {
  holds = on !== 0;
}

/** Reads a trust set as the boot image's (`present` 2) or as the successor of another one. @entry read_trust */
export function trustVerdict(bytes: Bytes, into: u32, present: u32): u64 {
  return readTrust(bytes, into, present, false);
}

/** @entry verify_headers */
export function headersVerdict(headers: Bytes, trust: u32): u64 {
  verifyHeaders(headers, trust, holds);
  return verdictNow();
}

/** Hands over the payload in pieces. @entry verify_payload */
export function payloadVerdict(payload: Bytes, pieceBytes: u32): u64 {
  verifyPayload(payload, pieceBytes);
  return verdictNow();
}

/** Hands over the binary in pieces, and reads the program that is in it. @entry verify_binary */
export function binaryVerdict(binary: Bytes, pieceBytes: u32, machine: u32): u64 {
  return judgeBinary(binary, pieceBytes, machine);
}

/** Where the payload of a file begins; the file's length when its headers are damaged. @entry find_payload */
export function findPayload(bytes: Bytes): u32 {
  readContainer(fields, bytes, container);
  return fields.fault === PackageFault.None ? container.headerBytes : bytes.length;
}

/** Of the last headers. @entry header_steps */
export function headerSteps(): u32 {
  return stepCount();
}

/** What is wrong with a grant to what was verified last. @entry grant_fault */
export function grantFault(index: u32, kind: u32, rights: u32): u32 {
  return u32(faultOfGrant(lastVerification().manifest, index, kind, rights));
}

/** @entry grant_count_fault */
export function grantCountFault(count: u32): u32 {
  return u32(faultOfGrantCount(lastVerification().manifest, count));
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
