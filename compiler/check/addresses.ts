/**
 * Where addresses go. Stack storage (`local<T>()`) may be passed down, never kept: its address must not reach a
 * field, an element, a static or a result, in the function itself or in one that it calls, nor a variable of an
 * outer block. Constants (tables and texts) are in memory that cannot be written: their addresses must not reach
 * anything that the program writes through.
 *
 * Each function has a summary: which parameters are kept, and what comes back in the result. There is no recursion
 * (KTS4002), so that callees are summarised before their callers. What is written through is known only at the end.
 */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import { constantInitial, isAccess, isAssignment, isModuleLevel, writtenBy } from "../nodes.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { functionsOf, targetsOf } from "./calls.ts";

/** What an address may come from: a parameter, a `const x = local<T>()`, a static, a field that holds it, a text. */
type Origin = ts.Node | Elements;

/** The pointers and slices in an array or slice, as one place that holds them. */
interface Elements {
  readonly of: Origin;
}

interface Summary {
  readonly kept: Set<Origin>;
  readonly returned: Set<Origin>;
}

/** An address that flows into a place, and where. */
interface Flow {
  readonly from: Origin;
  readonly site: ts.Expression;
}

export function checkAddresses(typed: TypedProgram, diagnostics: Diagnostics): void {
  const addresses = new Addresses(typed, diagnostics);
  for (const declaration of functionsOf(typed)) addresses.summaryOf(declaration);
  for (const statement of typed.files.flatMap(({ statements }) => statements.filter(ts.isVariableStatement))) {
    for (const each of statement.declarationList.declarations) {
      if (each.initializer) addresses.addInitial(each, each.initializer);
    }
  }
  addresses.checkConstants();
}

class Addresses {
  readonly #typed: TypedProgram;
  readonly #diagnostics: Diagnostics;
  readonly #summaries = new Map<ts.FunctionDeclaration, Summary>();
  /** What each local variable may point to. */
  readonly #origins = new Map<ts.Declaration, Set<Origin>>();
  readonly #elements = new Map<Origin, Elements>();
  readonly #flows = new Map<Origin, Flow[]>();
  /** What the program writes through. */
  readonly #written = new Set<Origin>();

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

  /** The first value of a static, or of a part of one, which may hold texts. */
  addInitial(to: Origin, value: ts.Expression): void {
    if (ts.isArrayLiteralExpression(value)) {
      for (const part of value.elements)
        this.addInitial(ts.isArrayLiteralExpression(part) ? to : this.#elementsOf(to), part);
    } else if (ts.isObjectLiteralExpression(value)) {
      const type = this.#typed.checker.getContextualType(value);
      for (const { name, initializer } of value.properties.filter(ts.isPropertyAssignment)) {
        const field = type?.getProperty(name.getText())?.valueDeclaration;
        if (field) this.addInitial(field, initializer);
      }
    } else this.#flow(to, value);
  }

  /** Follows what is written through back to where it comes from. */
  checkConstants(): void {
    const check = (to: Origin, from: Origin, site: ts.Expression): void => {
      if (isConstant(from)) this.#diagnostics.report(site, "KTS2107", nameOf(from), nameOf(to));
      else this.#written.add(from);
    };
    // The set grows while it is walked.
    for (const to of this.#written) {
      for (const { from, site } of this.#flows.get(to) ?? []) check(to, from, site);
      if (isNode(to)) continue;
      for (const { from, site } of this.#flows.get(to.of) ?? []) check(to, this.#elementsOf(from), site);
    }
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
      if (isAssignment(node)) {
        const target = this.#localOf(node.left);
        if (target) flow(target, node.right);
      }
      ts.forEachChild(node, visit);
    };
    visit(body);
    return isNew;
  }

  #visit(node: ts.Node, summary: Summary): void {
    if (isAssignment(node)) {
      const target = this.#localOf(node.left);
      if (target) this.#checkLifetime(target, node.right);
      else {
        this.#leave(node.right, summary.kept, "stored");
        for (const place of this.#originsOf(node.left)) this.#flow(place, node.right);
      }
    } else if (ts.isReturnStatement(node) && node.expression) {
      this.#leave(node.expression, summary.returned, "returned");
    } else if (ts.isCallExpression(node)) this.#visitCall(node, summary);
    const written = writtenBy(node);
    if (written) this.#write(written);
    ts.forEachChild(node, (child) => this.#visit(child, summary));
  }

  #visitCall(call: ts.CallExpression, summary: Summary): void {
    const callee = this.#typed.calleeOf(call);
    const [first] = call.arguments;
    if (callee.kind === "library" && callee.name === "copyStruct" && first) this.#writeThrough(first, first);
    for (const target of targetsOf(this.#typed, call)) {
      const { kept } = this.summaryOf(target);
      for (const [index, argument] of call.arguments.entries()) {
        const parameter = target.parameters[index];
        if (!parameter) continue;
        this.#flow(parameter, argument);
        if (!kept.has(parameter)) continue;
        this.#leave(argument, summary.kept, `passed to \`${target.name?.text}\`, which stores it`);
      }
    }
  }

  /** The address leaves this function: an error for its own storage, a note for its callers about any other. */
  #leave(expression: ts.Expression, noted: Set<Origin>, how: string): void {
    for (const origin of this.#originsOf(expression)) {
      if (isStorage(origin)) this.#diagnostics.report(expression, "KTS2102", how);
      else noted.add(origin);
    }
  }

  #checkLifetime(target: ts.Declaration, value: ts.Expression): void {
    for (const origin of this.#originsOf(value).filter(isStorage)) {
      const { pos, end } = scopeOf(origin);
      const isInside = pos <= target.pos && target.end <= end;
      if (!isInside) this.#diagnostics.report(value, "KTS2106", nameOf(target));
    }
  }

  #flow(to: Origin, value: ts.Expression): void {
    const flows = this.#flows.get(to) ?? [];
    this.#flows.set(to, flows);
    for (const from of this.#originsOf(value)) flows.push({ from, site: value });
  }

  #write(place: ts.Expression): void {
    if (ts.isParenthesizedExpression(place)) this.#write(place.expression);
    else if (isAccess(place)) this.#writeThrough(place.expression, place);
  }

