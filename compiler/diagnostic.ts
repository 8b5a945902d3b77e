import path from "node:path";
import ts from "typescript";

/** Errors of a program: where, which rule, and the mend. */

export interface Diagnostic {
  readonly code: string;
  /** Relative to the root, with forward slashes. */
  readonly file: string;
  /** 1-based, as is `column`. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

interface Rule {
  /** What is wrong; `{0}`, `{1}` are what the program has there. */
  readonly rule: string;
  readonly mend: string;
}

/** Every code that the compiler can report. KTS9001 carries tsc's own text. */
export const CODES = {
  // types and values
  KTS1001: { rule: "{0} is not a KTS type", mend: "use an integer, boolean, const enum, struct, FixedArray, Slice or UserPtr" },
  KTS1002: { rule: "this is not a KTS expression", mend: "write it with names, members, calls and operators" },
  KTS1003: { rule: "KTS has no operator {0}", mend: "use an operator of the language page" },
  KTS1010: { rule: "{0} is not assignable to {1}", mend: "convert it explicitly, as in u32(x)" },
  KTS1011: { rule: "{0} is outside the range of {1}", mend: "use a value in range, or convert it to say that it wraps" },
  KTS1012: { rule: "{0} cannot be {1}", mend: "write 64-bit literals with n, and all others without" },
  KTS1013: { rule: "from {0} to {1} the sign and the width change at once", mend: "convert in two steps and so say which comes first" },
  KTS1014: { rule: "{0} and {1} do not go together", mend: "convert one side, so that sign and width agree" },
  KTS1015: { rule: "the brands {0} and {1} do not mix", mend: "take one off with u64(x)" },
  KTS1016: { rule: "`as {0}` is not in the language", mend: "`as` only puts a brand on; convert with u32(x) or toEnum<E>(x)" },
  KTS1017: { rule: "{0} cannot become {1} as it is", mend: "convert to the underlying integer first, then put the brand on with `as`" },
  KTS1018: { rule: "`as` cannot turn {0} into {1}", mend: "take the brand off with u64(x) first" },
  KTS1019: { rule: "{0} cannot be converted to {1}", mend: "only integers, booleans and enums convert" },
  KTS1020: { rule: "a condition is boolean, and this is {0}", mend: "compare it: x !== 0, p !== null" },
  KTS1021: { rule: "{0} and {1} have no common type", mend: "convert one of them" },
  KTS1022: { rule: "{0} is no operand of {1}", mend: "convert it to an integer first" },
  KTS1023: { rule: "{0} and {1} cannot be compared", mend: "compare values of one type" },
  KTS1024: { rule: "{0} has no order", mend: "convert to an integer, or compare with === and !==" },
  KTS1025: { rule: "switch takes an integer or an enum, not {0}", mend: "use if and else" },
  KTS1026: { rule: "a case is a constant", mend: "use a literal, a constant or an enum's member" },
  KTS1027: { rule: "the case {0} stands twice", mend: "remove one" },
  KTS1031: { rule: "an index is u8, u16 or u32, not {0}", mend: "convert it with u32(x)" },
  KTS1032: { rule: "index {0} is out of bounds: the length is {1}", mend: "use an index below the length" },
  KTS1033: { rule: "division by zero", mend: "divide by something else" },
  KTS1034: { rule: "the right shift of {1} is {0}", mend: ">>> is for u8, u16 and u32, >> for signed and 64-bit values" },
  KTS1035: { rule: "a shift by {0} leaves nothing", mend: "shift by 0 to {1}" },
  KTS1036: { rule: "{0} is not the amount of a {1}-bit shift", mend: "convert the amount to the width of the value" },
  KTS1040: { rule: "the interface {0} is no struct", mend: 'let it extend Struct<"{0}">' },
  KTS1041: { rule: "the struct's tag is not its name", mend: 'write Struct<"{0}">' },
  KTS1042: { rule: "a struct has fields with types only", mend: "remove it, or give it a type" },
  KTS1043: { rule: "{0} contains itself", mend: "point to it: a field of type {0} | null" },
  KTS1044: { rule: "{0} cannot store an enum", mend: "@storage takes u8, u16, u32, i8, i16 or i32" },
  KTS1045: { rule: "{0} has no constant integer value", mend: "give it one" },
  KTS1046: { rule: "{0} does not fit into {1}", mend: "choose a wider @storage" },
  KTS1047: { rule: "a length is a constant from 1 to 2^31 - 1", mend: "use a literal, typeof a constant, or an enum's member" },
  KTS1048: { rule: "{0} elements where {1} belong", mend: "list every element" },
  KTS1049: { rule: "a static starts with constants", mend: "use literals, constants, names of functions, or zeroed()" },
  KTS1050: { rule: "{0} needs a struct or an array", mend: "name one as its type" },
  KTS1051: { rule: "{0} does not take {1}", mend: "sliceOf takes a FixedArray, subslice a Slice" },
  KTS1052: { rule: "{0} has no address", mend: "take the address of a struct, an array or a slice" },
  KTS1053: { rule: "{0} needs a const enum as its type", mend: "write {0}<E>(x)" },
  KTS1054: { rule: "{0} cannot be called", mend: "call a function by its name, or an element of a constant table" },
  KTS1055: { rule: "{0} has no first value", mend: "initialise it; zeroed() for statics, local<T>() for stack storage" },
  KTS1056: { rule: "the result's type is missing", mend: "write it, void if there is none" },
  // null
  KTS2001: { rule: "{0} may be null", mend: "bind it to a const and test that; narrowing counts for parameters and locals only" },
  KTS2002: { rule: "this may be null, and {0} may not", mend: "bind it to a const and test that, or write x! to panic" },
  KTS2010: { rule: "{0} is inline and could be overwritten", mend: "declare it readonly; copy with copyStruct" },
  // the subset
  KTS3001: { rule: "{0} is not in the language", mend: "see docs/language.md for what is" },
  // tsc
  KTS9001: { rule: "{0}", mend: "see TypeScript's own documentation of the error" },
} as const satisfies Record<string, Rule>;

