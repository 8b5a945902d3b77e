import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type GeneratedProgram, generateProgram } from "./generate.ts";
import { type PrintedProgram, printProgram } from "./print.ts";
import { MIX_SOURCE, mix } from "./state.ts";

/**
 * A sample of random programs as an image module (`@image`): the console command `fuzz` runs them on the machine
 * and compares each with what the reference says. Nothing can be caught there, so these programs do not panic.
 */

/** Writes the module's files into `folder`, which is below the root, the current folder. */
export function generateTargetModule(seed: number, count: number, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const programs = Array.from({ length: count }, (_, index) => generateProgram(seed, index, { canPanic: false }));
  const printed = programs.map(({ program }) => printProgram(program));
  for (const [name, text] of printed.flatMap(({ files }) => [...files])) {
    writeFileSync(join(folder, name.replace(/^fuzz\//, "")), text);
  }
  writeFileSync(join(folder, "mix.ts"), MIX_SOURCE);
  writeFileSync(
    join(folder, "commands.ts"),
    commandsSource(programs, printed, `${relative(folder, "kernel/console")}`),
  );
}

/** What `runCase` of the module computes: a hash over the results of all steps and the states after them. */
function expectedOf({ expected }: GeneratedProgram): bigint {
  return expected.reduce((sum, { bits, hash }) => mix(mix(sum, bits), hash), 0n);
}

function commandsSource(
  programs: readonly GeneratedProgram[],
  printed: readonly PrintedProgram[],
  console: string,
): string {
  const imports = printed.map(({ entry, prefix }) => `import { hash_${prefix}, run_${prefix} } from "./${entry}";`);
  const rows = programs.map((generated) => {
    const { prefix, steps } = generated.program;
    return `  { run: run_${prefix}, hash: hash_${prefix}, steps: ${steps.length}, expected: ${expectedOf(generated)}n },`;
  });
  return `import { fail, Outcome, writeHelp } from "${console}/command";
import { writeByte, writeDecimal, writeHex, writeText } from "${console}/output";
import { isEqual } from "${console.replace(/\/console$/, "")}/text";
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

/** Runs every program; a line for each that does something else than the reference says, and one at the end. */
export function runImageCommand(name: Bytes, argument: Bytes): Outcome {
  if (!isEqual(name, "fuzz")) return Outcome.Unknown;
  let wrong: u32 = 0;
  for (let i: u32 = 0; i < cases.length; i++) {
    const got = runCase(i);
    if (got !== cases[i].expected) {
      wrong++;
      report(i, got);
    }
  }
  writeText("fuzz: seed ${programs[0]?.program.seed}, ");
  writeDecimal(u64(u32(cases.length)));
  writeText(" programs, ");
  writeDecimal(u64(wrong));
  writeText(" differences");
  writeByte(0x0a);
  return wrong === 0 ? Outcome.Ok : fail("a program does something else than the reference says");
}

export function printImageHelp(): void {
  writeHelp("fuzz", "", "the random programs of this image");
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
  writeText("fuzz: program ");
  writeDecimal(u64(index));
  writeText(" expected ");
  writeHex(cases[index].expected, 16);
  writeText(" got ");
  writeHex(got, 16);
  writeByte(0x0a);
}
`;
}
