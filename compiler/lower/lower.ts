/**
 * From the typed TypeScript tree to the sequenced tree of tree.ts (T1 to T4). Starts at the entries and takes in
 * what they reach: a function or static that nothing uses is not part of the program.
 */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import { isConst } from "../nodes.ts";
import type { Callee, Expression, Extern, Function, Program, Site, Static, Unit } from "../tree.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { parameterType } from "./calls.ts";
import { Context } from "./context.ts";
import { lowerStatement } from "./statements.ts";
import { lowerInitial } from "./statics.ts";
import { isEntry, nameSymbols, reservedNames } from "./symbols.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function lower(typed: TypedProgram, diagnostics: Diagnostics): Program {
  return new Lowering(typed, diagnostics).run();
}

/** What the functions of a program share. Asking for a callee or a static makes it part of the program. */
export class Lowering {
  readonly typed: TypedProgram;
  /** Names that locals must not have. */
  readonly reserved: ReadonlySet<string>;
  readonly #diagnostics: Diagnostics;
  readonly #fileIndexes: ReadonlyMap<ts.SourceFile, number>;
  readonly #symbols: ReadonlyMap<ts.Declaration, string>;
  readonly #units = new Map<ts.SourceFile, Unit>();
  readonly #functions = new Map<ts.FunctionDeclaration, Mutable<Function>>();
  readonly #externs = new Map<ts.FunctionDeclaration, Extern>();
  readonly #statics = new Map<ts.VariableDeclaration, Mutable<Static>>();

  constructor(typed: TypedProgram, diagnostics: Diagnostics) {
    this.typed = typed;
    this.#diagnostics = diagnostics;
    this.#fileIndexes = new Map(typed.files.map((file, index) => [file, index]));
    this.#symbols = nameSymbols(typed);
    this.reserved = reservedNames(typed, this.#symbols);
  }

  run(): Program {
    const { typed } = this;
    for (const node of typed.files.flatMap(({ statements }) => statements.filter(ts.isFunctionDeclaration))) {
      if (node.body && isEntry(typed, node)) this.calleeOf(node);
    }
    // The map grows while its functions' bodies are lowered.
    for (const [declaration, found] of this.#functions) this.#lowerBody(declaration, found);
    const functions = inSourceOrder([...this.#functions.values()]);
    return {
      files: typed.files.map((file) => typed.pathOf(file)),
      structs: typed.structs,
      enums: typed.enums,
      layoutConstants: this.#layoutConstants(),
      statics: inSourceOrder([...this.#statics.values()]),
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
    const symbol = this.#symbols.get(declaration) ?? "";
    const isNoReturn = tags.has("noreturn") || type.result.kind === "never";
    if (!declaration.body) {
      const found: Extern = { kind: "extern", symbol, type, isNoReturn };
      this.#externs.set(declaration, found);
      return found;
    }
    const source = declaration.getSourceFile();
    const found: Function = {
      kind: "function",
      symbol,
      name: declaration.name?.text ?? "",
      parameters: [],
      result: type.result,
      body: [],
      unit: this.#unitOf(source),
      isEntry: isEntry(typed, declaration),
      inlining: tags.has("inline") ? "inline" : tags.has("noinline") ? "noinline" : "free",
      isNoReturn,
      isHot: tags.has("hot"),
      keepsNothing: tags.has("scratch"),
      section: tags.get("section") ?? null,
      site: this.siteOf(declaration),
      endLine: source.getLineAndCharacterOfPosition(declaration.end).line + 1,
    };
    this.#functions.set(declaration, found);
    return found;
  }

  staticOf(declaration: ts.VariableDeclaration): Static {
    const known = this.#statics.get(declaration);
    if (known) return known;
    const { initializer } = declaration;
    const type = this.typed.storageOf(declaration);
    const isScalar = type.kind !== "struct" && type.kind !== "array";
    const isFixed = initializer !== undefined && (isScalar || ts.isArrayLiteralExpression(initializer));
    const found: Mutable<Static> = {
      symbol: this.#symbols.get(declaration) ?? "",
      name: declaration.name.getText(),
      type,
      initial: { kind: "extern" },
      isConstant: isConst(declaration) && isFixed,
      section: this.typed.tagsOf(declaration).get("section") ?? null,
      unit: this.#unitOf(declaration.getSourceFile()),
      site: this.siteOf(declaration),
    };
    this.#statics.set(declaration, found);
    if (initializer) found.initial = lowerInitial(this, initializer, type);
    return found;
  }

  /** Reports syntax that no earlier pass has turned down; answers with a stand-in. */
  unsupported(node: ts.Node): Expression {
    this.#diagnostics.report(node, "KTS3001", `\`${node.getText()}\``);
    return { kind: "constant", type: this.typed.intType(32, false), value: 0n };
  }

  #unitOf(source: ts.SourceFile): Unit | null {
    const optimization = this.typed.tagsOf(source).get("unit");
    if (optimization !== "O2" && optimization !== "O3" && optimization !== "Os") return null;
    const unit = this.#units.get(source) ?? { file: this.#fileIndexes.get(source) ?? 0, optimization };
    this.#units.set(source, unit);
    return unit;
  }

  #lowerBody(declaration: ts.FunctionDeclaration, found: Mutable<Function>): void {
    const context = new Context(this, found.result, found.site);
    found.parameters = declaration.parameters.map((parameter) =>
      context.declare(parameter, parameter.name.getText(), parameterType(this.typed, this.typed.storageOf(parameter))),
    );
    for (const statement of declaration.body?.statements ?? []) lowerStatement(context, statement);
    const last = context.statements.at(-1);
    const isOpen = last?.kind === "if" || (last?.kind === "switch" && !last.clauses.some((each) => each.isDefault));
    if (isOpen && found.result.kind !== "void") {
      // The type checker knows that nothing gets here; an enum that holds no member's value still would.
      const value: Expression = { kind: "constant", type: this.typed.intType(32, false), value: 0n };
      context.emit({ kind: "unreachable", value }, { ...found.site, line: found.endLine });
    }
    found.body = context.statements;
  }

  #layoutConstants(): { name: string; value: bigint }[] {
    const { typed } = this;
    const constants = typed.files
      .flatMap(({ statements }) => statements.filter(ts.isVariableStatement))
      .flatMap((statement) => [...statement.declarationList.declarations])
      .filter((declaration) => typed.tagsOf(declaration).has("layout"))
      .flatMap(({ name, initializer }) => {
        const value = initializer ? typed.constantOf(initializer) : null;
        return value === null ? [] : [{ name: name.getText(), value }];
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
