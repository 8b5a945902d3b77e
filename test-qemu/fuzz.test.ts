import { randomInt } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { Machine } from "../scripts/machine.ts";
import { generateTargetModule } from "../test/fuzz/target-module.ts";

/** A sample of the compiler's random programs, run on the machines themselves. */

const PROGRAMS = 40;
const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));

const CASES = ARCHES.flatMap((arch) => (["debug", "release"] as const).map((flavour) => ({ arch, flavour })));

test.each(CASES)(`${PROGRAMS} random programs on $arch, $flavour`, { timeout: 300_000 }, async ({ arch, flavour }) => {
  console.log(`seed ${SEED}`);
  const image = `build/fuzz/target-${arch}-${flavour}`;
  generateTargetModule(SEED, PROGRAMS, image);
  const folder = await buildImage({ arch, flavour, custom: { image, out: `${image}/out` } });
  const machine = new Machine({ arch, folder });
  onTestFinished(() => machine.stop());
  await machine.prompt();
  const { kind, output } = await machine.run("fuzz");
  expect(output).toContain(`fuzz: seed ${SEED}, ${PROGRAMS} programs, 0 differences`);
  expect(kind).toBe("ok");
});
