import { buildPlace, literal, readPlace, widens, writablePlace } from "./generate-place.ts";
import { argumentsFor, boolean, call, enumValue, tableCall } from "./generate-value.ts";
import {
  type Arithmetic,
  type Expression,
  I32,
  I64,
  INTRINSICS,
  type Intrinsic,
  type IntType,
  intType,
  isSameType,
  type Place,
  promoted,
  type Type,
  typeOf,
  U16,
  U32,
  U64,
} from "./program.ts";
import type { Root, Scope } from "./scope.ts";

/** Integer expressions by the type that is wanted. `depth` bounds their height. */

// ---- integers ----
/** An expression that may be assigned to a place of type `type`. */
export function int(scope: Scope, type: IntType, depth: number): Expression {
  const { random } = scope;
  if (random.chance(depth > 0 ? 12 : 35)) return literal(scope, type);
  if (type.brand) return branded(scope, type, depth);
  if (type.width >= 32) return operand(scope, type, depth);
  if (random.chance(depth > 0 ? 25 : 60)) {
    const value = readPlace(scope, (found) => widens(found, type), depth);
    if (value) return value;
  }
  if (random.chance(10)) {
    const value = call(scope, (result) => result !== null && widens(result, type), depth);
    if (value) return value;
  }
  if (depth <= 0) return literal(scope, type);
  if (random.chance(8)) return narrowConditional(scope, type, depth - 1);
  // A literal is cut off like anything else.
  if (random.chance(4)) return { kind: "convert", type, operand: literal(scope, random.pick([U32, I32])) };
  if (type === U16 && random.chance(5)) return intrinsic(scope, "byteSwap16", depth);
  return conversion(scope, type, depth);
}

/** Like `int` for a type that is not narrow, but never a bare constant: the other side of an operator may be one. */
export function operand(scope: Scope, type: IntType, depth: number): Expression {
  const { random } = scope;
  if (depth <= 0) return variableOperand(scope, type, 0);
  if (type.brand) return branded(scope, type, depth);
  const next = depth - 1;
  return random.weighted<() => Expression>([
    [24, () => variableOperand(scope, type, depth)],
    [24, () => arithmeticExpression(scope, type, next)],
    [8, () => shiftExpression(scope, type, next)],
    [5, () => ({ kind: "unary", operator: random.pick(["-", "~"]), type, operand: operand(scope, type, next) })],
    [9, () => conversion(scope, type, next)],
    // A narrow value, which the operator promotes.
    [type.width === 32 ? 7 : 0, () => conversion(scope, intType(random.pick([8, 16]), type.signed), next)],
    [6, () => conditional(scope, type, next)],
    [7, () => stepExpression(scope, (found) => widens(found, type), next) ?? variableOperand(scope, type, next)],
    [
      9,
      () =>
        call(scope, (result) => result !== null && widens(result, type), next) ?? variableOperand(scope, type, next),
    ],
    [4, () => tableCall(scope, type, next) ?? variableOperand(scope, type, next)],
    [4, () => someIntrinsic(scope, type, next) ?? variableOperand(scope, type, next)],
    [2, () => checkedExpression(scope, type, next)],
    [4, () => trap(scope, type, next) ?? arithmeticExpression(scope, type, next)],
    [3, () => mixedSteps(scope, type) ?? arithmeticExpression(scope, type, next)],
    [type === U32 ? 3 : 0, () => lengthExpression(scope, next)],
    [type === U64 ? 1 : 0, () => sizeOfExpression(scope) ?? variableOperand(scope, type, next)],
  ])();
}

/** Something that the compiler cannot fold. */
export function variableOperand(scope: Scope, type: IntType, depth: number): Expression {
  const isExact = scope.random.chance(60);
  const value =
    readPlace(scope, (found) => (isExact ? isSameType(found, type) : widens(found, type)), depth) ??
    readPlace(scope, (found) => widens(found, type), 0);
  if (value) return value;
  const trace: Expression = { kind: "read", place: scope.placeOf(traceOf(scope)), isNarrowed: false };
  return { kind: "convert", type, operand: type.signed ? { kind: "convert", type: I64, operand: trace } : trace };
}

