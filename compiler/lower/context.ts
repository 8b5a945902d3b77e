/** What lowering a function carries along: its statements so far, its scopes and its jump targets. */
import type ts from "typescript";
import type { Callee, Expression, Local, Site, Statement, Static, Target } from "../tree.ts";
import type { Type } from "../types/type.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { Effects } from "./effects.ts";

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What functions share. Asking for a callee or a static makes it part of the program. */
export interface Whole {
  readonly typed: TypedProgram;
  siteOf(node: ts.Node): Site;
  calleeOf(declaration: ts.FunctionDeclaration): Callee;
  staticOf(declaration: ts.VariableDeclaration): Static;
  /** Reports syntax that no earlier pass has turned down; answers with a stand-in. */
  unsupported(node: ts.Node): Expression;
}

export interface Jump {
  readonly label: string | null;
  readonly target: Target;
  readonly isLoop: boolean;
  /** Whether a `break` without a label ends here. */
  readonly isBreakable: boolean;
}

/** Statements that come before a value, and the value. */
export interface Captured {
  readonly statements: Statement[];
  readonly value: Expression;
}

export class Context {
  readonly whole: Whole;
  readonly typed: TypedProgram;
  readonly result: Type;
  /** Where the next statement goes. */
  statements: Statement[] = [];
  readonly jumps: Jump[] = [];
  readonly locals = new Map<ts.Declaration, Mutable<Local>>();
  /** The site of the statement in work. */
  site: Site;
  readonly #scopes: Set<string>[] = [new Set()];
  #temporaries = 0;
  readonly #targets = new Set<string>();
  /** Whatever the function names outside itself. */
  readonly uses = new Set<Callee | Static>();

  constructor(whole: Whole, result: Type, site: Site) {
    this.whole = whole;
    this.typed = whole.typed;
    this.result = result;
    this.site = site;
  }

  emit(statement: Statement): void {
    this.statements.push(statement);
  }

  /** Runs `lower` with statements of its own. */
  inside(lower: () => void): Statement[] {
    const outer = this.statements;
    const inner: Statement[] = [];
    this.statements = inner;
    lower();
    this.statements = outer;
    return inner;
  }

  capture(lower: () => Expression): Captured {
    let value: Expression | null = null;
    const statements = this.inside(() => {
      value = lower();
    });
    return { statements, value: value as unknown as Expression };
  }

  /** A scope of names with statements of its own. */
  scope(lower: () => void): Statement[] {
    this.#scopes.push(new Set());
    const statements = this.inside(lower);
    this.#scopes.pop();
    return statements;
  }

  declare(declaration: ts.Declaration, name: string, type: Type): Local {
    const legal = /^_t\d+$/.test(name) ? `${name}_` : name;
    const local = { name: freeName(legal, (taken) => this.#isInScope(taken)), type };
    this.#scopes.at(-1)?.add(local.name);
    this.locals.set(declaration, local);
    return local;
  }

  temporary(type: Type, initial: Expression | null): Local {
    this.#temporaries++;
    const local = { name: `_t${this.#temporaries}`, type };
    this.emit({ kind: "let", local, initial, site: this.site });
    return local;
  }

  /** Evaluates now what would otherwise be evaluated later. */
  spill(value: Expression): Expression {
    return readOf(this.temporary(value.type, value));
  }

  newTarget(name: string): Target {
    const free = freeName(name, (taken) => this.#targets.has(taken));
    this.#targets.add(free);
    return { name: free };
  }

  calleeOf(declaration: ts.FunctionDeclaration): Callee {
    const callee = this.whole.calleeOf(declaration);
    this.uses.add(callee);
    return callee;
  }

  staticOf(declaration: ts.VariableDeclaration): Static {
    const found = this.whole.staticOf(declaration);
    this.uses.add(found);
    return found;
  }

  #isInScope(name: string): boolean {
    return this.#scopes.some((scope) => scope.has(name));
  }
}

/** `name`, or `name_2`, `name_3` … where that is taken. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  let free = name;
  for (let suffix = 2; isTaken(free); suffix++) free = `${name}_${suffix}`;
  return free;
}

export function readOf(local: Local): Expression {
  return { kind: "read", type: local.type, place: { kind: "local", local, type: local.type } };
}

/**
 * Values of operands that the source evaluates from left to right (T1): one that a later one would disturb, or
 * that would disturb a later one, is evaluated into a temporary.
 */
export function inOrder(context: Context, ...operands: readonly (() => Expression)[]): Expression[] {
  const captured = operands.map((operand) => context.capture(operand));
  const later = new Effects();
  const isSpilled = captured
    .toReversed()
    .map(({ statements, value }) => {
      const effects = Effects.of(value);
      const result = effects.mustPrecede(later);
      later.add(effects);
      later.addStatements(statements);
      return result;
    })
    .reverse();
  return captured.map(({ statements, value }, index) => {
    context.statements.push(...statements);
    return isSpilled[index] ? context.spill(value) : value;
  });
}
