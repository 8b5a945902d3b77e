/** Loads the files of a program through tsc: parsing, names and TypeScript's own types. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Diagnostics } from "./diagnostic.ts";

export interface ProgramOptions {
  /** Absolute path of the folder from which files are named. */
  readonly root: string;
  /** Files relative to the root. What they export can be called from outside the program. */
  readonly entries: readonly string[];
  /** `@arch` → folder relative to the root, for `import … from "@arch/cpu"`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Files relative to the root that stand before those on the disk, for tests. */
  readonly files?: ReadonlyMap<string, string>;
}

/** The ambient library, the only thing that a program sees besides its own files. */
export const LIBRARY = fileURLToPath(new URL("./lib/kts.d.ts", import.meta.url));

/** As in tsconfig.kts.json, but for `noUnusedLocals`, which is a matter of tidiness and not of the language. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  noLib: true,
  types: [],
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noImplicitReturns: true,
  skipLibCheck: true,
};

/** Syntax and type errors of tsc become KTS9002 and KTS9001; a program comes back in any case. */
export function loadProgram(options: ProgramOptions, diagnostics: Diagnostics): ts.Program {
  const aliases = Object.entries(options.aliases ?? {});
  const compilerOptions: ts.CompilerOptions = {
    ...OPTIONS,
    paths: Object.fromEntries(
      aliases.map(([name, folder]) => [`${name}/*`, [path.resolve(options.root, folder, "*")]]),
    ),
  };
  const rootNames = [LIBRARY, ...options.entries.map((entry) => path.resolve(options.root, entry))];
  const program = ts.createProgram({ rootNames, options: compilerOptions, host: hostOf(options, compilerOptions) });
  reportErrors(program, diagnostics);
  return program;
}

/** The disk, with the files in memory before it. */
function hostOf({ root, files }: ProgramOptions, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  const texts = new Map([...(files ?? [])].map(([name, text]) => [path.resolve(root, name), text]));
  const { fileExists, readFile, directoryExists } = host;
  const isFolder = (name: string): boolean => [...texts.keys()].some((file) => file.startsWith(`${name}/`));
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.directoryExists = (name) => isFolder(name) || directoryExists?.(name) === true;
  host.getSourceFile = (name, languageVersion) => {
    const text = host.readFile(name);
    return text === undefined ? undefined : parse(name, text, languageVersion);
  };
  host.getCurrentDirectory = () => root;
  return host;
}

/** Programs of one process share what they have parsed: files that have not changed, parsed with the same options. */
const parsed = new Map<string, ts.SourceFile>();

function parse(name: string, text: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile {
  const known = parsed.get(name);
  if (known?.text === text) return known;
  const file = ts.createSourceFile(name, text, options, true);
  parsed.set(name, file);
  return file;
}

function reportErrors(program: ts.Program, diagnostics: Diagnostics): void {
  const report = (code: "KTS9001" | "KTS9002", errors: readonly ts.Diagnostic[]): void => {
    for (const { file, start = 0, length = 0, code: number, messageText } of errors) {
      const text = `TS${number}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      diagnostics.reportAt(file ?? null, start, start + length, code, text);
    }
  };
  report("KTS9002", program.getSyntacticDiagnostics());
  report("KTS9001", [...program.getOptionsDiagnostics(), ...program.getSemanticDiagnostics()]);
  report("KTS9001", program.getGlobalDiagnostics());
}
