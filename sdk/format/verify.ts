import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import {
  type Container,
  decodeCertificateBody,
  decodeChain,
  decodeCompression,
  decodeContainer,
  decodeManifest,
  decodeTrust,
  decodeTrustBody,
  type Place,
  type Signed,
} from "./decode.ts";
import { readElf } from "./elf.ts";
import { type Fault, FaultError, type Part, statusOf, type Verdict } from "./faults.ts";
import { faultOfIdentity, faultOfWanted, isWithin } from "./policy.ts";
import { Reader } from "./reader.ts";
import { decodeRelease } from "./release.ts";
import { digest, keyId, type Purpose, sigStructure } from "./sign.ts";
import { decodeFor, type Sign1 } from "./sign1.ts";
import {
  type CertificateBody,
  type Compression,
  MACHINES,
  type Machine,
  type Manifest,
  type TrustBody,
  type Wanted,
} from "./types.ts";

/**
 * Judges packages and trust sets as the target does, by code that shares nothing with it but the format: the same faults at
 * the same places (docs/module-format.md, "Order of the checks").
 */

const DIGEST_BYTES = 64;
/** Of the entry in an ELF header. */
const ENTRY_AT = 24;

/** A trust set that can be used, with the ids of its keys. */
export interface Trust {
  readonly body: TrustBody;
  readonly rootIds: readonly string[];
  readonly revokedIds: ReadonlySet<string>;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly manifest?: Manifest;
  readonly publisher?: CertificateBody;
  readonly compression?: Compression;
  readonly container?: Container;
}

interface Parts {
  container: Container;
  publisher: CertificateBody;
  manifest: Manifest;
  compression: Compression;
}

class PartFault extends Error {
  readonly part: Part;
  readonly fault: Fault;
  readonly at: number;

  constructor(part: Part, fault: Fault, at: number) {
    super(`${part}: ${fault} at byte ${at}`);
    this.part = part;
    this.fault = fault;
    this.at = at;
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** What `act` reads, which begins at `base`, is about `part`. */
function within<T>(part: Part, base: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof FaultError) throw new PartFault(part, error.fault, base + error.at);
    throw error;
  }
}

function judge(act: () => void): Verdict {
  try {
    act();
    return { status: "Success", fault: "None", part: "File", at: 0 };
  } catch (error) {
    if (!(error instanceof PartFault)) throw error;
    return { status: statusOf(error.fault, error.part), fault: error.fault, part: error.part, at: error.at };
  }
}

/** Reads a trust set: a boot image's, or with `present` one that has to be signed by that one's roots. */
export function readTrust(bytes: Uint8Array, present: Trust | null = null): { verdict: Verdict; trust: Trust | null } {
  let trust: Trust | null = null;
  const verdict = judge(() => {
    const signed = within("Trust", 0, () => decodeTrust(bytes));
    if (present !== null) checkRoots(signed, present, "trust", "Trust", "TrustSignature");
    const body = within("Trust", signed.body.at, () => decodeTrustBody(signed.body.bytes, present?.body ?? null));
    const rootIds = body.roots.map((key) => hex(keyId(key)));
    const double = rootIds.findIndex((id, i) => rootIds.indexOf(id) !== i);
    if (double >= 0) throw new PartFault("Trust", "DuplicateRoot", placeOf(bytes, body.roots[double] as Uint8Array));
    trust = { body, rootIds, revokedIds: new Set(body.revoked.map(hex)) };
  });
  return { verdict: verdict.fault === "None" ? { ...verdict, part: "Trust" } : verdict, trust };
}

/** Judges a file that roots have signed as it is: places are those of `signature`, the file beside it. */
export function verifyRelease(name: string, contents: Uint8Array, signature: Uint8Array, trust: Trust): Verdict {
  return judge(() => {
    const signed = within("File", 0, () => decodeTrust(signature));
    checkRoots(signed, trust, "release", "File", "PackageSignature");
    const release = within("File", signed.body.at, () => decodeRelease(signed.body.bytes));
    if (release.name !== name) throw new PartFault("File", "BadName", signed.body.at);
    const isWhole = release.bytes === contents.length && isSame(release.digest, digest(contents));
    if (!isWhole) throw new PartFault("Payload", "PayloadDigest", 0);
  });
}

