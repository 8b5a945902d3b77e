import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";
import { makeTrace } from "../test/kernel/model/traces.ts";
import { Random, seedOf } from "../test/random.ts";
import { encodeCases } from "./caseFile.ts";

const SEED = seedOf();
const TRACES = 20;

/** A sample of the traces that the kernel plays on the host (test/kernel/model.test.ts), on the machines. */
test.each(ARCHES)(
  `${TRACES} traces of 1,000 calls lead where the model says on %s`,
  async (arch) => {
    console.log(`seed ${SEED}`);
    const cases = Array.from({ length: TRACES }, (_, index) => {
      const { bytes, hash } = makeTrace(new Random(SEED + index), 1000);
      return { kind: 0, name: `seed ${SEED + index}`, parts: [bytes], expected: hash, parameter: 0 };
    });
    const out = `build/${arch}/replay`;
    const modules = [encodeCases(cases)];
    const initrd = await buildFirstTask({ arch, entry: "test-qemu/replay/main.ts", optimization: "O2", out, modules });
    const folder = await buildImage({ arch, flavour: "debug" });
    const machine = new Machine({ arch, folder, initrd, icount: true, memory: "256M", timeoutSeconds: 250 });
    onTestFinished(() => machine.stop());
    await machine.expect(/\d+ passed, \d+ failed/);
    expect(machine.output).toMatch(new RegExp(`^${TRACES} passed, 0 failed`, "m"));
    expect((await machine.exited).status).toBe(0);
  },
  300_000,
);
