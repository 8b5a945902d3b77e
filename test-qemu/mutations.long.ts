import { expect, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { MUTATIONS } from "../test/mutations/kernel.ts";
import { tryMutations } from "./mutants.ts";

/** No rule of test/mutations/kernel.ts can be taken from the kernel without a test or the checker that notices. */

test.each(ARCHES)("every mutation is found on %s", async (arch) => {
  const verdicts = await tryMutations(arch, /(?:)/, () => {});
  expect(verdicts).toHaveLength(MUTATIONS.length);
  expect(verdicts.filter(({ foundBy }) => foundBy === null)).toEqual([]);
});
