import { innermostTarget, targetsToName } from "./labels.ts";
import { type Named, Names } from "./names.ts";
import { CONDITIONAL, isSimple, literalText, MEMBER, POSTFIX, precedenceOf, SUM, UNARY } from "./print-text.ts";
import type {
  Clause,
  Expression,
  FunctionDeclaration,
  Initial,
  IntType,
  LetStatement,
  LoopStatement,
  Place,
  Program,
  Statement,
  StaticDeclaration,
  Target,
  Type,
} from "./program.ts";
import { typeKey, typeOf } from "./program.ts";
import { Random } from "./random.ts";
import { bitsText, hashSource } from "./state.ts";

/** A program as text, and where its nodes came to stand. */
export interface PrintedProgram {
  readonly prefix: string;
  readonly stepCount: number;
  /** Name of the file, without folder and ending, that exports `run_` and `hash_` with the prefix. */
  readonly entry: string;
  /** By path relative to the root. */
  readonly files: ReadonlyMap<string, string>;
  /** Path and 1-based line of the first token of each expression and statement. */
  readonly sites: ReadonlyMap<object, PrintedSite>;
}
export interface PrintedSite {
  readonly path: string;
  line: number;
}

/** The path, relative to the root, of one of a program's files. */
function pathOf(prefix: string, file: number): string {
  return `fuzz/${fileName(prefix, file)}.ts`;
}

function fileName(prefix: string, file: number): string {
  return `${prefix}_${"abc"[file]}`;
}

/** Writes the program as Kernel TypeScript. Throws when a `break` has lost its target, as the shrinker's cuts may do. */
export function printProgram(program: Program): PrintedProgram {
  const names = new Names(program);
  const files = new Map<string, string>();
  const sites = new Map<object, PrintedSite>();
  for (let file = 0; file < program.fileCount; file++) {
    files.set(pathOf(program.prefix, file), new FilePrinter(program, names, file, sites).print());
  }
  const entry = fileName(program.prefix, program.fileCount - 1);
  return { prefix: program.prefix, stepCount: program.steps.length, entry, files, sites };
}

class FilePrinter {
  readonly #program: Program;
  readonly #names: Names;
  readonly #file: number;
  readonly #random: Random;
  readonly #sites: Map<object, PrintedSite>;
  readonly #own: PrintedSite[] = [];
  readonly #imports = new Map<number, Set<string>>();
  /** Types of functions in tables, by key, with the alias that this file declares for them. */
  readonly #aliases = new Map<string, string>();
  readonly #labels = new Map<Target, string>();
  #targets: Target[] = [];
  #out = "";
  #line = 1;
  #indent = 0;

  constructor(program: Program, names: Names, file: number, sites: Map<object, PrintedSite>) {
    this.#program = program;
    this.#names = names;
    this.#file = file;
    this.#random = new Random(program.seed ^ 0x7072696e, program.index * 4 + file);
    this.#sites = sites;
  }

  print(): string {
    const program = this.#program;
    const here = <T extends { file: number }>(list: readonly T[]): T[] =>
      list.filter((item) => item.file === this.#file);
    for (const brand of here(program.brands)) {
      const name = this.#name(brand);
      this.#row(`export type ${name} = ${typeKey(brand.base)} & Brand<"${name}">;`);
    }
    for (const item of here(program.enums)) {
      if (item.storage) this.#row(`/** @storage ${typeKey(item.storage)} */`);
      this.#row(`export const enum ${this.#name(item)} {`);
      for (const member of item.members) this.#row(`  ${member.name}${member.isExplicit ? ` = ${member.value}` : ""},`);
      this.#row("}");
    }
    for (const constant of here(program.constants)) {
      const type = constant.isAnnotated ? `: ${this.#typeText(constant.type)}` : "";
      this.#row(`export const ${this.#name(constant)}${type} = ${literalText(constant.type, constant.value, 10)};`);
    }
    for (const struct of here(program.structs)) {
      const name = this.#name(struct);
      this.#row(`export interface ${name} extends Struct<"${name}"> {`);
      for (const field of struct.fields) {
        const isInPlace = field.type.kind === "struct" || field.type.kind === "array";
        this.#row(`  ${isInPlace ? "readonly " : ""}${field.name}: ${this.#typeText(field.type)};`);
      }
      this.#row("}");
    }
    const isTable = (item: StaticDeclaration): boolean => item.role === "table";
    for (const item of here(program.statics)) if (!isTable(item)) this.#printStatic(item);
    for (const item of here(program.functions)) this.#printFunction(item);
    for (const item of here(program.statics)) if (isTable(item)) this.#printStatic(item);
    if (this.#file === program.fileCount - 1) this.#printEntries();
    return this.#finish();
  }

  /** Puts the imports in front, now that it is known what the file mentions, and moves the lines accordingly. */
  #finish(): string {
    const lines = [...this.#imports].map(([file, names]) => {
      const from = file < 0 ? "./mix" : `./${fileName(this.#program.prefix, file)}`;
      return `import { ${[...names].join(", ")} } from "${from}";\n`;
    });
    for (const site of this.#own) site.line += lines.length;
    return lines.join("") + this.#out;
  }

  #name(declaration: Named): string {
    const name = this.#names.of(declaration);
    if ("file" in declaration && declaration.file !== this.#file) this.#import(declaration.file, name);
    return name;
  }

  #import(file: number, name: string): void {
    const names = this.#imports.get(file) ?? new Set();
    names.add(name);
    this.#imports.set(file, names);
  }