/** `part` is a view of `bytes`. */
function placeOf(bytes: Uint8Array, part: Uint8Array): number {
  return part.byteOffset - bytes.byteOffset;
}

/** Enough of the trust set's roots have signed the body for `purpose`, each once. */
function checkRoots({ body, signatures }: Signed, trust: Trust, purpose: Purpose, part: Part, wrong: Fault): void {
  const signers = new Set<number>();
  const signed = digest(body.bytes);
  for (const { at, bytes } of signatures) {
    const sign1 = within(part, at, () => decodeFor(bytes, purpose, true));
    const root = chooseRoot(sign1, trust, signers, part, at);
    if (!isValid(sign1, signed, root)) throw new PartFault(part, wrong, at);
  }
  if (signers.size < trust.body.threshold) throw new PartFault(part, "ThresholdNotMet", body.at);
}

/** The key of the root that has signed, which becomes one of the signers. */
function chooseRoot(sign1: Sign1, trust: Trust, signers: Set<number>, part: Part, at: number): Uint8Array {
  const root = trust.rootIds.indexOf(hex(sign1.keyId));
  if (root < 0) throw new PartFault(part, "UnknownSigner", at);
  if (signers.has(root)) throw new PartFault(part, "DuplicateSigner", at);
  if (trust.revokedIds.has(hex(sign1.keyId))) throw new PartFault(part, "KeyRevoked", at);
  signers.add(root);
  return trust.body.roots[root] as Uint8Array;
}

function isValid(sign1: Sign1, payload: Uint8Array, key: Uint8Array): boolean {
  return ml_dsa87.verify(sign1.signature, sigStructure(sign1.header, payload), key);
}

/** Makes the binary of a zstd payload; null when that fails. */
export type Unpack = (payload: Uint8Array, compression: Compression) => Uint8Array | null;

/** Judges a whole file, as a machine would, or else the machine that it is for. */
export function verifyPackage(bytes: Uint8Array, trust: Trust, unpack: Unpack, machine?: Machine): Judged {
  const parts: Partial<Parts> = {};
  const verdict = judge(() => {
    const container = within("File", 0, () => decodeContainer(bytes));
    parts.container = container;
    checkHeaders(container, trust, parts as Parts);
    checkPayload(bytes, parts as Parts, unpack, machine ?? (parts as Parts).manifest.machine);
  });
  return { verdict: verdict.fault === "None" ? { ...verdict, part: "Binary" } : verdict, ...parts };
}

function checkHeaders(container: Container, trust: Trust, parts: Parts): void {
  const publisher = checkChain(container.certificates, trust);
  parts.publisher = publisher;
  parts.manifest = checkManifest(container.manifest, publisher, trust);
  checkBinarySignature(container, publisher, parts.manifest);
  checkPackageSignature(container, publisher);
  const place = container.compression;
  parts.compression = within("Compression", place.at, () => decodeCompression(place.bytes));
  const { packedBytes, binaryBytes, binaryDigest } = parts.compression;
  if (packedBytes !== container.payloadBytes) throw new PartFault("Compression", "PayloadLength", place.at);
  const isBinary = isSame(binaryDigest, parts.manifest.binaryDigest) && binaryBytes === parts.manifest.binaryBytes;
  if (!isBinary) throw new PartFault("Compression", "OtherBinary", place.at);
}

