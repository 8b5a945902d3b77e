import { Verdict } from "../../crypto/mldsa87/verify";
import { finish512, SHA512_BYTES, start512, update } from "../../crypto/sha512";
import {
  type Bench,
  digestOf,
  isSound,
  openSignature,
  PURPOSE_BINARY,
  PURPOSE_CERTIFICATE,
  PURPOSE_MANIFEST,
  PURPOSE_PACKAGE,
  startDigest,
  startSignature,
  stepDigest,
  stepSignature,
} from "./bench";
import { Limit, limitOfCeiling } from "./ceiling";
import { type Certificate, readCertificate } from "./certificate";
import { type Compression, readCompression } from "./compression";
import { type Chain, type Container, type MAX_CERTIFICATES, Part, readChain, readContainer } from "./container";
import { PackageFault } from "./fault";
import { closeFields, isRight, readFixed, readItems, readNumber, refuse, startFields } from "./fields";
import { type Manifest, type ManifestReader, startManifest, stepManifest } from "./manifest";
import { faultOfCertificate, faultOfIdentity, faultOfWanted } from "./policy";
import { bytesOf, isSameBytes, type Span } from "./span";
import { isRevoked, rootKey, rootOf, type TrustSet } from "./trust";

/**
 * Verification of a package against a trust set, as a machine of short steps: the same in the kernel, in the module
 * manager and on the host. First the headers, which are everything before the payload; then, as the caller likes, the
 * payload's bytes; then the uncompressed binary's.
 *
 *   Open ─▶ ChainDigest
 *        ─▶ ┌ BodyDigest ─▶ Signer ─▶ Signature (×threshold) ─▶ Body ─▶ KeyDigest ┐ (×1 or 2)
 *           └──────── of a chain that is known: ────────────────▶ Body ─▶ KeyDigest┘
 *        ─▶ ManifestDigest ─▶ ManifestSignature ─▶ ManifestFields ─▶ Wanted (×n)
 *        ─▶ BinaryDigest ─▶ BinarySignature
 *        ─▶ CompressionDigest ─▶ PackageSignature ─▶ Headers
 *
 *   Headers ─▶ Payload ─▶ Headers       takePayload … endPayload
 *   Headers ─▶ Binary ─▶ Verified       takeBinary … endBinary
 *
 * Publishers come again: the last chain whose signatures were valid is known by its digest for as long as the trust set
 * stays, and its signatures are not verified twice.
 *
 * What a part says is not looked at before its signature was found valid.
 *
 * V1  Headers, trust set and manifest must stay as they are until the caller has done with the verification.
 * V2  A fault is final, and the first one is kept; no bytes lead to a panic.
 * V3  Verified is reached only when the binary's bytes have the digest and the size that the manifest, the binary
 *     signature and the compression header name, all three.
 */

/** @storage u8 */
const enum Phase {
  Open,
  ChainDigest,
  BodyDigest,
  Signer,
  Signature,
  Body,
  KeyDigest,
  ManifestDigest,
  ManifestSignature,
  ManifestFields,
  Wanted,
  BinaryDigest,
  BinarySignature,
  CompressionDigest,
  PackageSignature,
  Headers,
  Payload,
  Binary,
  Verified,
  Failed,
}

/** How a verification stands. @storage u8 */
export const enum Progress {
  /** Another step of the headers. */
  More,
  /** The headers are right: payload or binary may come. */
  Headers,
  Verified,
  Failed,
}

/** The parts that the package signature names, in its order. */
const CHAIN = 0;
const MANIFEST = 1;
const COMPRESSION = 2;
const BINARY_SIGNATURE = 3;
const PARTS = 4;
const BINARY_ITEMS = 3;

interface PartDigest extends Struct<"PartDigest"> {
  readonly bytes: FixedArray<u8, typeof SHA512_BYTES>;
}

/** The last certificates whose signatures were valid, and by which version of the trust set. */
export interface KnownChain extends Struct<"KnownChain"> {
  isSet: boolean;
  trustVersion: u64;
  signers: u32;
  readonly digest: Inline<PartDigest>;
}

