import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { compileProgram } from "./compile.ts";
import { CODES, type Diagnostic, Diagnostics, formatDiagnostic } from "./diagnostic.ts";
import { main } from "./ktsc.ts";
import { loadProgram } from "./program.ts";

interface Example {
  readonly code: string;
  readonly message: string;
  /** By path; a line `// folder/name.ts` in the text starts a file. */
  readonly files: ReadonlyMap<string, string>;
  readonly prelude: string;
}

const PAGE = readFileSync(new URL("../docs/language.md", import.meta.url), "utf8");
const EXAMPLE = /^### (KTS\d{4})\n\n> ([^\n]+)\n\n```ts\n(.*?)```\n(?:\n```c\n(.*?)```\n)?/gms;
const EXAMPLES = [...PAGE.matchAll(EXAMPLE)].map(([, code, message, text, prelude]) =>
  exampleOf(code, message, text, prelude),
);

function exampleOf(code = "", message = "", text = "", prelude = ""): Example {
  const [first = "", ...named] = text.split(/^\/\/ (\S+\.ts)$/m);
  const files = new Map(first.trim() === "" ? [] : [["main.ts", first]]);
  for (let i = 0; i < named.length; i += 2) files.set(named[i] ?? "", named[i + 1] ?? "");
  return { code, message, files, prelude };
}

/** These need machine code: `ktsc stack` reports them. */
const STACK_CODES = new Set(["KTS4003", "KTS4004", "KTS4005", "KTS4006"]);

function diagnosticsOf(files: ReadonlyMap<string, string>): readonly Diagnostic[] {
  return compileProgram({ root: "/program", entries: [...files.keys()], files }).diagnostics;
}

describe("docs/language.md", () => {
  test("has one example of every code, in order", () => {
    expect(EXAMPLES.map(({ code }) => code)).toEqual(Object.keys(CODES).sort());
  });

  test("is right about what is right", () => {
    const [guide = ""] = PAGE.split("\n## KTS1000");
    const texts = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(([, text = ""]) => text);
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) expect(diagnosticsOf(new Map([["main.ts", text]]))).toEqual([]);
  });

  test.each(EXAMPLES.filter(({ code }) => !STACK_CODES.has(code)))("$code says what the page says", (example) => {
    const found = diagnosticsOf(example.files);
    expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([`${example.code}: ${example.message}`]);
  });

  test.each(EXAMPLES.filter(({ code }) => STACK_CODES.has(code)))("$code says what the page says", async (example) => {
    const folder = mkdtempSync(path.join(tmpdir(), "ktsc-"));
    const errors = vi.spyOn(console, "error").mockReturnValue();
    vi.spyOn(console, "log").mockReturnValue();
    try {
      writeFileSync(path.join(folder, "main.ts"), example.files.get("main.ts") ?? "");
      writeFileSync(path.join(folder, "prelude.c"), example.prelude);
      const out = path.join(folder, "out");
      const prelude = ["--prelude", "prelude.c", "--target", "x86_64"];
      expect(await main(["build", "main.ts", "--root", folder, "--out", out, ...prelude])).toBe(0);
      const objects = ["--objects", path.join(out, "main.o"), "--program", path.join(out, "program.json")];
      expect(await main(["stack", "--limit", "2048", ...objects])).toBe(1);
      const said = errors.mock.calls.map(([text]) => String(text).replace(/^\S+ - /, ""));
      expect(said).toEqual([`error ${example.code}: ${example.message}`]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("Diagnostics", () => {
  test("come sorted by file, line and column", () => {
    const files = new Map([
      ["b.ts", "export function f(): void {\n  var x: u32 = 1;\n}\n"],
      ["a.ts", "export function g(x: u32): void {\n  if (x == 1) throw x;\n  x;\n}\n"],
    ]);
    const places = diagnosticsOf(files).map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`);
    expect(places).toEqual(["a.ts:2:9 KTS3006", "a.ts:2:15 KTS3003", "a.ts:3:3 KTS3023", "b.ts:2:3 KTS3005"]);
  });

  test("print as tsc does", () => {
    const [first] = diagnosticsOf(new Map([["main.ts", "export function f(): void {\n  var x: u32 = 1;\n}\n"]]));
    const text = "main.ts:2:3 - error KTS3005: There is no `var`. Write `const` or `let`.";
    expect(first && formatDiagnostic(first)).toBe(text);
  });

  test("of a file that does not parse are syntax errors only, and those of other files stay", () => {
    const files = new Map([
      ["bad.ts", "export function f(x: u32 {\n  var y = x;\n"],
      ["good.ts", "export function g(): void {\n  var y: u32 = 1;\n}\n"],
    ]);
    const found = diagnosticsOf(files);
    expect(new Set(found.filter(({ file }) => file === "bad.ts").map(({ code }) => code))).toEqual(
      new Set(["KTS9002"]),
    );
    expect(found.filter(({ file }) => file === "good.ts").map(({ code }) => code)).toEqual(["KTS3005"]);
  });

  test("of tsc stand where no rule of ours speaks of the same statement", () => {
    const text = "export function f(a: u8, b: u32): void {\n  a = b;\n  missing();\n}\n";
    const found = diagnosticsOf(new Map([["main.ts", text]]));
    expect(found.map(({ line, code }) => `${line} ${code}`)).toEqual(["2 KTS1010", "3 KTS9001"]);
    expect(found[1]?.message).toBe("TS2304: Cannot find name 'missing'.");
  });
});

describe("loadProgram", () => {
  test("finds files by alias, in memory before the disk, and reports a missing one", () => {
    const files = new Map([
      [
        "main.ts",
        'import { page } from "@arch/page";\nimport { gone } from "./gone";\nexport const x: u32 = page + gone;\n',
      ],
      ["arch/x86_64/page.ts", "export const page: u32 = 4096;\n"],
    ]);
    const diagnostics = new Diagnostics("/program");
    const aliases = { "@arch": "arch/x86_64" };
    const program = loadProgram({ root: "/program", entries: ["main.ts"], aliases, files }, diagnostics);
    expect(program.getSourceFile("/program/arch/x86_64/page.ts")?.text).toContain("4096");
    const found = diagnostics.sorted();
    expect(found.map(({ line, code }) => `${line} ${code}`)).toEqual(["2 KTS9001"]);
    expect(found[0]?.message).toContain("TS2307");
  });

  test("keeps the names of one file out of the others", () => {
    const files = new Map([
      ["a.ts", "const one: u32 = 1;\n"],
      ["b.ts", "export function f(): u32 {\n  return one;\n}\n"],
    ]);
    expect(diagnosticsOf(files).map(({ file, code }) => `${file} ${code}`)).toEqual(["b.ts KTS9001"]);
  });
});
