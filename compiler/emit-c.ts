/**
 * The tree as C, one file a unit: readable, without headers, in TypeScript's lines. A file is
 *
 *   types ─ preludes ─ prototypes ─ runtime (lib/runtime.c) ─ statics ─ functions
 *
 * and holds only what its functions name. What another unit names, too, has external linkage and hidden
 * visibility; a function to inline is copied into every unit that calls it.
 */
import { readFileSync } from "node:fs";
import { ExpressionWriter, type Names } from "./emit-c/expressions.ts";
import { LineWriter, StatementWriter } from "./emit-c/statements.ts";
import { cName, entryName, TypeWriter, tagsOf, text } from "./emit-c/types.ts";
import { structLayout } from "./layout.ts";
import type { Callee, Function, Initial, Program, Static, Unit } from "./tree.ts";
import type { SliceType, Struct, Type } from "./types/type.ts";

export interface EmitOptions {
  /** C files that are included before the program, for the functions tagged `@extern`. */
  readonly preludes?: readonly string[];
  /** Put before the symbol of every entry, so that a host program's names cannot collide with libc's. */
  readonly prefix?: string;
  /** Functions that are not tagged @hot, outside units with a level of their own, take little room. */
  readonly isSmall?: boolean;
}

export interface EmittedFile {
  /** `main.c`, or the TypeScript path with underscores. */
  readonly name: string;
  readonly text: string;
  readonly optimization: string | null;
  /** By C symbol: what each function calls or takes the address of, and the tables that it calls through. */
  readonly calls: ReadonlyMap<string, Calls>;
}

interface Calls {
  readonly functions: Set<string>;
  readonly tables: Set<string>;
}

export function emitC(program: Program, options: EmitOptions = {}): EmittedFile[] {
  const tags = tagsOf(program);
  const writers = [null, ...program.units].map((unit) => new UnitWriter(program, unit, options, new TypeWriter(tags)));
  for (const writer of writers) writer.writeFunctions();
  return writers.map((writer) => writer.finish(writers.filter((other) => other !== writer)));
}

/** The C symbol of a function; an entry's is the source's own unless C cannot say it. */
export function symbolOf(callee: Callee, prefix = ""): string {
  if (callee.kind === "extern" || callee.symbol === "kts_panic") return callee.symbol;
  return callee.isEntry ? entryName(prefix + callee.symbol) : cName(callee.symbol);
}

const RUNTIME = readFileSync(new URL("./lib/runtime.c", import.meta.url), "utf8")
  .split("\n\n")
  .slice(1);
const BYTES: SliceType = { kind: "slice", element: { kind: "int", width: 8, signed: false, brand: null } };

class UnitWriter implements Names {
  readonly types: TypeWriter;
  readonly #program: Program;
  readonly #unit: Unit | null;
  readonly #options: EmitOptions;
  /** What the unit names so far. */
  readonly #functions = new Set<Callee>();
  readonly #statics = new Set<Static>();
  readonly #initials = new Map<Static, string>();
  readonly #helpers = new Map<string, string>();
  readonly #calls = new Map<string, Calls>();
  #current: Calls = { functions: new Set(), tables: new Set() };
  readonly #out: LineWriter;

  constructor(program: Program, unit: Unit | null, options: EmitOptions, types: TypeWriter) {
    this.#program = program;
    this.#unit = unit;
    this.#options = options;
    this.types = types;
    this.#out = new LineWriter(program.files);
  }

