import { concat, encodeItem, type Item } from "../../sdk/format/cbor.ts";
import {
  encodeCertificateBody,
  encodeChain,
  encodeCompression,
  encodeManifest,
  encodePackage,
  encodeSigned,
  encodeTrustBody,
} from "../../sdk/format/encode.ts";
import { KINDS, type Kind, RIGHTS, type Right } from "../../sdk/format/kinds.ts";
import { type PackRequest, packModule } from "../../sdk/format/pack.ts";
import { digest, type KeyPair, keyPairOf, signAttached, signBody } from "../../sdk/format/sign.ts";
import type { Ceiling, CertificateBody, Compression, Manifest, TrustBody } from "../../sdk/format/types.ts";
import type { Random } from "../random.ts";

/** A small world to damage: roots, a publisher, a trust set, a module. */

export const X86_64 = 62;
export const EPOCH = 7;

/** Always the same key, whose signatures are always the same, too. */
const fixedKey = (n: number): KeyPair => ({ ...keyPairOf(new Uint8Array(32).fill(n)), isFixed: true });

/** Three roots, two of which have to sign; publishers 10 and 11. */
export const ROOTS: readonly KeyPair[] = [1, 2, 3].map(fixedKey);
export const STRANGER = fixedKey(9);
export const PUBLISHER = fixedKey(10);
export const OTHER_PUBLISHER = fixedKey(11);

const allKinds: Partial<Record<Kind, readonly Right[]>> = Object.fromEntries(KINDS.map((kind) => [kind, RIGHTS]));
export const WIDEST: Ceiling = { prefixes: [""], kinds: allKinds, budgetBytes: 2 ** 30, priority: 200 };
export const CEILING: Ceiling = {
  prefixes: ["hello", "dev"],
  kinds: { Endpoint: ["read", "write"], Timer: [], Region: ["read"], Untyped: RIGHTS },
  budgetBytes: 2 ** 24,
  priority: 100,
};

export const TRUST: TrustBody = {
  version: 5,
  epoch: EPOCH,
  threshold: 2,
  roots: ROOTS.map(({ publicKey }) => publicKey),
  revoked: [],
  minimums: { hello: "1.2.0" },
  policy: { ceiling: WIDEST, rules: {}, grants: [] },
};

export const CERTIFICATE: CertificateBody = {
  publisher: "example.org",
  key: PUBLISHER.publicKey,
  ceiling: CEILING,
  firstEpoch: 5,
  lastEpoch: 9,
  mayCertify: false,
};

export const MANIFEST: PackRequest["manifest"] = {
  name: "hello.world",
  version: "1.2.3",
  machine: "x86_64",
  entry: 0x40_0000n,
  stackBytes: 16384,
  budgetBytes: 2 ** 20,
  priority: 50,
  wanted: {
    log: { kind: "Endpoint", rights: ["write"], required: true },
    timer: { kind: "Timer", rights: [], required: false },
  },
  offers: { greeting: "sila.greeting.1" },
  dependencies: { logging: "^1.0.0" },
  faultPolicy: "restart",
  contract: {
    drains: true,
    exports: [{ name: "hello.state", version: 2, digest: new Uint8Array(64).fill(2) }],
    imports: [{ name: "hello.state", version: 1, digest: new Uint8Array(64).fill(1) }],
    prepareTimeoutMs: 500,
    healthCheck: "greeting",
  },
};

const names = (letter: string, count: number, length: number): string[] =>
  Array.from({ length: count }, (_, i) => letter.repeat(length - 2) + String(i).padStart(2, "0"));
const schemas = (version: number) =>
  names("s", 8, 10).map((name) => ({ name, version, digest: new Uint8Array(64).fill(version) }));

/** As many entries as the format allows, and all but the last bytes that it allows. */
export const LARGEST: PackRequest["manifest"] = {
  ...MANIFEST,
  wanted: Object.fromEntries(
    names("w", 32, 32).map((name) => [name, { kind: "Notification", rights: ["write"], required: false } as const]),
  ),
  offers: Object.fromEntries(names("o", 16, 20).map((name) => [name, "protocol.number.1"])),
  dependencies: Object.fromEntries(names("d", 16, 24).map((name) => [name, ">=1.2.3 <2.0.0 || 3.x"])),
  contract: {
    drains: true,
    exports: schemas(1),
    imports: schemas(2),
    prepareTimeoutMs: 500,
    healthCheck: `${"o".repeat(18)}00`,
  },
};

export function trustOf(body: TrustBody, signers: readonly KeyPair[] = ROOTS.slice(0, 2)): Uint8Array<ArrayBuffer> {
  const bytes = encodeTrustBody(body);
  return encodeSigned(
    bytes,
    signers.map((key) => signBody(key, "trust", bytes)),
  );
}

export function certificateOf(
  body: CertificateBody,
  signers: readonly KeyPair[] = ROOTS.slice(0, 2),
): Uint8Array<ArrayBuffer> {
  return signCertificate(encodeCertificateBody(body), signers);
}

export function signCertificate(body: Uint8Array, signers: readonly KeyPair[]): Uint8Array<ArrayBuffer> {
  return encodeSigned(
    body,
    signers.map((key) => signBody(key, "certificate", body)),
  );
}

interface Segment {
  readonly flags: number;
  readonly address: bigint;
  readonly bytes: number;
}

interface ElfOptions {
  readonly machine?: number;
  readonly entry?: bigint;
  readonly segments?: readonly Segment[];
}

