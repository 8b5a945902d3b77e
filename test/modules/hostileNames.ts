import { readFileSync } from "node:fs";

/** What modules/hostile tries, by the names in its tables. */

function namesIn(file: string): string[] {
  const rows = readFileSync(`modules/hostile/${file}`, "utf8").matchAll(/^ {2}\{ name: "(.*?)", run: \w+ \},$/gm);
  return [...rows].map(([, name = ""]) => name);
}

export const KERNEL_ATTEMPTS = namesIn("kernelAttempts.ts");
export const SERVICE_ATTEMPTS = namesIn("serviceAttempts.ts");
export const DEEDS = namesIn("faults.ts");
