/**
 * Stack storage (`local<T>()`) may be passed down, never kept: its address must not reach a field, an element, a
 * static or a result, in the function itself or in one that it calls.
 *
 * Each function has a summary of its parameters: which are kept, and which come back in the result. There is no
 * recursion (KTS4002), so that callees are summarised before their callers.
 */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { functionsOf, targetsOf } from "./calls.ts";

/** What an address may come from: a parameter, or a `const x = local<T>()`. */
type Origin = ts.ParameterDeclaration | ts.VariableDeclaration;

interface Summary {
  readonly kept: Set<Origin>;
  readonly returned: Set<Origin>;
}

export function checkEscapes(typed: TypedProgram, diagnostics: Diagnostics): void {
  const escapes = new Escapes(typed, diagnostics);
  for (const declaration of functionsOf(typed)) escapes.summaryOf(declaration);
}

class Escapes {
  readonly #typed: TypedProgram;
  readonly #diagnostics: Diagnostics;
  readonly #summaries = new Map<ts.FunctionDeclaration, Summary>();
  /** What each variable may point to. */
  readonly #origins = new Map<ts.Declaration, Set<Origin>>();

  constructor(typed: TypedProgram, diagnostics: Diagnostics) {
    this.#typed = typed;
    this.#diagnostics = diagnostics;
  }

  summaryOf(declaration: ts.FunctionDeclaration): Summary {
    const known = this.#summaries.get(declaration);
    if (known) return known;
    const summary: Summary = { kept: new Set(), returned: new Set() };
    this.#summaries.set(declaration, summary);
    for (const parameter of declaration.parameters) this.#origins.set(parameter, new Set([parameter]));
    if (declaration.body) {
      while (this.#propagate(declaration.body));
      this.#visit(declaration.body, summary);
    }
    return summary;
  }

  /** Carries origins over assignments between locals once; answers whether anything was new. */
  #propagate(body: ts.Node): boolean {
    let isNew = false;
    const flow = (to: ts.Declaration, from: ts.Expression): void => {
      const known = this.#origins.get(to) ?? new Set();
      this.#origins.set(to, known);
      const size = known.size;
      for (const origin of this.#originsOf(from)) known.add(origin);
      isNew ||= known.size > size;
    };
    const visit = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node) && node.initializer) flow(node, node.initializer);
      if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
        const target = this.#localOf(node.left);
        if (target) flow(target, node.right);
      }
      ts.forEachChild(node, visit);
    };
    visit(body);
    return isNew;
  }

  #visit(node: ts.Node, summary: Summary): void {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      if (!this.#localOf(node.left)) this.#leave(node.right, summary.kept, "stored");
    } else if (ts.isReturnStatement(node) && node.expression) {
      this.#leave(node.expression, summary.returned, "returned");
    } else if (ts.isCallExpression(node)) this.#visitCall(node, summary);
    ts.forEachChild(node, (child) => this.#visit(child, summary));
  }

  #visitCall(call: ts.CallExpression, summary: Summary): void {
    for (const target of targetsOf(this.#typed, call)) {
      const { kept } = this.summaryOf(target);
      for (const [index, argument] of call.arguments.entries()) {
        const parameter = target.parameters[index];
        if (!parameter || !kept.has(parameter)) continue;
        this.#leave(argument, summary.kept, `passed to \`${target.name?.text}\`, which stores it`);
      }
    }
  }

  /** The address leaves this function: an error for its own storage, a note for its callers about a parameter. */
  #leave(expression: ts.Expression, noted: Set<Origin>, how: string): void {
    for (const origin of this.#originsOf(expression)) {
      if (ts.isParameter(origin)) noted.add(origin);
      else this.#diagnostics.report(expression, "KTS2102", how);
    }
  }

  /** The local or parameter that an assignment sets as a whole. */
  #localOf(expression: ts.Expression): ts.Declaration | null {
    const declaration = ts.isIdentifier(expression) ? this.#typed.declarationOf(expression) : null;
    if (!declaration || ts.isParameter(declaration)) return declaration;
    return ts.isVariableDeclaration(declaration) && !isStatic(declaration) ? declaration : null;
  }

  #originsOf(node: ts.Expression): readonly Origin[] {
    const of = (...parts: readonly ts.Expression[]): Origin[] => parts.flatMap((part) => this.#originsOf(part));
    if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node)) {
      return of(node.expression);
    }
    if (ts.isConditionalExpression(node)) return of(node.whenTrue, node.whenFalse);
    if (ts.isIdentifier(node)) {
      const declaration = this.#localOf(node);
      return declaration ? [...(this.#origins.get(declaration) ?? [])] : [];
    }
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
      const { kind } = this.#typed.placeTypeOf(node);
      return kind === "struct" || kind === "array" ? of(node.expression) : [];
    }
    return ts.isCallExpression(node) ? this.#originsOfCall(node) : [];
  }

  #originsOfCall(call: ts.CallExpression): readonly Origin[] {
    const callee = this.#typed.calleeOf(call);
    const [first] = call.arguments;
    if (callee.kind === "library") {
      if (callee.name === "local" && ts.isVariableDeclaration(call.parent)) return [call.parent];
      const isPart = callee.name === "sliceOf" || callee.name === "subslice";
      return isPart && first ? this.#originsOf(first) : [];
    }
    return targetsOf(this.#typed, call).flatMap((target) => {
      const { returned } = this.summaryOf(target);
      const through = call.arguments.filter((_, index) => returned.has(target.parameters[index] as Origin));
      return through.flatMap((argument) => this.#originsOf(argument));
    });
  }
}

export function isStatic(declaration: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(declaration.parent.parent.parent);
}
