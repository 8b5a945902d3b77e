import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildCFirstTask } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";

/** The stubs for freestanding C, in a program that is the first user task. */
test.each(ARCHES)("a program in C asks the kernel by its stubs on %s", async (arch) => {
  const initrd = await buildCFirstTask(arch, "test-qemu/programs/stubs/main.c", `build/${arch}/stubs`);
  const folder = await buildImage({ arch, flavour: "debug" });
  const machine = new Machine({ arch, folder, initrd, icount: true });
  onTestFinished(() => machine.stop());
  const exit = await machine.exited;
  expect(machine.output).toContain("\nthe stubs hold\n");
  expect(exit.status).toBe(0);
});
