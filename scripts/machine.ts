import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { ARCHITECTURES, type Arch } from "./architecture.ts";
import { BOOT_ARCHIVE } from "./image.ts";

/**
 * A machine in QEMU with the kernel's serial console on a pipe.
 *
 *   start ──▶ running ──▶ exited          expect and run look only at what came after their last match
 *               │            ▲
 *               └── stop ────┘            QEMU never outlives this process, however that ends
 */

export const PROMPT = "skyscope> ";
export const DEFAULT_MEMORY = "128M";
const DEFAULT_TIMEOUT_SECONDS = 60;
/** Between asking QEMU to end and ending it: with `sleep=off` it may not listen. */
const GRACE_MS = 1_000;

/** What a machine's own firmware boots from: x86_64 has all of these, aarch64 no CD and no BIOS. */
export interface Disc {
  readonly file: string;
  readonly kind: "cd" | "usb" | "virtio";
  readonly firmware: "bios" | "uefi";
}

export interface MachineOptions {
  readonly arch: Arch;
  /** The folder of a built image. */
  readonly folder: string;
  readonly machine?: string | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly accelerator?: "tcg" | "kvm" | undefined;
  /** One virtual nanosecond an instruction; waiting takes no time. */
  readonly icount?: boolean | undefined;
  /** What is loaded beside the kernel instead of the image's own boot archive: the first user task's program, or an archive. */
  readonly initrd?: string | undefined;
  /** Boots from it, with the command line that its menu says, instead of from `folder`. */
  readonly disc?: Disc | undefined;
  /** A VGA card. */
  readonly hasScreen?: boolean | undefined;
  /** Where QEMU's monitor listens for QMP: the path of a socket. */
  readonly monitor?: string | undefined;
  /** Further words of the kernel's command line. */
  readonly words?: readonly string[] | undefined;
  /** Where QEMU's debug server listens (`tcp::1234`, `unix:PATH`); the machine then waits for a debugger. */
  readonly debugServer?: string | undefined;
}

export interface BatchOptions extends MachineOptions {
  /** For everything from power-on to power-off, in real time; 0 for no limit. */
  readonly timeoutSeconds?: number | undefined;
  readonly onOutput?: ((text: string) => void) | undefined;
  /** Whether power-off and panic end QEMU with a status (the default), or do what they do on a real machine. */
  readonly endsEmulator?: boolean | undefined;
  /** Whether there is a serial port, on which the console is (the default); without one there is nothing to expect. */
  readonly hasSerial?: boolean | undefined;
  /** Whether a reset starts the machine again instead of ending it. */
  readonly survivesReset?: boolean | undefined;
}

export interface Exit {
  /** What the kernel said; null when the machine ended without its word (a reset, a killed QEMU). */
  readonly status: number | null;
  readonly isTimeout: boolean;
  /** QEMU's own complaints. */
  readonly errors: string;
}

export type CommandResult =
  | { readonly kind: "ok"; readonly output: string }
  | { readonly kind: "failed"; readonly output: string; readonly reason: string }
  | { readonly kind: "exited"; readonly output: string; readonly exit: Exit };

interface Waiter {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (error: Error) => void;
}

export class MachineGone extends Error {
  readonly exit: Exit;

  constructor(exit: Exit, pattern: RegExp, output: string) {
    const why = exit.isTimeout ? "ran out of time" : `ended with status ${exit.status}`;
    super(`the machine ${why} before it printed ${pattern}\n${exit.errors}--- console ---\n${output}`);
    this.exit = exit;
  }
}

/** QEMU's command line up to the console, which differs between batch and interactive runs. */
export function emulatorCommand(options: MachineOptions, words: readonly string[]): string[] {
  const architecture = ARCHITECTURES[options.arch];
  const command = [
    architecture.emulator,
    ...["-machine", options.machine ?? architecture.machine],
    ...["-cpu", options.cpu ?? architecture.cpu],
    ...["-m", options.memory ?? DEFAULT_MEMORY],
    ...["-accel", options.accelerator ?? "tcg"],
    ...["-nodefaults", "-display", "none"],
    ...(options.disc === undefined ? kernelOptions(options, words) : discOptions(options.arch, options.disc)),
    ...architecture.exitOptions,
  ];
  if (options.hasScreen === true) command.push("-device", "VGA");
  if (options.monitor !== undefined) command.push("-qmp", `unix:${options.monitor},server=on,wait=off`);
  if (options.icount === true) command.push("-icount", "shift=0,sleep=off", "-rtc", "clock=vm");
  if (options.debugServer !== undefined) {
    const isSocket = options.debugServer.startsWith("unix:");
    command.push("-S", "-gdb", isSocket ? `${options.debugServer},server=on,wait=off` : options.debugServer);
  }
  return command;
}

function kernelOptions(options: MachineOptions, words: readonly string[]): string[] {
  return [
    ...["-kernel", `${options.folder}/${ARCHITECTURES[options.arch].bootFile}`],
    ...["-initrd", options.initrd ?? `${options.folder}/${BOOT_ARCHIVE}`],
    ...["-append", [...words, ...(options.words ?? [])].join(" ")],
  ];
}

const PORTS: Readonly<Record<Disc["kind"], readonly string[]>> = {
  cd: [],
  usb: ["-device", "qemu-xhci", "-device", "usb-storage,drive=disc"],
  virtio: ["-device", "virtio-blk-pci,drive=disc"],
};

