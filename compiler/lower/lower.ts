/**
 * From the typed TypeScript tree to the sequenced tree of tree.ts (T1 to T4). Starts at the entries and takes in
 * what they reach: a function or static that nothing uses is not part of the program.
 */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { Callee, Expression, Extern, Function, Program, Site, Static, Unit } from "../tree.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { parameterType } from "./calls.ts";
import { Context, freeName, type Mutable, type Whole } from "./context.ts";
import { lowerStatements } from "./statements.ts";
import { declareStatic, initialOf } from "./statics.ts";

export function lower(typed: TypedProgram, diagnostics: Diagnostics): Program {
  return new Lowering(typed, diagnostics).run();
}

class Lowering implements Whole {
  readonly typed: TypedProgram;
  readonly #diagnostics: Diagnostics;
  readonly #fileIndexes: ReadonlyMap<ts.SourceFile, number>;
  readonly #units = new Map<ts.SourceFile, Unit>();
  readonly #functions = new Map<ts.FunctionDeclaration, Mutable<Function>>();
  readonly #externs = new Map<ts.FunctionDeclaration, Extern>();
  readonly #statics = new Map<ts.VariableDeclaration, Mutable<Static>>();
  /** Functions whose bodies are still to be lowered. */
  readonly #pending: ts.FunctionDeclaration[] = [];
  readonly #contexts: Context[] = [];

  constructor(typed: TypedProgram, diagnostics: Diagnostics) {
    this.typed = typed;
    this.#diagnostics = diagnostics;
    this.#fileIndexes = new Map(typed.files.map((file, index) => [file, index]));
  }

