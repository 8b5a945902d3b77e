import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { runScript } from "./failure.ts";
import { generate } from "./protocol/generate.ts";

/** `make protocol`. */
async function main(): Promise<number> {
  for (const [file, text] of await generate()) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(file);
  }
  return 0;
}

await runScript(main);
