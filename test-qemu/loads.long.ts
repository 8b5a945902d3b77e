import { describe, expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { Machine } from "../scripts/machine.ts";
import { loadAndKill } from "./manyLoads.ts";

/** A thousand loads and kills in a row. */

const LOADS = 1000;

describe.each(ARCHES)("on %s", (arch) => {
  test(`${LOADS} loads and kills leave the memory as it was`, async () => {
    const folder = await buildImage({ arch, flavour: "release" });
    const machine = new Machine({ arch, folder, timeoutSeconds: 0 });
    onTestFinished(() => machine.stop());
    await machine.prompt();
    const free = await loadAndKill(machine, LOADS);
    expect(new Set(free).size, `${free}`).toBe(1);
  });
});
