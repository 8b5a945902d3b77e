import { beforeAll, expect, test } from "vitest";
import { encodeManifest } from "../../sdk/format/encode.ts";
import { FAULTS as SDK_FAULTS, statusOf } from "../../sdk/format/faults.ts";
import { Random } from "../random.ts";
import { FAULTS, STATUSES } from "./package-host.ts";
import {
  CERTIFICATE,
  certificateOf,
  damage,
  LARGEST,
  MANIFEST_OF_BINARY,
  OTHER_PUBLISHER,
  packageOf,
  TRUST,
  trustOf,
  WIDEST,
} from "./package-inputs.ts";
import { Judges } from "./package-judges.ts";

let judges: Judges;

beforeAll(async () => {
  judges = await Judges.load();
}, 120_000);

const SEED = 5;
const DAMAGES = 20_000;
/** A flip of every how many bits. */
const STRIDE = process.env.SKYSCOPE_LONG === "1" ? 1 : 29;
const sound = packageOf();

test("both number faults and statuses alike", () => {
  expect(Object.fromEntries([...FAULTS].map(([number, name]) => [name, number]))).toEqual(SDK_FAULTS);
  for (const fault of Object.keys(SDK_FAULTS)) {
    expect([...STATUSES.values()]).toContain(statusOf(fault as keyof typeof SDK_FAULTS, "Binary"));
  }
});

test("a sound package is verified, in pieces of any size", () => {
  const bytes = packageOf();
  expect(judges.judge(bytes).status).toBe("Success");
  for (const pieceBytes of [1, 7, 127, 128, 129, 512, 4096]) {
    expect(judges.packages.verify({ bytes, pieceBytes }).fault).toBe("None");
  }
});

test("the largest manifest is verified", () => {
  const chain = [certificateOf({ ...CERTIFICATE, ceiling: WIDEST })];
  const bytes = packageOf({ chain, manifest: LARGEST });
  const size = encodeManifest({ ...MANIFEST_OF_BINARY, ...LARGEST }).length;
  expect(size).toBeGreaterThan(4_000);
  expect(size).toBeLessThanOrEqual(4_096);
  expect(judges.judge(bytes).fault).toBe("None");
});

test("a package of two certificates is verified", () => {
  const issuer = { ...CERTIFICATE, key: OTHER_PUBLISHER.publicKey, mayCertify: true };
  const chain = [certificateOf(issuer), certificateOf(CERTIFICATE, [OTHER_PUBLISHER])];
  expect(judges.judge(packageOf({ chain })).fault).toBe("None");
});

test("a Verifier takes less than 96 KiB with its copy of the headers", () => {
  const [bench = 0, verification = 0, reading = 0, set = 0] = judges.packages.sizes();
  expect(57_344 + bench + verification + reading + set).toBeLessThan(96 * 1024);
});

/** Of a field that nobody looks at nothing may be left: every bit counts. */
test("no package with one bit flipped is accepted", () => {
  const bytes = Uint8Array.from(sound);
  const headerBytes = judges.packages.findPayload(bytes);
  let accepted = 0;
  for (let bit = 0; bit < bytes.length * 8; bit += STRIDE) {
    const at = bit >> 3;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
    if (judges.packages.verify({ bytes, headerBytes }).fault === "None") accepted++;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
  }
  expect(accepted).toBe(0);
  expect(judges.packages.verify({ bytes }).fault).toBe("None");
}, 1_800_000);

test("no truncation is accepted", () => {
  const found = new Set<string>();
  for (let length = 0; length < sound.length; length++) {
    found.add(judges.packages.verify({ bytes: sound.subarray(0, length) }).fault);
  }
  expect([...found]).toEqual(["Truncated"]);
});

test(`${DAMAGES} damaged packages and trust sets are judged alike by both, and none is accepted (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const counts = new Map<string, number>();
  for (let i = 0; i < DAMAGES; i++) {
    const isTrust = i % 4 === 3;
    const bytes = damage(random, isTrust ? trustOf2 : sound, 2);
    if (Buffer.compare(bytes, isTrust ? trustOf2 : sound) === 0) continue;
    const verdict = isTrust ? judges.packages.readTrust(bytes, 1, 0) : judges.packages.verify({ bytes });
    counts.set(verdict.fault, (counts.get(verdict.fault) ?? 0) + 1);
    expect(verdict.fault, `case ${i}`).not.toBe("None");
    // The SDK takes longer by far once there are signatures to verify: a part of the cases has to do.
    if (verdict.at > 2700 && i % 50 !== 0) continue;
    const own = isTrust ? judges.judgeTrustAlone(bytes) : judges.judgeAlone(bytes);
    expect(own, `case ${i}`).toEqual(verdict);
  }
  expect(counts.size).toBeGreaterThan(15);
}, 600_000);

const trustOf2 = trustOf({ ...TRUST, version: 6 });
