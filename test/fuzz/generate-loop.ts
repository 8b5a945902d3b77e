import { hideNarrowing, literal, someIntType } from "./generate-place.ts";
import { block, isTerminal } from "./generate-statement.ts";
import { boolean, slice } from "./generate-value.ts";
import {
  type Expression,
  I32,
  type IntType,
  isSameType,
  type LoopStatement,
  type Place,
  type PointerType,
  type Statement,
  type StructType,
  type Type,
  U8,
  U16,
  U32,
  U64,
  type VariableDeclaration,
} from "./program.ts";
import type { Scope } from "./scope.ts";

/** Loops. All are bounded: by a counter that only the loop changes, or by a slice's length. */

/** The body of a loop that takes at most `bound` turns. */
function loopBody(scope: Scope, target: LoopStatement, nesting: number, first: Statement[] = []): Statement[] {
  const { turns } = scope;
  scope.turns *= target.bound;
  scope.targets.push(target);
  const body = block(scope, scope.random.between(1, 3), nesting, first);
  scope.targets.pop();
  scope.turns = turns;
  return body;
}

export function loop(scope: Scope, nesting: number): Statement[] {
  const { random } = scope;
  return random.weighted<() => Statement[]>([
    [45, () => [countingLoop(scope, nesting)]],
    [18, () => whileLoop(scope, nesting)],
    [15, () => doLoop(scope, nesting)],
    [10, () => endlessLoop(scope, nesting)],
    [10, () => sliceLoop(scope, nesting)],
    [6, () => reusingLoop(scope, nesting)],
  ])();
}

function emptyLoop(form: LoopStatement["form"], bound: number): LoopStatement {
  return { kind: "loop", form, head: null, condition: null, step: null, body: [], bound };
}

/** `for (let i: T = …; i < n; i++)` in either direction, by ones or twos. */
function countingLoop(scope: Scope, nesting: number): Statement {
  const { random } = scope;
  const bound = random.between(1, 5);
  const type = random.chance(60) ? U32 : someIntType(scope);
  const variable = scope.declare(type, { isFixed: true });
  const loop = emptyLoop("for", bound);
  const isDown = random.chance(25);
  const stride = random.chance(15) ? 2n : 1n;
  const last = BigInt(bound) * stride;
  const read = (): Expression => ({ kind: "read", place: { kind: "variable", variable }, isNarrowed: false });
  const start = literal(scope, type, isDown ? last : 0n);
  const isAnnotated = !(type === U32 || type === U64) || random.chance(70);
  loop.head = { kind: "let", variable, initial: start, isConst: false, isAnnotated };
  if (!isAnnotated) scope.plainNumbers.add(variable);
  const end = literal(scope, type, isDown ? 0n : last);
  loop.condition = { kind: "compare", operator: random.pick(["!==", isDown ? ">" : "<"]), left: read(), right: end };
  const place: Place = { kind: "variable", variable };
  if (stride === 1n) {
    const step: Expression = { kind: "step", type, place, delta: isDown ? -1n : 1n, isPrefix: random.chance(25) };
    loop.step = { kind: "evaluate", expression: step };
  } else loop.step = { kind: "assign", place, operator: isDown ? "-" : "+", value: literal(scope, type, stride) };
  if (!type.signed && type.width <= 32) scope.bounds.set(variable, bound * Number(stride) + (isDown ? 1 : 0));
  scope.variables.push(variable);
  if (random.chance(12)) {
    loop.condition = { kind: "logical", operator: "&&", left: loop.condition, right: boolean(scope, 1) };
  }
  loop.body = loopBody(scope, loop, nesting);
  scope.variables.pop();
  return loop;
}

/** `for (n = 0; n < 4; n++)` with a counter from before. */
function reusingLoop(scope: Scope, nesting: number): Statement[] {
  const { random } = scope;
  const bound = random.between(1, 4);
  const { variable, start, read } = counter(scope, random.pick([U32, U8, I32, U64]));
  const type = variable.type as IntType;
  const loop = emptyLoop("for", bound);
  const place: Place = { kind: "variable", variable };
  loop.head = { kind: "assign", place, operator: null, value: literal(scope, type, 0n) };
  loop.condition = { kind: "compare", operator: "<", left: read(), right: literal(scope, type, BigInt(bound)) };
  loop.step = { kind: "evaluate", expression: count(variable, random.chance(30)) };
  loop.body = loopBody(scope, loop, nesting);
  return [start, loop];
}

/** A counter before the loop; only the loop itself changes it. */
function counter(
  scope: Scope,
  type: IntType = U32,
): { variable: VariableDeclaration; start: Statement; read: () => Expression } {
  const variable = scope.declare(type, { isFixed: true });
  const initial = literal(scope, type, 0n);
  const isAnnotated = type !== U32 || scope.random.chance(60);
  if (!isAnnotated) scope.plainNumbers.add(variable);
  scope.variables.push(variable);
  return {
    variable,
    start: { kind: "let", variable, initial, isConst: false, isAnnotated },
    read: () => ({ kind: "read", place: { kind: "variable", variable }, isNarrowed: false }),
  };
}

function count(variable: VariableDeclaration, isPrefix: boolean): Expression {
  return { kind: "step", type: variable.type as IntType, place: { kind: "variable", variable }, delta: 1n, isPrefix };
}

