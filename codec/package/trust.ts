import { KEY_BYTES } from "../../crypto/mldsa87/encoding";
import { Verdict } from "../../crypto/mldsa87/verify";
import { SHA512_BYTES } from "../../crypto/sha512";
import {
  type Bench,
  digestOf,
  isSound,
  openSignature,
  PURPOSE_TRUST,
  startDigest,
  startSignature,
  stepDigest,
  stepSignature,
} from "./bench";
import { type Ceiling, readCeiling } from "./ceiling";
import { MAX_SIGNERS, readSigned, type Signed } from "./container";
import { PackageFault } from "./fault";
import {
  closeFields,
  closeRecord,
  type Entries,
  type Fields,
  field,
  isRight,
  openNames,
  openRecord,
  readFixed,
  readItems,
  readKey,
  readName,
  readNumber,
  readPrefix,
  refuse,
  startFields,
} from "./fields";
import { ALL_GRANT_RIGHTS, LAST_KIND } from "./kind";
import { isUnder } from "./name";
import { bytesOf, isSameBytes, type Span } from "./span";
import { readVersion } from "./versions";

/**
 * The trust set: who may certify publishers, what was taken back, what is too old, and the system policy.
 *
 *   [ << body >>, [ 0*4 << signature >> ] ]
 *
 *   body    { 1: version, 2: epoch, 3: threshold, 4: [ 1*8 root key ], 5: [ 0*64 revoked key's id ],
 *             6: { name => least version }, 7: policy }
 *   policy  { 1: ceiling, 2: { publisher => ceiling }, 3: [ 0*32 [ module prefix, kind, rights, name ] ] }
 *
 * One that a boot image brings is trusted as it is loaded: it is only read. A newer one is signed by as many roots of the
 * present one as that one's threshold asks for; its version is higher, and its epoch not lower.
 *
 *   Open ─▶ Digest ─▶ Signer ─▶ Signature … ─▶ Body ─▶ Revoked ─▶ Minimums ─▶ Rules ─▶ Grants ─▶ Id (a root each) ─▶ Done
 *           └─────── of a newer one only ───┘
 *
 * R1  A trust set points into the bytes that it was read from: they stay as they are for as long as it is used.
 * R2  Until Done nothing of it may be used.
 */

const BODY_FIELDS = 7;
const POLICY_FIELDS = 3;
const GRANT_ITEMS = 4;
export const MAX_TRUST_BYTES = 57344;
export const MAX_ROOTS = 8;
export const MAX_REVOKED = 64;
export const MAX_MINIMUMS = 32;
export const MAX_RULES = 16;
export const MAX_NAMED_GRANTS = 32;
const MAX_NUMBER = 0xffff_ffffn;
/** A revoked key's id with its head: every entry of the list. */
const REVOKED_BYTES = 66;
const ENTRIES_PER_STEP = 16;

/** A module's least version. */
interface Minimum extends Struct<"Minimum"> {
  readonly name: Inline<Span>;
  readonly version: Inline<Span>;
}

/** What a publisher's modules may ask for at most, beside its certificate. */
interface Rule extends Struct<"Rule"> {
  readonly publisher: Inline<Span>;
  readonly ceiling: Inline<Ceiling>;
}

/** A capability that modules may want though the policy's ceiling does not allow it. */
export interface NamedGrant extends Struct<"NamedGrant"> {
  readonly prefix: Inline<Span>;
  kind: u32;
  rights: u32;
  readonly name: Inline<Span>;
}

interface Root extends Struct<"Root"> {
  readonly key: Inline<Span>;
  readonly id: FixedArray<u8, typeof SHA512_BYTES>;
}

export interface TrustSet extends Struct<"TrustSet"> {
  /** The body. */
  bytes: Bytes;
  version: u64;
  epoch: u64;
  threshold: u32;
  rootCount: u32;
  readonly roots: FixedArray<Inline<Root>, typeof MAX_ROOTS>;
  revokedCount: u32;
  /** Where the first entry of the list of revoked keys begins. */
  revokedAt: u32;
  minimumCount: u32;
  readonly minimums: FixedArray<Inline<Minimum>, typeof MAX_MINIMUMS>;
  readonly ceiling: Inline<Ceiling>;
  ruleCount: u32;
  readonly rules: FixedArray<Inline<Rule>, typeof MAX_RULES>;
  grantCount: u32;
  readonly grants: FixedArray<Inline<NamedGrant>, typeof MAX_NAMED_GRANTS>;
}

