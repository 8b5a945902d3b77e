import { PackageFault } from "./fault";

/** How the load protocol answers where a package or a trust set is at fault; the first are the spec's. @storage u8 */
export const enum PackageStatus {
  Success,
  PackageFormatError,
  PackageSignatureError,
  CertificateError,
  Revoked,
  RolledBack,
  BinarySignatureError,
  ManifestPolicyError,
  TrustError,
  DecompressionError,
  /** Nothing is wrong with it, but there is no memory. */
  InsufficientResourcesError,
}

/** Codes up to here are of the format: encoding, fields, COSE, ELF. */
const LAST_OF_FORMAT = 0x4f;
const LAST_OF_CERTIFICATES = 0x5f;

/** The answer to a fault in a trust set. */
export function statusOfTrust(fault: PackageFault): PackageStatus {
  const status = statusOf(fault);
  const isOwn = status === PackageStatus.Success || status === PackageStatus.Revoked;
  return isOwn || status === PackageStatus.RolledBack ? status : PackageStatus.TrustError;
}

/** The answer to a fault in a package, or in what is granted to its process. */
export function statusOf(fault: PackageFault): PackageStatus {
  const code = u32(fault);
  if (code === u32(PackageFault.None)) return PackageStatus.Success;
  if (code <= LAST_OF_FORMAT) return PackageStatus.PackageFormatError;
  if (code === u32(PackageFault.KeyRevoked)) return PackageStatus.Revoked;
  if (code <= LAST_OF_CERTIFICATES) return PackageStatus.CertificateError;
  if (code === u32(PackageFault.Unpacking)) return PackageStatus.DecompressionError;
  if (isRollback(code)) return PackageStatus.RolledBack;
  if (isOfBinary(code)) return PackageStatus.BinarySignatureError;
  if (code < u32(PackageFault.VersionBelowMinimum)) return PackageStatus.PackageSignatureError;
  return PackageStatus.ManifestPolicyError;
}

function isRollback(code: u32): boolean {
  return (
    code === u32(PackageFault.VersionBelowMinimum) ||
    code === u32(PackageFault.TrustNotNewer) ||
    code === u32(PackageFault.TrustEpochBack)
  );
}

/** The binary, its signature, and its binding to the manifest. */
function isOfBinary(code: u32): boolean {
  return (
    code === u32(PackageFault.BinarySigner) ||
    code === u32(PackageFault.BinarySignature) ||
    code === u32(PackageFault.OtherManifest) ||
    code === u32(PackageFault.OtherBinary) ||
    code === u32(PackageFault.BinaryDigest)
  );
}
