import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Verdict } from "../format/faults.ts";
import type { Machine } from "../format/types.ts";
import { type Trust, verifyPackage, verifyRelease } from "../format/verify.ts";
import type { Command } from "../main.ts";
import { bad, good, print, working } from "../tool/console.ts";
import { EXIT_REJECTED } from "../tool/failure.ts";
import { readInput } from "../tool/files.ts";
import { developmentKeys } from "../tool/keys.ts";
import { explain, machineOf } from "../tool/verdict.ts";
import { decompress } from "../tool/zstd.ts";
import { trustOf } from "./pack.ts";

export const verify: Command = {
  summary: "judges packages as the target does, and signed files such as an ISO",
  help: `
  sila verify FILE… [--trust FILE] [--arch x86_64|aarch64] [--json]

  --trust FILE   the trust set (default: the development one)
  --arch A       as this machine would judge (default: the one that the package is for)
  --json         a line of JSON for each file

A file with its signature beside it (FILE.sig; an ISO has to have one) is judged by this: enough roots of the trust set
have signed its name, its length and its SHA-512.

Exit status: 0 when all are accepted, 1 when one is rejected.

Examples:
  sila verify build/x86_64/hello-0.1.0.sila
  sila verify --trust skyscope.trust --json *.sila
  sila verify --trust skyscope.trust skyscope-x86_64.iso
`,
  options: { trust: "string", arch: "string", json: "flag" },
  mostArguments: Number.POSITIVE_INFINITY,
  async run(given) {
    given.at(0, "FILE");
    const trust = trustOf(given.text("trust") ?? developmentKeys().trust);
    const text = given.text("arch");
    const machine = text === undefined ? undefined : machineOf(text);
    let status = 0;
    for (const file of given.positionals) {
      const verdict = await working(`verifying ${file}`, () => judge(file, trust, machine));
      const isAccepted = verdict.fault === "None";
      if (!isAccepted) status = EXIT_REJECTED;
      if (given.flag("json")) print(JSON.stringify({ file, ...verdict }));
      else if (isAccepted) print(`${file}: ${good("accepted")}`);
      else {
        const { fault, part, at } = verdict;
        print(`${file}: ${bad(verdict.status)}: ${fault} in ${part} at byte ${at}. ${explain(fault)}`);
      }
    }
    return status;
  },
};

function judge(file: string, trust: Trust, machine: Machine | undefined): Verdict {
  const bytes = readInput(file, "sila pack makes packages.");
  const signature = `${file}.sig`;
  if (!file.endsWith(".iso") && !existsSync(signature)) return verifyPackage(bytes, trust, decompress, machine).verdict;
  return verifyRelease(basename(file), bytes, readInput(signature, "sila certify release makes it."), trust);
}
