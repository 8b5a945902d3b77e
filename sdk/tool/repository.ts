import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { decodeContainer, decodeManifest } from "../format/decode.ts";
import { FaultError } from "../format/faults.ts";
import { digest } from "../format/sign.ts";
import { decodeSign1 } from "../format/sign1.ts";
import type { Manifest } from "../format/types.ts";
import { EXIT_DATA, Failure } from "./failure.ts";
import { readInput, writeOutput } from "./files.ts";
import { explain } from "./verdict.ts";

/**
 * A repository is a folder of packages, each named by the SHA-512 of its bytes: a name tells whether the contents are
 * right. What is in it is read from the packages themselves; there is no list that could be wrong.
 */

const NAME = /^[0-9a-f]{128}\.sila$/;

export interface Entry {
  readonly file: string;
  /** Hexadecimal, of the whole package. */
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

export function manifestOf(bytes: Uint8Array): Manifest {
  return decodeManifest(decodeSign1(decodeContainer(bytes).manifest.bytes).payload ?? new Uint8Array());
}

/** The same of a file that may be anything. */
function manifestIn(file: string, bytes: Uint8Array): Manifest {
  try {
    return manifestOf(bytes);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new Failure(`${file}: ${error.message}: this is no package. ${explain(error.fault)}`, EXIT_DATA);
  }
}

const hexDigest = (bytes: Uint8Array): string => Buffer.from(digest(bytes)).toString("hex");

export function listEntries(folder: string): readonly Entry[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort();
  return files.map((name) => {
    const file = join(folder, name);
    const bytes = Uint8Array.from(readFileSync(file));
    const found = hexDigest(bytes);
    if (`${found}.sila` !== name) {
      throw new Failure(
        `${file}: its bytes are not those of its name. Remove it, and add the package again`,
        EXIT_DATA,
      );
    }
    return { file, digest: found, bytes, manifest: manifestIn(file, bytes) };
  });
}

/** Adds a package; one of the same name, version and machine makes room for it. Answers its file. */
export function addPackage(folder: string, source: string): string {
  const bytes = readInput(source, "sila pack makes packages.");
  const manifest = manifestIn(source, bytes);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${hexDigest(bytes)}.sila`);
  const replaced = listEntries(folder).filter((entry) => isSame(entry.manifest, manifest) && entry.file !== file);
  writeOutput(file, bytes);
  for (const entry of replaced) rmSync(entry.file);
  return file;
}

function isSame(a: Manifest, b: Manifest): boolean {
  return a.name === b.name && a.version === b.version && a.machine === b.machine;
}

/** Removes what is called `name`, of one version or of all; answers how many. */
export function removePackages(folder: string, name: string, version: string | undefined): number {
  const found = listEntries(folder).filter(
    ({ manifest }) => manifest.name === name && (version === undefined || manifest.version === version),
  );
  for (const { file } of found) rmSync(file);
  return found.length;
}
