import { LoadStatus } from "../../protocol/status";

/** The name of a status, what it means, and the mend where there is one. */
export function textOfStatus(status: LoadStatus): Bytes {
  switch (status) {
    case LoadStatus.Success:
      return "Success";
    case LoadStatus.NotFound:
      return "NotFound: the repository has no module of this name; modules lists them";
    case LoadStatus.NoMatchingVersion:
      return "NoMatchingVersion: no version satisfies the range; modules lists them";
    case LoadStatus.Refused:
      return "Refused: it runs already (--again loads it a second time), or may not be loaded from here";
    case LoadStatus.PackageFormatError:
      return "PackageFormatError: the package is damaged, or no package";
    case LoadStatus.PackageSignatureError:
      return "PackageSignatureError: the package is not signed by its publisher";
    case LoadStatus.CertificateError:
      return "CertificateError: the publisher's certificate is not valid here";
    case LoadStatus.Revoked:
      return "Revoked: a key of the package was revoked";
    case LoadStatus.RolledBack:
      return "RolledBack: the version is below the least that is trusted";
    case LoadStatus.DecompressionError:
      return "DecompressionError: the payload does not unpack to what was signed";
    case LoadStatus.BinarySignatureError:
      return "BinarySignatureError: the binary is not the one that was signed";
    case LoadStatus.ManifestPolicyError:
      return "ManifestPolicyError: the manifest asks for more than policy and certificate allow";
    case LoadStatus.MissingDependency:
      return "MissingDependency: a module or service that it needs does not run; load that first";
    case LoadStatus.InsufficientResourcesError:
      return "InsufficientResourcesError: there is no memory for it; kill what is not needed";
    case LoadStatus.KernelInternalError:
      return "KernelInternalError: the kernel refused what it should not";
    case LoadStatus.Timeout:
      return "Timeout: it took too long";
    default:
      unreachable(status);
  }
}