/** Text at 4 MiB and data behind it. */
export const SEGMENTS: readonly Segment[] = [
  { flags: 5, address: 0x40_0000n, bytes: 64 },
  { flags: 6, address: 0x40_1000n, bytes: 32 },
];

/** A static ELF program of two small segments. */
export function makeElf({ machine = X86_64, entry = 0x40_0000n, segments = SEGMENTS }: ElfOptions = {}): Uint8Array {
  const table = 64 + 56 * segments.length;
  const bytes = new Uint8Array(table + segments.reduce((sum, segment) => sum + segment.bytes, 0));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, 0x0001_0102_464c_457fn, true);
  view.setUint16(16, 2, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, entry, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length, true);
  let offset = table;
  for (const [i, segment] of segments.entries()) {
    const at = 64 + 56 * i;
    view.setUint32(at, 1, true);
    view.setUint32(at + 4, segment.flags, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, segment.address, true);
    view.setBigUint64(at + 32, BigInt(segment.bytes), true);
    view.setBigUint64(at + 40, BigInt(segment.bytes), true);
    bytes.fill(0x90 + i, offset, offset + segment.bytes);
    offset += segment.bytes;
  }
  return bytes;
}

export const BINARY = makeElf();
export const CHAIN: readonly Uint8Array[] = [certificateOf(CERTIFICATE)];

export interface World {
  readonly chain?: readonly Uint8Array[];
  readonly key?: KeyPair;
  readonly manifest?: Partial<Omit<Manifest, "binaryBytes" | "binaryDigest">>;
  readonly binary?: Uint8Array;
}

/** A package with a stored payload, in which only this differs from the sound one. */
export function packageOf({ chain = CHAIN, key = PUBLISHER, manifest = {}, binary = BINARY }: World = {}) {
  return packModule(requestOf({ chain, key, manifest, binary }));
}

export function requestOf({ chain = CHAIN, key = PUBLISHER, manifest = {}, binary = BINARY }: World = {}): PackRequest {
  const packed = { method: "stored", bytes: binary, windowBytes: 0 } as const;
  return { chain, key, manifest: { ...MANIFEST, ...manifest }, binary, packed };
}

interface Assembly {
  readonly chain?: Uint8Array;
  /** What the manifest's signature is over. */
  readonly manifest?: Uint8Array;
  /** The whole part instead. */
  readonly manifestPart?: Uint8Array;
  readonly compression?: Uint8Array;
  readonly binaryStatement?: Item;
  readonly binarySignature?: Uint8Array;
  readonly packageStatement?: Item;
  readonly packageSignature?: Uint8Array;
  readonly payload?: Uint8Array;
}

export const MANIFEST_OF_BINARY: Manifest = {
  ...MANIFEST,
  binaryBytes: BINARY.length,
  binaryDigest: digest(BINARY),
};

export const COMPRESSION: Compression = {
  method: "stored",
  packedBytes: BINARY.length,
  packedDigest: digest(BINARY),
  binaryBytes: BINARY.length,
  binaryDigest: digest(BINARY),
  windowBytes: 0,
};

/** A package whose parts are given as they stand, and signed by the publisher where they are not signed. */
export function assemble(parts: Assembly): Uint8Array<ArrayBuffer> {
  const chain = parts.chain ?? encodeChain(CHAIN);
  const payload = parts.payload ?? BINARY;
  const manifest =
    parts.manifestPart ?? signAttached(PUBLISHER, "manifest", parts.manifest ?? encodeManifest(MANIFEST_OF_BINARY));
  const compression = parts.compression ?? encodeCompression(COMPRESSION);
  const binaryStatement = parts.binaryStatement ?? [digest(manifest), digest(BINARY), BINARY.length];
  const binarySignature = parts.binarySignature ?? signAttached(PUBLISHER, "binary", encodeItem(binaryStatement));
  const packageStatement = parts.packageStatement ?? [chain, manifest, compression, binarySignature].map(digest);
  const packageSignature = parts.packageSignature ?? signAttached(PUBLISHER, "package", encodeItem(packageStatement));
  return encodePackage({ chain, manifest, compression, binarySignature, packageSignature, payload });
}

/** Where heads, names and numbers stand in a package, or in a trust set. */
const NEAR = [0, 8, 24, 40, 2700, 2800, 7500, 12_500];

/** One or more pieces of `whole` are changed, left out or put in; of `shares` cases one hits any place, the others heads. */
export function damage(random: Random, whole: Uint8Array, shares: number): Uint8Array {
  let bytes = whole;
  for (let left = random.below(4) === 0 ? 3 : 1; left > 0; left--) {
    const near = NEAR[random.below(NEAR.length)] ?? 0;
    const anywhere = random.below(shares) === 0;
    const at = Math.min(anywhere ? random.below(bytes.length) : near + random.below(90), bytes.length - 1);
    bytes = damageAt(random, bytes, at);
  }
  return bytes;
}

function damageAt(random: Random, whole: Uint8Array, at: number): Uint8Array {
  const kind = random.below(4);
  const [before, first] = [whole.subarray(0, at), whole[at] ?? 0];
  if (kind === 0) return concat(before, Uint8Array.of(first ^ (1 << random.below(8))), whole.subarray(at + 1));
  if (kind === 1) return concat(before, random.bytes(1), whole.subarray(at + 1));
  return concat(before, random.bytes(random.below(3)), whole.subarray(at + random.below(3)));
}
