import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MUTATIONS } from "./kernel.ts";

/** The list follows the sources: what a mutation changes is there, and nowhere else in its file. */

test.each(MUTATIONS)("the sources hold once: $name", ({ file, from, to }) => {
  expect(readFileSync(file, "utf8").split(from)).toHaveLength(2);
  expect(to).not.toContain(from);
});

test("every invariant has a mutation", () => {
  const invariants = new Set(MUTATIONS.map(({ invariant }) => invariant));
  for (let i = 1; i <= 14; i++) expect(invariants).toContain(`I${i}`);
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(24);
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});
