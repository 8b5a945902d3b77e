import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT_BUILD, Failure } from "../../scripts/failure.ts";
import type { Mutation } from "./kernel.ts";

/** The source file that a mutation is about, in a copy of the project, with the mutation made. */
export function mutated({ name, file, from, to }: Mutation, root = "."): string {
  const source = readFileSync(join(root, file), "utf8");
  const text = source.replace(from, () => to);
  if (text === source) throw new Failure(`${file} does not hold the text of: ${name}`, EXIT_BUILD);
  return text;
}