export interface PackageVerification extends Struct<"PackageVerification"> {
  headers: Bytes;
  trust: TrustSet;
  bench: Bench;
  known: KnownChain;
  phase: Phase;
  fault: PackageFault;
  part: Part;
  /** Of the fault: from the beginning of the headers, of the payload or of the binary. */
  faultAt: u32;
  /** Of certificates, and of one's signatures: the present one. Of a fault in what is wanted: its number. */
  certificate: u32;
  index: u32;
  /** Roots that have signed the first certificate: a bit each. */
  signers: u32;
  /** Bytes of payload or binary so far. */
  takenBytes: u64;
  readonly container: Inline<Container>;
  readonly chain: Inline<Chain>;
  readonly certificates: FixedArray<Inline<Certificate>, typeof MAX_CERTIFICATES>;
  readonly keyIds: FixedArray<Inline<PartDigest>, typeof MAX_CERTIFICATES>;
  readonly compression: Inline<Compression>;
  /** Its spans count from `manifestBytes`. */
  readonly manifest: Inline<Manifest>;
  manifestBytes: Bytes;
  /** Where these begin in the headers. */
  manifestAt: u32;
  readonly manifestReader: Inline<ManifestReader>;
  /** Of certificate chain, manifest, compression header, binary signature. */
  readonly digests: FixedArray<Inline<PartDigest>, typeof PARTS>;
}

/**
 * Begins to verify `headers`: a file's beginning up to its payload, and nothing more. `known` is kept from one verification
 * to the next; no two trust sets that it meets have one version.
 */
export function beginVerification(
  v: PackageVerification,
  bench: Bench,
  headers: Bytes,
  trust: TrustSet,
  known: KnownChain,
): void {
  v.headers = headers;
  v.trust = trust;
  v.bench = bench;
  v.known = known;
  v.phase = Phase.Open;
  v.fault = PackageFault.None;
  v.part = Part.File;
  v.faultAt = 0;
  v.certificate = 0;
  v.index = 0;
  v.signers = 0;
  v.takenBytes = 0n;
}

/** Does the next step, of at most 20,000 instructions. */
export function stepVerification(v: PackageVerification): Progress {
  switch (v.phase) {
    case Phase.Open:
      open(v);
      break;
    case Phase.ChainDigest:
      if (keepDigest(v, CHAIN)) enterChain(v);
      break;
    case Phase.BodyDigest:
      if (stepDigest(v.bench)) enterSigner(v, 0);
      break;
    case Phase.Signer:
      chooseSigner(v);
      break;
    case Phase.Signature:
      if (judge(v, Part.Certificates, signaturePlace(v), PackageFault.CertificateSignature))
        enterSigner(v, v.index + 1);
      break;
    case Phase.Body:
      readBody(v);
      break;
    case Phase.KeyDigest:
      if (stepDigest(v.bench)) endCertificate(v);
      break;
    case Phase.ManifestDigest:
      if (keepDigest(v, MANIFEST)) openManifest(v);
      break;
    case Phase.ManifestSignature:
      if (judge(v, Part.Manifest, v.container.manifest, PackageFault.ManifestSignature)) enterManifest(v);
      break;
    case Phase.ManifestFields:
      readField(v);
      break;
    case Phase.Wanted:
      judgeWanted(v);
      break;
    case Phase.BinaryDigest:
      if (keepDigest(v, BINARY_SIGNATURE)) openBinary(v);
      break;
    case Phase.BinarySignature:
      if (judge(v, Part.BinarySignature, v.container.binarySignature, PackageFault.BinarySignature)) bindBinary(v);
      break;
    case Phase.CompressionDigest:
      if (keepDigest(v, COMPRESSION)) openPackage(v);
      break;
    case Phase.PackageSignature:
      if (judge(v, Part.PackageSignature, v.container.packageSignature, PackageFault.PackageSignature)) bindParts(v);
      break;
    case Phase.Headers:
    case Phase.Payload:
    case Phase.Binary:
    case Phase.Verified:
    case Phase.Failed:
      break;
    default:
      unreachable(v.phase);
  }
  return progressOf(v);
}

function progressOf(v: PackageVerification): Progress {
  if (v.phase === Phase.Failed) return Progress.Failed;
  if (v.phase === Phase.Verified) return Progress.Verified;
  return u32(v.phase) >= u32(Phase.Headers) ? Progress.Headers : Progress.More;
}

