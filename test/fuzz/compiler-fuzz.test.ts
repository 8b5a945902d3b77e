import { expect, it } from "vitest";
import { $ } from "zx";
import { generateProgram } from "./generate.ts";
import { printProgram } from "./print.ts";

const PROGRAMS = 500;

it(`${PROGRAMS} random programs do what the reference says`, { timeout: 600_000 }, async () => {
  const { exitCode, stdout } = await $({
    nothrow: true,
  })`node_modules/.bin/tsx scripts/fuzz-compiler.ts --programs ${PROGRAMS}`;
  // The seed, for `make fuzz-compiler SEED=n`.
  console.log(stdout.trimEnd());
  expect(exitCode).toBe(0);
});

it("makes the same program of the same seed", () => {
  const print = (seed: number, index: number): string => {
    const { program, expected } = generateProgram(seed, index, { canPanic: true });
    return [...printProgram(program).files.values(), ...expected.map(({ hash }) => hash)].join("\n");
  };
  expect(print(1, 2)).toBe(print(1, 2));
  expect(print(1, 2)).not.toBe(print(1, 3));
  expect(print(1, 2)).not.toBe(print(2, 2));
});

it("leaves out what panics when asked to", () => {
  for (let index = 0; index < 20; index++) {
    const { expected } = generateProgram(1, index, { canPanic: false });
    expect(expected.filter(({ panic }) => panic !== null)).toEqual([]);
  }
});
