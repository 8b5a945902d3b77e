import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isArch } from "./architecture.ts";
import { buildImage } from "./build.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { DEBUG_PORT, gdbCommand, isListening } from "./gdb.ts";
import { type ImageSpec, isFlavour, MODULES, programsOf, servicesOf } from "./image.ts";
import { boundToThisProcess, emulatorCommand } from "./machine.ts";

/**
 * `make gdb`: connects to the machine that `make qemu GDB=1` left waiting in another terminal; when none waits,
 * starts one whose console only prints, here. Stops at the kernel's first TypeScript line. `--task` names a service or a
 * module of the image whose lines and names gdb knows, too.
 */
async function main(): Promise<number> {
  const text = { type: "string", default: "" } as const;
  const { arch, flavour, task } = parseArgs({ options: { arch: text, flavour: text, task: text } }).values;
  if (!isArch(arch)) throw new Failure(`there is no architecture ${arch}`, EXIT_USAGE);
  if (!isFlavour(flavour)) throw new Failure(`there is no flavour ${flavour}`, EXIT_USAGE);
  const symbols = task === "" ? [] : [`add-symbol-file ${programOf({ arch, flavour }, task)}`];
  const folder = await buildImage({ arch, flavour });
  const server = `:${DEBUG_PORT}`;
  const own = isListening(DEBUG_PORT)
    ? null
    : startMachine(emulatorCommand({ arch, folder, debugServer: `tcp:${server}` }, []));
  // gdb takes Ctrl-C to stop the machine.
  process.on("SIGINT", () => {});
  const [file = "", ...argv] = gdbCommand(arch, folder, server, [...symbols, "tbreak kernelMain", "continue"]);
  const gdb = spawn(file, argv, { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve) => gdb.on("close", resolve));
  own?.kill("SIGKILL");
  return code ?? 1;
}

/** The program of a service or a module. */
function programOf(spec: ImageSpec, task: string): string {
  const services = servicesOf(spec.arch);
  const folder = [...services.map((name) => `services/${name}`), ...MODULES.map((name) => `modules/${name}`)].find(
    (each) => each.endsWith(`/${task}`),
  );
  if (folder === undefined) {
    throw new Failure(`there is no task ${task}: one of ${[...services, ...MODULES].join(", ")}`, EXIT_USAGE);
  }
  return join(programsOf(spec), folder, "program.elf");
}

/** In a session of its own, so that Ctrl-C reaches gdb alone. */
function startMachine(command: readonly string[]): ChildProcess {
  const [file, argv] = boundToThisProcess([...command, "-serial", "stdio"]);
  return spawn(file, argv, { stdio: ["ignore", "inherit", "inherit"], detached: true });
}

await runScript(main);
