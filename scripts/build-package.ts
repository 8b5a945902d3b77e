import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageOf } from "../sdk/commands/pack.ts";
import { writeOutput } from "../sdk/tool/files.ts";
import { developmentKeys, keysIn, type SigningKeys } from "../sdk/tool/keys.ts";
import type { Arch } from "./architecture.ts";
import { type ArchiveFile, packArchive } from "./archive.ts";
import { buildCProgram, buildProgram, type ProgramSpec } from "./build-program.ts";
import { EXIT_USAGE, Failure } from "./failure.ts";
import { sourceFiles } from "./sources.ts";

/**
 * Packages as boot archives hold them: the payload stored, since the kernel unpacks nothing, signed with the keys of the
 * archive's own trust set.
 *
 *   main.ts ── build-program.ts ──▶ program.elf ─┐
 *   module.json ────────────────────────────────┴─▶ NAME-VERSION.sila ─┐
 *   keys/development, or another folder ─▶ trust ──────────────────────┴─▶ archive.cpio
 */

/** The trust set's name in an archive. */
const TRUST_FILE = "trust";

/** Those in a folder; without one the development keys, which are made at the first build. */
export function signingKeys(folder?: string): SigningKeys {
  if (folder === undefined) return developmentKeys();
  const keys = keysIn(folder);
  const missing = Object.values(keys).filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Failure(`there is no ${missing.join(", no ")}: see docs/sila.md`, EXIT_USAGE);
  return keys;
}

/** Of zstd, for modules of the repository. */
const MODULE_LEVEL = 19;

/** Packs a module for the boot repository: compressed, unlike what the kernel and init start. */
export async function packModule(
  folder: string,
  arch: Arch,
  elf: string,
  keys: SigningKeys = signingKeys(),
): Promise<ArchiveFile> {
  const { name, contents } = await packProgram(folder, arch, elf, keys, MODULE_LEVEL);
  return { name: `modules/${name}`, contents };
}

/**
 * Packs the program in `elf` with the `module.json` in `folder`, stored unless there is a `level`; answers the package. What
 * was made of the same before, which lies beside the program, is not signed again.
 */
export async function packProgram(
  folder: string,
  arch: Arch,
  elf: string,
  keys: SigningKeys = signingKeys(),
  level: number | null = null,
): Promise<ArchiveFile> {
  const { publisher: key, certificate, trust } = keys;
  const inputs = [
    elf,
    join(folder, "module.json"),
    key,
    certificate,
    trust,
    ...sourceFiles("sdk"),
    "package-lock.json",
  ];
  const hash = createHash("sha256").update(JSON.stringify([folder, arch, level]));
  for (const file of inputs) hash.update(`${file}\0`).update(readFileSync(file));
  const inputsKey = hash.digest("base64");
  const file = `${elf}.package`;
  const known = existsSync(file) ? readKnown(file) : null;
  if (known?.key === inputsKey) return known.made;
  const made = await packageOf(folder, arch, { elf, key, certificates: [certificate], trust, level });
  writeOutput(file, Buffer.concat([Buffer.from(`${inputsKey} ${made.name}\n`), made.bytes]));
  return { name: made.name, contents: made.bytes };
}

/** A line of the key and the name, then the package. */
function readKnown(file: string): { readonly key: string; readonly made: ArchiveFile } {
  const contents = readFileSync(file);
  const end = contents.indexOf("\n");
  const [key = "", name = ""] = contents.toString("latin1", 0, end).split(" ");
  return { key, made: { name, contents: contents.subarray(end + 1) } };
}

/** Writes an archive of these files and the keys' trust set; answers it. */
export function writeArchive(file: string, files: readonly ArchiveFile[], keys: SigningKeys = signingKeys()): string {
  const trust = { name: TRUST_FILE, contents: readFileSync(keys.trust) };
  mkdirSync(dirname(file), { recursive: true });
  writeOutput(file, packArchive([...files, trust]));
  return file;
}

/** What the first task is made from: its `module.json` lies beside `entry`. */
export interface FirstTaskSpec extends ProgramSpec {
  /** Further modules of the archive, such as what the program reads. */
  readonly modules?: readonly ArchiveFile[];
}

/** A boot archive whose first task is this program; answers the archive's file. */
export async function buildFirstTask({ modules = [], ...spec }: FirstTaskSpec): Promise<string> {
  const elf = await buildProgram(spec);
  const own = await packProgram(dirname(spec.entry), spec.arch, elf);
  return writeArchive(join(spec.out, "archive.cpio"), [own, ...modules]);
}

/** The same of a program in freestanding C. */
export async function buildCFirstTask(arch: Arch, source: string, out: string): Promise<string> {
  const own = await packProgram(dirname(source), arch, await buildCProgram(arch, source, out));
  return writeArchive(join(out, "archive.cpio"), [own]);
}
