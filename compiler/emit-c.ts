import { ExpressionWriter, type Names } from "./emit-c/expressions.ts";
import { checks, TYPEDEFS } from "./emit-c/prelude.ts";
import { LineWriter, StatementWriter } from "./emit-c/statements.ts";
import { cName, constant, declare, nameTags, sliceElements, sliceName, tagOf, text } from "./emit-c/types.ts";
import { structLayout } from "./layout.ts";
import type { Callee, Function, Initial, Program, Static, Unit } from "./tree.ts";
import type { Enum, Struct, Type } from "./types/type.ts";
import { functionsIn, type Node, walk } from "./walk.ts";

/** The tree as C, one file a unit: readable, without headers, in TypeScript's lines. */

export interface EmitOptions {
  /** C files that are included before the program, for the functions tagged `@extern`. */
  readonly preludes?: readonly string[];
  /** Put before the symbol of every entry, so that a host program's names cannot collide with libc's. */
  readonly prefix?: string;
}

export interface EmittedFile {
  /** `main.c`, or the TypeScript path with underscores. */
  readonly name: string;
  readonly text: string;
  readonly optimization: string | null;
}

export function emitC(program: Program, options: EmitOptions = {}): EmittedFile[] {
  nameTags(program);
  const units: (Unit | null)[] = [null, ...program.units];
  const uses = new Map(units.map((unit) => [unit, usesOf(program, unit)] as const));
  return units.map((unit) => {
    const name =
      unit === null ? "main.c" : `${(program.files[unit.file] ?? "").replace(/\.ts$/, "").replace(/\W/g, "_")}.c`;
    const writer = new UnitWriter(program, unit, uses, options, name);
    return { name, text: writer.write(), optimization: unit?.optimization ?? null };
  });
}

interface Uses {
  readonly functions: Set<Callee>;
  readonly statics: Set<Static>;
  readonly types: Set<Type>;
  readonly enumChecks: Set<Enum>;
  usesSites: boolean;
}

/** Everything that a unit's functions name; functions to inline come along, wherever they are from. */
function usesOf(program: Program, unit: Unit | null): Uses {
  const uses: Uses = {
    functions: new Set(),
    statics: new Set(),
    types: new Set(),
    enumChecks: new Set(),
    usesSites: false,
  };
  const addStatic = (of: Static): void => {
    if (uses.statics.has(of)) return;
    uses.statics.add(of);
    uses.types.add(of.type);
    for (const each of functionsIn(of.initial)) addFunction(each);
  };
  const addFunction = (callee: Callee): void => {
    if (uses.functions.has(callee)) return;
    uses.functions.add(callee);
    if (callee.kind === "extern") return;
    uses.types.add(callee.result);
    for (const { type } of callee.parameters) uses.types.add(type);
    if (callee.unit === unit || callee.inlining === "inline") walk(callee.body, visit);
  };
  const visit = (node: Node): void => {
    if (node.kind === "static") addStatic(node.static);
    else if (node.kind === "call") addFunction(node.callee);
    else if (node.kind === "functionAddress") addFunction(node.function);
    else if (node.kind === "tableCall") addStatic(node.table);
    else if (node.kind === "toEnum" && node.type.kind === "enum") uses.enumChecks.add(node.type.enum);
    else if (node.kind === "isEnum") uses.enumChecks.add(node.enum);
    else if (node.kind === "let") uses.types.add(node.local.type);
    else if (node.kind === "intrinsic" && node.name.startsWith("site")) uses.usesSites = true;
    if ("type" in node) uses.types.add(node.type);
  };
  for (const each of program.functions) if (each.unit === unit) addFunction(each);
  for (const each of program.statics) if (each.unit === unit) addStatic(each);
  return uses;
}

class UnitWriter implements Names {
  readonly #program: Program;
  readonly #unit: Unit | null;
  readonly #uses: Uses;
  readonly #all: ReadonlyMap<Unit | null, Uses>;
  readonly #options: EmitOptions;
  readonly #file: string;
  readonly #out: LineWriter;
  readonly #expressions: ExpressionWriter;

  constructor(
    program: Program,
    unit: Unit | null,
    all: ReadonlyMap<Unit | null, Uses>,
    options: EmitOptions,
    file: string,
  ) {
    this.#program = program;
    this.#unit = unit;
    this.#all = all;
    this.#uses = all.get(unit) as Uses;
    this.#options = options;
    this.#file = file;
    this.#out = new LineWriter(program.files);
    this.#expressions = new ExpressionWriter(this);
  }