  #writeThrough(object: ts.Expression, site: ts.Expression): void {
    for (const origin of this.#originsOf(object)) {
      if (isConstant(origin)) this.#diagnostics.report(site, "KTS1060", nameOf(origin));
      else this.#written.add(origin);
    }
  }

  /** The local or parameter that an assignment sets as a whole. */
  #localOf(expression: ts.Expression): ts.Declaration | null {
    const declaration = ts.isIdentifier(expression) ? this.#typed.declarationOf(expression) : null;
    if (!declaration || ts.isParameter(declaration)) return declaration;
    return ts.isVariableDeclaration(declaration) && !isModuleLevel(declaration) ? declaration : null;
  }

  #elementsOf(origin: Origin): Elements {
    const elements = this.#elements.get(origin) ?? { of: origin };
    this.#elements.set(origin, elements);
    return elements;
  }

  #originsOf(node: ts.Expression): readonly Origin[] {
    const of = (...parts: readonly ts.Expression[]): Origin[] => parts.flatMap((part) => this.#originsOf(part));
    if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node)) {
      return of(node.expression);
    }
    if (ts.isConditionalExpression(node)) return of(node.whenTrue, node.whenFalse);
    if (ts.isStringLiteral(node)) return [node];
    if (ts.isIdentifier(node)) {
      const declaration = this.#typed.declarationOf(node);
      if (declaration && ts.isVariableDeclaration(declaration) && isModuleLevel(declaration)) return [declaration];
      return declaration ? [...(this.#origins.get(declaration) ?? [])] : [];
    }
    if (isAccess(node)) {
      const { kind } = this.#typed.placeTypeOf(node);
      if (kind === "struct" || kind === "array") return of(node.expression);
      if (kind !== "pointer" && kind !== "slice") return [];
      if (ts.isElementAccessExpression(node)) return of(node.expression).map((origin) => this.#elementsOf(origin));
      const field = ts.isIdentifier(node.name) ? this.#typed.declarationOf(node.name) : null;
      return field ? [field] : [];
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
      const seenHere = (origin: Origin): readonly Origin[] => {
        if (!isNode(origin)) return seenHere(origin.of).map((of) => this.#elementsOf(of));
        const argument = call.arguments[target.parameters.indexOf(origin as ts.ParameterDeclaration)];
        return argument ? this.#originsOf(argument) : [origin];
      };
      return [...this.summaryOf(target).returned].flatMap(seenHere);
    });
  }
}

function isNode(origin: Origin): origin is ts.Node {
  return "pos" in origin;
}

function isStorage(origin: Origin): origin is ts.VariableDeclaration {
  return isNode(origin) && ts.isVariableDeclaration(origin) && !isModuleLevel(origin);
}

/** A text, or a module constant that is no struct and does not start zeroed. */
function isConstant(origin: Origin): boolean {
  if (!isNode(origin)) return isConstant(origin.of);
  if (!ts.isVariableDeclaration(origin)) return ts.isStringLiteral(origin);
  const initial = constantInitial(origin);
  return initial !== null && !ts.isCallExpression(initial) && !ts.isObjectLiteralExpression(initial);
}

function nameOf(origin: Origin): string {
  if (!isNode(origin)) return nameOf(origin.of);
  return (origin as ts.NamedDeclaration).name?.getText() ?? origin.getText();
}

/** Where a variable lives. */
function scopeOf(node: ts.Node): ts.Node {
  const { parent } = node;
  if (ts.isFunctionDeclaration(parent) || ts.isForStatement(parent) || ts.isCaseBlock(parent)) return parent;
  return ts.isBlock(parent) && !ts.isFunctionDeclaration(parent.parent) ? parent : scopeOf(parent);
}
