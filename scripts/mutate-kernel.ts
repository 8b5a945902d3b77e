import { parseArgs } from "node:util";
import { tryMutations, type Verdict } from "../test-qemu/mutants.ts";
import { isArch } from "./architecture.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";

/**
 * `make mutate-kernel`: takes the kernel's rules away one at a time (test/mutations/kernel.ts) and says who notices.
 * Exits 1 when nobody does. `ONLY=I12` tries those whose invariant or name matches.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { arch: { type: "string", default: "" }, only: { type: "string", default: "" } },
  });
  if (!isArch(values.arch)) throw new Failure(`there is no architecture ${values.arch}`, EXIT_USAGE);
  const verdicts = await tryMutations(values.arch, new RegExp(values.only), (verdict) => console.log(line(verdict)));
  const survivors = verdicts.filter(({ foundBy }) => foundBy === null);
  console.log(`\n${verdicts.map(line).join("\n")}\n`);
  console.log(`${values.arch}: ${verdicts.length} mutations, ${verdicts.length - survivors.length} found`);
  return survivors.length === 0 ? 0 : 1;
}

function line({ mutation, foundBy }: Verdict): string {
  return `${mutation.invariant.padEnd(6)} ${mutation.name.padEnd(60)} ${foundBy ?? "NOBODY"}`;
}

await runScript(main);
