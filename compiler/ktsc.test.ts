import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { $ } from "zx";
import { main } from "./ktsc.ts";

let folder: string;
let printed: string[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ktsc-"));
  printed = [];
  for (const stream of ["log", "error"] as const) {
    vi.spyOn(console, stream).mockImplementation((text: string) => {
      printed.push(...text.split("\n"));
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

const ktsc = (...words: string[]): Promise<number> => main([...words, "--root", folder]);

test("every error at once, sorted, with place and mend; exit status 1", async () => {
  write("main.ts", 'import { late } from "./other";\nexport function f(x: u64): u32 {\n  return late(x) + x;\n}\n');
  write("other.ts", "export function late(x: u32): u8 {\n  return x;\n}\n");
  expect(await ktsc("check", "main.ts")).toBe(1);
  expect(printed.map((line) => line.split(" - ")[0])).toEqual(expect.arrayContaining(["other.ts:2:10"]));
  expect(printed[0]).toMatch(/^main\.ts:3:\d+ - error KTS\d{4}: .+\. .+\.$/);
  expect(printed.at(-1)).toMatch(/^\d+ errors$/);
});

test("a file that is not there is an error, not a stack trace", async () => {
  expect(await ktsc("check", "nowhere.ts")).toBe(1);
  expect(printed.join("\n")).toContain("nowhere.ts");
  expect(printed.join("\n")).not.toContain("    at ");
});

test("build writes C, includes, facts and objects, and compiles again only what has changed", async () => {
  const out = path.join(folder, "out");
  write("main.ts", 'import { twice } from "@lib/twice";\nexport function f(x: u32): u32 { return twice(x); }\n');
  write("library/twice.ts", "/** @unit O3 */\nexport function twice(x: u32): u32 { return x * 2; }\n");
  const build = (): Promise<number> =>
    ktsc("build", "main.ts", "--alias", "@lib=library", "--target", "aarch64", "--out", out);
  expect(await build(), printed.join("\n")).toBe(0);
  for (const file of ["main.c", "main.o", "library_twice.o", "layout.inc", "layout.h", "program.json"]) {
    expect(existsSync(path.join(out, file)), file).toBe(true);
  }
  const times = (): number[] => ["main.o", "library_twice.o"].map((name) => statSync(path.join(out, name)).mtimeMs);
  const [mainBefore, twiceBefore] = times();
  write("main.ts", 'import { twice } from "@lib/twice";\nexport function f(x: u32): u32 { return twice(x) + 1; }\n');
  expect(await build()).toBe(0);
  const [mainAfter, twiceAfter] = times();
  expect(mainAfter).toBeGreaterThan(mainBefore ?? 0);
  expect(twiceAfter).toBe(twiceBefore);
  expect(JSON.parse(readFileSync(path.join(out, "program.json"), "utf8"))).toMatchObject({ entries: ["f"] });
});

test.each([
  [["fly"], "there is no command fly"],
  [["check"], "name the program's entry files"],
  [["build", "main.ts"], "--out names the folder to write to"],
  [["build", "main.ts", "--out", "x", "--target", "z80"], "--target z80: one of x86_64, aarch64, host"],
  [["build", "main.ts", "--out", "x", "--optimize", "O9"], "--optimize O9: O0, O2 or Os"],
  [["check", "main.ts", "--alias", "@arch"], "--alias @arch: write @name=folder"],
  [["check", "--wat"], "--wat"],
  [["explain", "KTS0"], "there is no code KTS0"],
  [["stack", "--program", "nowhere.json"], "there is no file nowhere.json"],
  [["stack", "--program", "package.json", "--limit", "many"], "--limit many: a number of bytes"],
])("a wrong command line %j says what is wrong, with exit status 2", async (words, text) => {
  expect(await main(words)).toBe(2);
  expect(printed.join("\n")).toContain(text);
});

test("explain tells a code's rule and mend", async () => {
  expect(await main(["explain", "KTS1020"])).toBe(0);
  expect(printed.join("\n")).toMatch(/^KTS1020: [\s\S]+docs\/language\.md/);
});

test("npx finds it", async () => {
  expect((await $`npx --no-install ktsc --help`).stdout).toContain("Kernel TypeScript to C");
});
