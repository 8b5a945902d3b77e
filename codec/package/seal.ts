import { SHA512_BYTES } from "../../crypto/sha512";
import { MAX_CERTIFICATES } from "./container";
import { PackageFault } from "./fault";
import type { MAX_NAME_BYTES } from "./name";
import { bytesOf } from "./span";
import { isRevoked, leastVersion, rootId, type TrustSet } from "./trust";
import type { PackageVerification } from "./verify";
import { isBelow, type MAX_VERSION_TEXT } from "./versions";

/**
 * What remains of a verification for as long as the image exists: enough to ask a later trust set whether it still stands
 * for it. It points to nothing.
 */

/** Two certificates and four roots. */
const MAX_KEYS = 6;

interface KeyId extends Struct<"KeyId"> {
  readonly bytes: FixedArray<u8, typeof SHA512_BYTES>;
}

export interface Seal extends Struct<"Seal"> {
  /** Of the trust set that it was verified by. */
  trustVersion: u64;
  /** Epochs in which all of its certificates are valid. */
  firstEpoch: u64;
  lastEpoch: u64;
  /** Of the certificates, the publisher's last; then of the roots that signed. */
  keyCount: u32;
  certificateCount: u32;
  readonly keyIds: FixedArray<Inline<KeyId>, typeof MAX_KEYS>;
  nameBytes: u32;
  versionBytes: u32;
  readonly name: FixedArray<u8, typeof MAX_NAME_BYTES>;
  readonly version: FixedArray<u8, typeof MAX_VERSION_TEXT>;
}

/** Notes what was verified. */
export function noteSeal(seal: Seal, v: PackageVerification): void {
  seal.trustVersion = v.trust.version;
  seal.firstEpoch = 0n;
  seal.lastEpoch = 0xffff_ffff_ffff_ffffn;
  seal.certificateCount = v.chain.count;
  seal.keyCount = 0;
  for (let i: u32 = 0; i < v.chain.count && i < MAX_CERTIFICATES; i++) {
    const certificate = v.certificates[i];
    if (certificate.firstEpoch > seal.firstEpoch) seal.firstEpoch = certificate.firstEpoch;
    if (certificate.lastEpoch < seal.lastEpoch) seal.lastEpoch = certificate.lastEpoch;
    noteKey(seal, sliceOf(v.keyIds[i].bytes, 0, SHA512_BYTES));
  }
  for (let root: u32 = 0; root < v.trust.rootCount; root++) {
    if ((v.signers & (1 << root)) !== 0) noteKey(seal, rootId(v.trust, root));
  }
  seal.nameBytes = copyText(seal.name, bytesOf(v.manifestBytes, v.manifest.name));
  seal.versionBytes = copyText(seal.version, bytesOf(v.manifestBytes, v.manifest.version));
}

/** Whether a trust set still stands for what was sealed: KeyRevoked, NotYetValid, Expired, VersionBelowMinimum, or None. */
export function faultOfSeal(seal: Seal, trust: TrustSet): PackageFault {
  for (let i: u32 = 0; i < seal.keyCount; i++) {
    if (isRevoked(trust, sliceOf(seal.keyIds[i].bytes, 0, SHA512_BYTES))) return PackageFault.KeyRevoked;
  }
  if (trust.epoch < seal.firstEpoch) return PackageFault.NotYetValid;
  if (trust.epoch > seal.lastEpoch) return PackageFault.Expired;
  const least = leastVersion(trust, sliceOf(seal.name, 0, seal.nameBytes));
  const isOld = least.length > 0 && isBelow(sliceOf(seal.version, 0, seal.versionBytes), least);
  return isOld ? PackageFault.VersionBelowMinimum : PackageFault.None;
}

function noteKey(seal: Seal, id: Bytes): void {
  for (let i: u32 = 0; i < SHA512_BYTES; i++) seal.keyIds[seal.keyCount].bytes[i] = id[i];
  seal.keyCount++;
}

function copyText(to: FixedArray<u8, 64>, text: Bytes): u32 {
  for (let i: u32 = 0; i < text.length; i++) to[i] = text[i];
  return text.length;
}
