import { beforeAll, describe, expect, test } from "vitest";
import { digest } from "../../sdk/format/sign.ts";
import type { CertificateBody, Manifest } from "../../sdk/format/types.ts";
import {
  CERTIFICATE,
  certificateOf,
  makeElf,
  OTHER_PUBLISHER,
  PUBLISHER,
  packageOf,
  ROOTS,
  SEGMENTS,
  TRUST,
  WIDEST,
  type World,
} from "./package-inputs.ts";
import { Judges, short } from "./package-judges.ts";

let judges: Judges;

beforeAll(async () => {
  judges = await Judges.load();
}, 120_000);

const issuer: CertificateBody = { ...CERTIFICATE, key: OTHER_PUBLISHER.publicKey, mayCertify: true };
const sound = packageOf();

const packageWith = (manifest: Partial<Manifest>): Uint8Array => packageOf({ manifest });

describe("policy", () => {
  test.each<[string, string, () => Uint8Array]>([
    [
      "a version below the minimum",
      "RolledBack: VersionBelowMinimum",
      () => packageWith({ name: "hello", version: "1.1.9" }),
    ],
    [
      "a prerelease of the minimum",
      "RolledBack: VersionBelowMinimum",
      () => packageWith({ name: "hello", version: "1.2.0-rc.1" }),
    ],
    ["a name outside the prefix", "ManifestPolicyError: NameOutsideCeiling", () => packageWith({ name: "other" })],
    [
      "a name that only begins like the prefix",
      "ManifestPolicyError: NameOutsideCeiling",
      () => packageWith({ name: "helloworld" }),
    ],
    [
      "a budget above the certificate's",
      "ManifestPolicyError: BudgetAboveCeiling",
      () => packageWith({ budgetBytes: 2 ** 24 + 1 }),
    ],
    [
      "a priority above the certificate's",
      "ManifestPolicyError: PriorityAboveCeiling",
      () => packageWith({ priority: 101 }),
    ],
    [
      "a kind beyond the certificate",
      "ManifestPolicyError: KindOutsideCeiling",
      () =>
        packageWith({
          wanted: {
            a: { kind: "Timer", rights: [], required: true },
            b: { kind: "PowerControl", rights: [], required: false },
          },
        }),
    ],
    [
      "a right beyond the certificate",
      "ManifestPolicyError: RightsOutsideCeiling",
      () => packageWith({ wanted: { a: { kind: "Endpoint", rights: ["pass"], required: true } } }),
    ],
  ])("%s: %s", (_, expected, make) => {
    expect(short(judges.judge(make()))).toBe(`${expected} in Manifest`);
  });

  const widest: World = { chain: [certificateOf({ ...CERTIFICATE, ceiling: WIDEST })] };
  const narrow = {
    ...WIDEST,
    prefixes: ["hello"],
    kinds: { Endpoint: ["write"] },
    budgetBytes: 2 ** 20,
    priority: 60,
  } as const;
  const policy = {
    ceiling: narrow,
    rules: {},
    grants: [{ prefix: "hello.world", kind: "Inspect", rights: ["read"], name: "view" }],
  } as const;
  const inspect = { kind: "Inspect", rights: ["read"], required: true } as const;

  test.each<[string, string, Partial<Manifest>]>([
    [
      "within it",
      "Success: None in Binary",
      { wanted: { log: { kind: "Endpoint", rights: ["write"], required: true } } },
    ],
    ["a name", "ManifestPolicyError: NameOutsidePolicy in Manifest", { name: "dev" }],
    ["a budget", "ManifestPolicyError: BudgetAbovePolicy in Manifest", { budgetBytes: 2 ** 20 + 1 }],
    ["a priority", "ManifestPolicyError: PriorityAbovePolicy in Manifest", { priority: 61 }],
    [
      "a kind",
      "ManifestPolicyError: KindOutsidePolicy in Manifest",
      { wanted: { clock: { kind: "Timer", rights: [], required: true } } },
    ],
    [
      "a right",
      "ManifestPolicyError: RightsOutsidePolicy in Manifest",
      { wanted: { log: { kind: "Endpoint", rights: ["read"], required: true } } },
    ],
    ["a named grant", "Success: None in Binary", { wanted: { view: inspect } }],
    [
      "a named grant under another name",
      "ManifestPolicyError: KindOutsidePolicy in Manifest",
      { wanted: { eyes: inspect } },
    ],
    [
      "a named grant of another module",
      "ManifestPolicyError: KindOutsidePolicy in Manifest",
      { name: "hello.other", wanted: { view: inspect } },
    ],
    [
      "more than the named grant",
      "ManifestPolicyError: KindOutsidePolicy in Manifest",
      { wanted: { view: { ...inspect, rights: ["read", "write"] } } },
    ],
  ])("the system policy judges %s: %s", (_, expected, manifest) => {
    const bytes = packageOf({ ...widest, manifest: { wanted: {}, ...manifest } });
    judges.under({ ...TRUST, minimums: {}, policy }, () => expect(short(judges.judge(bytes))).toBe(expected));
  });

  test("a rule for the publisher counts beside the ceiling for all", () => {
    const rules = { "example.org": narrow };
    judges.under({ ...TRUST, policy: { ceiling: WIDEST, rules, grants: [] } }, () => {
      expect(short(judges.judge(packageOf(widest)))).toBe("ManifestPolicyError: KindOutsidePolicy in Manifest");
      expect(judges.judge(packageOf({ ...widest, manifest: { wanted: {} } })).fault).toBe("None");
    });
  });

  test.each<[string, readonly Uint8Array[], World]>([
    ["root", [ROOTS[1]?.publicKey as Uint8Array], {}],
    ["publisher", [PUBLISHER.publicKey], {}],
    [
      "issuer",
      [OTHER_PUBLISHER.publicKey],
      { chain: [certificateOf(issuer), certificateOf(CERTIFICATE, [OTHER_PUBLISHER])] },
    ],
  ])("what a revoked %s has signed is Revoked", (_, keys, world) => {
    judges.under({ ...TRUST, revoked: [new Uint8Array(64), ...keys.map(digest)] }, () => {
      expect(short(judges.judge(packageOf(world)))).toBe("Revoked: KeyRevoked in Certificates");
    });
  });
});

