import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { BuildError } from "./build-error.ts";
import { type ClangOptions, TARGETS, type Target } from "./clang.ts";
import { CODES, type Code, errorText } from "./codes.ts";
import type { Facts } from "./facts.ts";
import type { ProgramOptions } from "./program.ts";
import { formatBound, proveStack } from "./stack.ts";

/** The command line of the Kernel TypeScript compiler. What loads tsc is imported only by the commands that need it. */

const HELP = `ktsc: Kernel TypeScript to C, and with clang to native code

  ktsc check ENTRY.ts…                 reports errors
  ktsc emit  ENTRY.ts… --out DIR       writes C and layout includes
  ktsc build ENTRY.ts… --out DIR       writes C, layout includes and objects
  ktsc stack --program DIR/program.json --objects A.o… [--limit BYTES]
                                       proves how deep the stack gets
  ktsc explain KTS1020                 what a code means

  --root DIR           folder that names are relative to (default: .)
  --alias @a=DIR       @a/x means DIR/x.ts; may be given again
  --target T           x86_64, aarch64 or host (default)
  --prelude FILE.c     C to include before the program; may be given again
  --optimize O0|O2|Os  default O2; Os leaves functions tagged @hot at O2; a file tagged @unit O3 has its own level
                       unless this is O0
  --sanitize           address and undefined-behaviour sanitizers (host)
  --prefix P           put before the symbol of every entry (host)

Exit status: 0 when all is well, 1 when the program is wrong, 2 for a wrong command line.

  npx --no-install ktsc check kernel/text.ts
  npx --no-install ktsc build crypto/sha3.ts --target aarch64 --out build/sha3
`;

class UsageError extends Error {}

const OPTIONS = {
  root: { type: "string", default: "." },
  alias: { type: "string", multiple: true },
  target: { type: "string", default: "host" },
  out: { type: "string" },
  prelude: { type: "string", multiple: true },
  optimize: { type: "string", default: "O2" },
  sanitize: { type: "boolean", default: false },
  prefix: { type: "string", default: "" },
  program: { type: "string" },
  objects: { type: "boolean", default: false },
  limit: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Runs one command; answers the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await command(argv);
  } catch (error) {
    const { code, path: file } = error as NodeJS.ErrnoException;
    const isMissing = code === "ENOENT" && file !== undefined;
    if (!isMissing && !(error instanceof UsageError)) throw error;
    const message = isMissing ? `there is no file ${file}` : (error as Error).message;
    console.error(`ktsc: ${message}\nType ktsc --help for the commands.`);
    return 2;
  }
}

async function command(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv);
  const [name, ...rest] = positionals;
  if (values.help || name === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  switch (name) {
    case "check":
      return await check(rest, values);
    case "emit":
    case "build":
      return build(rest, values, name === "build");
    case "stack":
      return stack(rest, values);
    case "explain":
      return explain(rest);
    default:
      throw new UsageError(`there is no command ${name}`);
  }
}

function programOptions(entries: readonly string[], values: Values): ProgramOptions {
  if (entries.length === 0) throw new UsageError("name the program's entry files");
  const aliases: Record<string, string> = {};
  for (const alias of values.alias ?? []) {
    const [name, folder] = alias.split("=");
    if (name === undefined || folder === undefined) throw new UsageError(`--alias ${alias}: write @name=folder`);
    aliases[name] = folder;
  }
  return { root: path.resolve(values.root), entries, aliases };
}

async function check(entries: readonly string[], values: Values): Promise<number> {
  const options = programOptions(entries, values);
  const { compileProgram } = await import("./compile.ts");
  const { listOf } = await import("./build.ts");
  const { diagnostics } = compileProgram(options);
  if (diagnostics.length > 0) console.error(listOf(diagnostics));
  return diagnostics.length === 0 ? 0 : 1;
}

async function build(entries: readonly string[], values: Values, isWhole: boolean): Promise<number> {
  const { out, prefix } = values;
  if (out === undefined) throw new UsageError("--out names the folder to write to");
  const options = { ...clangOptions(values), ...programOptions(entries, values) };
  const { buildObjects } = await import("./build.ts");
  try {
    await buildObjects({ ...options, prefix, out, isEmittedOnly: !isWhole });
    return 0;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function clangOptions(values: Values): Omit<ClangOptions, "root"> {
  const { target, optimize, sanitize, prelude } = values;
  if (!(TARGETS as readonly string[]).includes(target))
    throw new UsageError(`--target ${target}: one of ${TARGETS.join(", ")}`);
  if (optimize !== "O0" && optimize !== "O2" && optimize !== "Os") {
    throw new UsageError(`--optimize ${optimize}: O0, O2 or Os`);
  }
  if (sanitize && target !== "host") throw new UsageError("--sanitize is for --target host");
  return { target: target as Target, optimization: optimize, sanitize, preludes: prelude ?? [] };
}

async function stack(objects: readonly string[], values: Values): Promise<number> {
  if (values.program === undefined) throw new UsageError("--program names the program.json of a build");
  const facts = JSON.parse(readFileSync(values.program, "utf8")) as Facts;
  const limit = Number(values.limit ?? Number.POSITIVE_INFINITY);
  if (!(limit > 0)) throw new UsageError(`--limit ${values.limit}: a number of bytes`);
  const { bounds, errors } = await proveStack(objects, facts);
  for (const bound of bounds) {
    console.log(formatBound(bound));
    if (bound.bytes > limit) errors.push(errorText("KTS4005", bound.entry, String(bound.bytes), String(limit)));
  }
  for (const error of errors) console.error(error);
  return errors.length === 0 ? 0 : 1;
}

function explain([code]: readonly string[]): number {
  if (code === undefined || !(code in CODES)) throw new UsageError(`there is no code ${code ?? ""}`);
  const { rule, mend } = CODES[code as Code];
  console.log(`${code}: ${rule}\n${mend}\nAn example is in docs/language.md.`);
  return 0;
}
