import type { Arch } from "../scripts/architecture.ts";
import type { ArchiveFile } from "../scripts/archive.ts";
import { encodePackage } from "../sdk/format/encode.ts";
import { makeParts } from "../sdk/format/pack.ts";
import { keyId } from "../sdk/format/sign.ts";
import type { CertificateBody } from "../sdk/format/types.ts";
import { MACHINES } from "../sdk/format/types.ts";
import { FAULTS, PARTS, type Packages, STATUSES, type Verdict } from "../test/codec/package-host.ts";
import {
  CEILING,
  CERTIFICATE,
  certificateOf,
  OTHER_PUBLISHER,
  PUBLISHER,
  packageOf,
  ROOTS,
  requestOf,
  STRANGER,
  TRUST,
  trustOf,
  WIDEST,
  type World,
} from "../test/codec/package-inputs.ts";
import { Random } from "../test/random.ts";
import type { CaseRecord } from "./caseFile.ts";

/**
 * Packages and trust sets, sound and damaged, with what the kernel has to say of them: what codec/package says on the
 * host. The first is the module that test-qemu/process/main.ts makes processes of.
 */

/** In the order of `Kind` in test-qemu/process/main.ts. */
const PACKAGE = 0;
const TRUST_SET = 1;
/** `Outcome` of kernel/object/verifier.ts. */
const SEALED = 1;
const REFUSED = 2;
const ADOPTED = 5;

const keyOf = (map: ReadonlyMap<number, string>, name: string): number =>
  [...map].find(([, each]) => each === name)?.[0] ?? 0;

function expectedOf({ status, fault, part }: Verdict, outcome: number): number {
  if (fault === "None") return outcome;
  return (REFUSED | (keyOf(STATUSES, status) << 8) | (keyOf(FAULTS, fault) << 16) | (keyOf(PARTS, part) << 24)) >>> 0;
}

/** Certified for what the module wants. */
const MODULE: CertificateBody = {
  ...CERTIFICATE,
  ceiling: { ...CEILING, kinds: { ...CEILING.kinds, Notification: ["write"] } },
};

const entryOf = (binary: Uint8Array): bigint => new DataView(binary.buffer, binary.byteOffset).getBigUint64(24, true);

/** The first task, signed like everything else for this trust set. */
export function firstTaskOf(arch: Arch, binary: Uint8Array): ArchiveFile {
  const chain = [certificateOf({ ...CERTIFICATE, ceiling: WIDEST })];
  const plain = { wanted: {}, offers: {}, dependencies: {}, contract: null, stackBytes: 32_768, priority: 200 };
  const manifest = { ...plain, name: "test.process", machine: arch, entry: entryOf(binary) };
  return { name: "test.process", contents: packageOf({ chain, binary, manifest }) };
}

function childOf(arch: Arch, binary: Uint8Array): World {
  const entry = entryOf(binary);
  return {
    chain: [certificateOf(MODULE)],
    binary,
    manifest: {
      machine: arch,
      entry,
      wanted: {
        signal: { kind: "Notification", rights: ["write"], required: true },
        crash: { kind: "Notification", rights: ["write"], required: false },
      },
      offers: {},
      dependencies: {},
      contract: null,
    },
  };
}

