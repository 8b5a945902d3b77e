import { test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { seedOf } from "../test/random.ts";
import { replay } from "./replayRun.ts";

const SEED = seedOf();
const TRACES = 20;

/** A sample of the traces that the kernel plays on the host (test/kernel/model.test.ts), on the machines. */
test.each(ARCHES)(
  `${TRACES} traces of 1,000 calls lead where the model says on %s`,
  async (arch) => {
    console.log(`seed ${SEED}`);
    await replay(arch, "debug", SEED, TRACES);
  },
  300_000,
);
