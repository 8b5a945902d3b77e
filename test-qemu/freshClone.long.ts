import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { $ } from "zx";
import { ARCHES } from "../scripts/architecture.ts";

/** What a newcomer waits for, in a clone of the last commit. */

const BUILD_SECONDS = 60;
const INCREMENTAL_SECONDS = 5;
const AGAIN_SECONDS = 3;

let clone = "";

beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), "skyscope-clone-"));
  await $`git clone --quiet . ${clone}`;
});

afterAll(() => rmSync(clone, { recursive: true }));

/** Seconds from typing `make …` in the clone to the first output that matches. */
async function secondsTo(pattern: RegExp, ...words: string[]): Promise<number> {
  const { MAKEFLAGS: _flags, MAKELEVEL: _level, ...env } = process.env;
  const start = performance.now();
  const child = spawn("make", words, { cwd: clone, env, stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  let seconds = Number.NaN;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (!pattern.test(output) || !Number.isNaN(seconds)) return;
    seconds = (performance.now() - start) / 1_000;
    child.stdin.write("\x01x");
  });
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  return seconds;
}

/** The README's line, in a clone of its own: nothing is built or installed in it. */
test.each(ARCHES)("a new module says hello in one line on %s", async (arch) => {
  const own = mkdtempSync(join(tmpdir(), "skyscope-hello-"));
  onTestFinished(() => rmSync(own, { recursive: true }));
  await $`git clone --quiet . ${own}`;
  const line = `npm ci && npx --no-install sila init hello && cd hello && npx --no-install sila run --arch ${arch}`;
  expect(readFileSync("README.md", "utf8")).toContain(line.slice("npm ci && ".length, -` --arch ${arch}`.length));
  const { stdout } = await $({ cwd: own, stdio: ["ignore", "pipe", "inherit"] })`sh -c ${line}`;
  expect(stdout).toContain("hello from hello");
  expect(stdout).toMatch(/hello +0\.1\.0 +exited +0 code 0/);
});

describe.each(ARCHES)("%s", (arch) => {
  const target = `ARCH=${arch}`;

  test("the first make qemu reaches the prompt", async () => {
    expect(await secondsTo(/skyscope> /, "qemu", target)).toBeGreaterThan(0);
  });

  test(`the second starts QEMU within ${AGAIN_SECONDS} s`, async () => {
    expect(await secondsTo(/To leave QEMU/, "qemu", target)).toBeLessThan(AGAIN_SECONDS);
  });

  test(`a change is built within ${INCREMENTAL_SECONDS} s`, async () => {
    appendFileSync(join(clone, "kernel/main.ts"), "\n// changed\n");
    expect(await secondsTo(/^build\//m, "build", target)).toBeLessThan(INCREMENTAL_SECONDS);
  });

  test(`everything is built within ${BUILD_SECONDS} s`, async () => {
    rmSync(join(clone, "build"), { recursive: true });
    expect(await secondsTo(/^build\//m, "build", target)).toBeLessThan(BUILD_SECONDS);
  });
});
