import { $ } from "zx";
import { docsFiles } from "./docs.ts";
import { grammarFiles } from "./grammar.ts";
import { headerFiles } from "./header.ts";
import { kernelFiles } from "./kernel.ts";
import { readModel } from "./model.ts";
import { nameFiles } from "./names.ts";
import { stubFiles } from "./stubs.ts";

/** Everything that is written from the table of system calls, by file. */
export async function generate(): Promise<Map<string, string>> {
  const model = readModel();
  const kts = { ...kernelFiles(model), ...stubFiles(model), ...grammarFiles(model), ...nameFiles(model) };
  const formatted = await Promise.all(
    Object.entries(kts).map(async ([file, text]) => [file, await inOurForm(file, text)] as const),
  );
  return new Map([...formatted, ...Object.entries({ ...headerFiles(model), ...docsFiles(model) })]);
}

export async function inOurForm(file: string, text: string): Promise<string> {
  const { stdout } = await $({ input: text })`node_modules/.bin/biome check --write --stdin-file-path=${file}`;
  return stdout;
}
