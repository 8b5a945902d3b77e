import { beside, int, literalBeside, operand } from "./generate-integer.ts";
import { buildPlace, guard, hideNarrowing, identity, literal, readPlace, widens } from "./generate-place.ts";
import {
  BOOLEAN,
  type Comparison,
  type EnumDeclaration,
  type Expression,
  type FunctionType,
  I32,
  I64,
  type IntType,
  isSameType,
  type PointerType,
  type SliceType,
  type StructDeclaration,
  type StructType,
  type Type,
  typeKey,
  typeOf,
  U32,
  U64,
  type VariableDeclaration,
} from "./program.ts";
import type { Path, Root, Scope } from "./scope.ts";

/** Expressions of all other types, and calls. `depth` bounds their height. */

// ---- booleans, enums ----
export function boolean(scope: Scope, depth: number): Expression {
  const { random } = scope;
  if (depth <= 0 || random.chance(10)) {
    const value = readPlace(scope, (type) => type.kind === "boolean", depth);
    if (value && random.chance(60)) return value;
  }
  const next = depth - 1;
  return random.weighted<() => Expression>([
    [40, () => comparison(scope, next)],
    [depth > 0 ? 10 : 0, () => ({ kind: "not", operand: boolean(scope, next) })],
    [
      depth > 0 ? 20 : 0,
      () => ({
        kind: "logical",
        operator: random.pick(["&&", "||"]),
        left: boolean(scope, next),
        right: boolean(scope, next),
      }),
    ],
    [depth > 0 ? 7 : 0, () => nullTest(scope, next) ?? comparison(scope, next)],
    [scope.enums.length > 0 ? 8 : 0, () => enumComparison(scope, next)],
    [
      depth > 0 && scope.enums.length > 0 ? 3 : 0,
      () => ({
        kind: "isEnum",
        enum: random.pick(scope.enums),
        operand: random.chance(75) ? smallNumber(scope, next) : operand(scope, U32, next),
      }),
    ],
    [depth > 0 ? 3 : 0, () => pointerComparison(scope, next) ?? comparison(scope, next)],
    [depth > 0 ? 6 : 0, () => call(scope, (result) => result?.kind === "boolean", next) ?? comparison(scope, next)],
    [depth > 0 ? 3 : 0, () => booleanComparison(scope, next)],
  ])();
}

function comparison(scope: Scope, depth: number): Expression {
  const { random } = scope;
  const operator = random.pick<Comparison>(["===", "!==", "<", "<=", ">", ">="]);
  const brands = scope.brands;
  if (brands.length > 0 && random.chance(8)) {
    const brand = random.pick(brands);
    const type: IntType = { ...brand.base, brand };
    return { kind: "compare", operator, left: operand(scope, type, depth), right: operand(scope, type, depth) };
  }
  const type = random.pick([U32, U32, I32, U64, I64]);
  const left = operand(scope, type, depth);
  // tsc would take a plain number for the literal from there on, and turn down the next comparison with another.
  const isHarmless = operator.length < 3 || !scope.isPlainNumber(left);
  if (random.chance(8) && isHarmless) {
    return { kind: "compare", operator, left: literalBeside(scope, left), right: left };
  }
  const right = isHarmless ? beside(scope, left, type, depth) : operand(scope, type, depth);
  return { kind: "compare", operator, left, right };
}

function enumComparison(scope: Scope, depth: number): Expression {
  const { random } = scope;
  const declaration = random.pick(scope.enums);
  const left = hideNarrowing(scope, enumValue(scope, declaration, depth, false));
  const right: Expression = random.chance(75)
    ? memberOf(scope, declaration)
    : hideNarrowing(scope, enumValue(scope, declaration, depth, false));
  return { kind: "compare", operator: random.pick(["===", "!=="]), left, right };
}

function memberOf(scope: Scope, declaration: EnumDeclaration): Expression {
  return { kind: "member", type: { kind: "enum", enum: declaration }, member: scope.random.pick(declaration.members) };
}

function booleanComparison(scope: Scope, depth: number): Expression {
  const same = identity(scope, BOOLEAN, 0);
  const left: Expression = { kind: "call", function: same, arguments: [boolean(scope, depth)] };
  return { kind: "compare", operator: scope.random.pick(["===", "!=="]), left, right: boolean(scope, depth) };
}

