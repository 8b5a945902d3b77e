import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { MACHINES } from "../format/types.ts";
import type { Command } from "../main.ts";
import type { Arguments } from "../tool/arguments.ts";
import { note } from "../tool/console.ts";
import { EXIT_BUILD, EXIT_REJECTED, Failure } from "../tool/failure.ts";
import { writeOutput } from "../tool/files.ts";
import { BOOT_REPOSITORY, ROOT_FOLDER } from "../tool/keys.ts";
import { outputFolder, readModule } from "../tool/module.ts";
import { addPackage } from "../tool/repository.ts";
import { machineOf } from "../tool/verdict.ts";
import { buildFolder } from "./build.ts";
import { packageOf } from "./pack.ts";

/** For how long a module runs that does not end, when nobody is at the console. */
const DEFAULT_SECONDS = 5;
const MOST_SECONDS = 3600;

export const run: Command = {
  summary: "builds, packs and boots a module in QEMU, and shows the console",
  help: `
  sila run [DIR] [--arch ${Object.keys(MACHINES).join("|")}] [--exec "COMMAND; …"] [--seconds N]
           [--repo DIR]

Puts the module into the boot repository, signed with the development keys, and boots an image that starts everything
in there. At a terminal the console is yours: leave QEMU with Ctrl-A, then X. Otherwise, and with --exec, it waits
until the module has ended, types the commands, and ends.

  DIR            the module's folder (default: .)
  --arch A       which machine (default: x86_64)
  --repo DIR     the repository (default: the boot image's)
  --exec "C; C"  commands for the console, separated by semicolons
  --seconds N    for a module that does not end: how long it runs before the commands (default: ${DEFAULT_SECONDS})

Exit status: 0 when the module ran and every command said OK, 1 when the kernel refused it, it faulted, or a command
failed, 2 when the kernel panicked.

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
    const { name } = readModule(folder);
    await buildFolder(folder, machine);
    // Init starts what is stored: nothing unpacks before there are processes.
    const own = await packageOf(folder, machine, { level: null });
    const file = join(outputFolder(folder, machine), "stored", own.name);
    writeOutput(file, own.bytes);
    const repository = resolve(given.text("repo") ?? BOOT_REPOSITORY);
    addPackage(repository, file);
    note(`booting ${name} on ${machine}`);
    const exec = commandsOf(given);
    const words = ["--arch", machine, "--repository", repository];
    return exec === null ? await interact(words) : await runCommands(words, name, exec, seconds);
  },
};

/** Null: the console is for whoever sits at the terminal. */
function commandsOf(given: Arguments): string | null {
  const exec = given.text("exec");
  const isAttended = process.stdin.isTTY === true && process.stdout.isTTY === true;
  return exec ?? (isAttended ? null : "");
}

const RUNNER = ["--import", "tsx", "scripts/boot.ts"];

async function interact(words: readonly string[]): Promise<number> {
  return await ended(spawn(process.execPath, [...RUNNER, ...words], { cwd: ROOT_FOLDER, stdio: "inherit" }));
}

async function runCommands(words: readonly string[], name: string, exec: string, seconds: number): Promise<number> {
  const more = ["--exec", exec, "--until", `init: ${name} has `, "--seconds", String(seconds)];
  const child = spawn(process.execPath, [...RUNNER, ...words, ...more], {
    cwd: ROOT_FOLDER,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let console = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    console += text;
    process.stdout.write(text);
  });
  const status = await ended(child);
  return status === 0 && hasFailed(console, name) ? EXIT_REJECTED : status;
}

/** What init says of a module that the kernel refuses, that finds no memory, or that has faulted (services/init). */
function hasFailed(console: string, name: string): boolean {
  const lines = console.split(/\r?\n/).filter((line) => line.includes(`init: ${name} `));
  return lines.some((line) => !line.includes(`init: ${name} has ended with 0`));
}

function ended(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Failure(`the machine cannot be started: ${error.message}`, EXIT_BUILD)));
    child.on("close", (code) => resolve(code ?? EXIT_BUILD));
  });
}