/**
 * Takes in the next piece of the payload, of at most HASH_STEP_BYTES if the caller's time is counted. Only when the
 * headers are right.
 */
export function takePayload(v: PackageVerification, bytes: Bytes): Progress {
  if (v.phase === Phase.Headers) startTaking(v, Phase.Payload);
  if (v.phase === Phase.Payload) take(v, bytes, Part.Payload, v.compression.packedBytes);
  return progressOf(v);
}

/** The payload is at its end. */
export function endPayload(v: PackageVerification): Progress {
  if (v.phase === Phase.Headers) startTaking(v, Phase.Payload);
  if (v.phase !== Phase.Payload) return progressOf(v);
  const digest = bytesOf(v.compression.bytes, v.compression.packedDigest);
  if (v.takenBytes !== v.compression.packedBytes)
    return fail(v, Part.Payload, u32(v.takenBytes), PackageFault.Truncated);
  if (!isDigest(v, digest)) return fail(v, Part.Payload, 0, PackageFault.PayloadDigest);
  v.phase = Phase.Headers;
  return progressOf(v);
}

/** Takes in the next piece of the uncompressed binary, as `takePayload` does. */
export function takeBinary(v: PackageVerification, bytes: Bytes): Progress {
  if (v.phase === Phase.Headers) startTaking(v, Phase.Binary);
  if (v.phase === Phase.Binary) take(v, bytes, Part.Binary, v.manifest.binaryBytes);
  return progressOf(v);
}

/** The binary is at its end: Verified if it is the one that was signed. */
export function endBinary(v: PackageVerification): Progress {
  if (v.phase === Phase.Headers) startTaking(v, Phase.Binary);
  if (v.phase !== Phase.Binary) return progressOf(v);
  const digest = bytesOf(v.manifestBytes, v.manifest.binaryDigest);
  if (v.takenBytes !== v.manifest.binaryBytes) return fail(v, Part.Binary, u32(v.takenBytes), PackageFault.Truncated);
  if (!isDigest(v, digest)) return fail(v, Part.Binary, 0, PackageFault.BinaryDigest);
  v.phase = Phase.Verified;
  return progressOf(v);
}

/** The publisher's certificate: the chain's last. */
function publisherOf(v: PackageVerification): Certificate {
  return v.certificates[v.chain.count - 1];
}

/** The id of the publisher's key. */
export function publisherKeyId(v: PackageVerification): Bytes {
  return sliceOf(v.keyIds[v.chain.count - 1].bytes, 0, SHA512_BYTES);
}

function startTaking(v: PackageVerification, phase: Phase): void {
  start512(v.bench.sha512);
  v.takenBytes = 0n;
  v.phase = phase;
}

function take(v: PackageVerification, bytes: Bytes, part: Part, most: u64): void {
  if (u64(bytes.length) > most - v.takenBytes) {
    fail(v, part, u32(most), PackageFault.TrailingBytes);
    return;
  }
  update(v.bench.sha512, bytes);
  v.takenBytes += u64(bytes.length);
}

function isDigest(v: PackageVerification, digest: Bytes): boolean {
  finish512(v.bench.sha512, digestOf(v.bench));
  return isSameBytes(digestOf(v.bench), digest);
}

function fail(v: PackageVerification, part: Part, at: u32, fault: PackageFault): Progress {
  v.part = part;
  v.faultAt = at;
  v.fault = fault;
  v.phase = Phase.Failed;
  return Progress.Failed;
}

/** Whether what was read last is right; otherwise that is the fault, in what begins at `base`. */
function isRead(v: PackageVerification, part: Part, base: u32): boolean {
  if (isSound(v.bench)) return true;
  fail(v, part, base + v.bench.fields.faultAt, v.bench.fields.fault);
  return false;
}

/** A step of the signature that is being verified; true, in a step of its own, when it is valid. */
function judge(v: PackageVerification, part: Part, place: Span, fault: PackageFault): boolean {
  const isKnown = v.bench.verification.verdict === Verdict.Valid;
  const verdict = stepSignature(v.bench);
  if (verdict === Verdict.Invalid) fail(v, part, place.at, fault);
  return isKnown;
}