  /** All functions and initial values that belong here. */
  writeFunctions(): void {
    const written = new Set<Function>();
    const write = (each: Function): void => {
      if (!this.#isWrittenHere(each) || written.has(each)) return;
      written.add(each);
      this.#functions.add(each);
      this.#function(each);
    };
    for (const each of this.#program.statics) if (each.unit === this.#unit) this.staticName(each);
    for (const each of this.#program.functions) if (each.unit === this.#unit) write(each);
    // Functions to inline from other units; the set grows while it is walked.
    for (const each of this.#functions) if (each.kind === "function") write(each);
  }

  finish(others: readonly UnitWriter[]): EmittedFile {
    const { files } = this.#program;
    const body = this.#out.lines.join("\n");
    const panic = this.#program.functions.find(({ symbol }) => symbol === "kts_panic");
    if (panic) this.#functions.add(panic);
    const statics = [...this.#statics].map((each) => this.#static(each, others));
    const prototypes = [...this.#functions].map((each) => this.#prototype(each, others));
    if (!panic) prototypes.push("_Noreturn void kts_panic(u32, struct Slice_u8, u64, u64, u32);");
    const asserts = this.#unit === null ? this.#program.structs.filter(({ isLayout }) => isLayout) : [];
    const layouts = asserts.map((struct) => this.#layoutAsserts(struct));
    this.types.declare(BYTES);
    const runtime = this.#runtime(`${statics.join("\n")}\n${body}`);
    const preludes = this.#unit === null ? (this.#options.preludes ?? []) : [];
    const head = [
      ...RUNTIME.slice(0, 1),
      ...this.types.definitions(),
      preludes.map((prelude) => `#include "${prelude}"`).join("\n"),
      prototypes.join("\n"),
      ...runtime,
      statics.join("\n"),
      ...layouts,
    ];
    const path = this.#unit === null ? "main" : (files[this.#unit.file] ?? "").replace(/\.ts$/, "").replace(/\W/g, "_");
    const all = `${[...head.filter((piece) => piece !== ""), body].join("\n\n")}\n`;
    return { name: `${path}.c`, text: all, optimization: this.#unit?.optimization ?? null, calls: this.#calls };
  }

  functionName(callee: Callee): string {
    const name = symbolOf(callee, this.#options.prefix);
    this.#functions.add(callee);
    this.#current.functions.add(name);
    return name;
  }

  staticName(of: Static): string {
    if (!this.#statics.has(of)) {
      this.#statics.add(of);
      if (of.unit === this.#unit) this.#initials.set(of, this.#initial(of.type, of.initial));
    }
    return of.initial.kind === "extern" ? of.symbol : cName(of.symbol);
  }

  useTable(table: Static): void {
    this.#current.tables.add(table.symbol);
  }

  sliceHelper(kind: "part" | "at", type: SliceType): string {
    const name = `kts_${kind}_${this.types.mangle(type.element)}`;
    const slice = this.types.declare(type);
    const head = `${name}(${slice} slice, u32 ${kind === "at" ? "index" : "from, u32 count"}, u32 site)`;
    const code =
      kind === "at"
        ? `${this.types.declare(type.element, `*${head}`)} {\n  return slice.data + kts_index(index, slice.length, site);`
        : `${slice} ${head} {\n  kts_range(from, count, slice.length, site);\n  return (${slice}){slice.data + from, count};`;
    this.#helpers.set(name, `KTS_INLINE ${code}\n}`);
    return name;
  }

  enumHelper(kind: "is" | "to", type: Type): string {
    if (type.kind !== "enum") throw new Error(`a ${type.kind} type is no enum`);
    const tag = this.types.tag(type.enum);
    const values = type.enum.members.map(({ value }) => value).filter((value) => value < 1n << 32n);
    const tests = runsOf(values.map((value) => BigInt.asUintN(32, value))).map(({ first, last }) =>
      first === last ? `value == ${first}u` : `value - ${first}u <= ${last - first}u`,
    );
    this.#helpers.set(
      `kts_is_${tag}`,
      `KTS_INLINE bool kts_is_${tag}(u32 value) {\n  return ${tests.join(" || ") || "false"};\n}`,
    );
    const name = this.types.declare(type);
    this.#helpers.set(
      `kts_to_${tag}`,
      `KTS_INLINE ${name} kts_to_${tag}(u32 value, u32 site) {\n  if (!kts_is_${tag}(value)) kts_fail(6, value, 0, site);\n  return (${name})value;\n}`,
    );
    return `kts_${kind}_${tag}`;
  }

  #isWrittenHere(each: Function): boolean {
    return each.unit === this.#unit || (each.inlining === "inline" && !each.isEntry);
  }

  #function(each: Function): void {
    this.#current = { functions: new Set(), tables: new Set() };
    this.#calls.set(symbolOf(each, this.#options.prefix), this.#current);
    const parameters = each.parameters.map(({ name, type }) => this.types.declare(type, this.types.local(name)));
    const statements = new StatementWriter(this.#out, this.types, new ExpressionWriter(this));
    statements.writeFunction(this.#signature(each, parameters), each);
  }

  #signature(callee: Callee, parameters: readonly string[]): string {
    const result = callee.kind === "extern" ? callee.type.result : callee.result;
    const name = symbolOf(callee, this.#options.prefix);
    return this.types.declare(result, `${name}(${parameters.join(", ") || "void"})`);
  }

  /** Carries linkage and attributes for the definition, too. */
  #prototype(callee: Callee, others: readonly UnitWriter[]): string {
    const types = callee.kind === "extern" ? callee.type.parameters : callee.parameters.map(({ type }) => type);
    const prototype = `${this.#signature(
      callee,
      types.map((type) => this.types.declare(type)),
    )};`;
    const words: string[] = callee.isNoReturn ? ["_Noreturn"] : [];
    if (callee.kind === "extern") return [...words, prototype].join(" ");
    const attributes: string[] = [];
    if (callee.inlining === "noinline") attributes.push("noinline");
    const isSmall = this.#options.isSmall === true && callee.unit === null;
    if (callee.isHot) attributes.push("hot", ...(isSmall ? ["aligned(16)"] : []));
    else if (isSmall) attributes.push("minsize");
    if (callee.keepsNothing) attributes.push("preserve_none");
    if (callee.section !== null) attributes.push(`section("${callee.section}")`);
    if (callee.inlining === "inline" && !callee.isEntry) {
      words.push("static inline");
      attributes.push("always_inline");
    } else if (callee.unit !== this.#unit || others.some((other) => other.#functions.has(callee))) {
      attributes.push('visibility("hidden")');
    } else if (!callee.isEntry) {
      words.push("static");
    }
    if (attributes.length > 0) words.push(`__attribute__((${attributes.join(", ")}))`);
    return [...words, prototype].join(" ");
  }

  #static(each: Static, others: readonly UnitWriter[]): string {
    const name = this.staticName(each);
    // Beside the name, `const` is of the static itself, whatever it points to.
    const declaration = this.types.declare(each.type, each.isConstant ? `const ${name}` : name);
    if (each.initial.kind === "extern" || each.unit !== this.#unit) return `extern ${declaration};`;
    const isShared = others.some((other) => other.#statics.has(each));
    const section = each.section === null ? "" : `__attribute__((used, section("${each.section}"))) `;
    const linkage = isShared ? '__attribute__((visibility("hidden"))) ' : "static ";
    const initial = each.initial.kind === "zero" && !each.isConstant ? "" : ` = ${this.#initials.get(each)}`;
    return `${section}${linkage}${declaration}${initial};`;
  }

  #initial(type: Type, initial: Initial): string {
    switch (initial.kind) {
      case "constant":
        return this.types.constant(type, initial.value, true);
      case "text":
        return `{(u8 *)${text(initial.bytes)}, ${initial.bytes.length}}`;
      case "function":
        return this.functionName(initial.function);
      case "array": {
        const element = type.kind === "array" ? type.element : type;
        return wrapped(initial.elements.map((each) => this.#initial(element, each)));
      }
      case "struct": {
        const fields = [...initial.fields].map(
          ([field, each]) => `.${cName(field.name)} = ${this.#initial(field.type, each)}`,
        );
        return `{${fields.join(", ")}}`;
      }
      default:
        return "{}";
    }
  }

  /** The pieces of the runtime that `body` uses, and those that they use. */
  #runtime(body: string): string[] {
    // In a section of their own: they belong to the line table, not to what runs.
    let place = 0;
    const files = this.#program.files.map((file) => {
      place += file.length;
      return `  {(u8 *)kts_fileNames + ${place - file.length}, ${file.length}},\n`;
    });
    const names = new TextEncoder().encode(this.#program.files.join(""));
    const kept = '__attribute__((section(".files")))';
    const tables = [
      `static const char kts_fileNames[] ${kept} = ${text(names)};`,
      `static const struct Slice_u8 kts_files[] ${kept} = {\n${files.join("")}};`,
    ];
    const all = [...tables, ...RUNTIME.slice(1), ...this.#helpers.values()];
    const pieces = new Map(all.map((piece) => [definedIn(piece), piece]));
    const wanted = new Map<string, Map<string, string>>();
    const want = (c: string): void => {
      for (const name of new Set(c.match(/\b(?:kts|KTS)_\w+/g))) {
        const type = pieces.has(name) ? "" : (/[iu]\d+$/.exec(name)?.[0] ?? "");
        const key = type === "" ? name : name.replace(type, "T");
        const piece = pieces.get(key)?.replace(/(?<![^_\W])T\b/g, type || "T");
        const instances = wanted.get(key) ?? new Map();
        if (piece === undefined || instances.has(type)) continue;
        wanted.set(key, instances.set(type, piece.trimEnd()));
        want(piece);
      }
    };
    want(body);
    return [...pieces.keys()].flatMap((key) => [...(wanted.get(key)?.values() ?? [])]);
  }

  #layoutAsserts(struct: Struct): string {
    const { offsets, size } = structLayout(struct);
    const name = this.types.declare({ kind: "struct", struct });
    const fields = struct.fields.map((field, i) => [`__builtin_offsetof(${name}, ${cName(field.name)})`, offsets[i]]);
    const facts = [[`sizeof(${name})`, size], ...fields];
    return facts.map(([fact, value]) => `_Static_assert(${fact} == ${value});`).join("\n");
  }
}

/** Values without a gap between them, in ascending order. */
function runsOf(values: readonly bigint[]): { first: bigint; last: bigint }[] {
  const runs: { first: bigint; last: bigint }[] = [];
  for (const value of [...new Set(values)].sort((a, b) => (a < b ? -1 : 1))) {
    const run = runs.at(-1);
    if (run !== undefined && run.last + 1n === value) run.last = value;
    else runs.push({ first: value, last: value });
  }
  return runs;
}

/** The name that a piece of the runtime defines. */
function definedIn(piece: string): string {
  return /\bkts_\w+(?=[([])|(?<=#define )\w+/.exec(piece)?.[0] ?? "";
}

/** Members in braces, in lines of at most 120 columns. */
function wrapped(members: readonly string[]): string {
  const lines: string[] = [];
  for (const member of members) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + member.length < 116) lines[lines.length - 1] = `${last}, ${member}`;
    else lines.push(member);
  }
  return lines.length < 2 ? `{${lines.join("")}}` : `{\n  ${lines.join(",\n  ")},\n}`;
}