/** `mayBeMember`: the answer may be a member's name. */
export function enumValue(scope: Scope, declaration: EnumDeclaration, depth: number, mayBeMember = true): Expression {
  const { random } = scope;
  const type: Type = { kind: "enum", enum: declaration };
  const isWanted = (found: Type | null): boolean => found?.kind === "enum" && found.enum === declaration;
  if (mayBeMember && random.chance(30)) return memberOf(scope, declaration);
  if (depth > 0 && random.chance(12)) {
    const isDense = declaration.members.every((member, index) => member.value === BigInt(index));
    if (isDense || scope.canPanic) {
      const limit = BigInt(declaration.members.length);
      const left = operand(scope, U32, depth - 1);
      const value: Expression =
        scope.canPanic && random.chance(20)
          ? smallNumber(scope, depth - 1)
          : { kind: "arithmetic", operator: "%", type: U32, left, right: literal(scope, U32, limit) };
      if (isDense || random.chance(10)) return { kind: "toEnum", type, operand: value };
    }
  }
  if (depth > 0 && random.chance(10)) {
    const value = call(scope, isWanted, depth - 1);
    if (value) return value;
  }
  if (depth > 0 && mayBeMember && random.chance(8)) {
    const [whenTrue, whenFalse] = [enumValue(scope, declaration, depth - 1), enumValue(scope, declaration, depth - 1)];
    return { kind: "conditional", type, condition: boolean(scope, depth - 1), whenTrue, whenFalse };
  }
  const value = readPlace(scope, isWanted, depth);
  if (value) return value;
  if (mayBeMember) return memberOf(scope, declaration);
  return { kind: "call", function: identity(scope, type, declaration.file), arguments: [memberOf(scope, declaration)] };
}

/** A u32 that is likely to be an enum's value. */
function smallNumber(scope: Scope, depth: number): Expression {
  return {
    kind: "arithmetic",
    operator: "%",
    type: U32,
    left: operand(scope, U32, depth),
    right: literal(scope, U32, 7n),
  };
}

// ---- pointers, slices ----
/** `p === null`, or `p !== null && …` with p known to be no null in the rest. */
function nullTest(scope: Scope, depth: number): Expression | null {
  const { random } = scope;
  const candidates = scope.variables.filter(
    (item) =>
      item.isFixed &&
      item.type.kind === "pointer" &&
      item.type.nullable &&
      !scope.narrowed.has(item) &&
      !scope.guarded.has(item),
  );
  if (candidates.length > 0 && random.chance(60)) {
    const variable = random.pick(candidates);
    const isAnd = random.chance(50);
    const left: Expression = {
      kind: "compare",
      operator: isAnd ? "!==" : "===",
      left: scope.read(variable),
      right: { kind: "null", type: variable.type as PointerType },
    };
    scope.guarded.add(variable);
    scope.narrowed.add(variable);
    const right = boolean(scope, depth);
    scope.narrowed.delete(variable);
    return { kind: "logical", operator: isAnd ? "&&" : "||", left, right };
  }
  const struct = scope.structs.length > 0 ? random.pick(scope.structs) : null;
  const value = struct && pointer(scope, struct, true, false, depth);
  if (!value || typeOf(value)?.kind !== "pointer" || !(typeOf(value) as PointerType).nullable) return null;
  const right: Expression = { kind: "null", type: typeOf(value) as PointerType };
  return { kind: "compare", operator: random.pick(["===", "!=="]), left: hideNarrowing(scope, value), right };
}

function pointerComparison(scope: Scope, depth: number): Expression | null {
  const { random } = scope;
  if (scope.structs.length === 0) return null;
  const struct = random.pick(scope.structs);
  const isNullable = random.chance(60);
  const [left, right] = [
    pointer(scope, struct, isNullable, false, depth),
    pointer(scope, struct, isNullable, false, depth),
  ];
  if (!left || !right) return null;
  const hidden = hideNarrowing(scope, left);
  guard(scope, right);
  return { kind: "compare", operator: random.pick(["===", "!=="]), left: hidden, right };
}

