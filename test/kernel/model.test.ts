import { expect, test } from "vitest";
import { ARCHES } from "../../scripts/architecture.ts";
import { Random, seedOf } from "../random.ts";
import { makeTrace } from "./model/traces.ts";
import { buildReplay, playOnHost } from "./replay.ts";

const SEED = seedOf();
/** Traces that revoke memory through a CNode in it: what is left over depends on the order of deletion. */
const SEEDS_REVOKED_WITHIN = [150, 167];
/** Traces that map what was mapped in an address space that is gone. */
const SEEDS_MAPPED_AGAIN = [3, 10, 17];

/** What a small model of capabilities thinks up, the kernel does. */
test.each(ARCHES)(
  "100 traces of 1,000 calls lead where the model says, with the kernel of %s",
  async (arch) => {
    const program = await buildReplay(arch);
    console.log(`seed ${SEED}`);
    const fixed = [...SEEDS_REVOKED_WITHIN, ...SEEDS_MAPPED_AGAIN];
    const seeds = [...fixed, ...Array.from({ length: 95 }, (_, index) => SEED + index)];
    const traces = seeds.map((seed) => makeTrace(new Random(seed), 1000));
    expect(await playOnHost(program, traces)).toEqual(traces.map(({ hash }) => hash));
  },
  600_000,
);
