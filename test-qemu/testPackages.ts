import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Arch } from "../scripts/architecture.ts";
import type { ArchiveFile } from "../scripts/archive.ts";
import { signingKeys } from "../scripts/build-package.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { readElf } from "../sdk/format/elf.ts";
import { type PackRequest, packModule } from "../sdk/format/pack.ts";
import { MACHINES } from "../sdk/format/types.ts";
import { readCertificateFile, readKey } from "../sdk/tool/keys.ts";
import { readModule } from "../sdk/tool/module.ts";
import { compress } from "../sdk/tool/zstd.ts";

/** Packages of test programs, signed with the development keys, under names of the test's choice. */

const PROGRAMS = "test-qemu/programs";

export interface TestPackage {
  readonly arch: Arch;
  /** With `main.ts` and `module.json`. */
  readonly folder: string;
  /** In place of what `module.json` says. */
  readonly manifest?: Partial<PackRequest["manifest"]>;
  /** Behind the program. */
  readonly tail?: Uint8Array;
}

/** A test program's ELF. */
export async function testProgram(arch: Arch, folder: string): Promise<string> {
  const out = `build/${arch}/test-${basename(folder)}`;
  return await buildProgram({ arch, entry: `${folder}/main.ts`, optimization: "O2", out });
}

/** A service's package for the boot archive, its payload stored. */
export async function testService(request: TestPackage): Promise<ArchiveFile> {
  return await pack(request, false);
}

/** A package of the repository, its payload compressed. */
export async function testModule(request: TestPackage): Promise<ArchiveFile> {
  const { name, contents } = await pack(request, true);
  return { name: `modules/${name}`, contents };
}

export function programFolder(name: string): string {
  return `${PROGRAMS}/${name}`;
}

async function pack(
  { arch, folder, manifest = {}, tail = new Uint8Array() }: TestPackage,
  isPacked: boolean,
): Promise<ArchiveFile> {
  const elf = readFileSync(await testProgram(arch, folder));
  const binary = Uint8Array.from(Buffer.concat([elf, tail]));
  const keys = signingKeys();
  const whole = { ...readModule(folder), ...manifest, machine: arch, entry: readElf(elf, MACHINES[arch]).entry };
  const contents = packModule({
    chain: [readCertificateFile(keys.certificate)],
    key: readKey(keys.publisher),
    manifest: whole,
    binary,
    packed: isPacked ? { method: "zstd", ...compress(binary, 3) } : { method: "stored", bytes: binary, windowBytes: 0 },
  });
  return { name: `${whole.name}-${whole.version}.sila`, contents };
}
