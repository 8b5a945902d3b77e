import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { PROMPT } from "../scripts/machine.ts";
import { boot } from "./console.ts";

/** The README's session, typed again: what a screen shows is what stands there, `…` being any text. */

const SESSION = /^```console\n([\s\S]*?)^```$/m.exec(readFileSync("README.md", "utf8"))?.[1] ?? "";
const PATIENCE_MS = 30_000;

/** Rows of a screen that knows carriage return and line feed. */
function screen(output: string): string[] {
  return output.split("\n").map((line) => {
    let row = "";
    for (const part of line.split("\r")) row = part + row.slice(part.length);
    return row.trimEnd();
  });
}

function isShown(row: string | undefined, expected: string): boolean {
  if (row === undefined || !expected.includes("…")) return row === expected;
  const parts = expected.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`).test(row);
}

test.each(ARCHES)("the README's session is what happens on %s", async (arch) => {
  const expected = [...SESSION.trimEnd().replaceAll("x86_64", arch).split("\n"), PROMPT.trimEnd()];
  const commands = expected.filter((line) => line.startsWith(PROMPT));
  expect(commands.length).toBeGreaterThan(4);
  let output = "";
  const machine = await boot({ arch, icount: true, onOutput: (text) => (output += text) });
  output = output.slice(output.lastIndexOf(PROMPT));
  for (const [i, line] of expected.entries()) {
    const until = performance.now() + PATIENCE_MS;
    const show = (row: string | undefined) => isShown(row, line.startsWith(PROMPT) ? PROMPT.trimEnd() : line);
    while (!show(screen(output)[i]) && performance.now() < until) await setTimeout(10);
    if (!show(screen(output)[i])) expect(screen(output)).toEqual(expected);
    if (line.startsWith(PROMPT)) machine.type(`${line.slice(PROMPT.length)}\r`);
  }
  expect(screen(output)).toHaveLength(expected.length);
  for (const [i, line] of expected.entries())
    expect(isShown(screen(output)[i], line), `${screen(output)[i]}`).toBe(true);
});
