import { digest } from "../../../sdk/format/sign.ts";
import {
  type CertificateBody,
  MACHINES,
  type Machine,
  type Manifest,
  type TrustBody,
} from "../../../sdk/format/types.ts";
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
} from "../package-inputs.ts";
import type { Damage } from "./damage.ts";

/** Packages that are sound, but beyond what certificate, system policy and trust set allow. */

const packageWith = (manifest: Partial<Manifest>): Uint8Array => packageOf({ manifest });

export const LIMIT_DAMAGES: readonly Damage[] = [
  [
    "a version below the minimum",
    "RolledBack: VersionBelowMinimum in Manifest",
    () => packageWith({ name: "hello", version: "1.1.9" }),
  ],
  [
    "a prerelease of the minimum",
    "RolledBack: VersionBelowMinimum in Manifest",
    () => packageWith({ name: "hello", version: "1.2.0-rc.1" }),
  ],
  [
    "a name outside the prefix",
    "ManifestPolicyError: NameOutsideCeiling in Manifest",
    () => packageWith({ name: "other" }),
  ],
  [
    "a name that only begins like the prefix",
    "ManifestPolicyError: NameOutsideCeiling in Manifest",
    () => packageWith({ name: "helloworld" }),
  ],
  [
    "a budget above the certificate's",
    "ManifestPolicyError: BudgetAboveCeiling in Manifest",
    () => packageWith({ budgetBytes: 2 ** 24 + 1 }),
  ],
  [
    "a priority above the certificate's",
    "ManifestPolicyError: PriorityAboveCeiling in Manifest",
    () => packageWith({ priority: 101 }),
  ],
  [
    "a kind beyond the certificate",
    "ManifestPolicyError: KindOutsideCeiling in Manifest",
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
    "ManifestPolicyError: RightsOutsideCeiling in Manifest",
    () => packageWith({ wanted: { a: { kind: "Endpoint", rights: ["pass"], required: true } } }),
  ],
];

/** How packages are judged under a trust set. */
export interface Regime {
  readonly name: string;
  readonly trust: TrustBody;
  readonly rows: readonly Damage[];
}

const widest: World = { chain: [certificateOf({ ...CERTIFICATE, ceiling: WIDEST })] };
export const NARROW = {
  ...WIDEST,
  prefixes: ["hello"],
  kinds: { Endpoint: ["write"] },
  budgetBytes: 2 ** 20,
  priority: 60,
} as const;
const policy = {
  ceiling: NARROW,
  rules: {},
  grants: [{ prefix: "hello.world", kind: "Inspect", rights: ["read"], name: "view" }],
} as const;
const inspect = { kind: "Inspect", rights: ["read"], required: true } as const;
const log = { kind: "Endpoint", rights: ["write"], required: true } as const;
const issuer: CertificateBody = { ...CERTIFICATE, key: OTHER_PUBLISHER.publicKey, mayCertify: true };

/** A module that wants nothing but what `manifest` says, of a publisher who may everything. */
const plain = (manifest: Partial<Manifest>): Uint8Array =>
  packageOf({ ...widest, manifest: { wanted: {}, ...manifest } });

const revoking = (name: string, key: Uint8Array, world: World): Regime => ({
  name: `a revoked ${name}`,
  trust: { ...TRUST, revoked: [new Uint8Array(64), digest(key)] },
  rows: [["what it has signed", "Revoked: KeyRevoked in Certificates", () => packageOf(world)]],
});

