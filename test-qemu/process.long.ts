import { expect, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { Packages } from "../test/codec/package-host.ts";
import { Random, seedOf } from "../test/random.ts";
import { childCase, ONE_ROOT } from "./processInputs.ts";
import { runProcessProgram } from "./processRun.ts";
import { bitOfEveryByte, sweepCases } from "./verdictCases.ts";

/** What process.test.ts does for some bits, steps and cycles, for all of them. */

const HOUR = 3_600;
const CYCLES = 1_000;

test.each(ARCHES)(
  "no package with a bit of any byte flipped is sealed on %s",
  async (arch) => {
    const seed = seedOf();
    console.log(`seed ${seed}`);
    const cases = sweepCases(arch, await Packages.load(), { bits: bitOfEveryByte(new Random(seed)), binaryStride: 1 });
    const run = { arch, flavour: "bench", program: "verdicts", cases, trust: ONE_ROOT, timeoutSeconds: HOUR } as const;
    const output = await runProcessProgram(run);
    const [line, variants, accepted] = /^(\d+) variants, (\d+) accepted$/m.exec(output) ?? [];
    console.log(`${arch}: ${line}`);
    expect(Number(variants)).toBeGreaterThan(40_000);
    expect(Number(accepted)).toBe(0);
  },
  HOUR * 1_000,
);

test.each(ARCHES)(
  "ended at every step, nothing is left of a load on %s",
  async (arch) => {
    const cases = [await childCase(arch, 1)];
    const run = { arch, flavour: "bench", program: "endings", cases, trust: ONE_ROOT, timeoutSeconds: HOUR } as const;
    await runProcessProgram(run);
  },
  HOUR * 1_000,
);

test.each(ARCHES)(
  `${CYCLES} times sealed, created, started and terminated, all memory is where it was on %s`,
  async (arch) => {
    const cases = [await childCase(arch, CYCLES)];
    const run = { arch, flavour: "bench", program: "cycles", cases, trust: ONE_ROOT, timeoutSeconds: HOUR } as const;
    await runProcessProgram(run);
  },
  HOUR * 1_000,
);