/** The publisher's certificate: the last of one or two. */
function checkChain(place: Place, trust: Trust): CertificateBody {
  const chain = within("Certificates", place.at, () => decodeChain(place.bytes));
  let issuer: CertificateBody | null = null;
  for (const [i, signed] of chain.entries()) {
    const moved = moveSigned(signed, place.at);
    if (issuer === null) checkRoots(moved, trust, "certificate", "Certificates", "CertificateSignature");
    else checkIssuer(moved, issuer);
    const certificate = within("Certificates", moved.body.at, () => decodeCertificateBody(moved.body.bytes));
    const fault = faultOfBody(certificate, issuer, trust, i + 1 === chain.length);
    if (fault !== null) throw new PartFault("Certificates", fault, moved.body.at);
    issuer = certificate;
  }
  return issuer as CertificateBody;
}

function moveSigned({ body, signatures }: Signed, base: number): Signed {
  const move = ({ at, bytes }: Place): Place => ({ at: at + base, bytes });
  return { body: move(body), signatures: signatures.map(move) };
}

function checkIssuer(signed: Signed, issuer: CertificateBody): void {
  const place = signed.signatures[0] as Place;
  const sign1 = within("Certificates", place.at, () => decodeFor(place.bytes, "certificate", true));
  if (signed.signatures.length !== 1) throw new PartFault("Certificates", "BadCount", place.at);
  if (!isSame(sign1.keyId, keyId(issuer.key))) throw new PartFault("Certificates", "UnknownSigner", place.at);
  const isSigned = isValid(sign1, digest(signed.body.bytes), issuer.key);
  if (!isSigned) throw new PartFault("Certificates", "CertificateSignature", place.at);
}

function faultOfBody(
  certificate: CertificateBody,
  issuer: CertificateBody | null,
  trust: Trust,
  isLast: boolean,
): Fault | null {
  if (trust.body.epoch < certificate.firstEpoch) return "NotYetValid";
  if (trust.body.epoch > certificate.lastEpoch) return "Expired";
  if (!isLast && !certificate.mayCertify) return "CannotCertify";
  if (issuer !== null && !isWithin(certificate.ceiling, issuer.ceiling)) return "CeilingWider";
  return trust.revokedIds.has(hex(keyId(certificate.key))) ? "KeyRevoked" : null;
}

/** The payload of what the publisher has signed. */
function openSigned(
  { at, bytes }: Place,
  publisher: CertificateBody,
  part: Part,
  purpose: Purpose,
  faults: { readonly signer: Fault; readonly signature: Fault },
): Place {
  const sign1 = within(part, at, () => decodeFor(bytes, purpose, false));
  const payload = sign1.payload as Uint8Array;
  if (!isSame(sign1.keyId, keyId(publisher.key))) throw new PartFault(part, faults.signer, at);
  if (!isValid(sign1, payload, publisher.key)) throw new PartFault(part, faults.signature, at);
  return { at: at + sign1.payloadAt, bytes: payload };
}

function checkManifest(place: Place, publisher: CertificateBody, trust: Trust): Manifest {
  const faults = { signer: "ManifestSigner", signature: "ManifestSignature" } as const;
  const { at, bytes } = openSigned(place, publisher, "Manifest", "manifest", faults);
  const manifest = within("Manifest", at, () => decodeManifest(bytes));
  const fault = faultOfIdentity(trust.body, publisher.ceiling, publisher.publisher, manifest);
  if (fault !== null) throw new PartFault("Manifest", fault, at);
  for (const name of inManifestOrder(Object.keys(manifest.wanted))) {
    const wanted = manifest.wanted[name] as Wanted;
    const beyond = faultOfWanted(trust.body, publisher.ceiling, publisher.publisher, manifest.name, name, wanted);
    if (beyond !== null) throw new PartFault("Manifest", beyond, at + wantedAt(bytes, manifest, name));
  }
  return manifest;
}

