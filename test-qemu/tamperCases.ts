import { readFileSync } from "node:fs";
import type { Arch } from "../scripts/architecture.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { encodeManifest, encodePackage } from "../sdk/format/encode.ts";
import { makeParts } from "../sdk/format/pack.ts";
import { keyId, signAttached } from "../sdk/format/sign.ts";
import type { Manifest } from "../sdk/format/types.ts";
import {
  CERTIFICATE,
  certificateOf,
  MANIFEST_OF_BINARY,
  PUBLISHER,
  ROOTS,
  requestOf,
  STRANGER,
  TRUST,
  trustOf,
  WIDEST,
  type World,
} from "../test/codec/package-inputs.ts";
import type { CaseRecord } from "./caseFile.ts";
import { buildChild, childOf, entryOf, headersOf } from "./processInputs.ts";

/** What the tampering manager (test-qemu/process/manager.ts) attacks with, and its own package. */

const newer = { ...TRUST, version: TRUST.version + 1 };

const caseOf = (name: string, ...parts: Uint8Array[]): CaseRecord => ({
  ...{ kind: 0, name, parts },
  ...{ expected: 0, parameter: 0 },
});

/** In the order in which the manager has numbered them. */
export async function attackCases(arch: Arch): Promise<CaseRecord[]> {
  const binary = await buildChild(arch);
  const child = childOf(arch, binary);
  const packaged = (name: string, world: World): CaseRecord => caseOf(name, headersOf(world), world.binary ?? binary);
  const shorter = binary.slice(0, -8);
  return [
    packaged("sound", child),
    caseOf("another binary", headersOf(child), shorter),
    packaged("certified by a root of its own", {
      ...child,
      chain: [certificateOf(CERTIFICATE, [STRANGER, PUBLISHER])],
    }),
    packaged("a manifest signed with a key of its own", { ...child, key: STRANGER }),
    caseOf("a signature for another purpose", headersForOtherPurpose(child), binary),
    packaged("an old version", { ...child, manifest: { ...child.manifest, name: "hello", version: "1.1.9" } }),
    packaged("an urgent one", {
      ...child,
      chain: [certificateOf({ ...CERTIFICATE, ceiling: WIDEST })],
      manifest: { ...child.manifest, priority: 200 },
    }),
    caseOf("a trust set of its own", trustOf({ ...newer, roots: [STRANGER.publicKey], threshold: 1 }, [STRANGER])),
    caseOf("the trust set of now", trustOf(TRUST)),
    caseOf("a trust set that one root has signed", trustOf(newer, ROOTS.slice(0, 1))),
    caseOf("a trust set that revokes the publisher", trustOf({ ...newer, revoked: [keyId(PUBLISHER.publicKey)] })),
  ];
}

/** The same package, but that its manifest is signed as a whole package is. */
function headersForOtherPurpose(world: World): Uint8Array {
  const request = requestOf(world);
  const manifest = signAttached(PUBLISHER, "package", encodeManifest(MANIFEST_OF_BINARY));
  return encodePackage({ ...makeParts(request), manifest }).slice(0, -request.packed.bytes.length);
}

/** The manager's own package, for all that it holds. */
export async function managerCase(arch: Arch): Promise<CaseRecord> {
  const entry = "test-qemu/process/manager.ts";
  const out = `build/${arch}/process-manager`;
  const binary = readFileSync(await buildProgram({ arch, entry, optimization: "O2", out }));
  const wanted: Manifest["wanted"] = {
    pool: { kind: "Untyped", rights: ["read", "write", "pass"], required: true },
    cases: { kind: "Region", rights: ["read"], required: true },
    trust: { kind: "TrustControl", rights: ["write"], required: true },
    signal: { kind: "Notification", rights: ["write"], required: true },
    control: { kind: "ProcessControl", rights: ["write"], required: true },
    service: { kind: "Endpoint", rights: ["write"], required: true },
  };
  const plain = {
    offers: {},
    dependencies: {},
    contract: null,
    stackBytes: 32_768,
    budgetBytes: 2 ** 21,
    priority: 150,
  };
  const manifest = { ...plain, wanted, name: "test.manager", machine: arch, entry: entryOf(binary) };
  const chain = [certificateOf({ ...CERTIFICATE, ceiling: WIDEST })];
  return caseOf("manager", headersOf({ chain, binary, manifest }), binary);
}
