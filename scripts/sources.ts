import { readdirSync } from "node:fs";
import { join } from "node:path";

/** What programs are made from. Tests are no part of it. */
const SOURCE_FILE = /(?<!\.test)\.(?:ts|mjs|c|h|S|asm|ld)$|^module\.json$/;

/** The source files below a folder, sorted. */
export function sourceFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && SOURCE_FILE.test(entry.name));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}
