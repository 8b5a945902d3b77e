import { step, type Verdict, type Verification } from "../../crypto/mldsa87/verify";
import { finish512, SHA512_BYTES, type Sha512, start512, update } from "../../crypto/sha512";
import type { CborStatus } from "../cbor/status";
import { type CoseSign1, parseSign1, startSign1 } from "../cose/sign1";
import { CoseStatus } from "../cose/status";
import { PackageFault } from "./fault";
import { type Fields, isRight, refuse } from "./fields";
import { MAX_MANIFEST_BYTES } from "./manifest";

/**
 * What one verification at a time works with: digests and signatures, in steps of at most 20,000 instructions, and the
 * fields that are being read. Whoever verifies brings one along; nothing in it has to be kept.
 */

/** More would not be hashed within one step. */
export const HASH_STEP_BYTES = 512;
/** The largest payload that a signature has inside, its header and the heads around them. */
const SCRATCH_BYTES = 4352;

/** What a signature is for; no signature serves another purpose. */
export const PURPOSE_PACKAGE = 1n;
export const PURPOSE_MANIFEST = 2n;
export const PURPOSE_BINARY = 3n;
export const PURPOSE_CERTIFICATE = 4n;
export const PURPOSE_TRUST = 5n;

export interface Bench extends Struct<"Bench"> {
  readonly fields: Inline<Fields>;
  readonly cose: Inline<CoseSign1>;
  readonly verification: Inline<Verification>;
  readonly scratch: FixedArray<u8, typeof SCRATCH_BYTES>;
  readonly sha512: Inline<Sha512>;
  /** What is being hashed, and how much of it was. */
  hashed: Bytes;
  hashedBytes: u32;
  readonly digest: FixedArray<u8, typeof SHA512_BYTES>;
}

export function startDigest(bench: Bench, bytes: Bytes): void {
  start512(bench.sha512);
  bench.hashed = bytes;
  bench.hashedBytes = 0;
}

/** Hashes the next piece; true when all was, and the digest is there. */
export function stepDigest(bench: Bench): boolean {
  const left = bench.hashed.length - bench.hashedBytes;
  if (left === 0) {
    finish512(bench.sha512, digestOf(bench));
    return true;
  }
  const count = left < HASH_STEP_BYTES ? left : HASH_STEP_BYTES;
  update(bench.sha512, subslice(bench.hashed, bench.hashedBytes, count));
  bench.hashedBytes += count;
  return false;
}

export function digestOf(bench: Bench): Bytes {
  return sliceOf(bench.digest, 0, SHA512_BYTES);
}

/**
 * Takes a COSE_Sign1 for `purpose` apart. A payload longer than a manifest's greatest is refused: it would not fit the
 * scratch. Faults are in the bench's fields, from the beginning of `bytes`.
 */
export function openSignature(bench: Bench, bytes: Bytes, purpose: u64, isDetached: boolean): void {
  const cose = bench.cose;
  const f = bench.fields;
  f.fault = PackageFault.None;
  const status = parseSign1(cose, bytes);
  if (status !== CoseStatus.Ok) {
    refuse(f, faultOfCose(status, cose.fault), cose.faultAt);
    return;
  }
  if (cose.purpose !== purpose) {
    refuse(f, PackageFault.SignPurpose, 0);
    return;
  }
  if (cose.isDetached !== isDetached) {
    refuse(f, PackageFault.SignPayload, 0);
    return;
  }
  if (cose.payload.length > MAX_MANIFEST_BYTES) {
    refuse(f, PackageFault.TooLong, 0);
    return;
  }
  if (cose.keyId.length !== SHA512_BYTES) refuse(f, PackageFault.BadLength, 0);
}

function faultOfCose(status: CoseStatus, fault: CborStatus): PackageFault {
  if (status === CoseStatus.BadCbor) return toEnum<PackageFault>(u32(fault));
  return toEnum<PackageFault>(u32(PackageFault.SignStructure) + u32(status) - u32(CoseStatus.BadStructure));
}

/** Begins to verify what was opened. `detached` is what was signed if it is not inside, else empty. */
export function startSignature(bench: Bench, key: Bytes, detached: Bytes): void {
  const cose = bench.cose;
  const scratch = sliceOf(bench.scratch, 0, SCRATCH_BYTES);
  const status = startSign1(cose, bench.verification, key, cose.purpose, subslice(scratch, 0, 0), detached, scratch);
  assert(status === CoseStatus.Ok, "the purpose and the length were checked");
}

/** The next step of it. */
export function stepSignature(bench: Bench): Verdict {
  return step(bench.verification);
}

/** Whether all is right so far. */
export function isSound(bench: Bench): boolean {
  return isRight(bench.fields);
}
