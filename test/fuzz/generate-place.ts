import { operand, variableOperand } from "./generate-integer.ts";
import { enumValue, pointer } from "./generate-value.ts";
import { literalText } from "./print-text.ts";
import {
  type Base,
  type EnumDeclaration,
  type Expression,
  type FunctionDeclaration,
  I32,
  INT_TYPES,
  type IntType,
  isSameType,
  type Place,
  promoted,
  type SliceType,
  type StructDeclaration,
  type Type,
  typeKey,
  typeOf,
  U8,
  U16,
  U32,
  U64,
  type VariableDeclaration,
  wrap,
} from "./program.ts";
import { type Path, pathsOf, type Root, type Scope } from "./scope.ts";

/** Literals, and places to read or assign, over what is visible in a scope. */

const EDGES = [
  0n,
  1n,
  2n,
  3n,
  5n,
  7n,
  8n,
  15n,
  16n,
  31n,
  32n,
  63n,
  64n,
  127n,
  128n,
  255n,
  256n,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x10000n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];

/** A value of the type, most often one at which rules change. */
export function someValue(scope: { readonly random: Scope["random"] }, type: IntType): bigint {
  const { random } = scope;
  if (random.chance(45)) return BigInt(random.below(17)) - (type.signed && random.chance(40) ? 8n : 0n);
  const value = random.chance(70) ? random.pick(EDGES) : random.nextBig() >> BigInt(random.below(64));
  return wrap(type, random.chance(25) ? -value : value);
}

export function literal(scope: Scope, type: IntType, value = someValue(scope, type)): Expression {
  const base =
    value > 9n
      ? scope.random.weighted<Base>([
          [55, 10],
          [40, 16],
          [5, 2],
        ])
      : 10;
  const formula = scope.random.chance(4) ? formulaOf(scope, type, value) : null;
  return formula === null ? { kind: "literal", type, value, base } : { kind: "literal", type, value, base, formula };
}

/** Text of a computation with literals whose exact value is `value` and that needs no wrapping; or null. */
function formulaOf(scope: Scope, type: IntType, value: bigint): string | null {
  const { random } = scope;
  if (value < 0n || value >= 1n << BigInt(promoted(type).width - 2)) return null;
  const write = (part: bigint): string => literalText(promoted(type), part, random.pick([10, 16]));
  const [less, other] = [value - BigInt(random.below(Number(value % 997n) + 1)), BigInt(random.below(1000))];
  const factor = BigInt(random.between(2, 9));
  return random.pick([
    () => `${write(less)} + ${write(value - less)}`,
    () => `${write(value + other)} - ${write(other)}`,
    () => `${write(value ^ other)} ^ ${write(other)}`,
    () => `${write(value & ~7n)} | ${write(value & 7n)}`,
    () => `${write(value / factor)} * ${write(factor)} + ${write(value % factor)}`,
    () => `(${write(value * factor)}) / ${write(factor)}`,
    () => `${write(value >> 1n)} << ${write(1n)} | ${write(value & 1n)}`,
  ])();
}

/** The integer types that code uses, the common ones more often. */
export function someIntType(scope: { readonly random: Scope["random"] }): IntType {
  return scope.random.chance(40) ? scope.random.pick([U32, U64, U8, I32]) : scope.random.pick(INT_TYPES);
}

// ---- places ----
/** The place at the end of a path, with indices made up on the way. */
export function buildPlace(scope: Scope, root: Root, path: Path, depth: number): Place {
  return path.steps.length === 0 ? scope.placeOf(root) : buildFrom(scope, scope.read(root), path, root, depth);
}

/** The place at the end of a path that starts at the object, or pointer or slice, `start`. */
function buildFrom(scope: Scope, start: Expression, path: Path, root: Root | null, depth: number): Place {
  let place: Place | null = null;
  let value = start;
  path.steps.forEach((step, index) => {
    switch (step.kind) {
      case "field":
        place = { kind: "field", of: value, field: step.field };
        break;
      case "element":
        place = { kind: "element", of: value, index: indexFor(scope, step.of, index === 0 ? root : null, depth) };
        break;
      case "target":
        if (step.isNullable) value = { kind: "nonNull", operand: hideNarrowing(scope, value) };
        return;
    }
    const type = step.kind === "field" ? step.field.type : (step.of as SliceType).element;
    const isAggregate = type.kind === "struct" || type.kind === "array";
    value = isAggregate ? { kind: "address", place } : { kind: "read", place, isNarrowed: false };
  });
  if (place === null) throw new Error("a path that leads nowhere");
  return place;
}