/** A pointer to a struct, or null when there is none to be had. `mayBorrow`: it may lead to stack storage. */
export function pointer(
  scope: Scope,
  struct: StructDeclaration,
  isNullable: boolean,
  mayBorrow: boolean,
  depth: number,
): Expression | null {
  const { random } = scope;
  const isTo = (type: Type | null): type is PointerType =>
    type?.kind === "pointer" && type.to.kind === "struct" && type.to.struct === struct;
  if (depth > 0 && random.chance(10)) {
    const value = call(scope, (result) => isTo(result) && (isNullable || !result.nullable), depth - 1);
    if (value) return value;
  }
  if (depth > 0 && random.chance(8)) {
    // In the order of the text: what the condition narrows, the arms must not read plainly.
    const condition = boolean(scope, depth - 1);
    const [whenTrue, whenFalse] = [0, 1].map(() => pointer(scope, struct, isNullable, mayBorrow, depth - 1));
    const to: StructType = { kind: "struct", struct };
    const type: PointerType = { kind: "pointer", to, nullable: isNullable };
    if (whenTrue && whenFalse) return { kind: "conditional", type, condition, whenTrue, whenFalse };
  }
  const found = scope.find((path, root) => {
    if (root.declaration === "static" && root.role === "table") return false;
    if (!mayBorrow && scope.isBorrowed(root, path)) return false;
    if (path.isRisky && !(scope.canPanic && random.chance(3))) return false;
    if (path.type.kind === "struct") return path.type.struct === struct;
    const type = path.steps.length === 0 ? scope.typeOfRoot(root) : path.type;
    return (
      isTo(type) &&
      (isNullable || !type.nullable || (scope.canPanic && random.chance(2) && !scope.isBorrowed(root, path)))
    );
  });
  if (found.length === 0) return null;
  const { root, path } = random.pick(found);
  const place = buildPlace(scope, root, path, depth - 1);
  if (path.type.kind === "struct") return { kind: "address", place };
  const value = path.steps.length === 0 ? scope.read(root) : ({ kind: "read", place, isNarrowed: false } as const);
  const type = typeOf(value) as PointerType;
  if (type.nullable && !isNullable) return { kind: "nonNull", operand: hideNarrowing(scope, value) };
  // A variable must not take over what tsc thinks of a place in memory.
  const isInMemory = path.steps.length > 0 || root.declaration === "static";
  const isDoubtful = type.nullable && isInMemory && scope.guarded.has(struct);
  return isDoubtful ? hideNarrowing(scope, value) : value;
}

/** A pointer to an array of exactly that type, or null. */
function arrayPointer(
  scope: Scope,
  type: Type & { kind: "array" },
  mayBorrow: boolean,
  depth: number,
): Expression | null {
  const found = scope.find(
    (path, root) =>
      isSameType(path.type, type) &&
      !(root.declaration === "static" && root.role === "table") &&
      !path.isRisky &&
      (mayBorrow || !scope.isBorrowed(root, path)),
  );
  const pointers = scope.variables.filter(
    (item) => item.type.kind === "pointer" && isSameType(item.type.to, type) && (mayBorrow || !item.isBorrowed),
  );
  if (pointers.length > 0 && scope.random.chance(50)) return scope.read(scope.random.pick(pointers));
  if (found.length === 0) return null;
  const { root, path } = scope.random.pick(found);
  return { kind: "address", place: buildPlace(scope, root, path, depth - 1) };
}

/** A slice of that element type, or null. */
export function slice(scope: Scope, type: SliceType, mayBorrow: boolean, depth: number): Expression | null {
  const { random } = scope;
  if (depth > 0 && random.chance(8)) {
    const value = call(scope, (result) => result?.kind === "slice" && isSameType(result, type), depth - 1);
    if (value) return value;
  }
  if (typeKey(type.element) === "u8" && random.chance(12)) return { kind: "text", value: someText(scope) };
  const isFree = (path: Path, root: Root): boolean => !path.isRisky && (mayBorrow || !scope.isBorrowed(root, path));
  const slices = scope.find((path, root) => isSameType(path.type, type) && isFree(path, root));
  if (slices.length > 0 && random.chance(60)) {
    const { root, path } = random.pick(slices);
    const value: Expression = { kind: "read", place: buildPlace(scope, root, path, depth - 1), isNarrowed: false };
    if (depth <= 0 || random.chance(70) || !scope.canPanic) return value;
    const [from, count] = [literal(scope, U32, BigInt(random.below(2))), literal(scope, U32, BigInt(random.below(3)))];
    return { kind: "subslice", type, of: value, from, count };
  }
  const arrays = scope.find(
    (path, root) =>
      path.type.kind === "array" &&
      isSameType(path.type.element, type.element) &&
      !(root.declaration === "static" && root.role === "table") &&
      isFree(path, root),
  );
  if (arrays.length === 0) return null;
  const { root, path } = random.pick(arrays);
  const { length } = path.type as Type & { kind: "array" };
  const from = random.chance(40) ? 0 : random.below(length);
  const count = random.chance(5) ? 0 : random.between(1, length - from);
  const of: Expression = { kind: "address", place: buildPlace(scope, root, path, depth - 1) };
  const bounded = (value: number): Expression =>
    depth > 0 && random.chance(25)
      ? {
          kind: "arithmetic",
          operator: "%",
          type: U32,
          left: operand(scope, U32, depth - 1),
          right: literal(scope, U32, BigInt(value + 1 + (scope.canPanic && random.chance(10) ? 2 : 0))),
        }
      : literal(scope, U32, BigInt(value));
  return { kind: "sliceOf", type, of, from: bounded(from), count: bounded(count) };
}

