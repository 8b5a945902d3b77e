import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeOutput } from "../sdk/tool/files.ts";
import { listEntries } from "../sdk/tool/repository.ts";
import { whyNoKvm } from "./accelerator.ts";
import { ARCHES, type Arch, isArch } from "./architecture.ts";
import { packArchive, readArchive } from "./archive.ts";
import { buildImage } from "./build.ts";
import { EXIT_UNAVAILABLE, EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { BOOT_ARCHIVE, COMPILERS, FLAVOURS, isCompiler, isFlavour } from "./image.ts";
import { type Loading, loadModule } from "./loadModule.ts";
import {
  type BatchOptions,
  boundToThisProcess,
  type Exit,
  emulatorCommand,
  Machine,
  MachineGone,
  PROMPT,
} from "./machine.ts";

/** The runner: boots the kernel in QEMU, types commands at its console, and tells by its exit status how they went. */

const HELP = `npm run -s boot -- [options]

Boots the kernel in QEMU. With --exec it types the commands at the console, prints the console, and ends:
  0  every command said OK        2  the kernel panicked, or the machine ended without a word
  1  a command failed             3  out of time
 64  bad options                 69  QEMU or KVM cannot be had       70  the build failed
Without --exec and --selftest the console is yours (leave QEMU with Ctrl-A, then X).

  --arch A        ${ARCHES.join(" or ")} (default x86_64)
  --exec "C; C"   commands, separated by semicolons
  --cpu C         QEMU's CPU (default max)
  --machine M     QEMU's machine (default q35; virt,gic-version=3)
  --accel A       tcg (default) or kvm
  --icount        count time in instructions: one a nanosecond, repeatable
  --timeout S     seconds for the whole run (default 60 with --exec, 0 is none)
  --memory M      QEMU's memory size (default 128M)
  --gdb           wait for a debugger on port 1234 before the first instruction
  --flavour F     ${FLAVOURS.join(", ")} (default debug)
  --compiler C    what compiles the kernel: c (default), or porffor by Wasm and wasm2c
  --selftest K    let the kernel break before anything else: panic, or fault:KIND (debug and bench)
  --repository D  the packages of this folder are in the repository, too
  --load "N V"    load version V of module N, and wait for its end before the commands
  --seconds S     and no longer than this (default 10)
  --append W      further words for the kernel's command line, such as loglevel=debug
  --help          this text`;

const DEFAULT_TIMEOUT_SECONDS = 60;
/** Characters in which the prompt is looked for. */
const KEPT_OUTPUT = 4096;
/** Of a package's digest, for its file in the archive. */
const SHOWN_DIGITS = 16;
const GDB_SERVER = "tcp::1234";

interface Request extends BatchOptions {
  /** Null: the console belongs to the terminal. */
  readonly commands: readonly string[] | null;
  /** What comes before them. */
  readonly loading: Loading | null;
}

async function main(): Promise<number> {
  const request = await parse(process.argv.slice(2));
  if (request === null) {
    console.log(HELP);
    return 0;
  }
  return request.commands === null ? await interact(request) : await runCommands(request, request.commands);
}

function readOptions(argv: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        arch: { ...text, default: "x86_64" },
        flavour: { ...text, default: "debug" },
        accel: { ...text, default: "tcg" },
        seconds: { ...text, default: "10" },
        compiler: { ...text, default: "c" },
        ...{
          exec: text,
          selftest: text,
          repository: text,
          load: text,
          cpu: text,
          machine: text,
          memory: text,
          timeout: text,
          append: text,
        },
        ...{ icount: flag, gdb: flag, help: flag },
      },
    }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

async function parse(argv: readonly string[]): Promise<Request | null> {
  const options = readOptions(argv);
  if (options.help) return null;
  const { arch, flavour, compiler, accel, icount, exec, selftest } = options;
  if (!isArch(arch)) throw usage(`there is no architecture ${arch}; there are ${ARCHES.join(", ")}`);
  if (!isFlavour(flavour)) throw usage(`there is no flavour ${flavour}; there are ${FLAVOURS.join(", ")}`);
  if (!isCompiler(compiler)) throw usage(`there is no compiler ${compiler}; there are ${COMPILERS.join(", ")}`);
  if (accel !== "tcg" && accel !== "kvm") throw usage(`there is no accelerator ${accel}; there are tcg, kvm`);
  if (accel === "kvm" && icount) throw usage("--icount needs --accel tcg: KVM does not count instructions");
  const seconds = Number(options.seconds);
  if (!(seconds >= 0)) throw usage(`--seconds takes a number of seconds, not ${options.seconds}`);
  const most = DEFAULT_TIMEOUT_SECONDS + (options.load === undefined ? 0 : seconds);
  const timeoutSeconds = Number(options.timeout ?? (options.gdb ? 0 : most));
  if (!(timeoutSeconds >= 0)) throw usage(`--timeout takes a number of seconds, not ${options.timeout}`);
  const obstacle = accel === "kvm" ? whyNoKvm(arch) : null;
  if (obstacle !== null) throw new Failure(`no KVM: ${obstacle}`, EXIT_UNAVAILABLE);
  const commands = exec === undefined && selftest === undefined ? null : splitCommands(exec ?? "");
  const folder = await buildImage({ arch, flavour, compiler });
  const words = selftest === undefined ? [] : [`selftest=${selftest}`];
  return {
    ...{ arch, icount, commands, timeoutSeconds },
    ...{ machine: options.machine, cpu: options.cpu, memory: options.memory },
    accelerator: accel,
    folder,
    initrd: options.repository === undefined ? undefined : archiveWith(folder, arch, options.repository),
    loading: options.load === undefined ? null : { module: options.load, seconds },
    words: options.append === undefined ? words : [...words, options.append],
    debugServer: options.gdb ? GDB_SERVER : undefined,
    onOutput: (text) => process.stdout.write(text),
  };
}

