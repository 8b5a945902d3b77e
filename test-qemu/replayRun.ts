import { expect, onTestFinished } from "vitest";
import type { Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import type { Flavour } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import { makeTrace } from "../test/kernel/model/traces.ts";
import { Random } from "../test/random.ts";
import { encodeCases } from "./caseFile.ts";

/** Traces of the model (test/kernel/model) on a machine: those of `count` seeds from `seed` on, of 1,000 calls each. */
export async function replay(arch: Arch, flavour: Flavour, seed: number, count: number): Promise<void> {
  const cases = Array.from({ length: count }, (_, index) => {
    const { bytes, hash } = makeTrace(new Random(seed + index), 1000);
    return { kind: 0, name: `seed ${seed + index}`, parts: [bytes], expected: hash, parameter: 0 };
  });
  const out = `build/${arch}/replay`;
  const modules = [encodeCases(cases)];
  const initrd = await buildFirstTask({ arch, entry: "test-qemu/replay/main.ts", optimization: "O2", out, modules });
  const folder = await buildImage({ arch, flavour });
  const machine = new Machine({ arch, folder, initrd, icount: true, memory: "256M", timeoutSeconds: 250 });
  onTestFinished(() => machine.stop());
  await machine.expect(/\d+ passed, \d+ failed/);
  expect(machine.output).toMatch(new RegExp(`^${count} passed, 0 failed`, "m"));
  expect((await machine.exited).status).toBe(0);
}
