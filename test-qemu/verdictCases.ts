import type { Arch } from "../scripts/architecture.ts";
import { type KeyPair, keyId } from "../sdk/format/sign.ts";
import type { TrustBody } from "../sdk/format/types.ts";
import { MACHINES } from "../sdk/format/types.ts";
import type { Damage } from "../test/codec/damages/damage.ts";
import { FORMAT_DAMAGES } from "../test/codec/damages/format.ts";
import { LIMIT_DAMAGES, programDamages, REGIMES } from "../test/codec/damages/policy.ts";
import { SIGNATURE_DAMAGES } from "../test/codec/damages/signatures.ts";
import { TRUST_DAMAGES } from "../test/codec/damages/trust.ts";
import { FAULTS, PARTS, type Packages, STATUSES, type Verdict } from "../test/codec/package-host.ts";
import {
  BINARY,
  CERTIFICATE,
  certificateOf,
  LARGEST,
  makeElf,
  PUBLISHER,
  ROOTS,
  TRUST,
  trustOf,
} from "../test/codec/package-inputs.ts";
import type { Random } from "../test/random.ts";
import type { CaseRecord } from "./caseFile.ts";
import { childOf, entryOf, FIRST_ROOT, headersOf, MODULE, ONE_ROOT } from "./processInputs.ts";

/** What test-qemu/process/verdicts.ts hands to the kernel, and what codec/package says of it on the host. */

/** In the order of `Kind` there. */
const PACKAGE = 0;
const TRUST_SET = 1;
const BOOT = 2;
const VARIANTS = 3;
/** `expected` of what Begin refuses: headers of no length that the format allows. */
const NOT_BEGUN = 0xffff_ffff;
const MAX_HEADER_BYTES = 57_344;
/** `Outcome` of kernel/object/outcome.ts. */
const SEALED = 1;
const REFUSED = 2;
const ADOPTED = 5;
/** Of the roots, those that no test revokes. */
const LASTING_ROOTS = ROOTS.filter((_, i) => i !== 1);

const keyOf = (map: ReadonlyMap<number, string>, name: string): number =>
  [...map].find(([, each]) => each === name)?.[0] ?? 0;

function expectedOf({ status, fault, part, at }: Verdict, outcome: number): { expected: number; parameter: number } {
  if (fault === "None") return { expected: outcome, parameter: 0 };
  const word = REFUSED | (keyOf(STATUSES, status) << 8) | (keyOf(FAULTS, fault) << 16) | (keyOf(PARTS, part) << 24);
  return { expected: word >>> 0, parameter: at };
}

function bootCase(arch: Arch, trust: TrustBody, packages: Packages): CaseRecord {
  const bytes = trustOf(trust);
  packages.readTrust(bytes);
  return { kind: BOOT, name: "boot", parts: [bytes], expected: 0, parameter: MACHINES[arch] };
}

/** Every damaged package and trust set that the host's tests know, under TRUST and what follows it. */
export function verdictCases(arch: Arch, binary: Uint8Array, packages: Packages): CaseRecord[] {
  const cases = [bootCase(arch, TRUST, packages)];
  const machine = MACHINES[arch];
  const add = (name: string, headers: Uint8Array, contents: Uint8Array): void => {
    const isTaken = headers.length > 0 && headers.length <= MAX_HEADER_BYTES;
    const verdict = isTaken
      ? expectedOf(packages.seal(headers, contents, machine), SEALED)
      : { expected: NOT_BEGUN, parameter: 0 };
    cases.push({ kind: PACKAGE, name, parts: [headers, contents], ...verdict });
  };
  const addDamages = (group: string, damages: readonly Damage[]): void => {
    for (const [name, , make] of damages) {
      const file = make();
      const payloadAt = packages.findPayload(file);
      add(`${group}: ${name}`, file.slice(0, payloadAt), payloadAt < file.length ? file.slice(payloadAt) : BINARY);
    }
  };
  const offer = (name: string, set: Uint8Array): void => {
    const verdict = expectedOf(packages.readTrust(set, 1, 0), ADOPTED);
    cases.push({ kind: TRUST_SET, name: `trust set: ${name}`, parts: [set], ...verdict });
    if (verdict.expected === ADOPTED) packages.readTrust(set, 0);
  };
  const child = childOf(arch, binary);
  const headers = headersOf(child);
  add("sound", headers, binary);
  add(
    "the largest manifest",
    headersOf({ ...child, manifest: { ...LARGEST, machine: arch, entry: entryOf(binary) } }),
    binary,
  );
  add("headers with a byte more", new Uint8Array([...headers, 0]), binary);
  add("a binary with a byte more", headers, new Uint8Array([...binary, 0]));
  add("the binary of another package", headers, makeElf({ machine }));
  addDamages("format", FORMAT_DAMAGES);
  addDamages("signatures", SIGNATURE_DAMAGES);
  addDamages("limits", LIMIT_DAMAGES);
  addDamages("program", programDamages(arch));
  for (const [name, , make] of TRUST_DAMAGES) offer(name, make());
  let version = TRUST.version;
  for (const { name, trust, rows } of REGIMES) {
    version++;
    offer(name, trustOf({ ...trust, version }, LASTING_ROOTS));
    addDamages(name, rows);
  }
  return cases;
}

