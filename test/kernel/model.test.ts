import { expect, test } from "vitest";
import { ARCHES } from "../../scripts/architecture.ts";
import { Random } from "../random.ts";
import { makeTrace } from "./model/traces.ts";
import { buildReplay, playOnHost } from "./replay.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

/** What a small model of capabilities thinks up, the kernel does. */
test.each(ARCHES)(
  "100 traces of 1,000 calls lead where the model says, with the kernel of %s",
  async (arch) => {
    const program = await buildReplay(arch);
    console.log(`seed ${SEED}`);
    const traces = Array.from({ length: 100 }, (_, index) => makeTrace(new Random(SEED + index), 1000));
    expect(await playOnHost(program, traces)).toEqual(traces.map(({ hash }) => hash));
  },
  600_000,
);