function whileLoop(scope: Scope, nesting: number): Statement[] {
  const { random } = scope;
  const bound = random.between(1, 4);
  const { variable, start, read } = counter(scope, random.pick([U32, U32, U8, U16, I32, U64]));
  const loop = emptyLoop("while", bound);
  const limit = literal(scope, variable.type as IntType, BigInt(bound));
  const isInCondition = random.chance(50);
  const test: Expression = {
    kind: "compare",
    operator: "<",
    left: isInCondition ? count(variable, false) : read(),
    right: limit,
  };
  loop.condition = random.chance(35) ? { kind: "logical", operator: "&&", left: test, right: boolean(scope, 2) } : test;
  const first: Statement[] = isInCondition
    ? []
    : [{ kind: "evaluate", expression: count(variable, random.chance(30)) }];
  loop.body = loopBody(scope, loop, nesting, first);
  return [start, loop];
}

function doLoop(scope: Scope, nesting: number): Statement[] {
  const { random } = scope;
  const bound = random.between(1, 4);
  const { variable, start } = counter(scope);
  const loop = emptyLoop("do", bound);
  const limit = literal(scope, U32, BigInt(bound));
  const test: Expression = { kind: "compare", operator: "<", left: count(variable, true), right: limit };
  // In the order of the text: what the body narrows, the condition must not read plainly.
  loop.body = loopBody(scope, loop, nesting);
  loop.condition = random.chance(40) ? { kind: "logical", operator: "&&", left: test, right: boolean(scope, 2) } : test;
  return [start, loop];
}

/** `for (;;)` or `while (true)` that a counter leaves. */
function endlessLoop(scope: Scope, nesting: number): Statement[] {
  const { random } = scope;
  const bound = random.between(1, 4);
  const { variable, start } = counter(scope);
  const loop = emptyLoop(random.pick(["for", "while"]), bound);
  if (loop.form === "while") loop.condition = { kind: "boolean", value: true };
  const condition: Expression = {
    kind: "compare",
    operator: ">=",
    left: count(variable, false),
    right: literal(scope, U32, BigInt(bound)),
  };
  const leave: Statement = { kind: "break", target: loop, isLabelled: random.chance(20) };
  loop.body = loopBody(scope, loop, nesting, [{ kind: "if", condition, body: [leave], otherwise: null }]);
  return [start, loop];
}

/** `for (let i: u32 = 0; i < s.length; i++)` over a slice that is bound first. */
function sliceLoop(scope: Scope, nesting: number): Statement[] {
  const { random } = scope;
  const type: Type = { kind: "slice", element: random.pick([U8, U16, U32, I32, U64]) };
  const initial = slice(scope, type, false, 1);
  if (!initial) return [];
  const held = scope.declare(type, { isFixed: true });
  scope.variables.push(held);
  const isAnnotated = initial.kind === "text" || random.chance(50);
  const start: Statement = { kind: "let", variable: held, initial, isConst: true, isAnnotated };
  // Slices of a generated program have no more elements than its largest array.
  const loop = emptyLoop("for", 8);
  const variable = scope.declare(U32, { isFixed: true });
  const place: Place = { kind: "variable", variable };
  const read: Expression = { kind: "read", place, isNarrowed: false };
  loop.head = { kind: "let", variable, initial: literal(scope, U32, 0n), isConst: false, isAnnotated: true };
  loop.condition = { kind: "compare", operator: "<", left: read, right: { kind: "length", of: scope.read(held) } };
  loop.step = { kind: "evaluate", expression: { kind: "step", type: U32, place, delta: 1n, isPrefix: false } };
  scope.variables.push(variable);
  scope.sliceBounds.set(variable, held);
  loop.body = loopBody(scope, loop, nesting);
  scope.variables.pop();
  return [start, loop];
}

/** `let cursor = start; while (cursor !== null && n++ < 4) { …; cursor = cursor.next; }`, or the same with `for`. */
export function listLoop(scope: Scope, first: VariableDeclaration, type: PointerType, nesting: number): Statement[] {
  const { random } = scope;
  const { struct } = type.to as StructType;
  const links = struct.fields.filter((field) => isSameType(field.type, type));
  if (links.length === 0) return [];
  const link = random.pick(links);
  const bound = random.between(1, 4);
  const { variable: turn, start } = counter(scope);
  const cursor = scope.declare(type, { isFixed: true });
  const place: Place = { kind: "variable", variable: cursor };
  const begin: Statement = {
    kind: "let",
    variable: cursor,
    initial: scope.read(first),
    isConst: false,
    isAnnotated: true,
  };
  const loop = emptyLoop(random.pick(["for", "while"]), bound);
  const isThere: Expression = {
    kind: "compare",
    operator: "!==",
    left: { kind: "read", place, isNarrowed: false },
    right: { kind: "null", type },
  };
  const limit: Expression = {
    kind: "compare",
    operator: "<",
    left: count(turn, false),
    right: literal(scope, U32, BigInt(bound)),
  };
  loop.condition = { kind: "logical", operator: "&&", left: isThere, right: limit };
  scope.variables.push(cursor);
  scope.guarded.add(cursor);
  scope.narrowed.add(cursor);
  loop.body = loopBody(scope, loop, nesting);
  scope.narrowed.delete(cursor);
  scope.variables.pop();
  const read: Expression = {
    kind: "read",
    place: { kind: "field", of: { kind: "read", place, isNarrowed: true }, field: link },
    isNarrowed: false,
  };
  const next = scope.guarded.has(struct) ? hideNarrowing(scope, read) : read;
  const advance: Statement = { kind: "assign", place, operator: null, value: next };
  if (loop.form === "for") {
    loop.head = begin;
    loop.step = advance;
    return [start, loop];
  }
  if (!isTerminal(loop.body.at(-1))) loop.body.push(advance);
  return [start, begin, loop];
}
