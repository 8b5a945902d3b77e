import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CERTIFICATE, certificateOf, OTHER_PUBLISHER, packageOf, ROOTS, TRUST, trustOf } from "./package-inputs.ts";

/** What the fuzzing of packages begins with, always the same: a package, a trust set that accepts it, its successor. */

const ONE_ROOT = { ...TRUST, threshold: 1 };
const chain = [certificateOf(CERTIFICATE, ROOTS.slice(0, 1))];

export const PRESENT_TRUST = trustOf(ONE_ROOT, ROOTS.slice(0, 1));
export const NEXT_TRUST = trustOf({ ...ONE_ROOT, version: TRUST.version + 1 }, ROOTS.slice(0, 1));
export const SOUND_PACKAGE = packageOf({ chain });

/** The mode of test/fuzz/codec/package.kts.ts, and a file. */
const inputs = (): readonly (readonly [mode: number, bytes: Uint8Array])[] => {
  const issuer = { ...CERTIFICATE, key: OTHER_PUBLISHER.publicKey, mayCertify: true };
  const longer = [certificateOf(issuer), certificateOf(CERTIFICATE, [OTHER_PUBLISHER])];
  const grants = [{ prefix: "hello", kind: "Timer", rights: [], name: "clock" } as const];
  const policy = { ...TRUST.policy, rules: { "example.org": CERTIFICATE.ceiling }, grants };
  const richer = trustOf({ ...ONE_ROOT, version: TRUST.version + 2, revoked: [new Uint8Array(64)], policy });
  return [
    [0, SOUND_PACKAGE],
    [1, SOUND_PACKAGE],
    [1, packageOf({ chain: longer })],
    [1, packageOf({ chain, manifest: { contract: null, wanted: {}, offers: {}, dependencies: {} } })],
    [2, NEXT_TRUST],
    [3, NEXT_TRUST],
    [3, richer],
    [7, richer],
  ];
};

/** Writes them into `folder`; answers where inputs to begin with are. */
export function writeSoundPackage(folder: string): string {
  const seeds = join(folder, "seeds");
  mkdirSync(seeds, { recursive: true });
  writeFileSync(join(folder, "sound.sila"), SOUND_PACKAGE);
  writeFileSync(join(folder, "sound.trust"), NEXT_TRUST);
  writeFileSync(join(folder, "present.trust"), PRESENT_TRUST);
  for (const [i, [mode, bytes]] of inputs().entries()) {
    writeFileSync(join(seeds, String(i)), Buffer.concat([Buffer.from([mode]), bytes]));
  }
  return seeds;
}
