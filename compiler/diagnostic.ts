/** Errors of a program: collected by every pass, never thrown, sorted by place at the end. */
import path from "node:path";
import ts from "typescript";
import { type Code, messageOf } from "./codes.ts";

export { CODES, type Code } from "./codes.ts";

export interface Diagnostic {
  readonly code: Code;
  /** Relative to the root, with forward slashes; empty when the error has no place. */
  readonly file: string;
  /** From 1; 0 when the error has no place. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

interface Entry extends Diagnostic {
  readonly source: ts.SourceFile | null;
  readonly start: number;
  readonly end: number;
}

export class Diagnostics {
  readonly #root: string;
  readonly #entries: Entry[] = [];

  /** Names of files are given relative to `root`. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Reports `code` at `node`; `values` fill the placeholders of its texts. */
  report(node: ts.Node, code: Code, ...values: readonly string[]): void {
    const source = node.getSourceFile();
    this.reportAt(source, node.getStart(source), node.end, code, ...values);
  }

  /** The same for a range of characters; `source` null: the error has no place. */
  reportAt(source: ts.SourceFile | null, start: number, end: number, code: Code, ...values: readonly string[]): void {
    const place = source?.getLineAndCharacterOfPosition(start);
    this.#entries.push({
      code,
      file: source ? path.relative(this.#root, source.fileName).split(path.sep).join("/") : "",
      line: place ? place.line + 1 : 0,
      column: place ? place.character + 1 : 0,
      message: messageOf(code, values),
      source,
      start,
      end,
    });
  }

  hasErrors(): boolean {
    return this.#entries.length > 0;
  }

  /**
   * By file, line and column, without what follows from another error: of several about the very same text the first
   * reported remains. A syntax error stands for all others in its file; what `check` turns down (KTS2100 to KTS3999)
   * for whatever types have to say about that text; any rule of ours for what tsc says about the same statement.
   */
  sorted(): Diagnostic[] {
    const isCovered = (entry: Entry): boolean => this.#entries.some((other) => covers(other, entry));
    const seen = new Set<string>();
    const isRepeated = ({ file, start, end, code, message }: Entry): boolean => {
      const place = `${file}:${start}:${end}${code === "KTS9001" ? message : ""}`;
      return seen.size === seen.add(place).size;
    };
    return this.#entries
      .filter((entry) => !isCovered(entry) && !isRepeated(entry))
      .map(({ code, file, line, column, message }) => ({ code, file, line, column, message }))
      .sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.code, b.code));
  }
}

/** What tsc says better: it knows names that are nearly right. */
const UNKNOWN: ReadonlySet<Code> = new Set(["KTS1002", "KTS1054"]);

/** Whether `a` stands for what `b` says. */
function covers(a: Entry, b: Entry): boolean {
  if (a === b || b.code === "KTS9002") return false;
  // Types that tsc wants from a library, for what is not in the language anyway.
  if (b.source === null) return b.message.startsWith("TS2318");
  if (a.source !== b.source || a.code === "KTS9002") return a.source === b.source;
  const isWithin = a.start <= b.start && b.start < a.end;
  if (a.code === "KTS9001") return isWithin && UNKNOWN.has(b.code);
  if (b.code === "KTS9001" && UNKNOWN.has(a.code)) return false;
  if (b.code === "KTS9001") return isWithin || statementAt(b.source, a.start) === statementAt(b.source, b.start);
  return isWithin && a.code >= "KTS2100" && a.code < "KTS4000" && b.code < "KTS2000";
}

/** The innermost statement, member or parameter at a place of the text. */
function statementAt(source: ts.SourceFile, position: number): ts.Node {
  let found: ts.Node = source;
  const visit = (node: ts.Node): void => {
    if (position < node.getStart(source) || position >= node.end) return;
    if (ts.isStatement(node) || ts.isTypeElement(node) || ts.isEnumMember(node) || ts.isParameter(node)) found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `kernel/x.ts:12:5 - error KTS1007: Rule. Mend.` */
export function formatDiagnostic({ code, file, line, column, message }: Diagnostic): string {
  return `${file === "" ? "" : `${file}:${line}:${column} - `}error ${code}: ${message}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
