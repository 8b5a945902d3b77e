import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { ROOT_FOLDER } from "../../scripts/root.ts";
import { MACHINES } from "../format/types.ts";
import type { Command } from "../main.ts";
import type { Arguments } from "../tool/arguments.ts";
import { note } from "../tool/console.ts";
import { EXIT_BUILD, Failure } from "../tool/failure.ts";
import { BOOT_REPOSITORY } from "../tool/keys.ts";
import { readModule } from "../tool/module.ts";
import { addPackage } from "../tool/repository.ts";
import { machineOf } from "../tool/verdict.ts";
import { buildFolder } from "./build.ts";
import { packFolder } from "./pack.ts";

/** For how long a module runs that does not end, when nobody is at the console. */
const DEFAULT_SECONDS = 5;
const MOST_SECONDS = 3600;

export const run: Command = {
  summary: "builds, packs and boots a module in QEMU, and shows the console",
  help: `
  sila run [DIR] [--arch ${Object.keys(MACHINES).join("|")}] [--exec "COMMAND; …"] [--seconds N]
           [--repo DIR]

Puts the module into the boot repository, signed with the development keys, boots an image with this repository, and
loads the module. At a terminal the console is yours then: leave QEMU with Ctrl-A, then X. Otherwise, and with --exec,
it waits until the module has ended, types the commands, and ends.

  DIR            the module's folder (default: .)
  --arch A       which machine (default: x86_64)
  --repo DIR     the repository (default: the boot image's)
  --exec "C; C"  commands for the console, separated by semicolons
  --seconds N    for a module that does not end: how long it runs before the commands (default: ${DEFAULT_SECONDS})

Exit status: 0 when the module ran and every command said OK, 1 when it was refused, faulted or exited with another
code than 0, or a command failed, 2 when the kernel panicked.

Examples:
  sila run
  sila run hello --arch aarch64
  sila run --exec "mem; log"
`,
  options: { arch: "string", exec: "string", seconds: "string", repo: "string" },
  mostArguments: 1,
  async run(given) {
    const folder = given.positionals[0] ?? ".";
    const machine = machineOf(given.text("arch") ?? "x86_64");
    const seconds = given.number("seconds", 0, MOST_SECONDS, DEFAULT_SECONDS);
    const { name, version } = readModule(folder);
    await buildFolder(folder, machine);
    const repository = resolve(given.text("repo") ?? BOOT_REPOSITORY);
    addPackage(repository, await packFolder(folder, machine));
    note(`booting ${name} on ${machine}`);
    const exec = commandsOf(given);
    const words = [
      ...["--import", "tsx", "scripts/boot.ts", "--arch", machine, "--repository", repository],
      ...["--load", `${name} ${version}`, "--seconds", String(seconds)],
      ...(exec === null ? [] : ["--exec", exec]),
    ];
    return await ended(spawn(process.execPath, words, { cwd: ROOT_FOLDER, stdio: "inherit" }));
  },
};

/** Null: the console is for whoever sits at the terminal. */
function commandsOf(given: Arguments): string | null {
  const exec = given.text("exec");
  const isAttended = process.stdin.isTTY === true && process.stdout.isTTY === true;
  return exec ?? (isAttended ? null : "");
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Failure(`the machine cannot be started: ${error.message}`, EXIT_BUILD)));
    child.on("close", (code) => resolve(code ?? EXIT_BUILD));
  });
}
