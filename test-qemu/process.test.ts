import { readFileSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { packArchive } from "../scripts/archive.ts";
import { buildImage } from "../scripts/build.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { Machine } from "../scripts/machine.ts";
import { Packages } from "../test/codec/package-host.ts";
import { TRUST, trustOf } from "../test/codec/package-inputs.ts";
import { encodeCases } from "./caseFile.ts";
import { firstTaskOf, processCases } from "./processCases.ts";

/** The kernel's own verdicts on packages and trust sets, and the life of processes made from sealed Images. */

const KERNELS = ARCHES.flatMap((arch) => [
  { arch, flavour: "debug" as const, stepBound: null },
  { arch, flavour: "bench" as const, stepBound: 20_000 },
]);

test.each(KERNELS)(
  "packages are sealed and become processes on $arch, $flavour",
  async ({ arch, flavour, stepBound }) => {
    const child = await buildProgram({
      arch,
      entry: "test-qemu/process/child.ts",
      optimization: "O2",
      out: `build/${arch}/process-child`,
    });
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const cases = processCases(arch, readFileSync(child), await Packages.load(), seed);
    const out = `build/${arch}/process`;
    const entry = "test-qemu/process/main.ts";
    const init = readFileSync(await buildProgram({ arch, entry, optimization: "O2", out }));
    const initrd = `${out}/archive.cpio`;
    const trust = { name: "trust", contents: trustOf(TRUST) };
    writeFileSync(initrd, packArchive([firstTaskOf(arch, init), encodeCases(cases), trust]));
    const folder = await buildImage({ arch, flavour });
    const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: 300 });
    onTestFinished(() => machine.stop());
    const [, passed, failed] = await machine.expect(/(\d+) passed, (\d+) failed/);
    expect(machine.output).not.toMatch(/^FAILED|PANIC/m);
    expect(Number(failed)).toBe(0);
    expect(Number(passed)).toBeGreaterThan(cases.length);
    expect((await machine.exited).status).toBe(0);
    // Optimized kernels alone are counted.
    const longest = Number(/longest step (\d+)/.exec(machine.output)?.[1]);
    if (stepBound !== null) expect(longest).toBeLessThanOrEqual(stepBound);
  },
  400_000,
);