function traceOf(scope: Scope): Root {
  const trace = scope.draft.traces[0];
  if (!trace) throw new Error("a program without a trace");
  return trace;
}

/** A literal for the other side of `other`: within the type to which that side is promoted. */
export function literalBeside(scope: Scope, other: Expression): Expression {
  return literal(scope, promoted(typeOf(other) as IntType));
}

/** The right side for `left`: a constant, or an operand of the same type. */
export function beside(scope: Scope, left: Expression, type: IntType, depth: number): Expression {
  const { random } = scope;
  if (random.chance(35)) return literalBeside(scope, left);
  const constants = scope.constants.filter((item) =>
    item.isAnnotated ? widens(item.type, type) : isSameType(item.type, type),
  );
  if (constants.length > 0 && random.chance(8)) {
    const constant = random.pick(constants);
    const value: Expression = { kind: "constant", type: constant.type, constant };
    if (!constant.isAnnotated || random.chance(50)) return value;
    // Folded at the operation's width.
    const wide = promoted(constant.type);
    const operator = random.pick<Arithmetic>(["+", "-", "*", "^", "&", "|"]);
    return { kind: "arithmetic", operator, type: wide, left: value, right: literal(scope, wide) };
  }
  return operand(scope, type, depth);
}

function arithmeticExpression(scope: Scope, type: IntType, depth: number): Expression {
  const { random } = scope;
  const operator = random.weighted<Arithmetic>([
    [24, "+"],
    [16, "-"],
    [12, "*"],
    [9, "&"],
    [7, "|"],
    [9, "^"],
    [8, "/"],
    [8, "%"],
  ]);
  const left = operand(scope, type, depth);
  if (operator === "/" || operator === "%") {
    return { kind: "arithmetic", operator, type, left, right: divisor(scope, left, type, depth) };
  }
  if (random.chance(12)) return { kind: "arithmetic", operator, type, left: literalBeside(scope, left), right: left };
  return { kind: "arithmetic", operator, type, left, right: beside(scope, left, type, depth) };
}

/** Seldom 0. */
export function divisor(scope: Scope, left: Expression, type: IntType, depth: number): Expression {
  const { random } = scope;
  if (type.signed && random.chance(12)) return literal(scope, type, -1n);
  const known = literalBeside(scope, left) as Expression & { kind: "literal" };
  if (random.chance(45) && known.value !== 0n) return known;
  const value = operand(scope, type, depth);
  if (scope.canPanic && random.chance(3)) return value;
  return { kind: "arithmetic", operator: "|", type, left: value, right: literal(scope, type, 1n) };
}

function shiftExpression(scope: Scope, type: IntType, depth: number): Expression {
  const { random } = scope;
  const operator = random.chance(50) ? "<<" : !type.signed && type.width === 32 ? ">>>" : ">>";
  const left = operand(scope, type, depth);
  return { kind: "shift", operator, type, left, right: shiftAmount(scope, type, type.width, depth) };
}

/** `width`: constant amounts stay below it; others may be anything. */
export function shiftAmount(scope: Scope, type: IntType, width: number, depth: number): Expression {
  const { random } = scope;
  const amountType = intType(type.width, random.chance(10) ? !type.signed : type.signed);
  if (random.chance(50))
    return literal(scope, type.brand ? intType(type.width, type.signed) : type, BigInt(random.below(width)));
  const found = operand(scope, amountType, depth);
  // `x << (isEnum<E>(y) …` looks to tsc like type arguments.
  const value = hasTypeArgument(found) ? variableOperand(scope, amountType, 0) : found;
  if (random.chance(45)) return value;
  const mask = literal(scope, amountType, random.pick([7n, 15n, 31n, 63n, 127n]));
  return { kind: "arithmetic", operator: "&", type: amountType, left: value, right: mask };
}

function hasTypeArgument(node: unknown): boolean {
  if (typeof node !== "object" || node === null || "declaration" in node) return false;
  if ("kind" in node && ["isEnum", "toEnum", "sizeOf"].includes(String(node.kind))) return true;
  return Object.entries(node).some(([key, item]) => key !== "type" && hasTypeArgument(item));
}

