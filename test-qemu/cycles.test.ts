import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";

/** The program's own checks: it switches the machine off with status 1 when memory is not where it was. */
test.each(ARCHES)("10,000 cycles of every kind of object leave all memory where it was on %s", async (arch) => {
  const out = `build/${arch}/cycles`;
  const initrd = await buildFirstTask({ arch, entry: "test-qemu/cycles/main.ts", optimization: "O2", out });
  const folder = await buildImage({ arch, flavour: "release" });
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: 100 });
  onTestFinished(() => machine.stop());
  expect((await machine.exited).status).toBe(0);
});
