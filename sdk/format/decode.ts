import semver from "semver";
import { FORMAT, MAGIC } from "./encode.ts";
import { FaultError } from "./faults.ts";
import { KINDS, type Kind, kindName, type Right, rightsNames } from "./kinds.ts";
import { Reader, readHead } from "./reader.ts";
import {
  type Ceiling,
  type CertificateBody,
  type Compression,
  type Contract,
  FAULT_POLICIES,
  type FaultPolicy,
  MACHINES,
  type Machine,
  type Manifest,
  METHODS,
  type Method,
  type NamedGrant,
  type Policy,
  type Schema,
  type TrustBody,
  type Wanted,
} from "./types.ts";

/** From bytes to what the parts say, with the limits of docs/module-format.md. */

const KEY_BYTES = 2592;
const DIGEST_BYTES = 64;
const MAX_U32 = 0xffff_ffff;
const MAX_SIGNATURE_BYTES = 5120;
const MAX_BINARY_BYTES = 2 ** 27;
const MAX_BUDGET_BYTES = 2 ** 47;
const MAX_WINDOW_BYTES = 2 ** 23;
const MAX_STACK_BYTES = 2 ** 23;
const USER_END = 0x7fff_ffff_0000n;
const MAX_TIMEOUT_MS = 86_400_000;
const MAX_PRIORITY = 255;
const MAX_VERSION_BYTES = 64;
const MAX_RANGE_BYTES = 128;
export const MAX_HEADER_BYTES = 57_344;
export const MAX_TRUST_BYTES = 57_344;
export const MAX_CERTIFICATE_BYTES = 4096;
export const MAX_MANIFEST_BYTES = 4096;