/** A conversion to `type`, from a type from which there is one: sign and width never change in one step. */
function conversion(scope: Scope, type: IntType, depth: number): Expression {
  const { random } = scope;
  const roll = random.below(100);
  if (roll < 8) return { kind: "convert", type, operand: boolean(scope, depth) };
  if (roll < 16 && scope.enums.length > 0 && !type.signed && type.width >= 32) {
    return { kind: "convert", type, operand: enumValue(scope, random.pick(scope.enums), depth, false) };
  }
  const brands = scope.brands.filter((item) => item.base === type);
  if (roll < 24 && brands.length > 0) {
    const brand = random.pick(brands);
    return { kind: "convert", type, operand: operand(scope, { ...brand.base, brand }, depth) };
  }
  if (roll < 50) {
    const from = intType(type.width, !type.signed);
    return { kind: "convert", type, operand: exact(scope, from, depth) };
  }
  const from = intType(random.pick([8, 16, 32, 32, 64, 64]), type.signed);
  return { kind: "convert", type, operand: operand(scope, promoted(from), depth) };
}

/** An expression whose own type is `type` and nothing narrower. */
function exact(scope: Scope, type: IntType, depth: number): Expression {
  const value =
    type.width >= 32 ? operand(scope, type, depth) : readPlace(scope, (found) => isSameType(found, type), depth);
  const isPlain =
    value !== null && ["read", "arithmetic", "shift", "unary", "convert", "call", "intrinsic"].includes(value.kind);
  if (isPlain && isSameType(typeOf(value) as Type, type)) return value;
  return { kind: "convert", type, operand: value ?? operand(scope, promoted(type), depth - 1) };
}

function conditional(scope: Scope, type: IntType, depth: number): Expression {
  const condition = boolean(scope, depth);
  const whenTrue = operand(scope, type, depth);
  // A literal takes the very type of the other arm.
  const own = typeOf(whenTrue) as IntType;
  const whenFalse = scope.random.chance(30) ? literal(scope, own) : operand(scope, type, depth);
  // Arms are not promoted: the result is as wide as the wider one.
  const other = typeOf(whenFalse) as IntType;
  return { kind: "conditional", type: other.width > own.width ? other : own, condition, whenTrue, whenFalse };
}

function narrowConditional(scope: Scope, type: IntType, depth: number): Expression {
  const condition = boolean(scope, depth);
  const whenTrue = exact(scope, type, depth);
  const whenFalse = scope.random.chance(40) ? literal(scope, type) : exact(scope, type, depth);
  return { kind: "conditional", type, condition, whenTrue, whenFalse };
}

/** `x++` and its like on some place. */
function stepExpression(scope: Scope, isWanted: (type: Type) => boolean, depth: number): Expression | null {
  const { random } = scope;
  const place = writablePlace(scope, (type) => type.kind === "int" && isWanted(type), depth);
  if (!place) return null;
  const type = placeTypeAsInt(place);
  return { kind: "step", type, place, delta: random.pick([1n, -1n]), isPrefix: random.chance(40) };
}

function placeTypeAsInt(place: Place): IntType {
  return typeOf({ kind: "read", place, isNarrowed: false }) as IntType;
}

/** `x + x++ * 2 + --x`: one variable or static, read and changed in one expression. */
export function mixedSteps(scope: Scope, type: IntType): Expression | null {
  const { random } = scope;
  const found = scope.find(
    (path, root) =>
      path.steps.length === 0 &&
      widens(path.type, type) &&
      (root.declaration === "variable" ? !root.isFixed : root.role === "let" && root.file === scope.function.file),
  );
  if (found.length === 0) return null;
  const { root } = random.pick(found);
  const leaf = (): Expression => {
    const place = scope.placeOf(root);
    if (random.chance(55)) return { kind: "read", place, isNarrowed: false };
    return {
      kind: "step",
      type: root.type as IntType,
      place,
      delta: random.pick([1n, -1n]),
      isPrefix: random.chance(50),
    };
  };
  let tree = leaf();
  for (let i = random.between(1, 3); i > 0; i--) {
    const operator = random.pick<Arithmetic>(["+", "-", "*", "^"]);
    const other: Expression =
      random.chance(25) && i > 1
        ? { kind: "arithmetic", operator: "*", type, left: leaf(), right: literal(scope, root.type as IntType) }
        : leaf();
    const [left, right] = random.chance(60) ? [tree, other] : [other, tree];
    tree = { kind: "arithmetic", operator, type, left, right };
  }
  return tree;
}

