import { PackageStatus } from "../../codec/package/status";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { LoadStatus } from "../../protocol/status";

/** What codec/package and the kernel say, as the load protocol says it. */

export function loadStatusOf(status: PackageStatus): LoadStatus {
  switch (status) {
    case PackageStatus.Success:
      return LoadStatus.Success;
    case PackageStatus.PackageFormatError:
      return LoadStatus.PackageFormatError;
    case PackageStatus.PackageSignatureError:
      return LoadStatus.PackageSignatureError;
    case PackageStatus.CertificateError:
      return LoadStatus.CertificateError;
    case PackageStatus.Revoked:
      return LoadStatus.Revoked;
    case PackageStatus.RolledBack:
      return LoadStatus.RolledBack;
    case PackageStatus.BinarySignatureError:
      return LoadStatus.BinarySignatureError;
    case PackageStatus.ManifestPolicyError:
      return LoadStatus.ManifestPolicyError;
    case PackageStatus.DecompressionError:
      return LoadStatus.DecompressionError;
    case PackageStatus.InsufficientResourcesError:
      return LoadStatus.InsufficientResourcesError;
    // Of trust sets alone.
    case PackageStatus.TrustError:
      return LoadStatus.KernelInternalError;
    default:
      unreachable(status);
  }
}

/** Of a call of the kernel that has failed with this error. */
export function loadStatusOfError(error: u32): LoadStatus {
  const isFull = error === u32(ErrorCode.NotEnoughMemory) || error === u32(ErrorCode.QueueFull);
  return isFull || error === u32(ErrorCode.RevokeFirst)
    ? LoadStatus.InsufficientResourcesError
    : LoadStatus.KernelInternalError;
}