// ---- calls ----
/** A call of a function whose result is wanted, or null. */
export function call(
  scope: Scope,
  isWanted: (result: Type | null) => boolean,
  depth: number,
): (Expression & { kind: "call" }) | null {
  const { random } = scope;
  const callees = scope.callable.filter((item) => isWanted(item.result) && !item.isNever);
  if (callees.length === 0) return null;
  const callee = random.pick(callees);
  if (!scope.affords(callee)) return null;
  return { kind: "call", function: callee, arguments: argumentsFor(scope, callee.parameters, depth - 1) };
}

/** Values for the parameters. There is one of every type that parameters have, see `parameterTypes`. */
export function argumentsFor(scope: Scope, parameters: readonly VariableDeclaration[], depth: number): Expression[] {
  return parameters.map((parameter) => {
    const { type } = parameter;
    const found = value(scope, type, parameter.isBorrowed, Math.max(depth, 0));
    if (!found) throw new Error(`no argument of type ${typeKey(type)}`);
    return found;
  });
}

/** An expression of any type, or null where no place or function gives one. */
export function value(scope: Scope, type: Type, mayBorrow: boolean, depth: number): Expression | null {
  switch (type.kind) {
    case "int":
      return int(scope, type, depth);
    case "boolean":
      // Nowhere else: in a condition, tsc takes what follows a literal for code that is never reached.
      return scope.random.chance(12) ? { kind: "boolean", value: scope.random.chance(50) } : boolean(scope, depth);
    case "enum":
      return enumValue(scope, type.enum, depth);
    case "slice":
      if (typeKey(type.element) === "u8" && mayBorrow && scope.random.chance(20))
        return { kind: "text", value: someText(scope) };
      return slice(scope, type, mayBorrow, depth);
    case "pointer":
      if (type.to.kind === "array") return arrayPointer(scope, type.to, mayBorrow, depth);
      if (type.nullable && scope.random.chance(15)) return { kind: "null", type };
      return (
        pointer(scope, type.to.struct, type.nullable, mayBorrow, depth) ??
        (type.nullable ? { kind: "null", type } : null)
      );
    default:
      throw new Error(`no values of type ${type.kind}`);
  }
}

export function someText(scope: { readonly random: Scope["random"] }): string {
  const { random } = scope;
  const parts = [
    "state",
    "I10: ",
    "é",
    "☃",
    "\n",
    '"',
    "\\",
    "\0",
    "\x01f",
    "%d",
    "??/",
    "*/",
    "//",
    "𝄞",
    " ",
    "7",
    "'",
  ];
  return Array.from({ length: random.between(1, 4) }, () => random.pick(parts)).join("");
}

export function tableCall(scope: Scope, type: IntType, depth: number): Expression | null {
  const { random } = scope;
  const found = scope.find(
    (path, root) =>
      root.declaration === "static" &&
      path.type.kind === "function" &&
      path.type.result !== null &&
      widens(path.type.result, type),
  );
  if (found.length === 0) return null;
  const { root, path } = random.pick(found);
  const functionType = path.type as FunctionType;
  const most = tableCost(root);
  if (scope.turns * most > scope.allowance) return null;
  scope.allowance -= scope.turns * most;
  const callee = buildPlace(scope, root, path, depth);
  const parameters = functionType.parameters.map((parameter) => ({
    ...scope.declare(parameter, {}),
    isBorrowed: false,
  }));
  return { kind: "tableCall", type: functionType, callee, arguments: argumentsFor(scope, parameters, depth - 1) };
}

/** Cost of the dearest function that the table holds. */
function tableCost(root: Root): number {
  let most = 0;
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ("declaration" in node) {
      if (node.declaration === "function" && "cost" in node) most = Math.max(most, Number(node.cost));
    } else for (const item of node instanceof Map ? node.values() : Object.values(node)) visit(item);
  };
  if (root.declaration === "static") visit(root.initial);
  return most;
}
