import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import type { Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import type { Compiler, Flavour } from "../scripts/image.ts";
import { type BatchOptions, Machine } from "../scripts/machine.ts";

/** A machine that ends with the test. */
export interface TestMachine extends Omit<BatchOptions, "folder"> {
  readonly arch: Arch;
  readonly flavour?: Flavour;
  readonly compiler?: Compiler;
}

/** Starts a machine without waiting for anything. */
export async function start({ flavour = "debug", compiler = "c", ...options }: TestMachine): Promise<Machine> {
  const folder = await buildImage({ arch: options.arch, flavour, compiler });
  const machine = new Machine({ ...options, folder });
  onTestFinished(() => machine.stop());
  return machine;
}

/** Starts a machine and waits for its prompt. */
export async function boot(options: TestMachine): Promise<Machine> {
  const machine = await start(options);
  await machine.prompt();
  return machine;
}

/** Runs a command that has to say OK; answers what it printed. */
export async function run(machine: Machine, command: string): Promise<string> {
  const result = await machine.run(command);
  if (result.kind !== "ok") throw new Error(`${command}: ${result.kind}\n${machine.output}`);
  return result.output;
}

/** `file:line` of the only line of a source file that holds `text`. */
export function placeOf(file: string, text: string): string {
  const lines = readFileSync(file, "utf8").split("\n");
  const numbers = lines.flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
  if (numbers.length !== 1) throw new Error(`${file} has ${numbers.length} lines with ${text}`);
  return `${file}:${numbers[0]}`;
}
