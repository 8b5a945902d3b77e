import { concat, encodeItem, type Item, record } from "./cbor.ts";
import { type Kind, kindNumber, type Right, rightsBits } from "./kinds.ts";
import {
  type Ceiling,
  type CertificateBody,
  type Compression,
  type Contract,
  FAULT_POLICIES,
  MACHINES,
  type Manifest,
  METHODS,
  type Schema,
  type TrustBody,
} from "./types.ts";

/** From what the parts say to their bytes. */

export const MAGIC = "sila";
export const FORMAT = 1;

export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return encodeItem(manifestItem(manifest));
}

export function manifestItem(manifest: Manifest): ReadonlyMap<number, Item> {
  const wanted = Object.entries(manifest.wanted).map(
    ([name, { kind, rights, required }]) => [name, [kindNumber(kind), rightsBits(rights), required]] as const,
  );
  return record(
    manifest.name,
    manifest.version,
    MACHINES[manifest.machine],
    manifest.binaryBytes,
    manifest.binaryDigest,
    manifest.entry,
    manifest.stackBytes,
    manifest.budgetBytes,
    manifest.priority,
    new Map<string, Item>(wanted),
    new Map(Object.entries(manifest.offers)),
    new Map(Object.entries(manifest.dependencies)),
    FAULT_POLICIES.indexOf(manifest.faultPolicy),
    manifest.contract === null ? null : contractItem(manifest.contract),
  );
}

function contractItem(contract: Contract): Item {
  return record(
    contract.drains,
    contract.exports.map(schemaItem),
    contract.imports.map(schemaItem),
    contract.prepareTimeoutMs,
    contract.healthCheck,
  );
}

const schemaItem = ({ name, version, digest }: Schema): Item => [name, version, digest];

export function ceilingItem({ prefixes, kinds, budgetBytes, priority }: Ceiling): ReadonlyMap<number, Item> {
  const rights = Object.entries(kinds) as [Kind, readonly Right[]][];
  const byKind = rights.map(([kind, allowed]) => [kindNumber(kind), rightsBits(allowed)] as const);
  return record(prefixes, new Map<number, Item>(byKind), budgetBytes, priority);
}

export function encodeCertificateBody(body: CertificateBody): Uint8Array<ArrayBuffer> {
  return encodeItem(certificateItem(body));
}

export function certificateItem(body: CertificateBody): ReadonlyMap<number, Item> {
  const { publisher, key, ceiling, firstEpoch, lastEpoch, mayCertify } = body;
  return record(publisher, key, ceilingItem(ceiling), firstEpoch, lastEpoch, mayCertify);
}

/** A body with its signatures: a certificate, or a trust set. */
export function encodeSigned(body: Uint8Array, signatures: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return encodeItem([body, signatures]);
}

/** The part of a package: certificates, each as `encodeSigned` gave it. */
export function encodeChain(certificates: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(0x80 | certificates.length), ...certificates);
}

export function encodeCompression(compression: Compression): Uint8Array<ArrayBuffer> {
  return encodeItem(compressionItem(compression));
}

export function compressionItem(compression: Compression): ReadonlyMap<number, Item> {
  return record(
    METHODS.indexOf(compression.method),
    compression.packedBytes,
    compression.packedDigest,
    compression.binaryBytes,
    compression.binaryDigest,
    compression.windowBytes,
  );
}

export function encodeTrustBody(trust: TrustBody): Uint8Array<ArrayBuffer> {
  return encodeItem(trustItem(trust));
}

export function trustItem(trust: TrustBody): ReadonlyMap<number, Item> {
  const { ceiling, rules, grants } = trust.policy;
  const policy = record(
    ceilingItem(ceiling),
    new Map<string, Item>(Object.entries(rules).map(([publisher, rule]) => [publisher, ceilingItem(rule)])),
    grants.map(({ prefix, kind, rights, name }) => [prefix, kindNumber(kind), rightsBits(rights), name]),
  );
  return record(
    trust.version,
    trust.epoch,
    trust.threshold,
    trust.roots,
    trust.revoked,
    new Map(Object.entries(trust.minimums)),
    policy,
  );
}

/** The parts of a package, each in its own encoding. */
export interface Parts {
  readonly chain: Uint8Array;
  readonly manifest: Uint8Array;
  readonly compression: Uint8Array;
  readonly binarySignature: Uint8Array;
  readonly packageSignature: Uint8Array;
  readonly payload: Uint8Array;
}

export function encodePackage(parts: Parts): Uint8Array<ArrayBuffer> {
  const { chain, manifest, compression, binarySignature, packageSignature, payload } = parts;
  return encodeItem([MAGIC, FORMAT, chain, manifest, compression, binarySignature, packageSignature, payload]);
}
