import { expect, it } from "vitest";
import { $ } from "zx";
import { MUTANTS, makeMutant } from "./mutants.ts";

const PROGRAMS = 500;

it.each(MUTANTS)("finds $name within 500 programs", { timeout: 600_000 }, async (mutant) => {
  const folder = makeMutant(mutant, "build/mutants");
  const words = ["--programs", `${PROGRAMS}`, "--compiler", folder, "--stop", "--no-shrink", "--back", mutant.back];
  const { exitCode, stdout } = await $({ nothrow: true })`node_modules/.bin/tsx scripts/fuzz-compiler.ts ${words}`;
  console.log(stdout.split("\n").at(-2));
  expect(stdout).toMatch(/^program \d+: (?:state|result|panic)/m);
  expect(exitCode).toBe(1);
});