function enterDigest(v: PackageVerification, phase: Phase, part: Span): void {
  startDigest(v.bench, bytesOf(v.headers, part));
  v.phase = phase;
}

/** A step of a part's digest; true when it is kept. */
function keepDigest(v: PackageVerification, index: u32): boolean {
  if (!stepDigest(v.bench)) return false;
  copyStruct(v.digests[index].bytes, v.bench.digest);
  return true;
}

function open(v: PackageVerification): void {
  const f = v.bench.fields;
  const container = v.container;
  readContainer(f, v.headers, container);
  if (isRight(f) && container.headerBytes !== v.headers.length) {
    refuse(f, PackageFault.TrailingBytes, container.headerBytes);
  }
  if (!isRead(v, Part.File, 0)) return;
  readChain(f, v.headers, container.certificates, v.chain);
  if (isRead(v, Part.Certificates, container.certificates.at))
    enterDigest(v, Phase.ChainDigest, container.certificates);
}

/** Signatures of a known chain have been verified: by the same roots' keys, as no newer trust set has come since. */
function enterChain(v: PackageVerification): void {
  const known = v.known;
  v.certificate = 0;
  if (isKnown(v)) {
    v.signers = known.signers;
    v.phase = Phase.Body;
  } else {
    enterCertificate(v, 0);
  }
}

function isKnown(v: PackageVerification): boolean {
  const known = v.known;
  if (!known.isSet || known.trustVersion !== v.trust.version) return false;
  return isSameBytes(sliceOf(known.digest.bytes, 0, SHA512_BYTES), keptDigest(v, CHAIN));
}

function noteChain(v: PackageVerification): void {
  const known = v.known;
  known.isSet = true;
  known.trustVersion = v.trust.version;
  known.signers = v.signers;
  copyStruct(known.digest, v.digests[CHAIN]);
}

function enterCertificate(v: PackageVerification, certificate: u32): void {
  v.certificate = certificate;
  enterDigest(v, Phase.BodyDigest, v.chain.certificates[certificate].body);
}

/** The place of the signature that is being verified. */
function signaturePlace(v: PackageVerification): Span {
  return v.chain.certificates[v.certificate].signatures[v.index];
}

/** The next signature of a certificate; after the last one its body. */
function enterSigner(v: PackageVerification, index: u32): void {
  const signed = v.chain.certificates[v.certificate];
  v.index = index;
  v.phase = Phase.Signer;
  if (index < signed.count) return;
  if (v.certificate === 0 && popcount32(v.signers) < v.trust.threshold) {
    fail(v, Part.Certificates, signed.body.at, PackageFault.ThresholdNotMet);
    return;
  }
  v.phase = Phase.Body;
}

/** The first certificate is signed by roots, the second one by the first. */
function chooseSigner(v: PackageVerification): void {
  const place = signaturePlace(v);
  const bench = v.bench;
  openSignature(bench, bytesOf(v.headers, place), PURPOSE_CERTIFICATE, true);
  if (!isRead(v, Part.Certificates, place.at)) return;
  const fault = v.certificate === 0 ? admitRoot(v) : admitIssuer(v);
  if (fault !== PackageFault.None) {
    fail(v, Part.Certificates, place.at, fault);
    return;
  }
  v.phase = Phase.Signature;
}

function admitRoot(v: PackageVerification): PackageFault {
  const keyId = v.bench.cose.keyId;
  const root = rootOf(v.trust, keyId);
  if (root === v.trust.rootCount) return PackageFault.UnknownSigner;
  if ((v.signers & (1 << root)) !== 0) return PackageFault.DuplicateSigner;
  if (isRevoked(v.trust, keyId)) return PackageFault.KeyRevoked;
  v.signers |= 1 << root;
  startSignature(v.bench, rootKey(v.trust, root), digestOf(v.bench));
  return PackageFault.None;
}

function admitIssuer(v: PackageVerification): PackageFault {
  const issuer = v.certificates[0];
  if (v.chain.certificates[1].count !== 1) return PackageFault.BadCount;
  if (!isSameBytes(v.bench.cose.keyId, sliceOf(v.keyIds[0].bytes, 0, SHA512_BYTES))) return PackageFault.UnknownSigner;
  startSignature(v.bench, bytesOf(issuer.bytes, issuer.key), digestOf(v.bench));
  return PackageFault.None;
}

