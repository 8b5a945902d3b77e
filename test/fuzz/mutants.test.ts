import { rmSync } from "node:fs";
import { expect, it } from "vitest";
import { MUTANTS, makeMutant } from "./mutants.ts";

const FOLDER = "build/mutants-made";

it.each(MUTANTS)("$name can be made of today's compiler", (mutant) => {
  expect(makeMutant(mutant, FOLDER)).toMatch(/compiler$/);
  rmSync(FOLDER, { recursive: true });
});
