/**
 * What is wrong with a package, a trust set, or what a module asks for: one code for each kind, which keeps its meaning
 * (docs/module-format.md). The codes of the encoding are those of CborStatus; COSE's and ELF's start at 0x20 and 0x30.
 *
 * @storage u8
 */
export const enum PackageFault {
  None,
  /** It ends before what it says. */
  Truncated,
  TrailingBytes,
  NotShortest,
  Reserved,
  Indefinite,
  UnknownSimple,
  BadText,
  UnsortedKeys,
  DuplicateKey,
  TooDeep,
  WrongType,
  OutOfRange,

  /** A record lacks a field. */
  MissingKey = 0x10,
  /** A record has a field that the format does not know. */
  UnknownKey,
  /** A text or a part is longer than the format allows. */
  TooLong,
  /** More entries than the format allows, or fewer. */
  BadCount,
  /** A digest or a key has not its length. */
  BadLength,
  /** Not identifiers of letters, digits, - and _ with dots between them. */
  BadName,
  /** Not a semantic version, or not a range of them. */
  BadVersion,
  /** Not the number that says which format this is. */
  UnknownFormat,
  /** The least is above the greatest, or a size is 0. */
  BadBounds,
  /** The payload has not the length that the compression header says. */
  PayloadLength,
  /** A stored payload whose two digests or sizes differ. */
  StoredDiffers,

  /** Not tag 18 and an array of four of the right types. */
  SignStructure = 0x22,
  SignUnprotected,
  /** The protected header has not exactly its three entries. */
  SignHeader,
  SignAlgorithm,
  SignPurpose,
  SignLength,
  /** A payload is inside, and the caller has another. */
  SignPayload,

  ElfTruncated = 0x31,
  ElfIdent,
  ElfNotExecutable,
  ElfMachine,
  ElfHeader,
  ElfTable,
  ElfUnsupportedSegment,
  ElfExecutableStack,
  ElfTooManySegments,
  ElfFlags,
  ElfWritableAndExecutable,
  ElfSize,
  ElfAlignment,
  ElfAddress,
  ElfOverlap,
  ElfWritableNotLast,
  ElfEntry,
  ElfSecondExecutable,
  ElfTooWide,

  /** Signed by a key that is no root of the trust set, or not the issuer's. */
  UnknownSigner = 0x50,
  /** The same root has signed twice. */
  DuplicateSigner,
  /** Fewer roots have signed than the threshold asks for. */
  ThresholdNotMet,
  CertificateSignature,
  /** The epoch lies before the certificate's first, behind its last. */
  NotYetValid,
  Expired,
  /** The first certificate of two may not certify. */
  CannotCertify,
  /** A certificate allows more than its issuer's does. */
  CeilingWider,
  /** The root's, issuer's or publisher's key is revoked. */
  KeyRevoked,

  /** The manifest, binary or package was not signed with the publisher's key. */
  ManifestSigner = 0x60,
  ManifestSignature,
  BinarySigner,
  BinarySignature,
  PackageSigner,
  PackageSignature,
  /** The binary signature is about another manifest, or the manifest about another binary. */
  OtherManifest,
  OtherBinary,
  /** The package signature is about another certificate chain, manifest, compression header or binary signature. */
  OtherPart,
  /** The payload's bytes are not those of the compression header. */
  PayloadDigest,
  /** The binary's bytes are not those of the manifest. */
  BinaryDigest,
  /** The payload is no zstd frame of the binary's size and the header's window. */
  Unpacking,

  /** The version is below the trust set's minimum for this module. */
  VersionBelowMinimum = 0x70,
  /** The module's name is under none of the certificate's prefixes. */
  NameOutsideCeiling,
  KindOutsideCeiling,
  RightsOutsideCeiling,
  BudgetAboveCeiling,
  PriorityAboveCeiling,
  /** The same, by the system policy. */
  NameOutsidePolicy,
  KindOutsidePolicy,
  RightsOutsidePolicy,
  BudgetAbovePolicy,
  PriorityAbovePolicy,
  /** Made for another machine. */
  OtherMachine,
  /** The manifest's entry is not the program's. */
  OtherEntry,

  /** A trust set whose version is not above the present one's, or whose epoch is below it. */
  TrustNotNewer = 0x80,
  TrustEpochBack,
  TrustSignature,
  /** The threshold is 0 or above the number of roots; the same root stands twice. */
  BadThreshold,
  DuplicateRoot,
  /** Another trust set is in force than the one by which the Image was sealed. */
  TrustChanged,

  /** A required capability is missing. */
  GrantMissing = 0x90,
  GrantWrongKind,
  GrantTooWide,
  /** More grants than the manifest lists. */
  GrantUnlisted,
}
