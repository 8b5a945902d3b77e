import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { EXIT_CANNOT_WRITE, EXIT_DATA, EXIT_NO_INPUT, Failure } from "./failure.ts";

/** Files as the commands read and write them: a file is there whole, or not at all. */

export function readInput(file: string, mend: string): Uint8Array {
  if (!existsSync(file)) throw new Failure(`${file}: there is no such file. ${mend}`, EXIT_NO_INPUT);
  try {
    return Uint8Array.from(readFileSync(file));
  } catch (error) {
    throw new Failure(`${file}: ${reasonOf(error)}. ${mend}`, EXIT_NO_INPUT);
  }
}

/** What the system says, without the name of its call. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EISDIR") return "it is a folder, and a file is needed";
  return code === "EACCES" ? "it cannot be read: permission denied" : message;
}

export function readJson(file: string, mend: string): unknown {
  const text = Buffer.from(readInput(file, mend)).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(`${file}: ${(error as Error).message}. ${mend}`, EXIT_DATA);
  }
}

export function writeOutput(file: string, bytes: Uint8Array | string, mode = 0o644): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    // The mode is that of a new file alone.
    rmSync(`${file}.new`, { force: true });
    writeFileSync(`${file}.new`, bytes, { mode });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new Failure(`${file} cannot be written: ${(error as Error).message}`, EXIT_CANNOT_WRITE);
  }
}
