import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Hunt, hunt } from "../test/kernel/mutants.ts";
import { MUTATIONS } from "../test/mutations/kernel.ts";
import { isArch } from "./architecture.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";

/**
 * `make mutate-fuzz`: takes the kernel's rules away one at a time (test/mutations/kernel.ts), and gives the fuzzer
 * `--seconds` to notice. Exits 1 when it does not. `ONLY=I12` tries those whose invariant or name matches; the list goes
 * to build/mutate-fuzz.json. `--from 10` leaves the first ten out.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      arch: { type: "string", default: "x86_64" },
      only: { type: "string", default: "" },
      seconds: { type: "string", default: "600" },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
    },
  });
  const { arch } = values;
  if (!isArch(arch)) throw new Failure(`there is no architecture ${arch}`, EXIT_USAGE);
  const pattern = new RegExp(values.only);
  const hunts: Hunt[] = [];
  for (const mutation of MUTATIONS.filter(({ name, invariant }) => pattern.test(`${invariant} ${name}`)).slice(
    Number(values.from),
  )) {
    const result = await hunt(arch, mutation, Number(values.seconds), Number(values.seed));
    hunts.push(result);
    console.log(line(result));
    const rows = hunts.map(({ mutation: { name, invariant }, ...rest }) => ({ invariant, name, ...rest }));
    writeFileSync("build/mutate-fuzz.json", `${JSON.stringify({ arch, seed: Number(values.seed), rows }, null, 2)}\n`);
  }
  const found = hunts.filter(({ foundBy }) => foundBy !== null).length;
  console.log(`${arch}: ${hunts.length} mutations, ${found} found`);
  return found === hunts.length ? 0 : 1;
}

function line({ mutation, foundBy, seconds }: Hunt): string {
  return `${mutation.invariant.padEnd(4)} ${mutation.name.padEnd(58)} ${String(seconds).padStart(4)} s  ${foundBy ?? "NOT FOUND"}`;
}

await runScript(main);