describe("the program", () => {
  const [text, data] = SEGMENTS as [(typeof SEGMENTS)[0], (typeof SEGMENTS)[0]];
  const segments = (...list: (typeof SEGMENTS)[number][]): World => ({ binary: makeElf({ segments: list }) });
  test.each<[string, string, World]>([
    ["for another machine than the file", "ElfMachine", { binary: makeElf({ machine: 183 }) }],
    ["that is none", "ElfTruncated", { binary: Uint8Array.of(1, 2, 3) }],
    ["with a segment both writable and executable", "ElfWritableAndExecutable", segments({ ...text, flags: 7 }, data)],
    ["with segments on each other", "ElfOverlap", segments(text, { ...data, address: 0x40_0020n })],
    ["with two executable segments", "ElfSecondExecutable", segments(text, { ...data, flags: 5 })],
    ["spread too wide", "ElfTooWide", segments(text, { ...data, address: 0x2040_1000n })],
    ["in the kernel's addresses", "ElfAddress", segments(text, { ...data, address: 0xffff_8000_0000_0000n })],
    ["with its entry in the data", "ElfEntry", { binary: makeElf({ entry: 0x40_1000n }) }],
    ["with its entry nowhere", "ElfEntry", { binary: makeElf({ entry: 0x50_0000n }) }],
  ])("a program %s: %s", (_, fault, world) => {
    expect(short(judges.judge(packageOf(world)))).toBe(`PackageFormatError: ${fault} in Binary`);
  });

  test("the manifest's machine and entry are the program's", () => {
    const bytes = packageOf({ manifest: { machine: "aarch64" } });
    expect(short(judges.judge(bytes))).toBe("ManifestPolicyError: OtherMachine in Binary");
    const entry = packageOf({ manifest: { entry: 0x40_0004n } });
    expect(short(judges.judge(entry))).toBe("ManifestPolicyError: OtherEntry in Binary");
  });
});

test("grants are those that the manifest lists", () => {
  judges.judge(sound);
  const [endpoint, timer] = [6, 12];
  expect(judges.packages.grantFault(0, endpoint, 2)).toBe("None");
  expect(judges.packages.grantFault(0, 0, 0)).toBe("GrantMissing");
  expect(judges.packages.grantFault(0, timer, 2)).toBe("GrantWrongKind");
  expect(judges.packages.grantFault(0, endpoint, 3)).toBe("GrantTooWide");
  expect(judges.packages.grantFault(1, 0, 0)).toBe("None");
  expect(judges.packages.grantFault(2, endpoint, 2)).toBe("GrantUnlisted");
  const counts = [0, 1, 2, 3].map((count) => judges.packages.grantCountFault(count));
  expect(counts).toEqual(["GrantMissing", "None", "None", "GrantUnlisted"]);
});
