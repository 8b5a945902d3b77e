import { verifyPackage } from "../format/verify.ts";
import type { Command } from "../main.ts";
import type { Arguments } from "../tool/arguments.ts";
import { bad, good, print, working } from "../tool/console.ts";
import { EXIT_DATA, EXIT_REJECTED, Failure, usage } from "../tool/failure.ts";
import { BOOT_REPOSITORY, developmentKeys } from "../tool/keys.ts";
import { addPackage, type Entry, listEntries, removePackages } from "../tool/repository.ts";
import { explain } from "../tool/verdict.ts";
import { decompress } from "../tool/zstd.ts";
import { trustOf } from "./pack.ts";

export const repo: Command = {
  summary: "adds, lists, removes and verifies packages of a repository",
  help: `
  sila repo add FILE… [--repo DIR]
  sila repo list [--repo DIR] [--json]
  sila repo remove NAME [VERSION] [--repo DIR]
  sila repo verify [--repo DIR] [--trust FILE]

  --repo DIR     the repository (default: the boot image's)
  --trust FILE   the trust set (default: the development one)

Examples:
  sila repo add build/x86_64/hello-0.1.0.sila
  sila repo list
  sila repo remove hello 0.1.0
`,
  options: { repo: "string", json: "flag", trust: "string" },
  mostArguments: Number.POSITIVE_INFINITY,
  async run(given) {
    const folder = given.text("repo") ?? BOOT_REPOSITORY;
    const action = given.at(0, "add, list, remove or verify");
    return await act(action, folder, given);
  },
};

async function act(action: string, folder: string, given: Arguments): Promise<number> {
  switch (action) {
    case "add":
      given.at(1, "FILE");
      for (const file of given.positionals.slice(1)) print(addPackage(folder, file));
      return 0;
    case "list":
      return list(listEntries(folder), given.flag("json"));
    case "remove":
      return remove(folder, given.at(1, "NAME"), given.positionals[2]);
    case "verify":
      return await verifyAll(listEntries(folder), given.text("trust") ?? developmentKeys().trust);
    default:
      throw usage(`${action}: add, list, remove or verify`);
  }
}

const titleOf = ({ manifest }: Entry): string => `${manifest.name} ${manifest.version} ${manifest.machine}`;

function list(entries: readonly Entry[], isJson: boolean): number {
  for (const entry of entries) {
    const { manifest, digest, bytes } = entry;
    const { name, version, machine } = manifest;
    if (isJson) print(JSON.stringify({ name, version, machine, bytes: bytes.length, digest }));
    else print(`${titleOf(entry)}  ${bytes.length} bytes  ${digest.slice(0, 16)}…`);
  }
  return 0;
}

function remove(folder: string, name: string, version: string | undefined): number {
  const count = removePackages(folder, name, version);
  if (count === 0) {
    throw new Failure(
      `${folder} has no ${name}${version === undefined ? "" : ` ${version}`}. sila repo list`,
      EXIT_DATA,
    );
  }
  print(`${count} removed`);
  return 0;
}

async function verifyAll(entries: readonly Entry[], trustFile: string): Promise<number> {
  const trust = trustOf(trustFile);
  let status = 0;
  for (const entry of entries) {
    const { verdict } = await working(titleOf(entry), () => verifyPackage(entry.bytes, trust, decompress));
    const isAccepted = verdict.fault === "None";
    if (!isAccepted) status = EXIT_REJECTED;
    const answer = isAccepted
      ? good("accepted")
      : bad(`${verdict.status}: ${verdict.fault}. ${explain(verdict.fault)}`);
    print(`${titleOf(entry)}: ${answer}`);
  }
  return status;
}