/** A place in an object that an expression finds, such as `next(q).count`; or null. */
function placeInFound(scope: Scope, isWanted: (type: Type) => boolean, depth: number): Place | null {
  const { random } = scope;
  if (depth < 2 || scope.structs.length === 0 || !random.chance(8)) return null;
  const struct = random.pick(scope.structs);
  const paths = pathsOf(scope.draft.program, { kind: "struct", struct }).filter(
    (path) => path.steps.length > 0 && isWanted(path.type) && !path.isRisky && !path.isSliced && !endsInNumber(path),
  );
  const start = paths.length > 0 ? pointer(scope, struct, false, true, depth - 1) : null;
  return start && buildFrom(scope, start, random.pick(paths), null, depth - 1);
}

/** Objects' numbers never change. */
function endsInNumber(path: Path): boolean {
  const last = path.steps.at(-1);
  return last?.kind === "field" && last.field.name === "id";
}

/** An index into `of`, nearly always within its bounds. `root`: the variable or static that the elements are of. */
function indexFor(scope: Scope, of: Type, root: Root | null, depth: number): Expression {
  const { random } = scope;
  if (of.kind === "slice") {
    const safe = scope.variables.filter((item) => root !== null && scope.sliceBounds.get(item) === root);
    if (safe.length > 0 && random.chance(75)) return scope.read(random.pick(safe));
    if (root !== null && random.chance(85)) {
      const right: Expression = { kind: "length", of: scope.read(root) };
      return { kind: "arithmetic", operator: "%", type: U32, left: operand(scope, U32, depth - 1), right };
    }
    return literal(scope, U32, BigInt(random.below(3)));
  }
  const length = of.kind === "array" ? of.length : of.kind === "pointer" && of.to.kind === "array" ? of.to.length : 1;
  const within = scope.variables.filter((item) => (scope.bounds.get(item) ?? Infinity) <= length);
  const isPower = (length & (length - 1)) === 0;
  const enums = scope.enums.filter((item) => item.members.every((member) => member.value < length));
  return random.weighted<() => Expression>([
    [30, () => literal(scope, U32, BigInt(random.below(length)))],
    [within.length > 0 ? 40 : 0, () => scope.read(random.pick(within))],
    [
      isPower && depth > 0 ? 30 : 0,
      () => ({
        kind: "arithmetic",
        operator: "&",
        type: U32,
        left: operand(scope, U32, depth - 1),
        right: literal(scope, U32, BigInt(length - 1)),
      }),
    ],
    [
      depth > 0 ? (isPower ? 8 : 30) : 0,
      () => ({
        kind: "arithmetic",
        operator: "%",
        type: U32,
        left: operand(scope, U32, depth - 1),
        right: literal(scope, U32, BigInt(length)),
      }),
    ],
    [
      enums.length > 0 && depth > 0 ? 4 : 0,
      () => ({ kind: "convert", type: U32, operand: enumValue(scope, random.pick(enums), depth - 1) }),
    ],
    [scope.canPanic && depth > 0 ? 0.6 : 0, () => variableOperand(scope, random.pick([U8, U16, U32]), depth - 1)],
    [
      scope.canPanic ? 1 : 0,
      () => ({
        kind: "arithmetic",
        operator: "%",
        type: U32,
        left: operand(scope, U32, depth - 1),
        right: literal(scope, U32, BigInt(length + 1)),
      }),
    ],
  ])();
}

/** What `Scope.guarded` holds for the value's place; null when tsc narrows nothing there. */
function guardOf(value: Expression): VariableDeclaration | EnumDeclaration | StructDeclaration | null {
  const type = typeOf(value);
  const owner =
    type?.kind === "enum" ? type.enum : type?.kind === "pointer" && type.to.kind === "struct" ? type.to.struct : null;
  return owner && value.kind === "read" && value.place.kind === "variable" ? value.place.variable : owner;
}

/** Notes that tsc may narrow the place that `value` reads. */
export function guard(scope: Scope, value: Expression): void {
  const key = guardOf(value);
  if (key) scope.guarded.add(key);
}

