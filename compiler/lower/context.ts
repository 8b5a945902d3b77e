/** What lowering a function carries along: its statements so far, its scopes and its jump targets. */
import type ts from "typescript";
import type { Expression, Local, Site, Statement, Target } from "../tree.ts";
import type { Type } from "../types/type.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { Effects } from "./effects.ts";
import type { Lowering } from "./lower.ts";

type WithoutSite<T> = T extends unknown ? Omit<T, "site"> : never;

export interface Jump {
  readonly label: string | null;
  readonly target: Target;
  readonly kind: "loop" | "switch" | "block";
}

/** A value, the statements that come before it, and the effects of both. */
export interface Captured {
  readonly statements: readonly Statement[];
  readonly value: Expression;
  readonly effects: Effects;
}

export class Context {
  readonly whole: Lowering;
  readonly typed: TypedProgram;
  readonly result: Type;
  /** Where the next statement goes, and the site that it gets. */
  statements: Statement[] = [];
  site: Site;
  readonly jumps: Jump[] = [];
  readonly locals = new Map<ts.Declaration, Local>();
  readonly #scopes: Set<string>[] = [new Set()];
  readonly #targets = new Set<string>();
  #temporaries = 0;

  constructor(whole: Lowering, result: Type, site: Site) {
    this.whole = whole;
    this.typed = whole.typed;
    this.result = result;
    this.site = site;
  }

  emit(statement: WithoutSite<Statement>, site: Site = this.site): void {
    this.statements.push({ ...statement, site });
  }

  /** The statements that `lower` emits. */
  inside(lower: () => void): Statement[] {
    const { statements, site } = this;
    const inner: Statement[] = [];
    this.statements = inner;
    lower();
    this.statements = statements;
    this.site = site;
    return inner;
  }

  /** The same with a scope of names. */
  scope(lower: () => void): Statement[] {
    this.#scopes.push(new Set());
    const statements = this.inside(lower);
    this.#scopes.pop();
    return statements;
  }

  capture(lower: () => Expression): Captured {
    const values: Expression[] = [];
    const statements = this.inside(() => values.push(lower()));
    return { statements, value: values[0] as Expression, effects: new Effects(...values, ...statements) };
  }

  /**
   * Values of operands that the source evaluates from left to right (T1): one that a later one would disturb, or
   * that would disturb a later one, is evaluated into a temporary.
   */
  inOrder(...operands: readonly (() => Expression)[]): Expression[] {
    const captured = operands.map((operand) => this.capture(operand));
    return captured.map(({ statements, value }, index) => {
      this.statements.push(...statements);
      const isSpilled = captured.slice(index + 1).some((later) => new Effects(value).mustPrecede(later.effects));
      return isSpilled ? this.spill(value) : value;
    });
  }

  /** Evaluates now what would otherwise be evaluated later. */
  spill(value: Expression): Expression {
    return this.temporary(value.type, value);
  }

  temporary(type: Type, initial: Expression | null): Expression {
    this.#temporaries++;
    const local = { name: `_t${this.#temporaries}`, type };
    this.emit({ kind: "let", local, initial });
    return { kind: "read", type, place: { kind: "local", local, type } };
  }

  declare(declaration: ts.Declaration, name: string, type: Type): Local {
    const taken = [this.whole.reserved, ...this.#scopes];
    const local = { name: freeName(/^_t\d+$/.test(name) ? `${name}_` : name, taken), type };
    this.#scopes.at(-1)?.add(local.name);
    this.locals.set(declaration, local);
    return local;
  }

  /** Runs `lower` where jumps to a new target are possible. */
  withTarget<T>(label: string | null, kind: Jump["kind"], lower: (target: Target) => T): T {
    const target = { name: freeName(label ?? `_${kind}`, [this.#targets]) };
    this.#targets.add(target.name);
    this.jumps.push({ label, target, kind });
    const result = lower(target);
    this.jumps.pop();
    return result;
  }
}

/** `name`, or `name_2`, `name_3` … where that is taken. */
function freeName(name: string, taken: readonly ReadonlySet<string>[]): string {
  let free = name;
  for (let suffix = 2; taken.some((names) => names.has(free)); suffix++) free = `${name}_${suffix}`;
  return free;
}
