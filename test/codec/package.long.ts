import { expect, test } from "vitest";
import { Random } from "../random.ts";
import { Packages } from "./package-host.ts";
import { CERTIFICATE, certificateOf, damage, packageOf, ROOTS, TRUST, trustOf } from "./package-inputs.ts";

const SEED = Number(process.env.SEED ?? 20_261);
const MUTATIONS = Number(process.env.MUTATIONS ?? 1_000_000);

test(`${MUTATIONS} mutations of packages and trust sets: none is accepted, none panics (seed ${SEED})`, async () => {
  const packages = await Packages.load();
  const root = ROOTS.slice(0, 1);
  const present = { ...TRUST, threshold: 1 };
  const trust = trustOf({ ...present, version: TRUST.version + 1 }, root);
  const whole = packageOf({ chain: [certificateOf(CERTIFICATE, root)] });
  packages.readTrust(trustOf(present, root));
  expect(packages.verify({ bytes: whole }).fault).toBe("None");
  expect(packages.readTrust(trust, 1, 0).fault).toBe("None");
  const random = new Random(SEED);
  const counts = new Map<string, number>();
  let same = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    const sound = i % 4 === 3 ? trust : whole;
    const bytes = damage(random, sound, 8);
    if (Buffer.compare(bytes, sound) === 0) {
      same++;
      continue;
    }
    const { fault } = sound === trust ? packages.readTrust(bytes, 1, 0) : packages.verify({ bytes });
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
  }
  console.log(`seed ${SEED}: ${MUTATIONS - same} mutations, ${JSON.stringify(Object.fromEntries(counts))}`);
  expect(counts.get("None") ?? 0).toBe(0);
  expect(counts.size).toBeGreaterThan(20);
}, 36_000_000);