/** What of a package is shown to the judges, and which bit is flipped, as `Variant` of test-qemu/process/verdicts.ts. */
interface Variant {
  readonly headersBytes: number;
  readonly binaryBytes: number;
  /** Counted through headers and binary. */
  readonly bit: number | null;
}

const BINARY_BIT = 0x8000_0000;
const NO_BIT = 0xffff_ffff;

/** Which variants of a package are judged. */
export interface Sweep {
  /** Bits that are flipped, of so many in headers and binary. */
  readonly bits: (count: number) => readonly number[];
  /** A truncation of the binary at every how many bytes; the headers' are at every byte. */
  readonly binaryStride: number;
}

/** `count` bits, no matter which. */
export const someBits =
  (random: Random, count: number): Sweep["bits"] =>
  (all) =>
    Array.from({ length: count }, () => random.below(all));

/** One bit of every byte, no matter which. */
export const bitOfEveryByte =
  (random: Random): Sweep["bits"] =>
  (all) =>
    Array.from({ length: all / 8 }, (_, byte) => 8 * byte + random.below(8));

/** The smallest package that there is, with bits flipped and cut off at every byte, under a trust set of one root. */
export function sweepCases(arch: Arch, packages: Packages, { bits, binaryStride }: Sweep): CaseRecord[] {
  const boot = bootCase(arch, ONE_ROOT, packages);
  const binary = makeElf({ machine: MACHINES[arch] });
  const headers = headersOf({ ...childOf(arch, binary), chain: [certificateOf(MODULE, FIRST_ROOT)] });
  const sizes = { headersBytes: headers.length, binaryBytes: binary.length };
  const judge = ({ headersBytes, binaryBytes, bit }: Variant): number[] => {
    const [head, body] = [Uint8Array.from(headers), Uint8Array.from(binary)];
    const place = bit === null ? NO_BIT : bit < 8 * head.length ? bit : bit - 8 * head.length + BINARY_BIT;
    if (bit !== null) flip(bit < 8 * head.length ? head : body, place & ~BINARY_BIT);
    const verdict = packages.seal(head.slice(0, headersBytes), body.slice(0, binaryBytes), MACHINES[arch]);
    const { expected, parameter } = expectedOf(verdict, SEALED);
    return [headersBytes, binaryBytes, place, expected, parameter];
  };
  const group = (name: string, variants: readonly Variant[]): CaseRecord => {
    const table = Uint32Array.from(variants.flatMap(judge));
    return { kind: VARIANTS, name, parts: [headers, binary, new Uint8Array(table.buffer)], expected: 0, parameter: 0 };
  };
  const flips = bits(8 * (headers.length + binary.length)).map((bit) => ({ ...sizes, bit }));
  const cut = Array.from({ length: headers.length - 1 }, (_, i) => ({ ...sizes, headersBytes: i + 1, bit: null }));
  const cutBinary = Array.from({ length: Math.ceil((binary.length - 1) / binaryStride) }, (_, i) => ({
    ...sizes,
    binaryBytes: binary.length - 1 - i * binaryStride,
    bit: null,
  }));
  return [boot, group("a bit flipped", flips), group("headers cut off", cut), group("a binary cut off", cutBinary)];
}

function flip(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
}

/** Trust sets that follow ONE_ROOT one by one, and what each has against the package of test-qemu/process/child.ts. */
export function trustCases(): CaseRecord[] {
  const [first, second] = ROOTS;
  const sets: readonly (readonly [string, Partial<TrustBody>, string])[] = [
    ["a version below the least", { minimums: { "hello.world": "2.0.0" } }, "VersionBelowMinimum"],
    ["a set that has nothing against it", {}, "None"],
    ["a revoked publisher", { revoked: [keyId(PUBLISHER.publicKey)] }, "KeyRevoked"],
    ["another set that has nothing against it", {}, "None"],
    ["a revoked root", { revoked: [keyId(first?.publicKey as Uint8Array)] }, "KeyRevoked"],
    ["a third set that has nothing against it", {}, "None"],
    [
      "a policy without its capabilities",
      { policy: { ...ONE_ROOT.policy, ceiling: { ...ONE_ROOT.policy.ceiling, kinds: {} } } },
      "KindOutsidePolicy",
    ],
    ["an epoch in which the certificate has expired", { epoch: CERTIFICATE.lastEpoch + 1 }, "Expired"],
  ];
  return sets.map(([name, body, fault], i) => {
    const set = trustOf({ ...ONE_ROOT, version: ONE_ROOT.version + i + 1, ...body }, [second as KeyPair]);
    return { kind: TRUST_SET, name, parts: [set], expected: 0, parameter: keyOf(FAULTS, fault) };
  });
}
