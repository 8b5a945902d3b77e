import { expect, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { Packages } from "../test/codec/package-host.ts";
import { TRUST } from "../test/codec/package-inputs.ts";
import { Random, seedOf } from "../test/random.ts";
import { buildChild, childCase, ONE_ROOT } from "./processInputs.ts";
import { checkSteps, KERNELS, runProcessProgram } from "./processRun.ts";
import { someBits, sweepCases, trustCases, verdictCases } from "./verdictCases.ts";

/** The kernel's own verdicts on packages and trust sets, and the life of processes made from sealed Images. */

const FLIPS = 2_000;
/** Between the steps at which verifications are ended: `make test-long` ends them at every one. */
const STRIDE = 61;
const CYCLES = 50;
const TIMEOUT = 400_000;

test.each(KERNELS)(
  "processes are made of sealed packages on $arch, $flavour",
  async ({ arch, flavour }) => {
    const cases = [await childCase(arch), ...trustCases()];
    checkSteps(await runProcessProgram({ arch, flavour, program: "main", cases, trust: ONE_ROOT }), flavour);
  },
  TIMEOUT,
);

test.each(KERNELS)(
  "kernel, user task and host judge packages and trust sets alike on $arch, $flavour",
  async ({ arch, flavour }) => {
    const cases = verdictCases(arch, await buildChild(arch), await Packages.load());
    checkSteps(await runProcessProgram({ arch, flavour, program: "verdicts", cases, trust: TRUST }), flavour);
  },
  TIMEOUT,
);

test.each(KERNELS)(
  "ended at any step, or without memory, nothing is left of a load on $arch, $flavour",
  async ({ arch, flavour }) => {
    const cases = [await childCase(arch, flavour === "debug" ? 4 * STRIDE : STRIDE)];
    await runProcessProgram({ arch, flavour, program: "endings", cases, trust: ONE_ROOT });
  },
  TIMEOUT,
);

test.each(ARCHES)(
  `${CYCLES} times sealed, created, started and terminated, all memory is where it was on %s`,
  async (arch) => {
    const cases = [await childCase(arch, CYCLES)];
    await runProcessProgram({ arch, flavour: "bench", program: "cycles", cases, trust: ONE_ROOT });
  },
  TIMEOUT,
);

test.each(ARCHES)(
  "no package with a flipped bit, and none that is cut off, is sealed on %s",
  async (arch) => {
    const seed = seedOf();
    console.log(`seed ${seed}`);
    const sweep = { bits: someBits(new Random(seed), FLIPS), binaryStride: 16 };
    const cases = sweepCases(arch, await Packages.load(), sweep);
    const output = await runProcessProgram({ arch, flavour: "bench", program: "verdicts", cases, trust: ONE_ROOT });
    const [line, variants, accepted] = /^(\d+) variants, (\d+) accepted$/m.exec(output) ?? [];
    console.log(`${arch}: ${line}`);
    expect(Number(variants)).toBeGreaterThan(FLIPS + 20_000);
    expect(Number(accepted)).toBe(0);
  },
  TIMEOUT,
);