function discOptions(arch: Arch, { file, kind, firmware }: Disc): string[] {
  const uefi = ["-drive", `if=pflash,format=raw,readonly=on,file=${ARCHITECTURES[arch].uefi}`];
  const disc = kind === "cd" ? ["-cdrom", file] : ["-drive", `if=none,id=disc,format=raw,readonly=on,file=${file}`];
  return [...(firmware === "uefi" ? uefi : []), ...disc, ...PORTS[kind]];
}

/** Starts `command` so that the system ends it when this process ends, even by SIGKILL. */
export function boundToThisProcess(command: readonly string[]): [string, string[]] {
  return ["setpriv", ["--pdeathsig", "KILL", "--", ...command]];
}

/**
 * By which the console asks for a terminal (services/console/terminal.ts). A pipe is none, and passes it on to nobody: a
 * terminal behind it would answer to whoever reads from it then.
 */
const QUESTION = "\x1b[c";

/** What QEMU says when the machine waits for input with `sleep=off`. */
const HARMLESS = /^\S+: warning: icount sleep disabled and no active timers\n/gm;

function literally(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
}

export class Machine {
  /** Resolves when QEMU has ended. */
  readonly exited: Promise<Exit>;
  /** The whole console so far, lines ended by `\n`. */
  output = "";
  readonly #arch: Arch;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #onOutput: (text: string) => void;
  readonly #deadline: NodeJS.Timeout | null;
  #cursor = 0;
  /** May be the beginning of QUESTION. */
  #held = "";
  #errors = "";
  #waiter: Waiter | null = null;
  #exit: Exit | null = null;
  #isTimeout = false;

  constructor(options: BatchOptions) {
    this.#arch = options.arch;
    this.#onOutput = options.onOutput ?? (() => {});
    const command = emulatorCommand(options, options.endsEmulator === false ? [] : ["exit=emulator"]);
    if (options.survivesReset !== true) command.push("-no-reboot");
    const [file, argv] = boundToThisProcess([...command, "-serial", options.hasSerial === false ? "none" : "stdio"]);
    this.#process = spawn(file, argv, { stdio: "pipe" });
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    // Typing into a machine that has just ended is no error: `exited` tells.
    this.#process.stdin.on("error", () => {});
    this.#process.on("error", (error) => {
      this.#errors += `${error.message}; make setup installs what is missing\n`;
    });
    this.exited = new Promise((resolve) => {
      this.#process.on("close", (code) => resolve(this.#end(code)));
    });
    const seconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    this.#deadline = seconds === 0 ? null : setTimeout(() => this.#onDeadline(), seconds * 1_000);
  }

  /** Waits until the console shows `pattern` after the last match; throws MachineGone when it never will. */
  expect(pattern: RegExp | string): Promise<RegExpExecArray> {
    if (this.#waiter !== null) throw new Error("the machine is already waited for");
    const expression = typeof pattern === "string" ? literally(pattern) : pattern;
    return new Promise((resolve, reject) => {
      this.#waiter = { pattern: expression, resolve, reject };
      this.#look();
    });
  }

  /** Types at the console as a person would. */
  type(text: string): void {
    this.#process.stdin.write(text);
  }

  /** Waits for the prompt that follows power-on. */
  async prompt(): Promise<void> {
    await this.expect(PROMPT);
  }

  /** Types a command at the prompt and waits for its end: the next prompt, or the end of the machine. */
  async run(command: string): Promise<CommandResult> {
    const start = this.#cursor;
    this.type(`${command}\r`);
    try {
      const match = await this.expect(/^(?:OK|FAILED: (.*))\nskyscope> /m);
      const output = this.output.slice(start + command.length + 1, this.#cursor - match[0].length);
      const reason = match[1];
      return reason === undefined ? { kind: "ok", output } : { kind: "failed", output, reason };
    } catch (error) {
      if (!(error instanceof MachineGone)) throw error;
      return { kind: "exited", output: this.output.slice(start + command.length + 1), exit: error.exit };
    }
  }

  /** Ends QEMU; harmless when it has ended. */
  async stop(): Promise<void> {
    if (this.#exit !== null) return;
    this.#process.kill("SIGTERM");
    const kill = setTimeout(() => this.#process.kill("SIGKILL"), GRACE_MS);
    await this.exited;
    clearTimeout(kill);
  }

  #take(text: string): void {
    const whole = (this.#held + text).replaceAll(QUESTION, "");
    this.#held = [QUESTION.slice(0, 2), QUESTION.slice(0, 1)].find((start) => whole.endsWith(start)) ?? "";
    const shown = whole.slice(0, whole.length - this.#held.length);
    this.#onOutput(shown);
    this.output += shown.replaceAll("\r", "");
    this.#look();
  }

  #look(): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    const match = waiter.pattern.exec(this.output.slice(this.#cursor));
    if (match !== null) {
      this.#waiter = null;
      this.#cursor += match.index + match[0].length;
      waiter.resolve(match);
    } else if (this.#exit !== null) {
      this.#waiter = null;
      waiter.reject(new MachineGone(this.#exit, waiter.pattern, this.output));
    }
  }

  #end(code: number | null): Exit {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    const hasSpoken = code !== null && !this.#isTimeout;
    const status = hasSpoken ? ARCHITECTURES[this.#arch].decodeExit(code) : null;
    this.#exit = { status, isTimeout: this.#isTimeout, errors: this.#errors.replace(HARMLESS, "") };
    this.#look();
    return this.#exit;
  }

  #onDeadline(): void {
    this.#isTimeout = true;
    void this.stop();
  }
}
