import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { Machine } from "../scripts/machine.ts";
import { buildConformance } from "./conformanceProgram.ts";

/** The kernel's longest path with interrupts off, in instructions, over all that the conformance tests ask of it. */

const LIMIT = 25_000;
/** Clearing 128 KiB takes more: with less, the meter has not seen it. */
const LEAST = 8_000;

test.each(ARCHES)(`no path with interrupts off exceeds ${LIMIT} instructions on %s (I13)`, async (arch) => {
  const initrd = await buildConformance(arch);
  const folder = await buildImage({ arch, flavour: "meter" });
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: 100 });
  onTestFinished(() => machine.stop());
  expect((await machine.exited).status).toBe(0);
  const [line = "", counts] = /longest path: (\d+) counts, by .*/.exec(machine.output) ?? [];
  console.log(`${arch}: ${line}`);
  expect(Number(counts)).toBeGreaterThan(LEAST);
  expect(Number(counts)).toBeLessThanOrEqual(LIMIT);
});