function readBody(v: PackageVerification): void {
  const body = v.chain.certificates[v.certificate].body;
  const certificate = v.certificates[v.certificate];
  readCertificate(v.bench.fields, bytesOf(v.headers, body), certificate);
  if (!isRead(v, Part.Certificates, body.at)) return;
  const fault = faultOfBody(v, certificate);
  if (fault !== PackageFault.None) {
    fail(v, Part.Certificates, body.at, fault);
    return;
  }
  startDigest(v.bench, bytesOf(certificate.bytes, certificate.key));
  v.phase = Phase.KeyDigest;
}

function faultOfBody(v: PackageVerification, certificate: Certificate): PackageFault {
  if (v.trust.epoch < certificate.firstEpoch) return PackageFault.NotYetValid;
  if (v.trust.epoch > certificate.lastEpoch) return PackageFault.Expired;
  const isLast = v.certificate + 1 === v.chain.count;
  if (!isLast && !certificate.mayCertify) return PackageFault.CannotCertify;
  if (v.certificate === 0) return PackageFault.None;
  const isWithin = limitOfCeiling(v.certificates[0].ceiling, certificate.ceiling) === Limit.None;
  return isWithin ? PackageFault.None : PackageFault.CeilingWider;
}

/** The certificate's key is known by its id now. */
function endCertificate(v: PackageVerification): void {
  if (isRevoked(v.trust, digestOf(v.bench))) {
    fail(v, Part.Certificates, v.chain.certificates[v.certificate].body.at, PackageFault.KeyRevoked);
    return;
  }
  copyStruct(v.keyIds[v.certificate].bytes, v.bench.digest);
  if (v.certificate + 1 === v.chain.count) {
    noteChain(v);
    enterDigest(v, Phase.ManifestDigest, v.container.manifest);
  } else if (isKnown(v)) {
    v.certificate++;
    v.phase = Phase.Body;
  } else {
    enterCertificate(v, v.certificate + 1);
  }
}

/** Takes a signature of the publisher's apart and begins to verify it. */
function openOfPublisher(v: PackageVerification, part: Part, place: Span, purpose: u64, signer: PackageFault): boolean {
  openSignature(v.bench, bytesOf(v.headers, place), purpose, false);
  if (!isRead(v, part, place.at)) return false;
  if (!isSameBytes(v.bench.cose.keyId, publisherKeyId(v))) {
    fail(v, part, place.at, signer);
    return false;
  }
  const publisher = publisherOf(v);
  startSignature(v.bench, bytesOf(publisher.bytes, publisher.key), subslice(v.headers, 0, 0));
  return true;
}

function openManifest(v: PackageVerification): void {
  const place = v.container.manifest;
  if (!openOfPublisher(v, Part.Manifest, place, PURPOSE_MANIFEST, PackageFault.ManifestSigner)) return;
  v.manifestBytes = v.bench.cose.payload;
  v.manifestAt = place.at + v.bench.cose.payloadAt;
  v.phase = Phase.ManifestSignature;
}

function enterManifest(v: PackageVerification): void {
  startManifest(v.bench.fields, v.manifestReader, v.manifestBytes);
  v.phase = Phase.ManifestFields;
}

function readField(v: PackageVerification): void {
  if (stepManifest(v.bench.fields, v.manifestReader, v.manifest)) return;
  if (!isRead(v, Part.Manifest, v.manifestAt)) return;
  const publisher = publisherOf(v);
  let fault = faultOfCertificate(publisher.ceiling, v.manifestBytes, v.manifest);
  if (fault === PackageFault.None) {
    fault = faultOfIdentity(v.trust, bytesOf(publisher.bytes, publisher.publisher), v.manifestBytes, v.manifest);
  }
  if (fault !== PackageFault.None) {
    fail(v, Part.Manifest, v.manifestAt, fault);
    return;
  }
  v.index = 0;
  v.phase = Phase.Wanted;
}