/** A part, and where it begins. */
export interface Place {
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface Container {
  readonly certificates: Place;
  readonly manifest: Place;
  readonly compression: Place;
  readonly binarySignature: Place;
  readonly packageSignature: Place;
  readonly headerBytes: number;
  readonly payloadBytes: number;
}

/** The parts of a file, of which at least the headers are there. */
export function decodeContainer(bytes: Uint8Array): Container {
  const reader = new Reader(bytes);
  const part = (most: number): Place => placeOf(reader, most);
  reader.tuple(8);
  if (reader.text(MAGIC.length) !== MAGIC) throw new FaultError("UnknownFormat", 0);
  const at = reader.at;
  if (reader.number(MAX_U32) !== FORMAT) throw new FaultError("UnknownFormat", at);
  const certificates = part(MAX_HEADER_BYTES);
  const manifest = part(MAX_MANIFEST_BYTES + MAX_SIGNATURE_BYTES);
  const compression = part(256);
  const binarySignature = part(MAX_SIGNATURE_BYTES);
  const packageSignature = part(MAX_SIGNATURE_BYTES);
  const { headerBytes, payloadBytes } = payloadHead(bytes, reader.at);
  return { certificates, manifest, compression, binarySignature, packageSignature, headerBytes, payloadBytes };
}

function placeOf(reader: Reader, most: number): Place {
  const bytes = reader.part(most);
  return { at: reader.at - bytes.length, bytes };
}

function payloadHead(bytes: Uint8Array, at: number): { headerBytes: number; payloadBytes: number } {
  const head = readHead(bytes, at);
  const headerBytes = at + 1 + head.size;
  if (head.major !== 2) throw new FaultError("WrongType", at);
  if (head.argument > BigInt(MAX_BINARY_BYTES) || headerBytes > MAX_HEADER_BYTES) throw new FaultError("TooLong", at);
  return { headerBytes, payloadBytes: Number(head.argument) };
}

/** A body, and who signed it. */
export interface Signed {
  readonly body: Place;
  readonly signatures: readonly Place[];
}

export function decodeChain(bytes: Uint8Array): readonly Signed[] {
  const reader = new Reader(bytes);
  const chain = reader.items(1, 2, () => readSigned(reader, MAX_CERTIFICATE_BYTES, 1));
  reader.close();
  return chain;
}

export function decodeTrust(bytes: Uint8Array): Signed {
  if (bytes.length > MAX_TRUST_BYTES) throw new FaultError("TooLong", 0);
  const reader = new Reader(bytes);
  const signed = readSigned(reader, MAX_TRUST_BYTES, 0);
  reader.close();
  return signed;
}

function readSigned(reader: Reader, most: number, least: number): Signed {
  reader.tuple(2);
  const body = placeOf(reader, most);
  return { body, signatures: reader.items(least, 4, () => placeOf(reader, MAX_SIGNATURE_BYTES)) };
}

export function decodeCertificateBody(bytes: Uint8Array): CertificateBody {
  const reader = new Reader(bytes);
  let firstEpoch = 0;
  const fields = reader.record<[string, Uint8Array, Ceiling, number, number, boolean]>(
    () => reader.name(),
    () => reader.fixed(KEY_BYTES),
    () => readCeiling(reader),
    () => {
      firstEpoch = reader.number(MAX_U32);
      return firstEpoch;
    },
    () => {
      const at = reader.at;
      const lastEpoch = reader.number(MAX_U32);
      if (lastEpoch < firstEpoch) throw new FaultError("BadBounds", at);
      return lastEpoch;
    },
    () => reader.flag(),
  );
  reader.close();
  const [publisher, key, ceiling, , lastEpoch, mayCertify] = fields;
  return { publisher, key, ceiling, firstEpoch, lastEpoch, mayCertify };
}

function readCeiling(reader: Reader): Ceiling {
  const [prefixes, kinds, budgetBytes, priority] = reader.record<[string[], Ceiling["kinds"], number, number]>(
    () => reader.items(1, 8, () => reader.prefix()),
    () => readKinds(reader),
    () => reader.number(MAX_BUDGET_BYTES),
    () => reader.number(MAX_PRIORITY),
  );
  return { prefixes, kinds, budgetBytes, priority };
}

function readKinds(reader: Reader): Ceiling["kinds"] {
  const at = reader.at;
  const count = reader.pairs();
  if (count > KINDS.length) throw new FaultError("BadCount", at);
  const kinds: [Kind, readonly Right[]][] = [];
  let last = 0;
  for (let i = 0; i < count; i++) {
    const keyAt = reader.at;
    const number = reader.between(1, KINDS.length);
    if (number <= last) throw new FaultError(number === last ? "DuplicateKey" : "UnsortedKeys", keyAt);
    last = number;
    kinds.push([kindName(number) as Kind, rightsNames(reader.number(7))]);
  }
  return Object.fromEntries(kinds);
}

export function decodeManifest(bytes: Uint8Array): Manifest {
  const reader = new Reader(bytes);
  type Fields = [
    string,
    string,
    Machine,
    number,
    Uint8Array,
    bigint,
    number,
    number,
    number,
    Record<string, Wanted>,
    Record<string, string>,
    Record<string, string>,
    FaultPolicy,
    Contract | null,
  ];
  const fields = reader.record<Fields>(
    () => reader.name(),
    () => readVersion(reader),
    () => readMachine(reader),
    () => reader.between(1, MAX_BINARY_BYTES),
    () => reader.fixed(DIGEST_BYTES),
    () => reader.uint(USER_END - 1n),
    () => reader.between(1, MAX_STACK_BYTES),
    () => reader.between(1, MAX_BUDGET_BYTES),
    () => reader.number(MAX_PRIORITY),
    () => reader.names(32, () => readWanted(reader)),
    () => reader.names(16, () => reader.name()),
    () => reader.names(16, () => reader.text(MAX_RANGE_BYTES)),
    () => FAULT_POLICIES[reader.number(2)] as FaultPolicy,
    () => (reader.skipNull() ? null : readContract(reader)),
  );
  reader.close();
  const [name, version, machine, binaryBytes, binaryDigest, entry, stackBytes, budgetBytes, priority] = fields;
  const [, , , , , , , , , wanted, offers, dependencies, faultPolicy, contract] = fields;
  return {
    name,
    version,
    machine,
    binaryBytes,
    binaryDigest,
    entry,
    stackBytes,
    budgetBytes,
    priority,
    wanted,
    offers,
    dependencies,
    faultPolicy,
    contract,
  };
}

/** A whole version without a prefix, and without spaces around it. */
export function isVersion(text: string): boolean {
  return text.length <= MAX_VERSION_BYTES && /^\d[^\s]*$/.test(text) && semver.parse(text) !== null;
}

function readVersion(reader: Reader): string {
  const at = reader.at;
  const text = reader.text(MAX_VERSION_BYTES);
  if (!isVersion(text)) throw new FaultError("BadVersion", at);
  return text;
}

function readMachine(reader: Reader): Machine {
  const at = reader.at;
  const number = reader.number(0xffff);
  const machine = (Object.keys(MACHINES) as Machine[]).find((name) => MACHINES[name] === number);
  if (machine === undefined) throw new FaultError("OutOfRange", at);
  return machine;
}

function readWanted(reader: Reader): Wanted {
  reader.tuple(3);
  const kind = kindName(reader.between(1, KINDS.length)) as Kind;
  return { kind, rights: rightsNames(reader.number(7)), required: reader.flag() };
}

function readContract(reader: Reader): Contract {
  const [drains, exports, imports, prepareTimeoutMs, healthCheck] = reader.record<
    [boolean, Schema[], Schema[], number, string]
  >(
    () => reader.flag(),
    () => reader.items(0, 8, () => readSchema(reader)),
    () => reader.items(0, 8, () => readSchema(reader)),
    () => reader.between(1, MAX_TIMEOUT_MS),
    () => reader.name(),
  );
  return { drains, exports, imports, prepareTimeoutMs, healthCheck };
}

function readSchema(reader: Reader): Schema {
  reader.tuple(3);
  return { name: reader.name(), version: reader.number(MAX_U32), digest: reader.fixed(DIGEST_BYTES) };
}

export function decodeCompression(bytes: Uint8Array): Compression {
  const reader = new Reader(bytes);
  let binaryAt = 0;
  let windowAt = 0;
  const [method, packedBytes, packedDigest, binaryBytes, binaryDigest, windowBytes] = reader.record<
    [Method, number, Uint8Array, number, Uint8Array, number]
  >(
    () => METHODS[reader.number(1)] as Method,
    () => readSize(reader),
    () => reader.fixed(DIGEST_BYTES),
    () => {
      binaryAt = reader.at;
      return readSize(reader);
    },
    () => reader.fixed(DIGEST_BYTES),
    () => {
      windowAt = reader.at;
      return reader.number(MAX_WINDOW_BYTES);
    },
  );
  reader.close();
  const isStored = method === "stored";
  if ((windowBytes === 0) !== isStored) throw new FaultError("BadBounds", windowAt);
  const isSame = packedBytes === binaryBytes && Buffer.compare(packedDigest, binaryDigest) === 0;
  if (isStored && !isSame) throw new FaultError("StoredDiffers", binaryAt);
  return { method, packedBytes, packedDigest, binaryBytes, binaryDigest, windowBytes };
}

function readSize(reader: Reader): number {
  const at = reader.at;
  const size = reader.number(MAX_BINARY_BYTES);
  if (size === 0) throw new FaultError("BadBounds", at);
  return size;
}

/** What is newer than `present` has a higher version and no lower epoch. */
export function decodeTrustBody(bytes: Uint8Array, present: TrustBody | null = null): TrustBody {
  const reader = new Reader(bytes);
  const places = { version: 0, epoch: 0, threshold: 0 };
  let version = 0;
  let threshold = 0;
  type Fields = [number, number, number, Uint8Array[], Uint8Array[], Record<string, string>, Policy];
  const [, epoch, , roots, revoked, minimums, policy] = reader.record<Fields>(
    () => {
      places.version = reader.at;
      version = reader.number(MAX_U32);
      return version;
    },
    () => {
      places.epoch = reader.at;
      const value = reader.number(MAX_U32);
      if (present !== null && version <= present.version) throw new FaultError("TrustNotNewer", places.version);
      if (present !== null && value < present.epoch) throw new FaultError("TrustEpochBack", places.epoch);
      return value;
    },
    () => {
      places.threshold = reader.at;
      threshold = reader.number(MAX_U32);
      return threshold;
    },
    () => {
      const keys = reader.items(1, 8, () => reader.fixed(KEY_BYTES));
      const isMet = threshold > 0 && threshold <= Math.min(keys.length, 4);
      if (!isMet) throw new FaultError("BadThreshold", places.threshold);
      return keys;
    },
    () => reader.items(0, 64, () => reader.fixed(DIGEST_BYTES)),
    () => reader.names(32, () => readVersion(reader)),
    () => readPolicy(reader),
  );
  reader.close();
  return { version, epoch, threshold, roots, revoked, minimums, policy };
}

function readPolicy(reader: Reader): Policy {
  const [ceiling, rules, grants] = reader.record<[Ceiling, Record<string, Ceiling>, NamedGrant[]]>(
    () => readCeiling(reader),
    () => reader.names(16, () => readCeiling(reader)),
    () => reader.items(0, 32, () => readNamedGrant(reader)),
  );
  return { ceiling, rules, grants };
}

function readNamedGrant(reader: Reader): NamedGrant {
  reader.tuple(4);
  const prefix = reader.prefix();
  const kind = kindName(reader.between(1, KINDS.length)) as Kind;
  return { prefix, kind, rights: rightsNames(reader.number(7)), name: reader.name() };
}

/** Whether `prefix` is `name`, or what stands before one of its dots. */
export function isUnder(name: string, prefix: string): boolean {
  return prefix === "" || name === prefix || name.startsWith(`${prefix}.`);
}