/** All of them; `seed` decides which bits are flipped. */
export function processCases(arch: Arch, binary: Uint8Array, packages: Packages, seed: number): CaseRecord[] {
  const cases: CaseRecord[] = [];
  const machine = MACHINES[arch];
  packages.readTrust(trustOf(TRUST));
  const add = (name: string, headers: Uint8Array, contents: Uint8Array): void => {
    const expected = expectedOf(packages.seal(headers, contents, machine), SEALED);
    cases.push({ kind: PACKAGE, name, parts: [headers, contents], expected, parameter: 0 });
  };
  const split = (file: Uint8Array): Uint8Array => file.slice(0, packages.findPayload(file));
  const sound = childOf(arch, binary);
  const headersOf = (world: World): Uint8Array => split(encodePackage(makeParts(requestOf(world))));
  const headers = headersOf(sound);
  add("sound", headers, binary);
  add(
    "another binary",
    headers,
    Uint8Array.from(binary, (byte, i) => (i === binary.length - 1 ? byte ^ 1 : byte)),
  );
  add("a binary that is cut off", headers, binary.slice(0, -1));
  add("a binary with a byte more", headers, new Uint8Array([...binary, 0]));
  add("headers that are cut off", headers.slice(0, -1), binary);
  add("headers with a byte more", new Uint8Array([...headers, 0]), binary);
  const odd: Readonly<Record<string, World>> = {
    "signed by a stranger": { ...sound, key: STRANGER },
    "certified by one root of two": { ...sound, chain: [certificateOf(MODULE, ROOTS.slice(0, 1))] },
    "certified by a stranger": { ...sound, chain: [certificateOf(MODULE, [ROOTS[0] ?? STRANGER, STRANGER])] },
    expired: { ...sound, chain: [certificateOf({ ...MODULE, lastEpoch: TRUST.epoch - 1 })] },
    "another publisher's key": { ...sound, chain: [certificateOf({ ...MODULE, key: OTHER_PUBLISHER.publicKey })] },
    "a name outside the ceiling": { ...sound, manifest: { ...sound.manifest, name: "other.child" } },
    "a version below the least": { ...sound, manifest: { ...sound.manifest, name: "hello", version: "1.1.9" } },
    "made for the other machine": {
      ...sound,
      manifest: { ...sound.manifest, machine: arch === "x86_64" ? "aarch64" : "x86_64" },
    },
    "another entry": { ...sound, manifest: { ...sound.manifest, entry: 0x40_0004n } },
    "wanting more rights than the ceiling has": {
      ...sound,
      manifest: {
        ...sound.manifest,
        wanted: { signal: { kind: "Notification", rights: ["read", "write"], required: true } },
      },
    },
    "wanting what the ceiling has not": {
      ...sound,
      manifest: { ...sound.manifest, wanted: { power: { kind: "PowerControl", rights: ["write"], required: true } } },
    },
  };
  for (const [name, world] of Object.entries(odd)) add(name, headersOf(world), binary);
  addFlips(new Random(seed), headers, binary, add);
  const newer = trustOf({ ...TRUST, version: TRUST.version + 1, minimums: {}, revoked: [keyId(PUBLISHER.publicKey)] });
  const sets: Readonly<Record<string, Uint8Array>> = {
    "not newer": trustOf(TRUST),
    "signed by too few": trustOf({ ...TRUST, version: TRUST.version + 1 }, ROOTS.slice(0, 1)),
    "epoch going back": trustOf({ ...TRUST, version: TRUST.version + 1, epoch: TRUST.epoch - 1 }),
    newer: newer,
  };
  for (const [name, set] of Object.entries(sets)) {
    const expected = expectedOf(packages.readTrust(set, 1, 0), ADOPTED);
    cases.push({ kind: TRUST_SET, name: `trust set: ${name}`, parts: [set], expected, parameter: 0 });
  }
  packages.readTrust(newer, 0);
  add("a revoked key", headers, binary);
  return cases;
}

type Add = (name: string, headers: Uint8Array, binary: Uint8Array) => void;
const FLIPS = 20;

/** One bit of the headers or of the binary is another. */
function addFlips(random: Random, headers: Uint8Array, binary: Uint8Array, add: Add): void {
  for (let i = 0; i < FLIPS; i++) {
    const bit = random.below((headers.length + binary.length) * 8);
    const at = bit >> 3;
    const flipped = [Uint8Array.from(headers), Uint8Array.from(binary)] as const;
    const [target, index] = at < headers.length ? [flipped[0], at] : [flipped[1], at - headers.length];
    target[index] = (target[index] ?? 0) ^ (1 << (bit & 7));
    add(`bit ${bit} flipped`, flipped[0], flipped[1]);
  }
}
