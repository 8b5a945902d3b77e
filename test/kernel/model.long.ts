import { expect, test } from "vitest";
import { Random, seedOf } from "../random.ts";
import { makeTrace } from "./model/traces.ts";
import { buildReplay, playOnHost } from "./replay.ts";

const SEED = seedOf();
const TRACES = 10_000;
const AT_ONCE = 500;

test("10,000 traces of 1,000 calls lead where the model says", async () => {
  const program = await buildReplay("x86_64");
  console.log(`seed ${SEED}`);
  for (let done = 0; done < TRACES; done += AT_ONCE) {
    const traces = Array.from({ length: AT_ONCE }, (_, index) => makeTrace(new Random(SEED + done + index), 1000));
    expect(await playOnHost(program, traces)).toEqual(traces.map(({ hash }) => hash));
  }
}, 3_600_000);
