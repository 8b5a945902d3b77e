import { expect, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { Packages } from "../test/codec/package-host.ts";
import { TRUST, trustOf } from "../test/codec/package-inputs.ts";
import { Random } from "../test/random.ts";
import { buildChild, childOf, headersOf, ONE_ROOT, runProcessProgram } from "./processInputs.ts";
import { someBits, sweepCases, verdictCases } from "./verdictCases.ts";

/** The kernel's own verdicts on packages and trust sets, and the life of processes made from sealed Images. */

const STEP_BOUND = 20_000;
const KERNELS = ARCHES.flatMap((arch) => [
  { arch, flavour: "debug" as const },
  { arch, flavour: "bench" as const },
]);
const FLIPS = 2_000;

/** Optimized kernels alone are counted. */
function checkSteps(output: string, flavour: string): void {
  const [line, longest] = /^longest step (\d+): .*$/m.exec(output) ?? [];
  if (flavour === "bench") expect(Number(longest), line).toBeLessThanOrEqual(STEP_BOUND);
}

test.each(KERNELS)(
  "processes are made of sealed packages on $arch, $flavour",
  async ({ arch, flavour }) => {
    const binary = await buildChild(arch);
    const child = childOf(arch, binary);
    const cases = [{ kind: 0, name: "child", parts: [headersOf(child), binary], expected: 1, parameter: 0 }];
    checkSteps(await runProcessProgram({ arch, flavour, program: "main", cases, trust: trustOf(TRUST) }), flavour);
  },
  400_000,
);

test.each(KERNELS)(
  "kernel, user task and host judge packages and trust sets alike on $arch, $flavour",
  async ({ arch, flavour }) => {
    const cases = verdictCases(arch, await buildChild(arch), await Packages.load());
    checkSteps(await runProcessProgram({ arch, flavour, program: "verdicts", cases, trust: trustOf(TRUST) }), flavour);
  },
  400_000,
);

test.each(ARCHES)(
  "no package with a flipped bit, and none that is cut off, is sealed on %s",
  async (arch) => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const sweep = { bits: someBits(new Random(seed), FLIPS), binaryStride: 16 };
    const cases = sweepCases(arch, await Packages.load(), sweep);
    const trust = trustOf(ONE_ROOT);
    const output = await runProcessProgram({ arch, flavour: "bench", program: "verdicts", cases, trust });
    const [, variants, accepted] = /^(\d+) variants, (\d+) accepted$/m.exec(output) ?? [];
    console.log(`${variants} variants, ${accepted} accepted`);
    expect(Number(variants)).toBeGreaterThan(FLIPS + 20_000);
    expect(Number(accepted)).toBe(0);
  },
  400_000,
);