export const REGIMES: readonly Regime[] = [
  {
    name: "a narrow system policy",
    trust: { ...TRUST, minimums: {}, policy },
    rows: [
      ["within it", "Success: None in Binary", () => plain({ wanted: { log } })],
      ["a name", "ManifestPolicyError: NameOutsidePolicy in Manifest", () => plain({ name: "dev" })],
      ["a budget", "ManifestPolicyError: BudgetAbovePolicy in Manifest", () => plain({ budgetBytes: 2 ** 20 + 1 })],
      ["a priority", "ManifestPolicyError: PriorityAbovePolicy in Manifest", () => plain({ priority: 61 })],
      [
        "a kind",
        "ManifestPolicyError: KindOutsidePolicy in Manifest",
        () => plain({ wanted: { clock: { kind: "Timer", rights: [], required: true } } }),
      ],
      [
        "a right",
        "ManifestPolicyError: RightsOutsidePolicy in Manifest",
        () => plain({ wanted: { log: { ...log, rights: ["read"] } } }),
      ],
      ["a named grant", "Success: None in Binary", () => plain({ wanted: { view: inspect } })],
      [
        "a named grant under another name",
        "ManifestPolicyError: KindOutsidePolicy in Manifest",
        () => plain({ wanted: { eyes: inspect } }),
      ],
      [
        "a named grant of another module",
        "ManifestPolicyError: KindOutsidePolicy in Manifest",
        () => plain({ name: "hello.other", wanted: { view: inspect } }),
      ],
      [
        "more than the named grant",
        "ManifestPolicyError: KindOutsidePolicy in Manifest",
        () => plain({ wanted: { view: { ...inspect, rights: ["read", "write"] } } }),
      ],
    ],
  },
  {
    name: "a rule for the publisher, beside a wide ceiling for all",
    trust: { ...TRUST, policy: { ceiling: WIDEST, rules: { "example.org": NARROW }, grants: [] } },
    rows: [
      ["a kind", "ManifestPolicyError: KindOutsidePolicy in Manifest", () => packageOf(widest)],
      ["within it", "Success: None in Binary", () => plain({})],
    ],
  },
  revoking("root", ROOTS[1]?.publicKey as Uint8Array, {}),
  revoking("publisher", PUBLISHER.publicKey, {}),
  revoking("issuer", OTHER_PUBLISHER.publicKey, {
    chain: [certificateOf(issuer), certificateOf(CERTIFICATE, [OTHER_PUBLISHER])],
  }),
];

const [TEXT, DATA] = SEGMENTS as [(typeof SEGMENTS)[0], (typeof SEGMENTS)[0]];

/** Programs that are not what a machine of this name starts. */
export function programDamages(machine: Machine): readonly Damage[] {
  const own = MACHINES[machine];
  const other = machine === "x86_64" ? "aarch64" : "x86_64";
  const packed = (binary: Uint8Array, manifest: Partial<Manifest> = {}): Uint8Array =>
    packageOf({ binary, manifest: { machine, ...manifest } });
  const segments = (...list: (typeof SEGMENTS)[number][]): Uint8Array =>
    packed(makeElf({ machine: own, segments: list }));
  const faulty = (name: string, fault: string, make: () => Uint8Array): Damage => [
    name,
    `PackageFormatError: ${fault} in Binary`,
    make,
  ];
  return [
    faulty("for another machine than the file", "ElfMachine", () => packed(makeElf({ machine: MACHINES[other] }))),
    faulty("that is none", "ElfTruncated", () => packed(Uint8Array.of(1, 2, 3))),
    faulty("with a segment both writable and executable", "ElfWritableAndExecutable", () =>
      segments({ ...TEXT, flags: 7 }, DATA),
    ),
    faulty("with segments on each other", "ElfOverlap", () => segments(TEXT, { ...DATA, address: 0x40_0020n })),
    faulty("with two executable segments", "ElfSecondExecutable", () => segments(TEXT, { ...DATA, flags: 5 })),
    faulty("spread too wide", "ElfTooWide", () => segments(TEXT, { ...DATA, address: 0x2040_1000n })),
    faulty("in the kernel's addresses", "ElfAddress", () =>
      segments(TEXT, { ...DATA, address: 0xffff_8000_0000_0000n }),
    ),
    faulty("with its entry in the data", "ElfEntry", () => packed(makeElf({ machine: own, entry: 0x40_1000n }))),
    faulty("with its entry nowhere", "ElfEntry", () => packed(makeElf({ machine: own, entry: 0x50_0000n }))),
    [
      "made for another machine",
      "ManifestPolicyError: OtherMachine in Binary",
      () => packed(makeElf({ machine: own }), { machine: other }),
    ],
    [
      "with another entry than the manifest's",
      "ManifestPolicyError: OtherEntry in Binary",
      () => packed(makeElf({ machine: own }), { entry: 0x40_0004n }),
    ],
  ];
}
