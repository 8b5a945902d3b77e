import { randomInt } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";

/** The user library's buddy allocator against a model, on the kernel's own Untypeds. SEED= repeats a run. */

const STEPS = 20_000;
const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));

test.each(ARCHES)(`${STEPS} random allocations and releases agree with the model on %s`, async (arch) => {
  console.log(`seed ${SEED}`);
  const out = `build/${arch}/buddy`;
  const contents = Buffer.from(BigUint64Array.of(BigInt(STEPS), BigInt(SEED)).buffer);
  const modules = [{ name: "settings", contents }];
  const initrd = await buildFirstTask({ arch, entry: "test-qemu/buddy/main.ts", optimization: "O2", out, modules });
  const folder = await buildImage({ arch, flavour: "bench" });
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: 100 });
  onTestFinished(() => machine.stop());
  const { status } = await machine.exited;
  expect(machine.output).not.toContain("FAILED");
  // Both happen often, or the sequences are no test.
  const [, allocated = 0, refused = 0] = /(\d+) allocated, (\d+) refused/.exec(machine.output)?.map(Number) ?? [];
  expect(allocated).toBeGreaterThan(STEPS / 5);
  expect(refused).toBeGreaterThan(STEPS / 100);
  expect(status).toBe(0);
});