function usage(message: string): Failure {
  return new Failure(`${message}\nnpm run -s boot -- --help lists the options`, EXIT_USAGE);
}

function splitCommands(list: string): string[] {
  const commands = list.split(";").map((command) => command.trim());
  return commands.filter((command) => command !== "");
}

/** The image's boot archive with the packages of a repository behind its own. */
function archiveWith(folder: string, arch: Arch, repository: string): string {
  const own = readArchive(readFileSync(join(folder, BOOT_ARCHIVE)));
  const packages = listEntries(repository)
    .filter(({ manifest }) => manifest.machine === arch)
    .map(({ digest, bytes }) => ({ name: `modules/${digest.slice(0, SHOWN_DIGITS)}.sila`, contents: bytes }));
  const file = join(folder, `repository-${process.pid}.cpio`);
  writeOutput(file, packArchive([...own, ...packages]));
  process.on("exit", () => rmSync(file, { force: true }));
  return file;
}

async function runCommands(request: Request, commands: readonly string[]): Promise<number> {
  const machine = new Machine(request);
  let hasFailed = false;
  let last = "";
  try {
    await machine.prompt();
    if (request.loading !== null && !(await loadModule(machine, request.loading))) hasFailed = true;
    for (last of [...commands, "poweroff"]) {
      const result = await machine.run(last);
      if (result.kind === "failed") hasFailed = true;
      if (result.kind === "exited") break;
    }
  } catch (error) {
    if (!(error instanceof MachineGone)) throw error;
  }
  await machine.stop();
  return statusOf(await machine.exited, machine, hasFailed, last === "reboot");
}

function statusOf(exit: Exit, machine: Machine, hasFailed: boolean, isReset: boolean): number {
  if (exit.isTimeout) {
    console.error("\nout of time");
    return 3;
  }
  if (machine.output === "" && exit.errors !== "") throw new Failure(exit.errors.trimEnd(), EXIT_UNAVAILABLE);
  process.stderr.write(exit.errors);
  if (exit.status === 0 || (isReset && exit.status === null)) return hasFailed ? 1 : 0;
  if (exit.status === null) console.error("\nthe machine ended without the kernel's word");
  return exit.status === 1 ? 1 : 2;
}

/** The console is the terminal's, and so is QEMU's own monitor (Ctrl-A, then C). */
async function interact(request: Request): Promise<number> {
  console.log(`To leave QEMU press Ctrl-A, then X. The console's help lists the commands.`);
  if (request.debugServer !== undefined) console.log(`Waiting for a debugger: make gdb ARCH=${request.arch}`);
  const [file, argv] = boundToThisProcess([...emulatorCommand(request, []), "-serial", "mon:stdio"]);
  if (request.loading !== null) return await interactAfter(file, argv, `load ${request.loading.module}\r`);
  const child = spawn(file, argv, { stdio: "inherit" });
  return await ended(child);
}

/** The same, with `typed` at the first prompt. The terminal is raw from the beginning: the console asks what it is. */
async function interactAfter(file: string, argv: readonly string[], typed: string): Promise<number> {
  const child = spawn(file, argv, { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  let hasTyped = false;
  // Typing into a machine that has just ended is no error.
  child.stdin.on("error", () => {});
  process.stdin.setRawMode?.(true);
  process.stdin.pipe(child.stdin);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    process.stdout.write(text);
    output = (output + text).slice(-KEPT_OUTPUT);
    if (hasTyped || !output.includes(PROMPT)) return;
    hasTyped = true;
    child.stdin.write(typed);
  });
  try {
    return await ended(child);
  } finally {
    process.stdin.setRawMode?.(false);
    process.stdin.unpipe(child.stdin).pause();
  }
}

async function ended(child: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Failure(`cannot start QEMU: ${error.message}`, EXIT_UNAVAILABLE)));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

await runScript(main);