/** The shorter name first, as they stand in the manifest. */
export function inManifestOrder(names: readonly string[]): string[] {
  return [...names].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/** Where the name of a wanted capability stands. */
function wantedAt(bytes: Uint8Array, manifest: Manifest, name: string): number {
  const reader = new Reader(bytes);
  reader.pairs();
  const fields = [
    () => reader.name(),
    () => reader.text(64),
    ...Array.from({ length: 2 }, () => () => reader.number(2 ** 47)),
    () => reader.fixed(DIGEST_BYTES),
    ...Array.from({ length: 4 }, () => () => reader.uint(2n ** 63n)),
  ];
  for (const read of fields) {
    reader.number(14);
    read();
  }
  reader.number(14);
  reader.pairs();
  for (const each of inManifestOrder(Object.keys(manifest.wanted))) {
    const end = reader.name();
    if (each === name) return reader.at - end.length;
    reader.tuple(3);
    reader.number(255);
    reader.number(255);
    reader.flag();
  }
  return 0;
}

function checkBinarySignature(container: Container, publisher: CertificateBody, manifest: Manifest): void {
  const place = container.binarySignature;
  const faults = { signer: "BinarySigner", signature: "BinarySignature" } as const;
  const { at, bytes } = openSigned(place, publisher, "BinarySignature", "binary", faults);
  const [ofManifest, ofBinary, size] = within("BinarySignature", at, () => {
    const reader = new Reader(bytes);
    reader.tuple(3);
    const statement = [reader.fixed(DIGEST_BYTES), reader.fixed(DIGEST_BYTES), reader.uint(2n ** 64n - 1n)] as const;
    reader.close();
    return statement;
  });
  if (!isSame(ofManifest, digest(container.manifest.bytes))) {
    throw new PartFault("BinarySignature", "OtherManifest", place.at);
  }
  const isBinary = isSame(ofBinary, manifest.binaryDigest) && size === BigInt(manifest.binaryBytes);
  if (!isBinary) throw new PartFault("BinarySignature", "OtherBinary", place.at);
}

function checkPackageSignature(container: Container, publisher: CertificateBody): void {
  const place = container.packageSignature;
  const faults = { signer: "PackageSigner", signature: "PackageSignature" } as const;
  const { at, bytes } = openSigned(place, publisher, "PackageSignature", "package", faults);
  const { certificates, manifest, compression, binarySignature } = container;
  within("PackageSignature", at, () => {
    const reader = new Reader(bytes);
    reader.tuple(4);
    for (const part of [certificates, manifest, compression, binarySignature]) {
      const named = reader.fixed(DIGEST_BYTES);
      if (!isSame(named, digest(part.bytes))) throw new FaultError("OtherPart", reader.at - named.length);
    }
    reader.close();
  });
}

function checkPayload(
  bytes: Uint8Array,
  { container, compression, manifest }: Parts,
  unpack: Unpack,
  machine: Machine,
): void {
  const payload = bytes.subarray(container.headerBytes);
  const { packedBytes, packedDigest } = compression;
  if (payload.length > packedBytes) throw new PartFault("Payload", "TrailingBytes", packedBytes);
  if (payload.length < packedBytes) throw new PartFault("Payload", "Truncated", payload.length);
  if (!isSame(digest(payload), packedDigest)) throw new PartFault("Payload", "PayloadDigest", 0);
  const binary = compression.method === "stored" ? payload : unpack(payload, compression);
  if (binary === null) throw new PartFault("Payload", "Unpacking", 0);
  if (binary.length > manifest.binaryBytes) throw new PartFault("Binary", "TrailingBytes", manifest.binaryBytes);
  if (binary.length < manifest.binaryBytes) throw new PartFault("Binary", "Truncated", binary.length);
  if (!isSame(digest(binary), manifest.binaryDigest)) throw new PartFault("Binary", "BinaryDigest", 0);
  checkProgram(binary, manifest, machine);
}

/** The program is for the machine, in its form, and begins where the manifest says. */
function checkProgram(binary: Uint8Array, manifest: Manifest, machine: Machine): void {
  if (manifest.machine !== machine) throw new PartFault("Binary", "OtherMachine", 0);
  const program = within("Binary", 0, () => readElf(binary, MACHINES[machine]));
  if (program.entry !== manifest.entry) throw new PartFault("Binary", "OtherEntry", ENTRY_AT);
}
