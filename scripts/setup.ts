import { parseArgs } from "node:util";
import { runScript } from "./failure.ts";
import { provideSystem } from "./system.ts";

/** `make setup`: installs what the system lacks, or says how (scripts/system.ts); `--iso` what an ISO needs besides. */

async function main(): Promise<number> {
  const { iso } = parseArgs({ options: { iso: { type: "boolean", default: false } } }).values;
  await provideSystem(".", iso ? "iso" : "build");
  return 0;
}

await runScript(main);
