/**
 * How a load ends. Every failure has its own, and leaves nothing behind; the names are the spec's where it has one.
 *
 * @storage u8
 */
export const enum LoadStatus {
  Success,
  /** The repository has no module of this name. */
  NotFound,
  /** It has the module, but no version that satisfies the constraint. */
  NoMatchingVersion,
  /** The requester may not load this name, or has too many loads in flight; or the service runs already. */
  Refused,
  /** The package's bytes are not in the format. */
  PackageFormatError,
  /** Package or manifest are not signed by the publisher, or the package signature is about other parts. */
  PackageSignatureError,
  /** The publisher's certificate is not right, or does not allow what the manifest asks for. */
  CertificateError,
  /** A key was revoked. */
  Revoked,
  /** The version is below the trust set's least. */
  RolledBack,
  /** The payload does not unpack to the bytes that the signed header promises. */
  DecompressionError,
  /** The binary is not the one that was signed. */
  BinarySignatureError,
  /** The manifest asks for more than policy and ceiling allow, or for what nobody can give. */
  ManifestPolicyError,
  /** A module that it depends on, or a service that it requires, does not run in a version that would do. */
  MissingDependency,
  /** There is no memory for it, or no place among the loads. */
  InsufficientResourcesError,
  /** The kernel refuses what it should not: a defect of the system. */
  KernelInternalError,
  /** The request's time is over. */
  Timeout,
}
