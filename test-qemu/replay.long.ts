import { test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { seedOf } from "../test/random.ts";
import { replay } from "./replayRun.ts";

const SEED = seedOf();
const TRACES = 10_000;
const AT_ONCE = 400;

test.each(ARCHES)("10,000 traces of 1,000 calls lead where the model says on %s", async (arch) => {
  console.log(`seed ${SEED}`);
  for (let done = 0; done < TRACES; done += AT_ONCE) await replay(arch, "bench", SEED + done, AT_ONCE);
});