  // ---- text ----
  #write(text: string): void {
    this.#out += text;
  }

  #row(text: string): void {
    this.#start();
    this.#write(text);
    this.#end();
  }

  #start(): void {
    this.#write("  ".repeat(this.#indent));
  }

  #end(): void {
    this.#write("\n");
    this.#line++;
  }

  #mark(node: object): void {
    const site = { path: pathOf(this.#program.prefix, this.#file), line: this.#line };
    this.#own.push(site);
    this.#sites.set(node, site);
  }

  /** A space, or now and then a new line. */
  #space(): void {
    if (!this.#random.chance(1.5)) {
      this.#write(" ");
      return;
    }
    this.#end();
    this.#write("  ".repeat(this.#indent + 2));
  }

  // ---- declarations ----
  #typeText(type: Type): string {
    switch (type.kind) {
      case "int":
        return type.brand ? this.#name(type.brand) : typeKey(type);
      case "boolean":
        return "boolean";
      case "enum":
        return this.#name(type.enum);
      case "pointer":
        return (
          (type.to.kind === "struct" ? this.#name(type.to.struct) : this.#typeText(type.to)) +
          (type.nullable ? " | null" : "")
        );
      case "slice":
        if (typeKey(type.element) === "u8" && this.#random.chance(60)) return "Bytes";
        return `Slice<${this.#typeText(type.element)}>`;
      case "struct":
        return `Inline<${this.#name(type.struct)}>`;
      case "array": {
        const length = type.lengthName ? `typeof ${this.#name(type.lengthName)}` : type.length;
        return `FixedArray<${this.#typeText(type.element)}, ${length}>`;
      }
      case "function": {
        const parameters = type.parameters.map((parameter, index) => `a${index}: ${this.#typeText(parameter)}`);
        return `(${parameters.join(", ")}) => ${type.result ? this.#typeText(type.result) : "void"}`;
      }
    }
  }

  #printStatic(declaration: StaticDeclaration): void {
    const { type, initial, role } = declaration;
    let text = type.kind === "struct" ? this.#name(type.struct) : this.#typeText(type);
    if (type.kind === "array" && type.element.kind === "function") {
      text = `FixedArray<${this.#aliasOf(type.element)}, ${type.length}>`;
    }
    const value = initial.kind === "zero" ? "zeroed()" : this.#initialText(type, initial);
    this.#row(`export ${role === "let" ? "let" : "const"} ${this.#name(declaration)}: ${text} = ${value};`);
  }

  #aliasOf(type: Type): string {
    const known = this.#aliases.get(typeKey(type));
    if (known) return known;
    const alias = `Handler_${this.#program.prefix}_${this.#file}_${this.#aliases.size}`;
    this.#row(`type ${alias} = ${this.#typeText(type)};`);
    this.#aliases.set(typeKey(type), alias);
    return alias;
  }

  #initialText(type: Type, initial: Initial): string {
    switch (initial.kind) {
      case "int":
        return literalText(type as IntType, initial.value, 10);
      case "boolean":
        return String(initial.value);
      case "member":
        return type.kind === "enum" ? `${this.#name(type.enum)}.${initial.member.name}` : "";
      case "text":
        return JSON.stringify(initial.value);
      case "function":
        return this.#name(initial.function);
      case "struct": {
        const fields = [...initial.fields].map(
          ([field, value]) => `${field.name}: ${this.#initialText(field.type, value)}`,
        );
        return `{ ${fields.join(", ")} }`;
      }
      case "array": {
        const element = (type as Type & { kind: "array" }).element;
        return `[${initial.elements.map((item) => this.#initialText(element, item)).join(", ")}]`;
      }
      case "null":
        return "null";
      case "zero":
        return "zeroed()";
    }
  }

  #printFunction(declaration: FunctionDeclaration): void {
    const tags = declaration.inlining === "free" ? [] : [`@${declaration.inlining}`];
    if (declaration.isNever && this.#random.chance(50)) tags.push("@noreturn");
    if (tags.length > 0) this.#row(`/** ${tags.join(" ")} */`);
    const parameters = declaration.parameters.map((item) => `${this.#name(item)}: ${this.#typeText(item.type)}`);
    const result = declaration.isNever ? "never" : declaration.result ? this.#typeText(declaration.result) : "void";
    this.#row(`export function ${this.#name(declaration)}(${parameters.join(", ")}): ${result} {`);
    this.#labels.clear();
    for (const target of targetsToName(declaration.body)) {
      const label = this.#random.pick(["outer", "again", "done", "L", "int", "x"]);
      this.#labels.set(target, `${label}${this.#labels.size}`);
    }
    this.#body(declaration.body);
    this.#row("}");
  }

  /** What the harness calls: one that makes step number `step`, one that hashes the state. */
  #printEntries(): void {
    const { prefix, statics, steps } = this.#program;
    this.#import(-1, "mix");
    this.#row(`export function run_${prefix}(step: u32): u64 {`);
    this.#row("  switch (step) {");
    this.#indent = 3;
    steps.forEach(({ call }, index) => {
      this.#row(`  case ${index}: {`.slice(2));
      this.#start();
      if (typeOf(call) === null) {
        this.#expression(call, 0);
        this.#write(";");
        this.#end();
        this.#row("return 0n;");
      } else {
        this.#write("const result0 = ");
        this.#expression(call, 0);
        this.#write(";");
        this.#end();
        this.#row(`return ${bitsText(typeOf(call) as Type, "result0")};`);
      }
      this.#row("}");
    });
    this.#indent = 0;
    this.#row("    default:");
    this.#row("      return 0n;");
    this.#row("  }");
    this.#row("}");
    const state = statics.filter((item) => item.role !== "table");
    const rows = hashSource(
      prefix,
      (struct) => this.#name(struct),
      state.map((item) => [this.#name(item), item.type] as const),
    );
    for (const row of rows) this.#row(row);
  }

  // ---- statements ----
  #body(body: readonly Statement[]): void {
    this.#indent++;
    for (let i = 0; i < body.length; i++) {
      const [statement, next] = [body[i], body[i + 1]] as [Statement, Statement | undefined];
      if (areTogether(statement, next) && this.#random.chance(12)) {
        this.#lets(statement, next as LetStatement);
        i++;
      } else this.#statement(statement);
    }
    this.#indent--;
  }

  #statement(statement: Statement): void {
    this.#start();
    this.#mark(statement);
    switch (statement.kind) {
      case "loop":
      case "switch":
      case "block":
        this.#printTarget(statement);
        break;
      case "if":
        this.#printIf(statement);
        break;
      default:
        this.#simple(statement);
        this.#write(";");
    }
    this.#end();
  }

  #printTarget(statement: Target): void {
    const label = this.#labels.get(statement);
    if (label) this.#write(`${label}: `);
    this.#targets.push(statement);
    if (statement.kind === "loop") this.#printLoop(statement);
    else if (statement.kind === "block") this.#braces(statement.body);
    else {
      this.#write("switch (");
      this.#expression(statement.subject, 0);
      this.#write(") {");
      this.#end();
      for (const clause of statement.clauses) this.#printClause(clause);
      this.#start();
      this.#write("}");
    }
    this.#targets.pop();
  }

  #printClause(clause: Clause): void {
    this.#indent++;
    const labels = clause.values.length + (clause.isDefault ? 1 : 0);
    // A clause of several values may have its default first, last or between.
    const defaultAt = clause.isDefault ? this.#random.below(labels) : -1;
    for (let i = 0, next = 0; i < labels; i++) {
      this.#start();
      if (i === defaultAt) this.#write("default:");
      else {
        this.#write("case ");
        this.#expression(clause.values[next++] as Expression, 0);
        this.#write(":");
      }
      if (i === labels - 1 && clause.hasBraces) {
        this.#write(" ");
        this.#braces(clause.body);
      }
      this.#end();
    }
    if (!clause.hasBraces) this.#body(clause.body);
    this.#indent--;
  }

  #printLoop(loop: LoopStatement): void {
    switch (loop.form) {
      case "while":
        this.#write("while (");
        this.#expression(loop.condition as Expression, 0);
        this.#write(") ");
        this.#braces(loop.body);
        break;
      case "do":
        this.#write("do ");
        this.#braces(loop.body);
        this.#write(" while (");
        this.#expression(loop.condition as Expression, 0);
        this.#write(");");
        break;
      case "for":
        this.#write("for (");
        if (loop.head) this.#simple(loop.head);
        this.#write("; ");
        if (loop.condition) this.#expression(loop.condition, 0);
        this.#write("; ");
        if (loop.step) this.#simple(loop.step);
        this.#write(") ");
        this.#braces(loop.body);
        break;
    }
  }

  #printIf(statement: Statement & { kind: "if" }): void {
    this.#write("if (");
    this.#expression(statement.condition, 0);
    this.#write(") ");
    const only = statement.body.length === 1 ? (statement.body[0] as Statement) : null;
    const isBare = only !== null && only.kind !== "let" && only.kind !== "if" && this.#random.chance(40);
    if (isBare && isSimple(only) && statement.otherwise === null) {
      this.#mark(only);
      this.#simple(only);
      this.#write(";");
    } else this.#braces(statement.body);
    if (statement.otherwise === null) return;
    this.#write(" else ");
    const [next, ...more] = statement.otherwise;
    if (next?.kind === "if" && more.length === 0 && this.#random.chance(80)) {
      this.#mark(next);
      this.#printIf(next);
    } else this.#braces(statement.otherwise);
  }

  #braces(body: readonly Statement[]): void {
    this.#write("{");
    this.#end();
    this.#body(body);
    this.#start();
    this.#write("}");
  }

  /** A statement without its semicolon, as also the head of a `for` has it. */
  #simple(statement: Statement): void {
    switch (statement.kind) {
      case "let":
        this.#let(statement);
        break;
      case "assign":
        this.#place(statement.place);
        this.#write(` ${statement.operator ?? ""}= `);
        this.#expression(statement.value, 0);
        break;
      case "evaluate":
        this.#expression(statement.expression, 0);
        break;
      case "break":
      case "continue": {
        const isNamed = statement.isLabelled || innermostTarget(statement.kind, this.#targets) !== statement.target;
        this.#write(statement.kind + (isNamed ? ` ${this.#labels.get(statement.target)}` : ""));
        break;
      }
      case "return":
        this.#write("return");
        if (statement.value) {
          this.#write(" ");
          this.#expression(statement.value, 0);
        }
        break;
      case "assert":
        this.#write("assert(");
        this.#expression(statement.condition, 0);
        this.#write(`, ${JSON.stringify(statement.text)})`);
        break;
      case "panic":
        this.#write(`panic(${JSON.stringify(statement.text)})`);
        break;
      case "unreachable":
        this.#write("unreachable(");
        this.#expression(statement.operand, 0);
        this.#write(")");
        break;
      case "copy":
        this.#write("copyStruct(");
        this.#list([statement.to, statement.from]);
        break;
      default:
        throw new Error(`${statement.kind} is not a simple statement`);
    }
  }

  /** `let a = 1, b = 2;` */
  #lets(first: LetStatement, second: LetStatement): void {
    this.#start();
    this.#mark(first);
    this.#let(first);
    this.#write(", ");
    this.#mark(second);
    this.#let(second, "");
    this.#write(";");
    this.#end();
  }

  #let(statement: LetStatement, keyword = statement.isConst ? "const " : "let "): void {
    const { variable, initial } = statement;
    this.#write(keyword + this.#name(variable));
    if (initial === null) {
      const { type } = variable;
      this.#write(` = local<${type.kind === "struct" ? this.#name(type.struct) : this.#typeText(type)}>()`);
      return;
    }
    if (statement.isAnnotated) this.#write(`: ${this.#typeText(variable.type)}`);
    this.#write(" = ");
    this.#expression(initial, 0);
  }

  // ---- expressions ----
  #list(items: readonly Expression[]): void {
    items.forEach((item, index) => {
      if (index > 0) {
        this.#write(",");
        this.#space();
      }
      // `f(a < b, c > (d))` looks to tsc like type arguments.
      this.#expression(item, item.kind === "compare" ? SUM : 1);
    });
    this.#write(")");
  }

  /** Writes the place; where a name stands, the variable's or static's own. */
  #place(place: Place): void {
    switch (place.kind) {
      case "variable":
        this.#write(this.#name(place.variable));
        break;
      case "static":
        this.#write(this.#name(place.static));
        break;
      case "field":
        this.#expression(place.of, MEMBER);
        this.#write(`.${place.field.name}`);
        break;
      case "element":
        this.#expression(place.of, MEMBER);
        this.#write("[");
        this.#expression(place.index, 0);
        this.#write("]");
        break;
    }
  }

  /** Writes the expression, in parentheses when it binds less than `precedence`. */
  #expression(expression: Expression, precedence: number): void {
    const own = precedenceOf(expression);
    if (own >= precedence) {
      this.#mark(expression);
      this.#bare(expression, own);
      return;
    }
    this.#write("(");
    this.#mark(expression);
    this.#bare(expression, own);
    this.#write(")");
  }

  #bare(expression: Expression, own: number): void {
    switch (expression.kind) {
      case "literal":
        this.#write(expression.formula ?? literalText(expression.type, expression.value, expression.base));
        break;
      case "boolean":
        this.#write(String(expression.value));
        break;
      case "member":
        this.#write(`${this.#name(expression.type.enum)}.${expression.member.name}`);
        break;
      case "null":
        this.#write("null");
        break;
      case "text":
        this.#write(JSON.stringify(expression.value));
        break;
      case "constant":
        this.#write(this.#name(expression.constant));
        break;
      case "read":
      case "address":
        this.#place(expression.place);
        break;
      case "unary":
      case "not":
        this.#write(expression.kind === "not" ? "!" : expression.operator);
        // `- -x` and `-(--x)` need to be told apart from `--x`.
        this.#expression(expression.operand, expression.operand.kind === "not" ? UNARY : POSTFIX);
        break;
      case "arithmetic":
      case "shift":
      case "compare":
      case "logical":
        // `a << b > (c)` and `a << b >> (c)` look to tsc like type arguments.
        this.#expression(expression.left, expression.kind === "compare" || expression.kind === "shift" ? SUM : own);
        this.#write(` ${expression.operator}`);
        this.#space();
        this.#expression(expression.right, own + 1);
        break;
      case "conditional":
        this.#expression(expression.condition, CONDITIONAL + 1);
        this.#write(" ? ");
        this.#expression(expression.whenTrue, CONDITIONAL);
        this.#write(" :");
        this.#space();
        this.#expression(expression.whenFalse, CONDITIONAL);
        break;
      case "step": {
        const operator = expression.delta > 0n ? "++" : "--";
        if (expression.isPrefix) this.#write(operator);
        this.#place(expression.place);
        if (!expression.isPrefix) this.#write(operator);
        break;
      }
      case "convert":
        this.#write(`${typeKey(expression.type)}(`);
        this.#list([expression.operand]);
        break;
      case "brand":
        this.#expression(expression.operand, UNARY);
        this.#write(` as ${this.#typeText(expression.type)}`);
        break;
      case "call":
        this.#write(`${this.#name(expression.function)}(`);
        this.#list(expression.arguments);
        break;
      case "tableCall":
        this.#place(expression.callee);
        this.#write("(");
        this.#list(expression.arguments);
        break;
      case "intrinsic":
        this.#write(`${expression.name}(`);
        this.#list(expression.arguments);
        break;
      case "checked":
        this.#write(`${expression.operator}(`);
        this.#list([expression.left, expression.right]);
        break;
      case "toEnum":
        this.#write(`toEnum<${this.#typeText(expression.type)}>(`);
        this.#list([expression.operand]);
        break;
      case "isEnum":
        this.#write(`isEnum<${this.#name(expression.enum)}>(`);
        this.#list([expression.operand]);
        break;
      case "nonNull":
        this.#expression(expression.operand, MEMBER);
        this.#write("!");
        break;
      case "length":
        this.#expression(expression.of, MEMBER);
        this.#write(".length");
        break;
      case "sliceOf":
      case "subslice":
        this.#write(`${expression.kind}(`);
        this.#list([expression.of, expression.from, expression.count]);
        break;
      case "sizeOf": {
        const { type } = expression;
        this.#write(`sizeOf<${type.kind === "struct" ? this.#name(type.struct) : this.#typeText(type)}>()`);
        break;
      }
    }
  }
}

/** Whether two statements are declarations that one keyword may introduce. */
function areTogether(a: Statement, b: Statement | undefined): a is LetStatement {
  return a.kind === "let" && b?.kind === "let" && a.isConst === b.isConst;
}
