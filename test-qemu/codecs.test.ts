import { beforeAll, expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { Machine } from "../scripts/machine.ts";
import { caseFile, type TargetCase } from "./caseFile.ts";
import { allCases } from "./codecCases.ts";

/** Codecs and cryptography on the machines themselves, built as for the kernel: all vectors, and random cases. */

let cases: TargetCase[] = [];
beforeAll(() => {
  cases = allCases();
}, 300_000);

test.each(ARCHES)(
  "vectors and random cases on %s",
  async (arch) => {
    const out = `build/${arch}/codecs`;
    const entry = "test-qemu/codecs/main.ts";
    const initrd = await buildProgram({ arch, entry, optimization: "O2", out, data: caseFile(cases) });
    const folder = await buildImage({ arch, flavour: "debug" });
    const machine = new Machine({ arch, folder, initrd, icount: true, memory: "256M", timeoutSeconds: 200 });
    onTestFinished(() => machine.stop());
    const [, passed, failed] = await machine.expect(/(\d+) passed, (\d+) failed/);
    expect(machine.output).not.toMatch(/^FAILED|PANIC/m);
    expect([Number(passed), Number(failed)]).toEqual([cases.length, 0]);
    expect((await machine.exited).status).toBe(0);
  },
  300_000,
);