function judgeWanted(v: PackageVerification): void {
  if (v.index === v.manifest.wantedCount) {
    enterDigest(v, Phase.BinaryDigest, v.container.binarySignature);
    return;
  }
  const publisher = publisherOf(v);
  const name = bytesOf(publisher.bytes, publisher.publisher);
  const fault = faultOfWanted(v.trust, publisher.ceiling, name, v.manifestBytes, v.manifest, v.index);
  if (fault === PackageFault.None) v.index++;
  else fail(v, Part.Manifest, v.manifestAt + v.manifest.wanted[v.index].name.at, fault);
}

function openBinary(v: PackageVerification): void {
  const place = v.container.binarySignature;
  if (openOfPublisher(v, Part.BinarySignature, place, PURPOSE_BINARY, PackageFault.BinarySigner)) {
    v.phase = Phase.BinarySignature;
  }
}

/** The binary signature is over [ manifest's digest, binary's digest, binary's bytes ]. */
function bindBinary(v: PackageVerification): void {
  const f = v.bench.fields;
  const place = v.container.binarySignature;
  const payload = v.bench.cose.payload;
  const manifest = local<Span>();
  const binary = local<Span>();
  startFields(f, payload);
  readItems(f, BINARY_ITEMS, BINARY_ITEMS);
  readFixed(f, SHA512_BYTES, manifest);
  readFixed(f, SHA512_BYTES, binary);
  const bytes = readNumber(f, 0xffff_ffff_ffff_ffffn);
  closeFields(f);
  if (!isRead(v, Part.BinarySignature, place.at + v.bench.cose.payloadAt)) return;
  const digest = bytesOf(v.manifestBytes, v.manifest.binaryDigest);
  if (!isSameBytes(bytesOf(payload, manifest), keptDigest(v, MANIFEST))) {
    fail(v, Part.BinarySignature, place.at, PackageFault.OtherManifest);
  } else if (!isSameBytes(bytesOf(payload, binary), digest) || bytes !== v.manifest.binaryBytes) {
    fail(v, Part.BinarySignature, place.at, PackageFault.OtherBinary);
  } else {
    enterDigest(v, Phase.CompressionDigest, v.container.compression);
  }
}

function keptDigest(v: PackageVerification, part: u32): Bytes {
  return sliceOf(v.digests[part].bytes, 0, SHA512_BYTES);
}

function openPackage(v: PackageVerification): void {
  const place = v.container.packageSignature;
  if (openOfPublisher(v, Part.PackageSignature, place, PURPOSE_PACKAGE, PackageFault.PackageSigner)) {
    v.phase = Phase.PackageSignature;
  }
}

/** The package signature is over the digests of the four parts before it; the compression header's has the payload's. */
function bindParts(v: PackageVerification): void {
  const f = v.bench.fields;
  const place = v.container.packageSignature;
  const payload = v.bench.cose.payload;
  const digest = local<Span>();
  startFields(f, payload);
  readItems(f, PARTS, PARTS);
  for (let part: u32 = 0; part < PARTS; part++) {
    readFixed(f, SHA512_BYTES, digest);
    const isOther = isRight(f) && !isSameBytes(bytesOf(payload, digest), keptDigest(v, part));
    if (isOther) refuse(f, PackageFault.OtherPart, digest.at);
  }
  closeFields(f);
  if (!isRead(v, Part.PackageSignature, place.at + v.bench.cose.payloadAt)) return;
  readCompressionHeader(v);
}

function readCompressionHeader(v: PackageVerification): void {
  const place = v.container.compression;
  const compression = v.compression;
  readCompression(v.bench.fields, bytesOf(v.headers, place), compression);
  if (!isRead(v, Part.Compression, place.at)) return;
  const digest = bytesOf(v.manifestBytes, v.manifest.binaryDigest);
  const isSame = isSameBytes(bytesOf(compression.bytes, compression.binaryDigest), digest);
  if (compression.packedBytes !== v.container.payloadBytes) {
    fail(v, Part.Compression, place.at, PackageFault.PayloadLength);
  } else if (!isSame || compression.binaryBytes !== v.manifest.binaryBytes) {
    fail(v, Part.Compression, place.at, PackageFault.OtherBinary);
  } else {
    v.phase = Phase.Headers;
  }
}
