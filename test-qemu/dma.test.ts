import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";

/** Memory from 4 GiB on is there on both machines with this much. */
test.each(ARCHES)("memory from 4 GiB on is not for DMA on %s", async (arch) => {
  const entry = "test-qemu/programs/dma/main.ts";
  const initrd = await buildFirstTask({ arch, entry, optimization: "O2", out: `build/${arch}/dma` });
  const folder = await buildImage({ arch, flavour: "debug" });
  const machine = new Machine({ arch, folder, initrd, icount: true, memory: "6G" });
  onTestFinished(() => machine.stop());
  await machine.expect("only memory below the limit is for DMA");
  expect((await machine.exited).status).toBe(0);
});
