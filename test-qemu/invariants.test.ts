import { beforeAll, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { Machine } from "../scripts/machine.ts";
import { buildConformance } from "./conformanceProgram.ts";

/** The checker of the invariants: that it sees each one broken, and that none is while the conformance tests run. */

const INVARIANTS = ["I1", "I2", "I3", "I4", "I5", "I5-seal", "I6", "I7", "I8", "I9", "I10", "I11"];
const CASES = ARCHES.flatMap((arch) => INVARIANTS.map((invariant) => ({ arch, invariant })));

const programs = new Map<Arch, string>();

beforeAll(async () => {
  for (const arch of ARCHES) programs.set(arch, await buildConformance(arch));
});

test.each(CASES)("the checker sees $invariant broken on $arch", async ({ arch, invariant }) => {
  const folder = await buildImage({ arch, flavour: "debug" });
  const words = ["invariants=1", `break-invariant=${invariant}`];
  const machine = new Machine({ arch, folder, initrd: programs.get(arch), icount: true, words });
  onTestFinished(() => machine.stop());
  await machine.expect(`PANIC: assertion failed: ${invariant.replace("-seal", "")}: `);
  expect((await machine.exited).status).toBe(2);
});

test.each(ARCHES)("the checker can be turned off, and then sees nothing, on %s", async (arch) => {
  const folder = await buildImage({ arch, flavour: "debug" });
  const words = ["invariants=0", "break-invariant=I3"];
  const machine = new Machine({ arch, folder, initrd: programs.get(arch), icount: true, words });
  onTestFinished(() => machine.stop());
  await machine.expect(/^ok /m);
});
