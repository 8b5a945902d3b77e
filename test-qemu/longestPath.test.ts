import { describe, expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { Machine } from "../scripts/machine.ts";
import { buildConformance } from "./conformanceProgram.ts";

/** The longest path of the kernel with interrupts off, in instructions, over everything that the conformance program does. */
const LIMIT = 25_000;

describe.each(ARCHES)("%s", (arch) => {
  test(`no path with interrupts off exceeds ${LIMIT} instructions (I13)`, async () => {
    const initrd = await buildConformance(arch);
    const folder = await buildImage({ arch, flavour: "meter" });
    const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: 100 });
    onTestFinished(() => machine.stop());
    expect((await machine.exited).status).toBe(0);
    const [line, counts] = /longest path: (\d+) counts, by .*/.exec(machine.output) ?? [];
    console.log(`${arch}: ${line}`);
    expect(Number(counts)).toBeGreaterThan(1_000);
    expect(Number(counts)).toBeLessThanOrEqual(LIMIT);
  });
});
