import { expect, it } from "vitest";
import { loadCompiler, ROOT } from "./back.ts";
import { FAULTED, NO_PANIC, TIMED_OUT } from "./compare.ts";
import { PANIC_SOURCE } from "./host-runner.ts";
import { PorfforBack } from "./porffor-back.ts";
import { PANIC } from "./reference.ts";

/** One program that ends in every way that a program can. */
const MAIN = `/** @unsafe reads where nothing is */
let state: u64 = 5n;

/** @entry fuzz_run */
export function run(program: u32, step: u32): u64 {
  state += 1n;
  if (step === 0) while (state !== 0n) state |= 1n;
  if (step === 1) return load64(0xffff_fff0n);
  assert(step !== 2, "not the second");
  return state;
}

/** @entry fuzz_hash */
export function hash(program: u32): u64 {
  return state;
}
`;

it("tells how each step ended, and goes on after it", async () => {
  const compiler = await loadCompiler();
  const files = new Map([
    ["fuzz/main.ts", MAIN],
    ["fuzz/panic.ts", PANIC_SOURCE],
  ]);
  const { diagnostics, program } = compiler.compileProgram({ root: ROOT, entries: [...files.keys()], files });
  expect(diagnostics).toEqual([]);
  const observed = await new PorfforBack(compiler, 100).observe(program, [4]);
  const [steps = []] = observed.get("Wasm") ?? [];
  expect(steps.map(({ kind, bits, hash }) => [kind, bits, hash])).toEqual([
    [TIMED_OUT, 0n, 7n],
    [FAULTED, 0n, 8n],
    [PANIC.assert, 0n, 9n],
    [NO_PANIC, 10n, 10n],
  ]);
});
