import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** The golden files beside the checkout, where there are any. */

const FOLDER = path.resolve(import.meta.dirname, "../../shared/vectors");

export interface AcvpFile {
  readonly testGroups: readonly (Readonly<Record<string, unknown>> & {
    readonly tests: readonly Readonly<Record<string, unknown>>[];
  })[];
}

/** The ACVP file `name`, or null, which the test run then says. */
export function acvp(name: string): AcvpFile | null {
  const file = path.join(FOLDER, "acvp", `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as AcvpFile;
  console.log(`skipped: ${name}.json is not beside this checkout`);
  return null;
}

export function fromHex(text: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(String(text ?? ""), "hex"));
}