export type Code = keyof typeof CODES;

/** Collects errors; a node is reported once for each code. */
export class Diagnostics {
  readonly #root: string;
  readonly #found = new Map<string, Diagnostic>();

  constructor(root: string) {
    this.#root = root;
  }

  get isEmpty(): boolean {
    return this.#found.size === 0;
  }

  report(node: ts.Node, code: Code, ...values: readonly string[]): void {
    this.#add(node.getSourceFile(), node.getStart(), code, messageOf(code, values));
  }

  addFromTypeScript(error: ts.Diagnostic): void {
    const text = ts.flattenDiagnosticMessageText(error.messageText, "\n");
    this.#add(error.file, error.start ?? 0, "KTS9001", `TS${error.code}: ${text}`);
  }

  /** An error of the whole program, such as a cycle; `file` is relative to the root. */
  reportAt(file: string, line: number, column: number, code: Code, ...values: readonly string[]): void {
    this.#keep({ code, file, line, column, message: messageOf(code, values) });
  }

  /** By file, line and column. */
  sorted(): Diagnostic[] {
    const order = (a: Diagnostic, b: Diagnostic): number =>
      (a.file < b.file ? -1 : Number(a.file > b.file)) || a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1);
    return [...this.#found.values()].sort(order);
  }

  #add(file: ts.SourceFile | undefined, position: number, code: string, message: string): void {
    const place = file?.getLineAndCharacterOfPosition(position) ?? { line: 0, character: 0 };
    const name = file === undefined ? "" : path.relative(this.#root, file.fileName).split(path.sep).join("/");
    this.#keep({ code, file: name, line: place.line + 1, column: place.character + 1, message });
  }

  #keep(diagnostic: Diagnostic): void {
    const { file, line, column, code } = diagnostic;
    const key = `${file}:${line}:${column}:${code}`;
    if (!this.#found.has(key)) this.#found.set(key, diagnostic);
  }
}

function messageOf(code: Code, values: readonly string[]): string {
  const { rule, mend } = CODES[code];
  const fill = (text: string): string => text.replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? "");
  return `${fill(rule)}; ${fill(mend)}`;
}

/** As tsc prints it: `kernel/main.ts:3:5 - error KTS1020: …`. */
export function formatDiagnostic({ file, line, column, code, message }: Diagnostic): string {
  return `${file}:${line}:${column} - error ${code}: ${message}`;
}
