import { readFileSync } from "node:fs";
import { runScript } from "./failure.ts";
import { decodeTrace } from "./traceLines.ts";

/** `make trace`: reads a console's output from standard input, and writes the trace in it as lines. */
async function main(): Promise<number> {
  for (const line of decodeTrace(readFileSync(0, "utf8"))) console.log(line);
  return 0;
}

await runScript(main);