/** @storage u8 */
const enum Phase {
  Open,
  Digest,
  Signer,
  Signature,
  Body,
  Revoked,
  Minimums,
  Policy,
  Rules,
  Grants,
  Id,
  Done,
}

export interface TrustReading extends Struct<"TrustReading"> {
  bytes: Bytes;
  bench: Bench;
  trust: TrustSet;
  /** The one whose roots have to have signed; null for a boot image's. */
  present: TrustSet | null;
  phase: Phase;
  fault: PackageFault;
  /** From the beginning of the bytes. */
  faultAt: u32;
  /** Of signatures, entries or roots: the next one. */
  index: u32;
  readonly signed: Inline<Signed>;
  readonly body: Inline<Entries>;
  readonly policy: Inline<Entries>;
  readonly names: Inline<Entries>;
  /** Roots that have signed: a bit each. */
  signers: u32;
}

/** Begins to read a trust set into `trust`; `present` is the one in force, or null if there is none yet. */
export function startTrust(
  r: TrustReading,
  bench: Bench,
  bytes: Bytes,
  trust: TrustSet,
  present: TrustSet | null,
): void {
  r.bytes = bytes;
  r.bench = bench;
  r.trust = trust;
  r.present = present;
  r.phase = Phase.Open;
  r.fault = PackageFault.None;
  r.faultAt = 0;
  r.signers = 0;
}

/** Does the next step, of at most 20,000 instructions; false when it is done, or a fault was found. */
export function stepTrust(r: TrustReading): boolean {
  const f = r.bench.fields;
  const trust = r.trust;
  const base = baseOf(r);
  switch (r.phase) {
    case Phase.Open:
      openTrust(r);
      break;
    case Phase.Digest:
      if (stepDigest(r.bench)) enterSigner(r, 0);
      return true;
    case Phase.Signer:
      chooseSigner(r);
      break;
    case Phase.Signature:
      judgeSignature(r);
      break;
    case Phase.Body:
      readBody(f, r, trust);
      break;
    case Phase.Revoked:
      readRevoked(f, r, trust);
      break;
    case Phase.Minimums:
      readMinimum(f, r, trust);
      break;
    case Phase.Policy:
      readPolicy(f, r, trust);
      break;
    case Phase.Rules:
      readRule(f, r, trust);
      break;
    case Phase.Grants:
      readGrant(f, r, trust);
      break;
    case Phase.Id:
      identifyRoot(r, trust);
      break;
    case Phase.Done:
      return false;
    default:
      unreachable(r.phase);
  }
  return settle(r, base);
}

/** Where the bytes begin that the present phase is about. */
function baseOf(r: TrustReading): u32 {
  if (r.phase === Phase.Open || r.phase === Phase.Digest) return 0;
  const isSignature = r.phase === Phase.Signer || r.phase === Phase.Signature;
  return isSignature ? r.signed.signatures[r.index].at : r.signed.body.at;
}

/** Whether a trust set was read whole and found right. */
export function isTrusted(r: TrustReading): boolean {
  return r.phase === Phase.Done && r.fault === PackageFault.None;
}

/** Takes over what is wrong, `base` being where the bytes begin that were read; true when the reading goes on. */
function settle(r: TrustReading, base: u32): boolean {
  const f = r.bench.fields;
  if (isRight(f)) return r.phase !== Phase.Done;
  r.fault = f.fault;
  r.faultAt = base + f.faultAt;
  r.phase = Phase.Done;
  return false;
}

function openTrust(r: TrustReading): void {
  const f = r.bench.fields;
  startFields(f, r.bytes);
  if (r.bytes.length > MAX_TRUST_BYTES) {
    refuse(f, PackageFault.TooLong, 0);
    return;
  }
  readSigned(f, MAX_TRUST_BYTES, 0, 0, r.signed);
  closeFields(f);
  if (!isRight(f)) return;
  r.trust.bytes = bytesOf(r.bytes, r.signed.body);
  if (r.present === null) {
    enterBody(r);
    return;
  }
  startDigest(r.bench, r.trust.bytes);
  r.phase = Phase.Digest;
}

/** The next signature, or the body when there is none. */
function enterSigner(r: TrustReading, index: u32): void {
  r.index = index;
  if (index < r.signed.count) r.phase = Phase.Signer;
  else enterBody(r);
}

