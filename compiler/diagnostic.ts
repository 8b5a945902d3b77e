/** Errors of a program: collected by every pass, never thrown, sorted by place at the end. */
import path from "node:path";
import type ts from "typescript";
import { CODES, type Code } from "./codes.ts";

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
   * By file, line and column. Of several errors about the very same text the first reported remains, and what tsc
   * says about text that a rule of ours turns down is left out: the rule says how to mend it.
   */
  sorted(): Diagnostic[] {
    const own = this.#entries.filter(({ code }) => code !== "KTS9001");
    const isCovered = (entry: Entry): boolean =>
      entry.code === "KTS9001" &&
      own.some(({ source, start, end }) => source === entry.source && start <= entry.start && entry.start < end);
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

/** `kernel/x.ts:12:5 - error KTS1007: rule. mend.` */
export function formatDiagnostic({ code, file, line, column, message }: Diagnostic): string {
  const place = file === "" ? "" : `${file}:${line}:${column} - `;
  return `${place}error ${code}: ${message}`;
}

function messageOf(code: Code, values: readonly string[]): string {
  const { rule, mend } = CODES[code];
  const texts = [rule, mend].filter((text) => text !== "");
  const fill = (text: string): string => text.replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? "");
  return `${texts.map(fill).join(". ")}.`.replace(/\.\.$/, ".");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
