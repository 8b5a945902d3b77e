import { indexOf } from "../../kernel/text";
import { LoadStatus } from "../../protocol/status";

const COLON = 0x3a;

/** As the specification writes it. */
export function nameOfStatus(status: LoadStatus): Bytes {
  const text = textOfStatus(status);
  return subslice(text, 0, indexOf(text, COLON, 0));
}

/** The name of a status, what it means, and the mend. */
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
      return "PackageFormatError: the package is damaged, or no package; sila verify on the host tells where";
    case LoadStatus.PackageSignatureError:
      return "PackageSignatureError: the package is not signed by its publisher; sila pack signs it again";
    case LoadStatus.CertificateError:
      return "CertificateError: the publisher's certificate is not valid here; a root of this image's trust set has to certify it";
    case LoadStatus.Revoked:
      return "Revoked: a key of the package was revoked; load a version that another key has signed";
    case LoadStatus.RolledBack:
      return "RolledBack: the version is below the least that is trusted; load a newer one";
    case LoadStatus.DecompressionError:
      return "DecompressionError: the payload does not unpack to what was signed; sila pack makes it again";
    case LoadStatus.BinarySignatureError:
      return "BinarySignatureError: the binary is not the one that was signed; sila pack signs it again";
    case LoadStatus.ManifestPolicyError:
      return "ManifestPolicyError: the manifest asks for more than policy and certificate allow; let it ask for less";
    case LoadStatus.MissingDependency:
      return "MissingDependency: a module or service that it needs does not run; load that first";
    case LoadStatus.InsufficientResourcesError:
      return "InsufficientResourcesError: there is no memory for it; kill what is not needed";
    case LoadStatus.KernelInternalError:
      return "KernelInternalError: the kernel refused what it should not; log may tell more";
    case LoadStatus.Timeout:
      return "Timeout: it took too long; --timeout MS gives it more time";
    default:
      unreachable(status);
  }
}