function chooseSigner(r: TrustReading): void {
  const present = r.present!;
  const f = r.bench.fields;
  openSignature(r.bench, bytesOf(r.bytes, r.signed.signatures[r.index]), PURPOSE_TRUST, true);
  if (!isSound(r.bench)) return;
  const root = rootOf(present, r.bench.cose.keyId);
  if (root === present.rootCount) {
    refuse(f, PackageFault.UnknownSigner, 0);
    return;
  }
  if ((r.signers & (1 << root)) !== 0) {
    refuse(f, PackageFault.DuplicateSigner, 0);
    return;
  }
  if (isRevoked(present, r.bench.cose.keyId)) {
    refuse(f, PackageFault.KeyRevoked, 0);
    return;
  }
  r.signers |= 1 << root;
  startSignature(r.bench, rootKey(present, root), digestOf(r.bench));
  r.phase = Phase.Signature;
}

function judgeSignature(r: TrustReading): void {
  const verdict = stepSignature(r.bench);
  if (verdict === Verdict.Invalid) refuse(r.bench.fields, PackageFault.TrustSignature, 0);
  if (verdict === Verdict.Valid) enterSigner(r, r.index + 1);
}

function enterBody(r: TrustReading): void {
  r.phase = Phase.Body;
}

/** Version, epoch, threshold and roots; what is newer has the signatures that it needs. */
function readBody(f: Fields, r: TrustReading, trust: TrustSet): void {
  startFields(f, trust.bytes);
  const present = r.present;
  if (present !== null && popcount32(r.signers) < present.threshold) {
    refuse(f, PackageFault.ThresholdNotMet, 0);
    return;
  }
  openRecord(f, r.body, BODY_FIELDS);
  field(f, r.body);
  const at = f.reader.at;
  trust.version = readNumber(f, MAX_NUMBER);
  field(f, r.body);
  const epochAt = f.reader.at;
  trust.epoch = readNumber(f, MAX_NUMBER);
  if (present !== null && trust.version <= present.version) refuse(f, PackageFault.TrustNotNewer, at);
  if (present !== null && trust.epoch < present.epoch) refuse(f, PackageFault.TrustEpochBack, epochAt);
  field(f, r.body);
  const thresholdAt = f.reader.at;
  trust.threshold = u32(readNumber(f, MAX_NUMBER));
  field(f, r.body);
  trust.rootCount = readItems(f, 1, MAX_ROOTS);
  for (let i: u32 = 0; i < trust.rootCount; i++) readFixed(f, KEY_BYTES, trust.roots[i].key);
  const most = trust.rootCount < MAX_SIGNERS ? trust.rootCount : MAX_SIGNERS;
  if (trust.threshold === 0 || trust.threshold > most) refuse(f, PackageFault.BadThreshold, thresholdAt);
  field(f, r.body);
  trust.revokedCount = readItems(f, 0, MAX_REVOKED);
  trust.revokedAt = f.reader.at;
  r.index = 0;
  r.phase = Phase.Revoked;
}

function readRevoked(f: Fields, r: TrustReading, trust: TrustSet): void {
  const id = local<Span>();
  for (let i: u32 = 0; i < ENTRIES_PER_STEP && r.index < trust.revokedCount; i++) {
    readFixed(f, SHA512_BYTES, id);
    r.index++;
  }
  if (r.index < trust.revokedCount) return;
  field(f, r.body);
  trust.minimumCount = openMap(f, r, MAX_MINIMUMS);
  r.phase = Phase.Minimums;
}

function openMap(f: Fields, r: TrustReading, most: u32): u32 {
  openNames(f, r.names, most);
  r.index = 0;
  return isRight(f) ? r.names.count : 0;
}

function readMinimum(f: Fields, r: TrustReading, trust: TrustSet): void {
  if (r.index === trust.minimumCount) {
    field(f, r.body);
    openRecord(f, r.policy, POLICY_FIELDS);
    r.phase = Phase.Policy;
    return;
  }
  const minimum = trust.minimums[r.index];
  readKey(f, r.names, minimum.name);
  readVersion(f, minimum.version);
  r.index++;
}

function readPolicy(f: Fields, r: TrustReading, trust: TrustSet): void {
  field(f, r.policy);
  readCeiling(f, trust.ceiling);
  field(f, r.policy);
  trust.ruleCount = openMap(f, r, MAX_RULES);
  r.phase = Phase.Rules;
}

