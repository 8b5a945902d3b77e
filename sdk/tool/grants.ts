import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Wanted } from "../format/types.ts";
import { inManifestOrder } from "../format/verify.ts";
import { EXIT_DATA, Failure } from "./failure.ts";
import { writeOutput } from "./files.ts";

/** `grants.ts` beside a module's `main.ts`: the slots in which it finds what its manifest wants, by name. */

const FILE = "grants.ts";

export function grantsText(wanted: Readonly<Record<string, Wanted>>): string {
  const names = inManifestOrder(Object.keys(wanted));
  const lines = names.map((name, i) => {
    const slot = i === 0 ? "SLOT_FIRST_GRANT" : `SLOT_FIRST_GRANT + ${i}`;
    const note = wanted[name]?.required === true ? "" : "/** May be empty. */\n";
    return `${note}export const ${constantOf(name)} = ${slot};\n`;
  });
  const head = "/** Where this module finds what its manifest wants. Written by `sila build` from module.json. */\n";
  if (lines.length === 0) return `${head}\nexport {};\n`;
  return `import { SLOT_FIRST_GRANT } from "@kernel/object/processSlots";\n\n${head}\n${lines.join("")}`;
}

/** Writes it unless it says this already. */
export function writeGrants(folder: string, wanted: Readonly<Record<string, Wanted>>): void {
  const double = Object.keys(wanted).find((name, i, names) => names.map(constantOf).indexOf(constantOf(name)) !== i);
  if (double !== undefined) {
    throw new Failure(
      `${join(folder, "module.json")}: capabilities.${double}: another one is called ${constantOf(double)} in ${FILE}, too`,
      EXIT_DATA,
    );
  }
  const file = join(folder, FILE);
  const text = grantsText(wanted);
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeOutput(file, text);
}

/** `clock.fine` is CLOCK_FINE. */
function constantOf(name: string): string {
  const word = name.toUpperCase().replace(/[^A-Z0-9]/g, "_");
  return /^\d/.test(word) ? `_${word}` : word;
}
