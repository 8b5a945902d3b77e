import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** The README's blocks that start with ```sh are what a newcomer types: each line is replayed as it stands. */
const README = readFileSync("README.md", "utf8");
const LINES = [...README.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) => block.trim().split("\n"));
const LEAVE_QEMU = "\x01x";

function commandOf(line: string): string {
  return line.replace(/ +#.*$/, "");
}

test("the quick start has two commands", () => {
  expect(LINES.slice(0, 2).map(commandOf)).toEqual(["make qemu", "make test"]);
});

test.each(LINES.map(commandOf).filter((line) => !/^make test/.test(line)))("%s", async (line) => {
  const { MAKEFLAGS: _flags, MAKELEVEL: _level, ...env } = process.env;
  const child = spawn("sh", ["-c", line], { stdio: ["pipe", "pipe", "inherit"], env });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const hadPrompt = output.includes("skyscope> ");
    output += text;
    if (!hadPrompt && output.includes("skyscope> ")) child.stdin.write("version\r");
    if (/^OK\r?\n/m.test(output)) child.stdin.write(LEAVE_QEMU);
  });
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  if (!/^make qemu/.test(line)) return;
  expect(output).toMatch(/Ctrl-A, then X[\s\S]*skyscope> version\r\nSkyscope [\s\S]*OK/);
  // Whoever has a terminal there is asked for it.
  expect(output).toContain("\x1b[cskyscope> ");
});