/** Hides from tsc what it may know of an enum or nullable pointer; the first time, there is nothing to hide. */
export function hideNarrowing(scope: Scope, value: Expression): Expression {
  const type = typeOf(value);
  const key = guardOf(value);
  if (key === null || type === null || value.kind === "call" || value.kind === "toEnum") return value;
  if (value.kind === "read" && !scope.guarded.has(key)) {
    scope.guarded.add(key);
    return value;
  }
  const file =
    type.kind === "enum"
      ? type.enum.file
      : type.kind === "pointer" && type.to.kind === "struct"
        ? type.to.struct.file
        : 0;
  return { kind: "call", function: identity(scope, type, file), arguments: [value] };
}

/** `same_T`: answers its argument. */
export function identity(scope: Scope, type: Type, file: number): FunctionDeclaration {
  const { draft } = scope;
  const key = typeKey(type);
  const known = draft.identities.get(key);
  if (known) return known;
  const parameter: VariableDeclaration = { ...scope.declare(type, {}), isParameter: true };
  const value: Expression = { kind: "read", place: { kind: "variable", variable: parameter }, isNarrowed: false };
  const made: FunctionDeclaration = {
    declaration: "function",
    id: draft.nextId++,
    file,
    parameters: [parameter],
    result: type,
    isNever: false,
    inlining: draft.random.pick(["inline", "noinline", "free"]),
    body: [{ kind: "return", value }],
    cost: 3,
    writes: new Set(),
  };
  draft.identities.set(key, made);
  draft.program.functions.unshift(made);
  return made;
}

/** A place of a scalar type that may be assigned, or null. */
export function writablePlace(scope: Scope, isWanted: (type: Type) => boolean, depth: number): Place | null {
  const inFound = placeInFound(scope, isWanted, depth);
  if (inFound) return inFound;
  const found = scope.find((path, root) => {
    if (!isWanted(path.type) || (root.declaration === "static" && root.role === "table")) return false;
    const last = path.steps.at(-1);
    if (last === undefined) {
      if (root.declaration === "static") return root.role === "let" && root.file === scope.function.file;
      return !root.isFixed && root.type.kind !== "struct" && root.type.kind !== "array";
    }
    if (endsInNumber(path)) return false;
    if (root.type.kind === "pointer" && root.type.to.kind === "struct" && root.type.to.struct.isRow) return false;
    // Bytes may be a string literal, which lies in read-only memory.
    if (
      path.steps.some(
        (step) => step.kind === "element" && step.of.kind === "slice" && typeKey(step.of.element) === "u8",
      )
    )
      return false;
    if (path.isSliced && !scope.hasIndexFor(root) && !scope.random.chance(scope.canPanic ? 15 : 3)) return false;
    return !path.isRisky || (scope.canPanic && scope.random.chance(6));
  });
  if (found.length === 0) return null;
  const { root, path } = scope.random.pick(found);
  return buildPlace(scope, root, path, depth);
}

/** Reads some place of a type for which `isWanted` holds, or null. */
export function readPlace(scope: Scope, isWanted: (type: Type) => boolean, depth: number): Expression | null {
  const { random } = scope;
  const inFound = placeInFound(scope, isWanted, depth);
  if (inFound) return { kind: "read", place: inFound, isNarrowed: false };
  const found = scope.find((path, root) => {
    if (!isWanted(path.type)) return false;
    if (path.isSliced && !scope.hasIndexFor(root) && !random.chance(scope.canPanic ? 10 : 2)) return false;
    if (endsInNumber(path) && !random.chance(15)) return false;
    return !path.isRisky || (scope.canPanic && depth > 0 && random.chance(4));
  });
  if (found.length === 0) return null;
  const near = found.filter(({ root }) => root.declaration === "variable");
  const { root, path } = random.pick(near.length > 0 && random.chance(55) ? near : found);
  return { kind: "read", place: buildPlace(scope, root, path, depth - 1), isNarrowed: false };
}

/** Whether a value of `from` is taken for `to` without a conversion. */
export function widens(from: Type, to: IntType): boolean {
  if (from.kind !== "int") return false;
  if (to.width === 64 || to.brand !== null) return isSameType(from, to);
  return from.brand === null && from.signed === to.signed && from.width <= to.width;
}
