import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Diagnostics } from "./diagnostic.ts";

/**
 * Loads a KTS program with the stock TypeScript compiler: no library but `lib/kts.d.ts`, strict, with the
 * aliases of the build (`@arch` → `arch/x86_64`). tsc's own errors become diagnostics.
 */

export interface ProgramOptions {
  /** Absolute path; every name in diagnostics and debug information is relative to it. */
  readonly root: string;
  /** Relative to the root. */
  readonly entries: readonly string[];
  /** `@arch` → folder relative to the root. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Files that exist only in memory, or instead of those on disk; paths relative to the root. */
  readonly files?: ReadonlyMap<string, string>;
}

export const LIBRARY = fileURLToPath(new URL("./lib/kts.d.ts", import.meta.url));

export function loadProgram(options: ProgramOptions, diagnostics: Diagnostics): ts.Program {
  const paths: Record<string, string[]> = {};
  for (const [alias, folder] of Object.entries(options.aliases ?? {})) {
    paths[`${alias}/*`] = [path.join(options.root, folder, "*")];
  }
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    noLib: true,
    types: [],
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noImplicitReturns: true,
    paths,
  };
  const program = ts.createProgram({
    rootNames: [LIBRARY, ...options.entries.map((entry) => path.join(options.root, entry))],
    options: compilerOptions,
    host: hostOf(options, compilerOptions),
  });
  for (const error of ts.getPreEmitDiagnostics(program)) diagnostics.addFromTypeScript(error);
  return program;
}

/** The ordinary host, with the in-memory files laid over the disk. */
function hostOf(options: ProgramOptions, compilerOptions: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions, true);
  const overlay = new Map<string, string>();
  for (const [name, text] of options.files ?? []) overlay.set(path.join(options.root, name), text);
  if (overlay.size === 0) return host;
  const { fileExists, readFile, getSourceFile, directoryExists } = host;
  return {
    ...host,
    fileExists: (name) => overlay.has(name) || fileExists(name),
    readFile: (name) => overlay.get(name) ?? readFile(name),
    directoryExists: (name) =>
      [...overlay.keys()].some((file) => file.startsWith(`${name}/`)) || (directoryExists?.(name) ?? true),
    getSourceFile: (name, languageVersion, ...rest) => {
      const text = overlay.get(name);
      if (text === undefined) return getSourceFile(name, languageVersion, ...rest);
      return ts.createSourceFile(name, text, languageVersion, true);
    },
  };
}
