import { runScript } from "./failure.ts";
import { provideSystem } from "./system.ts";

/** `make setup`: installs what the system lacks, or says how (scripts/system.ts). */

async function main(): Promise<number> {
  await provideSystem(".");
  return 0;
}

await runScript(main);