  write(): string {
    const functions = this.#program.functions.filter((each) => this.#uses.functions.has(each));
    const bodies = functions.filter((each) => this.#isWrittenHere(each));
    this.#lines(TYPEDEFS);
    if (this.#unit === null) for (const prelude of this.#options.preludes ?? []) this.#lines(`#include "${prelude}"`);
    this.#types();
    this.#panicEntry(functions);
    this.#sliceHelpers();
    for (const each of this.#uses.enumChecks) this.#enumChecks(each);
    for (const callee of this.#uses.functions) {
      if (callee.kind !== "extern") continue;
      const attributes = callee.isNoReturn ? "__attribute__((noreturn)) " : "";
      this.#lines(
        `${attributes}${declareFunction(
          callee.type.result,
          callee.symbol,
          callee.type.parameters.map((type) => declare(type, "")),
        )};`,
      );
    }
    for (const each of functions) this.#lines(`${this.#attributes(each)}${this.#signature(each)};`);
    this.#siteTable();
    for (const each of this.#program.statics) if (this.#uses.statics.has(each)) this.#static(each);
    for (const each of bodies) this.#function(each);
    this.#layoutChecks();
    return `${this.#out.lines.join("\n")}\n`;
  }

  functionName(callee: Callee): string {
    if (callee.kind === "extern") return callee.symbol;
    if (callee.isEntry && callee.symbol.startsWith("kts_")) return callee.symbol;
    return callee.isEntry ? `${this.#options.prefix ?? ""}${callee.symbol}` : cName(callee.symbol);
  }

  staticName(of: Static): string {
    return of.initial.kind === "extern" ? of.symbol : cName(of.symbol);
  }

  #lines(text: string): void {
    for (const line of text.split("\n")) this.#out.raw(line);
  }

  #isWrittenHere(each: Function): boolean {
    return each.unit === this.#unit || each.inlining === "inline";
  }

  /** Whether a function or static of one unit is named in another. */
  #isShared(unit: Unit | null, isUsedBy: (uses: Uses) => boolean): boolean {
    return [...this.#all].some(([other, uses]) => other !== unit && isUsedBy(uses));
  }

  #types(): void {
    for (const each of this.#program.structs) this.#lines(`struct ${tagOf(each)};`);
    for (const each of this.#program.enums) {
      const members = each.members.map(({ name, value }) => `${tagOf(each)}_${name} = ${value}`);
      this.#lines(`enum ${tagOf(each)} : ${declare(each.storage, "")} { ${members.join(", ")} };`);
    }
    for (const element of sliceElements(this.#program, this.#uses.types)) {
      const name = sliceName(element);
      if (name !== "Slice_u8") this.#lines(`struct ${name} { ${declare(element, "*data")}; u32 length; };`);
    }
    for (const each of this.#program.structs) {
      this.#lines(`struct ${tagOf(each)} {`);
      for (const { name, type } of each.fields) this.#lines(`  ${declare(type, cName(name))};`);
      this.#lines("};");
    }
  }

  #panicEntry(functions: readonly Function[]): void {
    const panic =
      functions.find(({ symbol }) => symbol === "kts_panic") ??
      this.#program.functions.find(({ symbol }) => symbol === "kts_panic");
    const kind = panic === undefined ? "u32" : declare(panic.parameters[0]?.type as Type, "");
    this.#lines(`__attribute__((noreturn)) void kts_panic(${kind}, struct Slice_u8, u64, u64, u32);`);
    this.#lines(checks(kind));
  }

  #sliceHelpers(): void {
    const helper = "static inline __attribute__((always_inline, nodebug, unused))";
    for (const element of sliceElements(this.#program, [
      ...this.#uses.types,
      { kind: "slice", element: this.#byte() },
    ])) {
      const name = sliceName(element);
      this.#lines(`${helper} ${declare(element, `*at_${name}(struct ${name} slice, u32 index, u32 site)`)} { return slice.data + kts_index(index, slice.length, site); }
${helper} struct ${name} of_${name}(${declare(element, "*data")}, u32 length, u32 from, u32 count, u32 site) {
  kts_range(from, count, length, site);
  return (struct ${name}){ data + from, count };
}
${helper} struct ${name} sub_${name}(struct ${name} slice, u32 from, u32 count, u32 site) { return of_${name}(slice.data, slice.length, from, count, site); }`);
    }
  }

  #byte(): Type {
    return { kind: "int", width: 8, signed: false, brand: null };
  }

  #enumChecks(each: Enum): void {
    const name = tagOf(each);
    const cases = each.members.map(({ value }) => `case ${value}:`).join(" ");
    this.#lines(`static inline __attribute__((nodebug, unused)) bool kts_is_${name}(u32 value) { switch ((${declare(each.storage, "")})value) { ${cases} return value == (u32)(${declare(each.storage, "")})value; default: return false; } }
static inline __attribute__((nodebug, unused)) enum ${name} kts_to_${name}(u32 value, u32 site) { if (!kts_is_${name}(value)) kts_fail(6, value, 0, site); return (enum ${name})value; }`);
  }

  #attributes(each: Function): string {
    const attributes: string[] = [];
    if (each.isNoReturn) attributes.push("noreturn");
    if (each.inlining === "noinline") attributes.push("noinline");
    if (each.inlining === "inline") attributes.push("always_inline");
    if (each.isHot) attributes.push("hot");
    if (each.section !== null) attributes.push(`section("${each.section}")`);
    const isShared =
      each.isEntry || (each.inlining !== "inline" && this.#isShared(each.unit, (uses) => uses.functions.has(each)));
    if (!isShared) attributes.push("unused");
    const list = attributes.length === 0 ? "" : `__attribute__((${attributes.join(", ")})) `;
    return `${isShared ? "" : each.inlining === "inline" ? "static inline " : "static "}${list}`;
  }

  #signature(each: Function): string {
    const parameters = each.parameters.map(({ name, type }) => declare(type, cName(name)));
    return declareFunction(each.result, this.functionName(each), parameters);
  }

  #function(each: Function): void {
    this.#out.at(each.site, 0, `${this.#attributes(each)}${this.#signature(each)} {`);
    new StatementWriter(this.#out, this.#expressions).writeAll(each.body, 1);
    this.#out.at({ file: each.site.file, line: each.endLine }, 0, "}");
    this.#out.leave(this.#file);
  }

  #static(each: Static): void {
    const name = this.staticName(each);
    const isShared = this.#isShared(each.unit, (uses) => uses.statics.has(each));
    const section = each.section === null ? "" : `__attribute__((section("${each.section}"))) `;
    // Beside the name, `const` is of the static itself, whatever it points to.
    const declaration = declare(each.type, each.isConstant ? `const ${name}` : name);
    if (each.initial.kind === "extern" || each.unit !== this.#unit) {
      this.#lines(`extern ${declaration};`);
      return;
    }
    const initial = each.initial.kind === "zero" ? "" : ` = ${this.#initial(each.type, each.initial)}`;
    const storage = isShared ? "" : "static __attribute__((unused)) ";
    this.#lines(`${section}${storage}${declaration}${initial};`);
  }

  #initial(type: Type, initial: Initial): string {
    switch (initial.kind) {
      case "constant":
        return constant(type, initial.value);
      case "text":
        return `{ (u8 *)${text(initial.bytes)}, ${initial.bytes.length} }`;
      case "function":
        return this.functionName(initial.function);
      case "array":
        return `{ ${initial.elements.map((each) => this.#initial(type.kind === "array" ? type.element : type, each)).join(", ")} }`;
      case "struct":
        return `{ ${[...initial.fields].map(([field, each]) => `.${cName(field.name)} = ${this.#initial(field.type, each)}`).join(", ")} }`;
      default:
        return "{}";
    }
  }

  #siteTable(): void {
    const isUsed = [...this.#all.values()].some(({ usesSites }) => usesSites);
    if (!isUsed) return;
    const declaration = `const struct Slice_u8 kts_files[${this.#program.files.length}]`;
    if (this.#unit === null) {
      const rows = this.#program.files.map(
        (file) => `  { (u8 *)${text(new TextEncoder().encode(file))}, ${file.length} },`,
      );
      this.#lines(`extern ${declaration};\n${declaration} = {\n${rows.join("\n")}\n};`);
    } else this.#lines(`extern ${declaration};`);
    this.#lines(`static inline __attribute__((nodebug, unused)) struct Slice_u8 kts_siteFile(u32 site) { return (site >> 16) < ${this.#program.files.length} ? kts_files[site >> 16] : (struct Slice_u8){ (u8 *)"?", 1 }; }
static inline __attribute__((nodebug, unused)) u32 kts_siteLine(u32 site) { return site & 0xffff; }`);
  }

  #layoutChecks(): void {
    if (this.#unit !== null) return;
    for (const struct of this.#program.structs) if (struct.isLayout) this.#layoutCheck(struct);
  }

  #layoutCheck(struct: Struct): void {
    const { offsets, size } = structLayout(struct);
    const name = `struct ${tagOf(struct)}`;
    this.#lines(`_Static_assert(sizeof(${name}) == ${size}, "layout of ${struct.name}");`);
    for (const [i, field] of struct.fields.entries()) {
      this.#lines(
        `_Static_assert(__builtin_offsetof(${name}, ${cName(field.name)}) == ${offsets[i]}, "layout of ${struct.name}.${field.name}");`,
      );
    }
  }
}

function declareFunction(result: Type, name: string, parameters: readonly string[]): string {
  return declare(result, `${name}(${parameters.length === 0 ? "void" : parameters.join(", ")})`);
}
