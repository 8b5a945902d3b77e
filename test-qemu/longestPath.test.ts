import { expect, test } from "vitest";
import { longestPath } from "../bench/machine.ts";
import { ARCHES } from "../scripts/architecture.ts";

/** The kernel's longest path with interrupts off, in instructions, over all that the conformance tests ask of it. */

const LIMIT = 25_000;
/** Clearing 128 KiB takes more: with less, the meter has not seen it. */
const LEAST = 8_000;

test.each(ARCHES)(`no path with interrupts off exceeds ${LIMIT} instructions on %s (I13)`, async (arch) => {
  const counts = await longestPath(arch);
  expect(counts).toBeGreaterThan(LEAST);
  expect(counts).toBeLessThanOrEqual(LIMIT);
});