  run(): Program {
    const { typed } = this;
    for (const file of typed.files) {
      for (const node of file.statements) {
        if (ts.isFunctionDeclaration(node) && node.body && this.#isEntry(node)) this.calleeOf(node);
      }
    }
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) this.#lowerBody(next);
    const functions = inSourceOrder([...this.#functions.values()]);
    const statics = inSourceOrder([...this.#statics.values()]);
    this.#nameSymbols([...functions, ...statics]);
    for (const context of this.#contexts) renameLocals(context);
    return {
      files: typed.files.map((file) => typed.pathOf(file)),
      structs: typed.structs,
      enums: typed.enums,
      layoutConstants: this.#layoutConstants(),
      statics,
      externs: [...this.#externs.values()],
      functions,
      units: [...this.#units.values()].filter((unit) => functions.some((each) => each.unit === unit)),
    };
  }

  siteOf(node: ts.Node): Site {
    const source = node.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    return { file: this.#fileIndexes.get(source) ?? 0, line: line + 1 };
  }

  calleeOf(declaration: ts.FunctionDeclaration): Callee {
    const known = this.#functions.get(declaration) ?? this.#externs.get(declaration);
    if (known) return known;
    const { typed } = this;
    const tags = typed.tagsOf(declaration);
    const type = typed.signatureOf(declaration);
    const name = declaration.name?.text ?? "";
    const isNoReturn = tags.has("noreturn") || type.result.kind === "never";
    if (!declaration.body) {
      const found: Extern = { kind: "extern", symbol: tags.get("extern") || name, type, isNoReturn };
      this.#externs.set(declaration, found);
      return found;
    }
    const source = declaration.getSourceFile();
    const found: Mutable<Function> = {
      kind: "function",
      symbol: tags.get("entry") || name,
      name,
      parameters: [],
      result: type.result,
      body: [],
      unit: this.#unitOf(source),
      isEntry: this.#isEntry(declaration),
      inlining: tags.has("inline") ? "inline" : tags.has("noinline") ? "noinline" : "free",
      isNoReturn,
      isHot: tags.has("hot"),
      section: tags.get("section") ?? null,
      site: this.siteOf(declaration),
      endLine: source.getLineAndCharacterOfPosition(declaration.end).line + 1,
    };
    this.#functions.set(declaration, found);
    this.#pending.push(declaration);
    return found;
  }

  staticOf(declaration: ts.VariableDeclaration): Static {
    const known = this.#statics.get(declaration);
    if (known) return known;
    const found = declareStatic(this, declaration);
    this.#statics.set(declaration, found);
    found.unit = this.#unitOf(declaration.getSourceFile());
    found.initial = initialOf(this, declaration, found.type);
    return found;
  }

  unsupported(node: ts.Node): Expression {
    this.#diagnostics.report(node, "KTS3001", ts.SyntaxKind[node.kind]);
    return { kind: "constant", type: this.typed.intType(32, false), value: 0n };
  }

  #isEntry(declaration: ts.FunctionDeclaration): boolean {
    if (this.typed.tagsOf(declaration).has("entry")) return true;
    const { program } = this.typed;
    const isExported = (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) !== 0;
    const source = declaration.getSourceFile();
    return isExported && program.getRootFileNames().some((name) => program.getSourceFile(name) === source);
  }

  #unitOf(source: ts.SourceFile): Unit | null {
    const optimization = this.typed.tagsOf(source).get("unit");
    if (optimization !== "O2" && optimization !== "O3" && optimization !== "Os") return null;
    const unit = this.#units.get(source) ?? { file: this.#fileIndexes.get(source) ?? 0, optimization };
    this.#units.set(source, unit);
    return unit;
  }

  #lowerBody(declaration: ts.FunctionDeclaration): void {
    const found = this.#functions.get(declaration);
    if (!found || !declaration.body) return;
    const context = new Context(this, found.result, found.site);
    this.#contexts.push(context);
    found.parameters = declaration.parameters.map((parameter) =>
      context.declare(parameter, parameter.name.getText(), parameterType(context, this.typed.storageOf(parameter))),
    );
    lowerStatements(context, declaration.body.statements);
    found.body = context.statements;
  }

  /** A name that two files use gets their paths before it, as far as needed; entries and externs keep theirs. */
  #nameSymbols(named: readonly Mutable<Function | Static>[]): void {
    const isVerbatim = (each: Function | Static): boolean =>
      "body" in each ? each.isEntry : each.initial.kind === "extern";
    const taken = new Set([...this.#externs.values(), ...named.filter(isVerbatim)].map(({ symbol }) => symbol));
    const free = named.filter((each) => !isVerbatim(each));
    const isShared = (name: string): boolean => taken.has(name) || free.filter((each) => each.name === name).length > 1;
    const shared = free.filter(({ name }) => isShared(name));
    for (const each of free) if (!shared.includes(each)) taken.add(each.symbol);
    for (const each of shared) {
      const path = this.typed.pathOf(this.typed.files[each.site.file] as ts.SourceFile);
      const words = path
        .replace(/\.ts$/, "")
        .replace(/[^A-Za-z0-9/]/g, "_")
        .split("/");
      const candidates = words.map((_, index) => `${words.slice(-1 - index).join("_")}_${each.name}`);
      const last = candidates.at(-1) ?? each.name;
      each.symbol = candidates.find((name) => !taken.has(name)) ?? freeName(last, (name) => taken.has(name));
      taken.add(each.symbol);
    }
  }

  #layoutConstants(): { name: string; value: bigint }[] {
    const { typed } = this;
    const constants = typed.files
      .flatMap((file) => file.statements.filter(ts.isVariableStatement))
      .flatMap((statement) => [...statement.declarationList.declarations])
      .filter((declaration) => typed.tagsOf(declaration).has("layout"))
      .flatMap((declaration) => {
        const value = declaration.initializer ? typed.constantOf(declaration.initializer) : null;
        return value === null ? [] : [{ name: declaration.name.getText(), value }];
      });
    const members = typed.enums
      .filter(({ isLayout }) => isLayout)
      .flatMap((each) => each.members.map(({ name, value }) => ({ name: `${each.name}_${name}`, value })));
    return [...constants, ...members];
  }
}

function inSourceOrder<T extends { readonly site: Site }>(items: T[]): T[] {
  return items.sort((a, b) => a.site.file - b.site.file || a.site.line - b.site.line);
}

/** A local must not hide a symbol that its function uses under another name. */
function renameLocals(context: Context): void {
  const symbols = new Set([...context.uses].map(({ symbol }) => symbol));
  const locals = [...context.locals.values()];
  const taken = new Set([...symbols, ...locals.map(({ name }) => name)]);
  for (const local of locals) {
    if (!symbols.has(local.name)) continue;
    local.name = freeName(local.name, (name) => taken.has(name));
    taken.add(local.name);
  }
}
