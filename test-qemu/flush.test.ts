import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { $ } from "zx";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { boundToThisProcess, emulatorCommand, PROMPT } from "../scripts/machine.ts";

/**
 * The console's last bytes, when the other end of the wire is slow: the console is a pipe that this file fills
 * beforehand, so that the machine comes to its end with a byte that the port cannot send yet.
 */

/** Between two looks at a pipe that was empty. */
const LOOK_MS = 20;
/** What the machine may take to come to its end. Shorter only hides a loss. */
const END_MS = 2_000;
/** What it may take once the pipe is read again. */
const LAST_MS = 10_000;

class Pipe {
  /** The emulator's end: a file of its own, because the emulator changes how it blocks. */
  readonly input: number;
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.input = openSync(path, constants.O_WRONLY);
  }

  close(): void {
    closeSync(this.#fd);
    closeSync(this.input);
  }

  /** What is in it now. */
  read(): string {
    const buffer = Buffer.alloc(1 << 16);
    let text = "";
    for (;;) {
      const count = whileReady(() => readSync(this.#fd, buffer));
      if (count === null) return text;
      text += buffer.toString("latin1", 0, count);
    }
  }

  /** Up to `size` bytes into it; answers how many it took. */
  fill(size: number): number {
    const count = whileReady(() => writeSync(this.#fd, Buffer.alloc(size, "x")));
    return count ?? 0;
  }
}

/** Null when the pipe is empty, or full. */
function whileReady(action: () => number): number | null {
  try {
    return action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return null;
    throw error;
  }
}

async function makePipe(): Promise<Pipe> {
  const folder = mkdtempSync(join(tmpdir(), "console-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "pipe");
  await $`mkfifo ${path}`;
  const pipe = new Pipe(path);
  onTestFinished(() => pipe.close());
  return pipe;
}

/** What the console shows after `command` was typed at the prompt, when the pipe has room for `room` bytes of it. */
async function lastWords(arch: Arch, command: string, room: number): Promise<string> {
  const pipe = await makePipe();
  const capacity = pipe.fill(1 << 22);
  pipe.read();
  const options = { arch, folder: await buildImage({ arch, flavour: "debug" }) };
  const [file, argv] = boundToThisProcess([...emulatorCommand(options, ["exit=emulator"]), "-serial", "stdio"]);
  const emulator = spawn(file, argv, { stdio: ["pipe", pipe.input, "inherit"] });
  onTestFinished(() => void emulator.kill("SIGKILL"));
  const end = once(emulator, "close");
  for (let text = ""; !text.includes(PROMPT); text += pipe.read()) await setTimeout(LOOK_MS);
  const filled = pipe.fill(Math.max(capacity - room, 0));
  emulator.stdin?.write(`${command}\r`);
  await Promise.race([end, setTimeout(END_MS)]);
  let text = "";
  for (const until = Date.now() + LAST_MS; emulator.exitCode === null && Date.now() < until; ) {
    text += pipe.read();
    await setTimeout(LOOK_MS);
  }
  return (text + pipe.read()).slice(filled);
}

/** Registers differ from run to run, but not in width. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/[0-9a-f]/g, "0");
}

describe.each(ARCHES)("%s", (arch) => {
  test("poweroff loses nothing on a slow wire", async () => {
    const whole = await lastWords(arch, "poweroff", Number.POSITIVE_INFINITY);
    expect(whole).toMatch(/\n$/);
    for (const missing of [1, 2]) {
      const slow = await lastWords(arch, "poweroff", whole.length - missing);
      expect(withoutNumbers(slow)).toBe(withoutNumbers(whole));
    }
  });
});
