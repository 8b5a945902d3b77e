/** Every fault that a package or a trust set can have: codec/package/fault.ts, whose codes these are. */
export const FAULTS = {
  None: 0x00,
  Truncated: 0x01,
  TrailingBytes: 0x02,
  NotShortest: 0x03,
  Reserved: 0x04,
  Indefinite: 0x05,
  UnknownSimple: 0x06,
  BadText: 0x07,
  UnsortedKeys: 0x08,
  DuplicateKey: 0x09,
  TooDeep: 0x0a,
  WrongType: 0x0b,
  OutOfRange: 0x0c,
  MissingKey: 0x10,
  UnknownKey: 0x11,
  TooLong: 0x12,
  BadCount: 0x13,
  BadLength: 0x14,
  BadName: 0x15,
  BadVersion: 0x16,
  UnknownFormat: 0x17,
  BadBounds: 0x18,
  PayloadLength: 0x19,
  StoredDiffers: 0x1a,
  SignStructure: 0x22,
  SignUnprotected: 0x23,
  SignHeader: 0x24,
  SignAlgorithm: 0x25,
  SignPurpose: 0x26,
  SignLength: 0x27,
  SignPayload: 0x28,
  ElfTruncated: 0x31,
  ElfIdent: 0x32,
  ElfNotExecutable: 0x33,
  ElfMachine: 0x34,
  ElfHeader: 0x35,
  ElfTable: 0x36,
  ElfUnsupportedSegment: 0x37,
  ElfExecutableStack: 0x38,
  ElfTooManySegments: 0x39,
  ElfFlags: 0x3a,
  ElfWritableAndExecutable: 0x3b,
  ElfSize: 0x3c,
  ElfAlignment: 0x3d,
  ElfAddress: 0x3e,
  ElfOverlap: 0x3f,
  ElfWritableNotLast: 0x40,
  ElfEntry: 0x41,
  ElfSecondExecutable: 0x42,
  ElfTooWide: 0x43,
  UnknownSigner: 0x50,
  DuplicateSigner: 0x51,
  ThresholdNotMet: 0x52,
  CertificateSignature: 0x53,
  NotYetValid: 0x54,
  Expired: 0x55,
  CannotCertify: 0x56,
  CeilingWider: 0x57,
  KeyRevoked: 0x58,
  ManifestSigner: 0x60,
  ManifestSignature: 0x61,
  BinarySigner: 0x62,
  BinarySignature: 0x63,
  PackageSigner: 0x64,
  PackageSignature: 0x65,
  OtherManifest: 0x66,
  OtherBinary: 0x67,
  OtherPart: 0x68,
  PayloadDigest: 0x69,
  BinaryDigest: 0x6a,
  Unpacking: 0x6b,
  VersionBelowMinimum: 0x70,
  NameOutsideCeiling: 0x71,
  KindOutsideCeiling: 0x72,
  RightsOutsideCeiling: 0x73,
  BudgetAboveCeiling: 0x74,
  PriorityAboveCeiling: 0x75,
  NameOutsidePolicy: 0x76,
  KindOutsidePolicy: 0x77,
  RightsOutsidePolicy: 0x78,
  BudgetAbovePolicy: 0x79,
  PriorityAbovePolicy: 0x7a,
  OtherMachine: 0x7b,
  OtherEntry: 0x7c,
  TrustNotNewer: 0x80,
  TrustEpochBack: 0x81,
  TrustSignature: 0x82,
  BadThreshold: 0x83,
  DuplicateRoot: 0x84,
  TrustChanged: 0x85,
  GrantMissing: 0x90,
  GrantWrongKind: 0x91,
  GrantTooWide: 0x92,
  GrantUnlisted: 0x93,
} as const;

export type Fault = keyof typeof FAULTS;

export type Status =
  | "Success"
  | "PackageFormatError"
  | "PackageSignatureError"
  | "CertificateError"
  | "Revoked"
  | "RolledBack"
  | "BinarySignatureError"
  | "ManifestPolicyError"
  | "TrustError"
  | "DecompressionError";

/** The part that a fault is about. */
export type Part =
  | "File"
  | "Certificates"
  | "Manifest"
  | "Compression"
  | "BinarySignature"
  | "PackageSignature"
  | "Payload"
  | "Binary"
  | "Trust";

export interface Verdict {
  readonly status: Status;
  readonly fault: Fault;
  readonly part: Part;
  /** From the beginning of the file; of a fault in the payload, the binary or a trust set from that one's. */
  readonly at: number;
}

const OF_BINARY: readonly Fault[] = ["BinarySigner", "BinarySignature", "OtherManifest", "OtherBinary", "BinaryDigest"];
const OF_ROLLBACK: readonly Fault[] = ["VersionBelowMinimum", "TrustNotNewer", "TrustEpochBack"];

/** How a fault in a part is answered. */
export function statusOf(fault: Fault, part: Part): Status {
  const status = statusOfPackage(fault);
  const isOwn = status === "Success" || status === "Revoked" || status === "RolledBack";
  return part === "Trust" && !isOwn ? "TrustError" : status;
}

function statusOfPackage(fault: Fault): Status {
  const code = FAULTS[fault];
  if (fault === "None") return "Success";
  if (fault === "KeyRevoked") return "Revoked";
  if (fault === "Unpacking") return "DecompressionError";
  if (OF_ROLLBACK.includes(fault)) return "RolledBack";
  if (OF_BINARY.includes(fault)) return "BinarySignatureError";
  if (code < 0x50) return "PackageFormatError";
  if (code < 0x60) return "CertificateError";
  return code < 0x70 ? "PackageSignatureError" : "ManifestPolicyError";
}

/** Thrown where a fault is found, and caught where its part is known. */
export class FaultError extends Error {
  readonly fault: Fault;
  readonly at: number;

  constructor(fault: Fault, at: number) {
    super(`${fault} at byte ${at}`);
    this.fault = fault;
    this.at = at;
  }
}
