import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type GeneratedProgram, generateProgram } from "./generate.ts";
import { type PrintedProgram, printProgram } from "./print.ts";
import { MIX_SOURCE, mix } from "./state.ts";

/**
 * A sample of random programs as one user program, the machine's first task: it runs them and compares each with what
 * the reference says. Nothing can be caught there, so these programs do not panic.
 */

const MODULE = { name: "test.fuzz", version: "0.1.0", stack: 32_768, budget: 2 ** 20, priority: 255 };

/** Writes the program's files into `folder`, which is below the root, the current folder; its entry is `main.ts`. */
export function generateTargetModule(seed: number, count: number, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const programs = Array.from({ length: count }, (_, index) => generateProgram(seed, index, { canPanic: false }));
  const printed = programs.map(({ program }) => printProgram(program));
  for (const [name, text] of printed.flatMap(({ files }) => [...files])) {
    writeFileSync(join(folder, name.replace(/^fuzz\//, "")), text);
  }
  writeFileSync(join(folder, "mix.ts"), MIX_SOURCE);
  writeFileSync(join(folder, "module.json"), JSON.stringify(MODULE));
  writeFileSync(join(folder, "main.ts"), mainSource(programs, printed, relative(folder, ".")));
}

/** What `runCase` of the module computes: a hash over the results of all steps and the states after them. */
function expectedOf({ expected }: GeneratedProgram): bigint {
  return expected.reduce((sum, { bits, hash }) => mix(mix(sum, bits), hash), 0n);
}

function mainSource(programs: readonly GeneratedProgram[], printed: readonly PrintedProgram[], root: string): string {
  const imports = printed.map(({ entry, prefix }) => `import { hash_${prefix}, run_${prefix} } from "./${entry}";`);
  const rows = programs.map((generated) => {
    const { prefix, steps } = generated.program;
    return `  { run: run_${prefix}, hash: hash_${prefix}, steps: ${steps.length}, expected: ${expectedOf(generated)}n },`;
  });
  return `import { SLOT_POWER_CONTROL } from "${root}/kernel/initSlots";
import { Invocation } from "${root}/kernel/syscall/invocation";
import { ask } from "${root}/user/calls";
import { debugDecimal, debugWrite } from "${root}/user/message";
import { mix } from "./mix";
${imports.join("\n")}

interface Case extends Struct<"Case"> {
  run: (step: u32) => u64;
  hash: () => u64;
  steps: u32;
  expected: u64;
}

const cases: FixedArray<Inline<Case>, ${programs.length}> = [
${rows.join("\n")}
];

/**
 * Runs every program; a line for each that does something else than the reference says, and one at the end.
 *
 * @entry program_start
 */
export function main(_info: u64): void {
  let wrong: u32 = 0;
  for (let i: u32 = 0; i < cases.length; i++) {
    const got = runCase(i);
    if (got !== cases[i].expected) {
      wrong++;
      report(i, got);
    }
  }
  debugWrite("fuzz: seed ${programs[0]?.program.seed}, ");
  debugDecimal(u64(u32(cases.length)));
  debugWrite(" programs, ");
  debugDecimal(u64(wrong));
  debugWrite(" differences\\n");
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, wrong === 0 ? 0n : 1n, 0n, 0);
}

function runCase(index: u32): u64 {
  let sum: u64 = 0n;
  for (let step: u32 = 0; step < cases[index].steps; step++) {
    sum = mix(sum, cases[index].run(step));
    sum = mix(sum, cases[index].hash());
  }
  return sum;
}

function report(index: u32, got: u64): void {
  debugWrite("fuzz: program ");
  debugDecimal(u64(index));
  debugWrite(" expected ");
  debugDecimal(cases[index].expected);
  debugWrite(" got ");
  debugDecimal(got);
  debugWrite("\\n");
}
`;
}
