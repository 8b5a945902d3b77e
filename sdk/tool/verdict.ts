import type { Fault } from "../format/faults.ts";
import { MACHINES, type Machine } from "../format/types.ts";
import { usage } from "./failure.ts";

/** What the faults mean, and the mend, for people. */

const MENDS: Readonly<Partial<Record<Fault, string>>> = {
  UnknownSigner: "It is signed by a key that this trust set does not know. Use the certificate of its roots",
  DuplicateSigner: "The same root has signed twice. Let another root sign",
  ThresholdNotMet: "Fewer roots have signed than the trust set asks for. Add signatures with sila sign",
  NotYetValid: "The certificate is for later epochs. Use an earlier one, or a trust set of a later epoch",
  Expired: "The certificate is for earlier epochs. Let the publisher's key be certified again",
  CannotCertify: "The first certificate may not certify others",
  CeilingWider: "The second certificate allows more than the first one",
  KeyRevoked: "The key was revoked. Sign with another, certified one",
  ManifestSigner: "It is signed with another key than the certificate's. Give the --key that belongs to --cert",
  VersionBelowMinimum: "The trust set asks for a newer version of this module",
  NameOutsideCeiling: "The certificate does not cover a module of this name. Rename it, or use another certificate",
  KindOutsideCeiling: "The certificate allows no capability of a kind that the manifest wants",
  RightsOutsideCeiling: "The certificate allows fewer rights than the manifest wants",
  BudgetAboveCeiling: "The certificate allows a smaller budget than the manifest wants",
  PriorityAboveCeiling: "The certificate allows a lower priority than the manifest wants",
  NameOutsidePolicy: "The system policy admits no module of this name",
  KindOutsidePolicy: "The system policy allows no capability of a kind that the manifest wants",
  RightsOutsidePolicy: "The system policy allows fewer rights than the manifest wants",
  BudgetAbovePolicy: "The system policy allows a smaller budget than the manifest wants",
  PriorityAbovePolicy: "The system policy allows a lower priority than the manifest wants",
  OtherMachine: "It is for another machine",
  ElfTruncated: "The program ends early. Build it again",
  ElfMachine: "The program is for another machine. Build it for this one",
  ElfWritableAndExecutable: "No segment can be both writable and executable. Link text and data apart",
  ElfOverlap: "Segments stand on the same pages. Link them onto pages of their own",
  ElfAddress: "A segment is not among the addresses of users",
  ElfEntry: "The entry is not in the program's code",
  ElfNotExecutable: "Only static programs (ET_EXEC) can be loaded. Link with -static and without -pie",
  TrustChanged: "Another trust set has come into force meanwhile. Load the module again",
  TrustNotNewer: "Its version is not above the present trust set's",
  Unpacking: "The payload is no zstd frame of the size and window that its header says",
  PayloadDigest: "The payload is not the one that was packed. Get the file again",
  Truncated: "The file ends early. Get it again",
};

export function explain(fault: Fault): string {
  return MENDS[fault] ?? "It is damaged, or was made by something else. Get it, or make it, again";
}

export function machineOf(text: string): Machine {
  if (!Object.hasOwn(MACHINES, text)) throw usage(`--arch ${text}: x86_64 or aarch64 is needed`);
  return text as Machine;
}
