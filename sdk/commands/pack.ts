import { join } from "node:path";
import { readElf } from "../format/elf.ts";
import { FaultError, type Verdict } from "../format/faults.ts";
import { packModule } from "../format/pack.ts";
import { MACHINES, type Machine } from "../format/types.ts";
import { readTrust, type Trust, verifyPackage } from "../format/verify.ts";
import type { Command } from "../main.ts";
import { print, working } from "../tool/console.ts";
import { EXIT_DATA, EXIT_REJECTED, Failure } from "../tool/failure.ts";
import { readInput, writeOutput } from "../tool/files.ts";
import { developmentKeys, readCertificateFile, readKey } from "../tool/keys.ts";
import { outputFolder, readModule } from "../tool/module.ts";
import { explain, machineOf } from "../tool/verdict.ts";
import { compress, decompress } from "../tool/zstd.ts";

const DEFAULT_LEVEL = 19;
const MOST_LEVEL = 22;

export const pack: Command = {
  summary: "signs a program and its manifest, and packs both into NAME-VERSION.sila",
  help: `
  sila pack [DIR] [--arch x86_64|aarch64] [--elf FILE] [--out FILE] [--stored | --level N]
            [--key FILE --cert FILE… --trust FILE]

  DIR             the module's folder, with module.json (default: .)
  --arch A        whose program build/M/program.elf is packed (default: x86_64)
  --elf FILE      another program
  --key, --cert   the publisher's secret key and certificate; two certificates for a chain, the publisher's own
                  last (default: the development keys)
  --trust FILE    the trust set that the package is checked against before it is written
  --stored        not compressed; --level N: zstd's level (default: ${DEFAULT_LEVEL})

Examples:
  sila pack
  sila pack hello --arch aarch64 --key example.key --cert example.cert --trust skyscope.trust
`,
  options: {
    arch: "string",
    elf: "string",
    out: "string",
    key: "string",
    cert: "list",
    trust: "string",
    stored: "flag",
    level: "string",
  },
  mostArguments: 1,
  async run(given) {
    const folder = given.positionals[0] ?? ".";
    const machine = machineOf(given.text("arch") ?? "x86_64");
    const out = await packFolder(folder, machine, {
      elf: given.text("elf"),
      out: given.text("out"),
      key: given.text("key"),
      certificates: given.list("cert"),
      trust: given.text("trust"),
      level: given.flag("stored") ? null : given.number("level", 1, MOST_LEVEL, DEFAULT_LEVEL),
    });
    print(out);
    return 0;
  },
};

export interface PackOptions {
  readonly elf?: string | undefined;
  readonly out?: string | undefined;
  readonly key?: string | undefined;
  readonly certificates?: readonly string[];
  readonly trust?: string | undefined;
  /** Of zstd; null for a stored payload. */
  readonly level?: number | null;
}

/** Packs the module in a folder; answers the package's file. */
export async function packFolder(folder: string, machine: Machine, options: PackOptions = {}): Promise<string> {
  const { name, bytes } = await packageOf(folder, machine, options);
  const out = options.out ?? join(outputFolder(folder, machine), name);
  writeOutput(out, bytes);
  return out;
}

/** The package of the module in a folder, and its file's name. */
export async function packageOf(
  folder: string,
  machine: Machine,
  options: PackOptions = {},
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const description = readModule(folder);
  const elf = options.elf ?? join(outputFolder(folder, machine), "program.elf");
  const binary = readInput(elf, `Run sila build ${folder} --arch ${machine} first.`);
  const entry = entryOf(elf, binary, machine);
  const development = options.key === undefined ? developmentKeys() : null;
  const certificates = options.certificates ?? [];
  const files = certificates.length > 0 || development === null ? certificates : [development.certificate];
  if (files.length === 0) throw new Failure("--cert is missing: the certificate that belongs to --key", EXIT_DATA);
  const key = readKey(options.key ?? (development?.publisher as string));
  const level = options.level === undefined ? DEFAULT_LEVEL : options.level;
  const bytes = await working("packing", () =>
    packModule({
      chain: files.map(readCertificateFile),
      key,
      manifest: { ...description, machine, entry },
      binary,
      packed:
        level === null
          ? { method: "stored", bytes: binary, windowBytes: 0 }
          : { method: "zstd", ...compress(binary, level) },
    }),
  );
  const trust = options.trust ?? development?.trust;
  if (trust !== undefined) await refuseUnsound(bytes, trust);
  return { name: `${description.name}-${description.version}.sila`, bytes };
}

function entryOf(file: string, binary: Uint8Array, machine: Machine): bigint {
  try {
    return readElf(binary, MACHINES[machine]).entry;
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new Failure(`${file}: ${error.message}. ${explain(error.fault)}`, EXIT_DATA);
  }
}

/** What a target would reject is not written. */
async function refuseUnsound(bytes: Uint8Array, file: string): Promise<void> {
  const trust = trustOf(file);
  const { verdict } = await working("verifying", () => verifyPackage(bytes, trust, decompress));
  if (verdict.fault !== "None") throw new Failure(describeVerdict(verdict, file), EXIT_REJECTED);
}

function describeVerdict({ status, fault, part, at }: Verdict, trust: string): string {
  return `by ${trust} the package would be rejected: ${status}, ${fault} in ${part} at byte ${at}. ${explain(fault)}`;
}

/** A trust set that is taken as a boot image's. */
export function trustOf(file: string): Trust {
  const { verdict, trust } = readTrust(readInput(file, "sila certify trust makes trust sets."));
  if (trust === null) {
    const { fault, at } = verdict;
    throw new Failure(`${file}: ${fault} at byte ${at}. ${explain(fault)}`, EXIT_DATA);
  }
  return trust;
}
