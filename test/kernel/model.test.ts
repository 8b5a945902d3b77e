import { describe, expect, test } from "vitest";
import { ARCHES } from "../../scripts/architecture.ts";
import { Random, seedOf } from "../random.ts";
import { makeTrace } from "./model/traces.ts";
import { buildReplay, buildWasmReplay, playOnHost } from "./replay.ts";

const SEED = seedOf();
/** Traces that revoke memory through a CNode in it: what is left over depends on the order of deletion. */
const SEEDS_REVOKED_WITHIN = [150, 167];
/** Traces that map what was mapped in an address space that is gone. */
const SEEDS_MAPPED_AGAIN = [3, 10, 17];
const SEEDS = [
  ...SEEDS_REVOKED_WITHIN,
  ...SEEDS_MAPPED_AGAIN,
  ...Array.from({ length: 95 }, (_, index) => SEED + index),
];
const TIMEOUT = 600_000;

/** What a small model of capabilities thinks up, the kernel does. */
describe.each(ARCHES)("100 traces of 1,000 calls lead where the model says, with the kernel of %s", (arch) => {
  const traces = SEEDS.map((seed) => makeTrace(new Random(seed), 1000));
  const hashes = traces.map(({ hash }) => hash);

  test("through C", { timeout: TIMEOUT }, async () => {
    console.log(`seed ${SEED}`);
    expect(await playOnHost(await buildReplay(arch), traces)).toEqual(hashes);
  });

  test("through Porffor", { timeout: TIMEOUT }, async () => {
    const play = await buildWasmReplay(arch);
    expect(play(traces)).toEqual(hashes);
  });
});
