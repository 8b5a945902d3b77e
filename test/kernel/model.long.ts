import { expect, test } from "vitest";
import { ARCHES } from "../../scripts/architecture.ts";
import { Random, seedOf } from "../random.ts";
import { makeTrace, type Trace } from "./model/traces.ts";
import { buildReplay, buildWasmReplay, playOnHost } from "./replay.ts";

const SEED = seedOf();
const TRACES = 10_000;
const AT_ONCE = 500;
const TIMEOUT = 3_600_000;

type Play = (traces: readonly Trace[]) => number[] | Promise<number[]>;

async function playAll(play: Play): Promise<void> {
  console.log(`seed ${SEED}`);
  for (let done = 0; done < TRACES; done += AT_ONCE) {
    const traces = Array.from({ length: AT_ONCE }, (_, index) => makeTrace(new Random(SEED + done + index), 1000));
    expect(await play(traces)).toEqual(traces.map(({ hash }) => hash));
  }
}

test("10,000 traces of 1,000 calls lead where the model says", { timeout: TIMEOUT }, async () => {
  const program = await buildReplay("x86_64");
  await playAll((traces) => playOnHost(program, traces));
});

test.each(ARCHES)(
  `the same through Porffor, with the kernel of %s, seed ${SEED}`,
  { timeout: TIMEOUT },
  async (arch) => {
    await playAll(await buildWasmReplay(arch));
  },
);