/** A static beside a call that changes it. */
function trap(scope: Scope, type: IntType, depth: number): Expression | null {
  const { random } = scope;
  const callees = scope.callable.filter(
    (item) => item.writes.size > 0 && item.result !== null && widens(item.result, type),
  );
  if (callees.length === 0) return null;
  const callee = random.pick(callees);
  const found = scope.find(
    (path, root) =>
      root.declaration === "static" && callee.writes.has(root) && widens(path.type, type) && !path.isRisky,
  );
  if (found.length === 0 || !scope.affords(callee)) return null;
  const { root, path } = random.pick(found);
  const read: Expression = { kind: "read", place: buildPlace(scope, root, path, depth - 1), isNarrowed: false };
  const effect: Expression = {
    kind: "call",
    function: callee,
    arguments: argumentsFor(scope, callee.parameters, depth - 1),
  };
  const [left, right] = random.chance(70) ? [read, effect] : [effect, read];
  return { kind: "arithmetic", operator: random.pick(["+", "-", "^", "*"]), type, left, right };
}

function someIntrinsic(scope: Scope, type: IntType, depth: number): Expression | null {
  const names = (Object.keys(INTRINSICS) as Intrinsic[]).filter((name) => INTRINSICS[name].result === type);
  return names.length > 0 ? intrinsic(scope, scope.random.pick(names), depth) : null;
}

function intrinsic(scope: Scope, name: Intrinsic, depth: number): Expression {
  const { parameters, result } = INTRINSICS[name];
  const values = parameters.map((parameter, index) =>
    index === 0 && parameter.width >= 32 ? operand(scope, parameter, depth) : int(scope, parameter, depth - 1),
  );
  return { kind: "intrinsic", name, type: result, arguments: values };
}

/** In a program that must not panic, of operands too small to overflow. */
function checkedExpression(scope: Scope, type: IntType, depth: number): Expression {
  const { random } = scope;
  const operator = random.pick(["addChecked", "mulChecked"] as const);
  const small = (): Expression => ({
    kind: "arithmetic",
    operator: "&",
    type,
    left: operand(scope, type, depth - 1),
    right: literal(scope, type, 0xfffn),
  });
  const side = (): Expression => (scope.canPanic && random.chance(20) ? exact(scope, type, depth) : small());
  return {
    kind: "checked",
    operator,
    type,
    left: side(),
    right: random.chance(20) ? literal(scope, type, BigInt(random.below(9))) : side(),
  };
}

function lengthExpression(scope: Scope, depth: number): Expression {
  const found = scope.find((path) => path.type.kind === "slice" && !path.isRisky);
  if (found.length === 0) return variableOperand(scope, U32, depth);
  const { root, path } = scope.random.pick(found);
  return { kind: "length", of: { kind: "read", place: buildPlace(scope, root, path, depth - 1), isNarrowed: false } };
}

function sizeOfExpression(scope: Scope): Expression | null {
  const { random } = scope;
  if (scope.structs.length === 0) return null;
  const type: Type = { kind: "struct", struct: random.pick(scope.structs) };
  const value: Expression = { kind: "sizeOf", type };
  // Beside something that is no constant, lest whole expressions fold.
  return {
    kind: "arithmetic",
    operator: random.pick(["+", "^"]),
    type: U64,
    left: variableOperand(scope, U64, 0),
    right: value,
  };
}

/** A value of a brand: read, computed with plain constants, or put on. */
function branded(scope: Scope, type: IntType, depth: number): Expression {
  const { random } = scope;
  const plain = intType(type.width, type.signed);
  if (depth > 0 && random.chance(35)) {
    const left = operand(scope, type, depth - 1);
    const right = random.chance(50) ? literal(scope, plain) : operand(scope, plain, depth - 1);
    return { kind: "arithmetic", operator: random.pick(["+", "-", "&", "|", "^"]), type, left, right };
  }
  return (
    readPlace(scope, (found) => isSameType(found, type), depth) ?? {
      kind: "brand",
      type,
      operand: operand(scope, plain, depth - 1),
    }
  );
}
