import { PackageStatus } from "./status";

/** How people and the load protocol call a status. */
export function nameOfStatus(status: PackageStatus): Bytes {
  switch (status) {
    case PackageStatus.Success:
      return "Success";
    case PackageStatus.PackageFormatError:
      return "PackageFormatError";
    case PackageStatus.PackageSignatureError:
      return "PackageSignatureError";
    case PackageStatus.CertificateError:
      return "CertificateError";
    case PackageStatus.Revoked:
      return "Revoked";
    case PackageStatus.RolledBack:
      return "RolledBack";
    case PackageStatus.BinarySignatureError:
      return "BinarySignatureError";
    case PackageStatus.ManifestPolicyError:
      return "ManifestPolicyError";
    case PackageStatus.TrustError:
      return "TrustError";
    case PackageStatus.DecompressionError:
      return "DecompressionError";
    case PackageStatus.InsufficientResourcesError:
      return "InsufficientResourcesError";
    default:
      unreachable(status);
  }
}
