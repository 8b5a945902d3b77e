import type {
  BrandDeclaration,
  ConstantDeclaration,
  EnumDeclaration,
  FunctionDeclaration,
  Program,
  Statement,
  StaticDeclaration,
  StructDeclaration,
  VariableDeclaration,
} from "./program.ts";
import { Random } from "./random.ts";

/**
 * Names for a program's declarations. Globals are unique in the program; a local may take the name of any other
 * declaration that is not used in its scope, so that programs shadow. The names collide on purpose with C's
 * keywords, with macros that compilers predefine and with functions that they know.
 */

export type Named =
  | BrandDeclaration
  | ConstantDeclaration
  | EnumDeclaration
  | FunctionDeclaration
  | StaticDeclaration
  | StructDeclaration
  | VariableDeclaration;

const TYPE_NAMES = [
  "Thread",
  "Node",
  "Queue",
  "State",
  "Mode",
  "Frame",
  "Link",
  "Port",
  "Page",
  "Kind",
  "Union",
  "Task",
];
const PLAIN_NAMES =
  "count total left right next value index size offset flags mask limit depth cursor owner first last state kind x y a b i j k n t";
const HOSTILE_NAMES =
  "int long short char signed unsigned float double register auto goto union extern sizeof typedef volatile restrict " +
  "inline asm bool nullptr alignas constexpr typeof_ linux unix i386 NULL main memcpy memset remove exit abs index " +
  "errno printf int_ _t0 _0 _1 data length struct_ hash result self u33 text site kts true_ INT_MAX";
const LOCAL_NAMES = [...new Set([...PLAIN_NAMES.split(" "), ...PLAIN_NAMES.split(" "), ...HOSTILE_NAMES.split(" ")])];

export class Names {
  readonly #names = new Map<Named, string>();
  readonly #random: Random;

  constructor(program: Program) {
    this.#random = new Random(program.seed ^ 0x6e616d65, program.index);
    const taken = new Set<string>();
    for (const declaration of [...program.brands, ...program.enums, ...program.structs]) {
      this.#name(declaration, TYPE_NAMES, taken, `_${program.prefix}`);
    }
    for (const declaration of [...program.constants, ...program.statics, ...program.functions]) {
      this.#name(declaration, LOCAL_NAMES, taken, "");
    }
    for (const declaration of program.functions) {
      this.#nameScope(declaration.parameters, declaration.body, []);
    }
  }

  of(declaration: Named): string {
    const name = this.#names.get(declaration);
    if (name === undefined) throw new Error("a declaration outside the program");
    return name;
  }

  #name(declaration: Named, pool: readonly string[], taken: Set<string>, suffix: string): void {
    let name = this.#random.pick(pool) + suffix;
    for (let attempt = 0; taken.has(name); attempt++) {
      // Names with one digit are those of the code that hashes the state.
      name = this.#random.pick(pool) + (attempt < 3 ? "" : 10 + this.#random.below(990)) + suffix;
    }
    taken.add(name);
    this.#names.set(declaration, name);
  }

  /** Names `own` and what `body` declares directly, then the scopes within. `around` are further nodes of the scope. */
  #nameScope(own: readonly VariableDeclaration[], body: readonly Statement[], around: readonly object[]): void {
    const declared = [...own, ...declarationsIn(body)];
    if (declared.length > 0) {
      const taken = new Set<string>();
      const used = new Set<object>();
      collectDeclarations(body, used);
      collectDeclarations(around, used);
      for (const variable of declared) collectDeclarations(variable.type, used);
      for (const item of used) {
        const name = this.#names.get(item as Named);
        if (name !== undefined) taken.add(name);
      }
      for (const variable of declared) this.#name(variable, LOCAL_NAMES, taken, "");
    }
    for (const statement of body) this.#nameWithin(statement);
  }

  #nameWithin(statement: Statement): void {
    switch (statement.kind) {
      case "loop": {
        const head = statement.head?.kind === "let" ? [statement.head.variable] : [];
        if (head.length > 0) {
          this.#nameScope(head, [], [statement]);
        }
        this.#nameScope([], statement.body, []);
        break;
      }
      case "switch": {
        const open = statement.clauses.filter((clause) => !clause.hasBraces);
        this.#nameScope(
          [],
          open.flatMap((clause) => clause.body),
          statement.clauses,
        );
        for (const clause of statement.clauses) {
          if (clause.hasBraces) this.#nameScope([], clause.body, []);
        }
        break;
      }
      case "block":
        this.#nameScope([], statement.body, []);
        break;
      case "if":
        this.#nameScope([], statement.body, []);
        if (statement.otherwise) this.#nameScope([], statement.otherwise, []);
        break;
    }
  }
}

function declarationsIn(body: readonly Statement[]): VariableDeclaration[] {
  return body.flatMap((statement) => (statement.kind === "let" ? [statement.variable] : []));
}

/** Adds every declaration that the nodes below `node` mention, types included. */
function collectDeclarations(node: unknown, found: Set<object>): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) collectDeclarations(item, found);
    return;
  }
  if ("declaration" in node) {
    if (found.has(node)) return;
    found.add(node);
    if (node.declaration === "variable" && "type" in node) collectDeclarations(node.type, found);
    return;
  }
  for (const [key, value] of Object.entries(node)) {
    // The target of a `break` leads back up.
    if (key !== "target") collectDeclarations(value, found);
  }
}
