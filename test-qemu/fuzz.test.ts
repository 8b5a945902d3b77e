import { randomInt } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";
import { generateTargetModule } from "../test/fuzz/target-module.ts";

/** A sample of the compiler's random programs, run on the machines themselves. */

const PROGRAMS = 40;
const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));

const CASES = ARCHES.flatMap((arch) => (["O0", "O2"] as const).map((optimization) => ({ arch, optimization })));

test.each(CASES)(
  `${PROGRAMS} random programs on $arch, $optimization`,
  { timeout: 300_000 },
  async ({ arch, optimization }) => {
    console.log(`seed ${SEED}`);
    const source = `build/fuzz/target-${arch}-${optimization}`;
    generateTargetModule(SEED, PROGRAMS, source);
    const initrd = await buildFirstTask({ arch, entry: `${source}/main.ts`, optimization, out: `${source}/out` });
    const folder = await buildImage({ arch, flavour: "debug" });
    const machine = new Machine({ arch, folder, initrd });
    onTestFinished(() => machine.stop());
    const { status } = await machine.exited;
    expect(machine.output).toContain(`fuzz: seed ${SEED}, ${PROGRAMS} programs, 0 differences`);
    expect(status).toBe(0);
  },
);