function readRule(f: Fields, r: TrustReading, trust: TrustSet): void {
  if (r.index === trust.ruleCount) {
    field(f, r.policy);
    trust.grantCount = readItems(f, 0, MAX_NAMED_GRANTS);
    r.index = 0;
    r.phase = Phase.Grants;
    return;
  }
  const rule = trust.rules[r.index];
  readKey(f, r.names, rule.publisher);
  readCeiling(f, rule.ceiling);
  r.index++;
}

function readGrant(f: Fields, r: TrustReading, trust: TrustSet): void {
  if (r.index === trust.grantCount) {
    closeRecord(f, r.policy);
    closeRecord(f, r.body);
    closeFields(f);
    if (isRight(f)) enterIds(r, 0);
    return;
  }
  const grant = trust.grants[r.index];
  readItems(f, GRANT_ITEMS, GRANT_ITEMS);
  readPrefix(f, grant.prefix);
  const at = f.reader.at;
  grant.kind = u32(readNumber(f, LAST_KIND));
  if (grant.kind === 0) refuse(f, PackageFault.OutOfRange, at);
  grant.rights = u32(readNumber(f, ALL_GRANT_RIGHTS));
  readName(f, grant.name);
  r.index++;
}

function enterIds(r: TrustReading, index: u32): void {
  r.index = index;
  r.phase = index < r.trust.rootCount ? Phase.Id : Phase.Done;
  if (r.phase === Phase.Id) startDigest(r.bench, rootKey(r.trust, index));
}

/** A key's id is the SHA-512 of its bytes. */
function identifyRoot(r: TrustReading, trust: TrustSet): void {
  if (!stepDigest(r.bench)) return;
  const root = trust.roots[r.index];
  const f = r.bench.fields;
  for (let i: u32 = 0; i < r.index; i++) {
    if (isSameBytes(rootId(trust, i), digestOf(r.bench))) {
      refuse(f, PackageFault.DuplicateRoot, root.key.at);
      return;
    }
  }
  copyStruct(root.id, r.bench.digest);
  enterIds(r, r.index + 1);
}

/** The number of the root with this id; the number of roots when there is none. */
export function rootOf(trust: TrustSet, keyId: Bytes): u32 {
  for (let i: u32 = 0; i < trust.rootCount; i++) {
    if (isSameBytes(rootId(trust, i), keyId)) return i;
  }
  return trust.rootCount;
}

export function rootKey(trust: TrustSet, root: u32): Bytes {
  return bytesOf(trust.bytes, trust.roots[root].key);
}

function rootId(trust: TrustSet, root: u32): Bytes {
  return sliceOf(trust.roots[root].id, 0, SHA512_BYTES);
}

export function isRevoked(trust: TrustSet, keyId: Bytes): boolean {
  for (let i: u32 = 0; i < trust.revokedCount; i++) {
    const at = trust.revokedAt + (i + 1) * REVOKED_BYTES - SHA512_BYTES;
    if (isSameBytes(subslice(trust.bytes, at, SHA512_BYTES), keyId)) return true;
  }
  return false;
}

/** The least version of a module; empty when any will do. */
export function leastVersion(trust: TrustSet, name: Bytes): Bytes {
  for (let i: u32 = 0; i < trust.minimumCount; i++) {
    const minimum = trust.minimums[i];
    if (isSameBytes(bytesOf(trust.bytes, minimum.name), name)) return bytesOf(trust.bytes, minimum.version);
  }
  return subslice(trust.bytes, 0, 0);
}

/** The rule for a publisher, or null. */
export function ruleOf(trust: TrustSet, publisher: Bytes): Ceiling | null {
  for (let i: u32 = 0; i < trust.ruleCount; i++) {
    const rule = trust.rules[i];
    if (isSameBytes(bytesOf(trust.bytes, rule.publisher), publisher)) return rule.ceiling;
  }
  return null;
}

/** Whether a named grant lets a module want a capability with these rights. */
export function isNamed(trust: TrustSet, module: Bytes, name: Bytes, kind: u32, rights: u32): boolean {
  for (let i: u32 = 0; i < trust.grantCount; i++) {
    const grant = trust.grants[i];
    if (grant.kind !== kind || (rights & ~grant.rights) !== 0) continue;
    if (!isSameBytes(bytesOf(trust.bytes, grant.name), name)) continue;
    if (isUnder(module, bytesOf(trust.bytes, grant.prefix))) return true;
  }
  return false;
}
