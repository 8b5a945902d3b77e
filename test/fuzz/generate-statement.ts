import { divisor, int, mixedSteps, shiftAmount } from "./generate-integer.ts";
import { listLoop, loop } from "./generate-loop.ts";
import { buildPlace, guard, hideNarrowing, identity, literal, someIntType, writablePlace } from "./generate-place.ts";
import { argumentsFor, boolean, call, enumValue, pointer, someText, value } from "./generate-value.ts";
import {
  type Arithmetic,
  type Clause,
  type EnumDeclaration,
  type Expression,
  I32,
  type IntType,
  intType,
  isSameType,
  type Place,
  type PointerType,
  placeType,
  promoted,
  type Shift,
  type Statement,
  type StructDeclaration,
  type StructType,
  type SwitchStatement,
  type Target,
  type Type,
  typeOf,
  U8,
  U16,
  U32,
  U64,
  type VariableDeclaration,
} from "./program.ts";
import type { Root, Scope } from "./scope.ts";

/** Statements: a block is written from its start to its end, so that the scope knows what came before. */

const DEPTH = 3;

/** `count` statements or so; `nesting`: how much deeper they may nest. Unread variables go into the file's trace. */
export function block(scope: Scope, count: number, nesting: number, first: Statement[] = []): Statement[] {
  const visible = scope.variables.length;
  const narrowed = [...scope.narrowed];
  const body = [...first];
  for (const statement of first) if (statement.kind === "let") scope.variables.push(statement.variable);
  for (let i = 0; i < count; i++) {
    body.push(...statements(scope, nesting));
    if (isTerminal(body.at(-1))) break;
  }
  consumeUnread(scope, body, visible);
  scope.variables.length = visible;
  scope.narrowed.clear();
  for (const variable of narrowed) scope.narrowed.add(variable);
  return body;
}

/** Whether tsc takes what follows the statement for code that is never reached. */
export function isTerminal(statement: Statement | undefined): boolean {
  switch (statement?.kind) {
    case "break":
    case "continue":
    case "return":
    case "panic":
    case "unreachable":
      return true;
    case "if":
      return isTerminal(statement.body.at(-1)) && isTerminal(statement.otherwise?.at(-1));
    case "block":
      return isTerminal(statement.body.at(-1)) && !hasBreak(statement.body, statement);
    case "switch":
      return (
        isExhaustive(statement) &&
        isTerminal(statement.clauses.at(-1)?.body.at(-1)) &&
        !hasBreak(statement.clauses, statement)
      );
    default:
      return false;
  }
}

function isExhaustive({ subject, clauses }: SwitchStatement): boolean {
  const type = typeOf(subject);
  const count = clauses.reduce((sum, clause) => sum + clause.values.length, 0);
  return clauses.some((clause) => clause.isDefault) || (type?.kind === "enum" && count === type.enum.members.length);
}

function hasBreak(node: unknown, target: Target): boolean {
  if (typeof node !== "object" || node === null || "declaration" in node) return false;
  if ("kind" in node && node.kind === "break" && "target" in node && node.target === target) return true;
  return Object.entries(node).some(([key, item]) => key !== "target" && key !== "type" && hasBreak(item, target));
}

/** tsc rejects variables that nothing reads: mixes them into the trace, before the block's last jump. */
function consumeUnread(scope: Scope, body: Statement[], visible: number): void {
  const read = new Set<VariableDeclaration>();
  collectReads(body, read);
  const last = isTerminal(body.at(-1)) ? body.splice(-1) : [];
  for (const variable of scope.variables.slice(visible)) {
    if (read.has(variable)) continue;
    const bits = bitsOfVariable(scope, variable);
    const place = traceOf(scope);
    const before: Expression = { kind: "read", place, isNarrowed: false };
    const value: Expression = { kind: "arithmetic", operator: "+", type: U64, left: rotated(before), right: bits };
    body.push({ kind: "assign", place: traceOf(scope), operator: null, value });
  }
  body.push(...last);
}

function rotated(value: Expression): Expression {
  const amount: Expression = { kind: "literal", type: U32, value: 7n, base: 10 };
  return { kind: "intrinsic", name: "rotl64", type: U64, arguments: [value, amount] };
}

function bitsOfVariable(scope: Scope, variable: VariableDeclaration): Expression {
  const { type } = variable;
  const place: Place = { kind: "variable", variable };
  const convert = (to: IntType, operand: Expression): Expression => ({ kind: "convert", type: to, operand });
  const value = scope.read(variable);
  switch (type.kind) {
    case "int":
      return type.signed ? convert(U64, convert(intType(64, true), value)) : convert(U64, value);
    case "enum":
      return convert(U64, convert(U32, value));
    case "slice":
    case "array":
      return convert(U64, { kind: "length", of: value });
    case "pointer": {
      if (type.to.kind === "array") return convert(U64, { kind: "length", of: value });
      if (type.nullable && !scope.narrowed.has(variable)) {
        return convert(U64, {
          kind: "compare",
          operator: "===",
          left: { kind: "read", place, isNarrowed: false },
          right: { kind: "null", type },
        });
      }
      return idBits(value, type.to.struct);
    }
    case "struct":
      return idBits(value, type.struct);
    default:
      return convert(U64, value);
  }
}

/** The number of an object, or of a row: the first field. */
function idBits(of: Expression, struct: StructDeclaration): Expression {
  const [field] = struct.fields;
  if (!field) throw new Error("a struct without fields");
  return {
    kind: "convert",
    type: U64,
    operand: { kind: "read", place: { kind: "field", of, field }, isNarrowed: false },
  };
}

function traceOf(scope: Scope): Place {
  const trace = scope.draft.traces[scope.function.file];
  if (!trace) throw new Error("a file without a trace");
  return { kind: "static", static: trace };
}

/** Adds the variables that the nodes read. */
function collectReads(node: unknown, found: Set<VariableDeclaration>): void {
  if (typeof node !== "object" || node === null || "declaration" in node) return;
  if ("kind" in node && (node.kind === "read" || node.kind === "address")) {
    const { place } = node as Expression & { kind: "read" };
    if (place.kind === "variable") found.add(place.variable);
  }
  for (const [key, item] of Object.entries(node)) if (key !== "target") collectReads(item, found);
}

/** One statement, or a few that belong together. */
function statements(scope: Scope, nesting: number): Statement[] {
  const { random } = scope;
  const deep = nesting > 0;
  const inner = scope.targets.length;
  return random.weighted<() => Statement[]>([
    [26, () => assignment(scope)],
    [14, () => declaration(scope)],
    [5, () => stepStatement(scope)],
    [7, () => callStatement(scope)],
    [deep ? 12 : 0, () => [ifStatement(scope, nesting - 1)]],
    [deep && scope.turns <= 16 ? 13 : 0, () => loop(scope, nesting - 1)],
    [deep ? 9 : 0, () => switchStatement(scope, nesting - 1)],
    [deep ? 3 : 0, () => [labelledBlock(scope, nesting - 1)]],
    [deep ? 8 : 0, () => nullPattern(scope, nesting - 1)],
    [inner > 0 ? 6 : 0, () => [jumpIf(scope)]],
    [2, () => [returnIf(scope)]],
    [2, () => [assertion(scope)]],
    [3, () => copy(scope)],
    [4, () => localStorage(scope)],
    [scope.canPanic && deep ? 0.5 : 0, () => panicIf(scope)],
  ])();
}

// ---- plain statements ----
function assignment(scope: Scope): Statement[] {
  const { random } = scope;
  const place = writablePlace(
    scope,
    (type) => type.kind !== "struct" && type.kind !== "array" && type.kind !== "function",
    2,
  );
  if (!place) return [];
  const type = placeType(place);
  if (type.kind === "int" && random.chance(50)) return [compound(scope, place, type)];
  const result = storable(scope, type, place.kind === "variable" && place.variable.isBorrowed);
  if (result === null) return [];
  // From here on, tsc may know what an enum or pointer holds.
  guard(scope, { kind: "read", place, isNarrowed: false });
  return [{ kind: "assign", place, operator: null, value: result }];
}

/** A value to assign; only what is borrowed already may hold the address of stack storage. */
function storable(scope: Scope, type: Type, mayBorrow: boolean): Expression | null {
  if (type.kind === "int" && scope.random.chance(8)) {
    const steps = type.width >= 32 && !type.brand ? mixedSteps(scope, type) : null;
    if (steps) return steps;
  }
  return value(scope, type, mayBorrow, scope.random.between(1, DEPTH));
}

function compound(scope: Scope, place: Place, type: IntType): Statement {
  const { random } = scope;
  const wide = promoted(type);
  const right: Type = type.brand ? intType(type.width, type.signed) : wide;
  const kind = random.weighted<"plain" | "divide" | "shift">([
    [70, "plain"],
    [type.brand ? 0 : 15, "divide"],
    [type.brand ? 0 : 15, "shift"],
  ]);
  const like: Expression = { kind: "read", place, isNarrowed: false };
  switch (kind) {
    case "plain": {
      const operator = random.pick<Arithmetic>(type.brand ? ["+", "-", "&", "|"] : ["+", "-", "*", "&", "|", "^"]);
      const amount = random.chance(30) ? literal(scope, type) : int(scope, right as IntType, DEPTH - 1);
      return { kind: "assign", place, operator, value: amount };
    }
    case "divide":
      return { kind: "assign", place, operator: random.pick(["/", "%"]), value: divisor(scope, like, wide, DEPTH - 1) };
    case "shift": {
      const rightShift: Shift = !type.signed && type.width <= 32 ? ">>>" : ">>";
      const operator = random.chance(50) ? "<<" : rightShift;
      return { kind: "assign", place, operator, value: shiftAmount(scope, wide, type.width, DEPTH - 1) };
    }
  }
}

function declaration(scope: Scope): Statement[] {
  const { random } = scope;
  const type = valueType(scope);
  if (type === null) return [];
  if (random.chance(5)) return rowPointer(scope);
  const mayBorrow = random.chance(35);
  const initial = value(scope, type, mayBorrow, random.between(1, DEPTH));
  if (initial === null) return [];
  return [letStatement(scope, type, initial, mayBorrow)];
}

/** `const row = table[i]`: a pointer into read-only memory. */
function rowPointer(scope: Scope): Statement[] {
  const { random } = scope;
  const found = scope.find((path, root) => isTable(root) && path.type.kind === "struct");
  if (found.length === 0) return [];
  const { root, path } = random.pick(found);
  const initial: Expression = { kind: "address", place: buildPlace(scope, root, path, 2) };
  const type: Type = { kind: "pointer", to: path.type as StructType, nullable: false };
  const variable = scope.declare(type, { isFixed: true });
  scope.variables.push(variable);
  return [{ kind: "let", variable, initial, isConst: true, isAnnotated: random.chance(50) }];
}

function letStatement(scope: Scope, type: Type, initial: Expression, isBorrowed: boolean): Statement {
  const { random } = scope;
  const isConst =
    random.chance(40) && initial.kind !== "literal" && initial.kind !== "constant" && initial.kind !== "text";
  const isAggregate = type.kind === "pointer" || type.kind === "slice";
  const variable = scope.declare(type, { isFixed: isConst, isBorrowed: isBorrowed && isAggregate });
  const own = typeOf(initial);
  const isExact =
    own !== null &&
    isSameType(own, type) &&
    ["read", "arithmetic", "convert", "call", "compare", "intrinsic"].includes(initial.kind);
  const isFreeLiteral = initial.kind === "literal" && (type === U32 || type === U64) && initial.value >= 0n;
  // In a loop tsc can go round in circles over the type of what a variable starts with.
  const isCircular = scope.turns > 1 && initial.kind === "read";
  const isAnnotated =
    isCircular || !((isExact && type.kind !== "enum" && type.kind !== "pointer") || isFreeLiteral) || random.chance(60);
  // tsc knows what the variable holds when it knows what it starts with.
  if ((type.kind === "enum" || type.kind === "pointer") && initial.kind !== "call") scope.guarded.add(variable);
  scope.variables.push(variable);
  if (type.kind === "int" && !isAnnotated) scope.plainNumbers.add(variable);
  return { kind: "let", variable, initial, isConst, isAnnotated };
}

/** The type of a new variable. */
function valueType(scope: Scope): Type | null {
  const { random } = scope;
  const element = random.pick([U8, U16, U32, I32, U64]);
  return random.weighted<() => Type | null>([
    [60, () => someIntType(scope)],
    [10, () => ({ kind: "boolean" })],
    [scope.enums.length > 0 ? 10 : 0, () => ({ kind: "enum", enum: random.pick(scope.enums) })],
    [
      scope.structs.length > 0 ? 14 : 0,
      () => ({
        kind: "pointer",
        to: { kind: "struct", struct: random.pick(scope.structs) },
        nullable: random.chance(50),
      }),
    ],
    [8, () => ({ kind: "slice", element })],
    [
      scope.brands.length > 0 ? 6 : 0,
      () => {
        const brand = random.pick(scope.brands);
        return { ...brand.base, brand };
      },
    ],
  ])();
}

function stepStatement(scope: Scope): Statement[] {
  const place = writablePlace(scope, (type) => type.kind === "int", 2);
  if (!place) return [];
  const { random } = scope;
  const type = placeType(place) as IntType;
  const expression: Expression = {
    kind: "step",
    type,
    place,
    delta: random.pick([1n, -1n]),
    isPrefix: random.chance(30),
  };
  return [{ kind: "evaluate", expression }];
}

function callStatement(scope: Scope): Statement[] {
  const expression = call(scope, () => true, DEPTH);
  return expression ? [{ kind: "evaluate", expression }] : [];
}

function assertion(scope: Scope): Statement {
  const { random } = scope;
  const text = someText(scope);
  const condition = boolean(scope, 2);
  if (scope.canPanic && random.chance(40)) return { kind: "assert", condition, text };
  const left: Expression = { kind: "read", place: traceOf(scope), isNarrowed: false };
  const isOdd: Expression = {
    kind: "compare",
    operator: "!==",
    left,
    right: literal(scope, U64, 0x1234_5678_9abc_def1n),
  };
  return { kind: "assert", condition: { kind: "logical", operator: "||", left: condition, right: isOdd }, text };
}

function copy(scope: Scope): Statement[] {
  const { random } = scope;
  const found = scope.find(
    (path, root) => (path.type.kind === "struct" || path.type.kind === "array") && !path.isRisky && !isTable(root),
  );
  if (found.length === 0) return [];
  const { root, path } = random.pick(found);
  const alike = found.filter((item) => isSameType(item.path.type, path.type));
  const other = random.pick(alike);
  const to: Expression = { kind: "address", place: buildPlace(scope, root, path, 1) };
  const from: Expression = { kind: "address", place: buildPlace(scope, other.root, other.path, 1) };
  return [{ kind: "copy", to, from }];
}

function isTable(root: Root): boolean {
  return root.declaration === "static" && root.role === "table";
}

function localStorage(scope: Scope): Statement[] {
  const { random } = scope;
  const storage = scope
    .find((path, root) => (path.type.kind === "struct" || path.type.kind === "array") && !isTable(root))
    .map(({ path }) => path.type);
  const element = random.pick<Type>([U8, U16, U32, U64, I32, { kind: "boolean" }]);
  const fresh: Type = { kind: "array", element, length: random.pick([2, 4, 5, 8]), lengthName: null };
  const type = storage.length > 0 && random.chance(60) ? random.pick(storage) : fresh;
  const variable = scope.declare(type, { isBorrowed: true, isFixed: true });
  scope.variables.push(variable);
  return [{ kind: "let", variable, initial: null, isConst: true, isAnnotated: false }];
}

function panicIf(scope: Scope): Statement[] {
  const { random } = scope;
  const never = scope.callable.filter((item) => item.isNever);
  const condition = boolean(scope, 2);
  if (never.length > 0 && random.chance(60)) {
    const callee = random.pick(never);
    const expression: Expression = {
      kind: "call",
      function: callee,
      arguments: argumentsFor(scope, callee.parameters, 1),
    };
    return [{ kind: "if", condition, body: [{ kind: "evaluate", expression }], otherwise: null }];
  }
  return [{ kind: "if", condition, body: [{ kind: "panic", text: someText(scope) }], otherwise: null }];
}

// ---- jumps ----
/** The end of the function, with a value if it has one. */
export function returnStatement(scope: Scope, depth: number): Statement {
  const { result, isNever } = scope.function;
  if (isNever) return { kind: "panic", text: someText(scope) };
  return { kind: "return", value: result === null ? null : value(scope, result, false, depth) };
}

function returnIf(scope: Scope): Statement {
  const condition = boolean(scope, 2);
  return { kind: "if", condition, body: [returnStatement(scope, 1)], otherwise: null };
}

/** A `break` or `continue` that the position allows, or null. */
function jump(scope: Scope): Statement | null {
  const { random } = scope;
  if (scope.targets.length === 0) return null;
  const target = random.chance(60) ? (scope.targets.at(-1) as Target) : random.pick(scope.targets);
  const kind = target.kind === "loop" && random.chance(50) ? "continue" : "break";
  return { kind, target, isLabelled: target.kind === "block" || random.chance(15) };
}

function jumpIf(scope: Scope): Statement {
  const condition = boolean(scope, 2);
  const statement = jump(scope) ?? returnStatement(scope, 1);
  return { kind: "if", condition, body: [statement], otherwise: null };
}

// ---- compound statements ----
function ifStatement(scope: Scope, nesting: number): Statement {
  const { random } = scope;
  const condition = boolean(scope, DEPTH);
  const body = block(scope, random.between(1, 3), nesting);
  const otherwise = random.chance(50) ? block(scope, random.between(1, 2), nesting) : null;
  return { kind: "if", condition, body, otherwise };
}

function labelledBlock(scope: Scope, nesting: number): Statement {
  const target: Target = { kind: "block", body: [] };
  scope.targets.push(target);
  target.body = block(scope, scope.random.between(1, 4), nesting);
  scope.targets.pop();
  return target;
}

// ---- switch ----
function switchStatement(scope: Scope, nesting: number): Statement[] {
  const { random } = scope;
  if (scope.enums.length > 0 && random.chance(40)) return enumSwitch(scope, random.pick(scope.enums), nesting);
  const type = random.chance(50) ? U32 : someIntType(scope);
  const wide = promoted(type);
  const distinct = new Set<bigint>();
  for (let i = random.between(1, 6); i > 0; i--)
    distinct.add(BigInt(random.below(8)) - (type.signed && random.chance(40) ? 4n : 0n));
  if (random.chance(20)) distinct.add(literalValue(scope, type));
  const inner = int(scope, type, 2);
  const isPlain =
    typeOf(inner) !== null &&
    inner.kind !== "literal" &&
    inner.kind !== "constant" &&
    !scope.isPlainNumber(inner) &&
    isSameType(typeOf(inner) as Type, type);
  const subject: Expression =
    isPlain && random.chance(30)
      ? inner
      : {
          kind: "arithmetic",
          operator: "%",
          type: wide,
          left: notConstant(scope, wide),
          right: literal(scope, wide, 7n),
        };
  const statement: SwitchStatement = { kind: "switch", subject, clauses: [] };
  const values = [...distinct].map((item) => literal(scope, type, item));
  clauses(scope, statement, values, random.chance(60) ? "plain" : "none", nesting);
  return [statement];
}

function literalValue(scope: Scope, type: IntType): bigint {
  return (literal(scope, type) as Expression & { kind: "literal" }).value;
}

function notConstant(scope: Scope, type: IntType): Expression {
  const found = int(scope, type, DEPTH);
  if (found.kind !== "literal" && found.kind !== "constant") return found;
  return { kind: "convert", type, operand: boolean(scope, 1) };
}

/** Over all members, with a `default` that cannot happen; the subject is bound first. */
function enumSwitch(scope: Scope, declaration: EnumDeclaration, nesting: number): Statement[] {
  const { random } = scope;
  const type: Type = { kind: "enum", enum: declaration };
  const initial = hideNarrowing(scope, enumValue(scope, declaration, 2, false));
  const variable = scope.declare(type, { isFixed: true });
  scope.guarded.add(variable);
  const start: Statement = { kind: "let", variable, initial, isConst: true, isAnnotated: random.chance(50) };
  scope.variables.push(variable);
  const subject: Expression = { kind: "read", place: { kind: "variable", variable }, isNarrowed: false };
  const statement: SwitchStatement = { kind: "switch", subject, clauses: [] };
  const values = random.shuffle(declaration.members).map((member): Expression => ({ kind: "member", type, member }));
  clauses(scope, statement, values, random.chance(80) ? "never" : "none", nesting, variable);
  return [start, statement];
}

/** Fills in the clauses: some share a body, some fall through, the default stands anywhere. */
function clauses(
  scope: Scope,
  statement: SwitchStatement,
  values: Expression[],
  byDefault: "plain" | "never" | "none",
  nesting: number,
  subject?: VariableDeclaration,
): void {
  const { random } = scope;
  const groups: Expression[][] = [];
  while (values.length > 0)
    groups.push(
      values.splice(
        0,
        random.weighted([
          [70, 1],
          [20, 2],
          [10, 3],
        ]),
      ),
    );
  const defaultAt = byDefault === "none" ? -1 : random.below(groups.length + 1);
  const isShared = byDefault === "plain" && random.chance(20) && defaultAt < groups.length;
  if (defaultAt >= 0 && !isShared) groups.splice(defaultAt, 0, []);
  scope.targets.push(statement);
  groups.forEach((group, index) => {
    const isDefault = index === defaultAt;
    const hasBraces = random.chance(45);
    const clause: Clause = { kind: "clause", values: group, isDefault, hasBraces, body: [] };
    statement.clauses.push(clause);
    if (isDefault && byDefault === "never" && subject) {
      clause.body = [{ kind: "unreachable", operand: scope.read(subject) }];
      return;
    }
    const mustLeave = byDefault === "never" && index + 1 === defaultAt;
    const isEmpty = !mustLeave && random.chance(12);
    const shared = hasBraces ? [] : sharedVariables(statement);
    if (!isEmpty && shared.length > 0 && random.chance(40)) clause.body = reuse(scope, random.pick(shared), nesting);
    else if (!isEmpty) clause.body = block(scope, random.between(1, 2), nesting);
    const fallsThrough = !mustLeave && (isEmpty || random.chance(35));
    if (!fallsThrough && !isTerminal(clause.body.at(-1))) {
      const other = random.chance(12) ? jump(scope) : null;
      clause.body.push(other ?? { kind: "break", target: statement, isLabelled: random.chance(8) });
    }
  });
  scope.targets.pop();
}

/** Variables that earlier clauses without braces declare: all clauses are one scope. */
function sharedVariables(statement: SwitchStatement): VariableDeclaration[] {
  const open = statement.clauses.filter((clause) => !clause.hasBraces).flatMap((clause) => clause.body);
  return open.flatMap((item) =>
    item.kind === "let" && !item.isConst && !item.variable.isFixed && item.variable.type.kind === "int"
      ? [item.variable]
      : [],
  );
}

/** A clause's body that assigns an earlier clause's variable first: whether that one was reached is not known. */
function reuse(scope: Scope, variable: VariableDeclaration, nesting: number): Statement[] {
  const assigned = int(scope, variable.type as IntType, 2);
  scope.variables.push(variable);
  const body = block(scope, scope.random.between(1, 2), nesting);
  scope.variables.pop();
  return [{ kind: "assign", place: { kind: "variable", variable }, operator: null, value: assigned }, ...body];
}

// ---- null ----
/** Binds something nullable and looks at it in one of the ways in which tsc lets the rest use it. */
function nullPattern(scope: Scope, nesting: number): Statement[] {
  const { random } = scope;
  if (scope.structs.length === 0) return [];
  const parameters = scope.variables.filter(
    (item) => item.isFixed && isNullable(item.type) && !scope.guarded.has(item) && !scope.narrowed.has(item),
  );
  const start: Statement[] = [];
  let variable: VariableDeclaration;
  if (parameters.length > 0 && random.chance(50)) variable = random.pick(parameters);
  else {
    const struct = random.pick(scope.structs);
    const to: Type = { kind: "pointer", to: { kind: "struct", struct }, nullable: true };
    const found = pointer(scope, struct, true, false, 2);
    if (!found) return [];
    const same = identity(scope, to, struct.file);
    const initial: Expression = found.kind === "call" ? found : { kind: "call", function: same, arguments: [found] };
    variable = scope.declare(to, { isFixed: true });
    const isAnnotated = random.chance(50) || !isNullable(typeOf(initial) as Type);
    start.push({ kind: "let", variable, initial, isConst: true, isAnnotated });
    scope.variables.push(variable);
    // A non-null result that is annotated as nullable is narrowed at once.
    scope.guarded.add(variable);
    if (!isNullable(typeOf(initial) as Type)) return start;
  }
  const type = variable.type as PointerType;
  scope.guarded.add(variable);
  const test = (operator: "===" | "!=="): Expression => ({
    kind: "compare",
    operator,
    left: { kind: "read", place: { kind: "variable", variable }, isNarrowed: false },
    right: { kind: "null", type },
  });
  const choice = random.weighted<"if" | "leave" | "assert" | "list">([
    [45, "if"],
    [25, "leave"],
    [scope.canPanic ? 6 : 0, "assert"],
    [scope.turns <= 16 ? 20 : 0, "list"],
  ]);
  switch (choice) {
    case "if": {
      scope.narrowed.add(variable);
      const right = random.chance(30) ? boolean(scope, 2) : null;
      const left = test("!==");
      const condition: Expression = right ? { kind: "logical", operator: "&&", left, right } : left;
      const body = block(scope, random.between(1, 3), nesting);
      scope.narrowed.delete(variable);
      const otherwise = random.chance(40) ? block(scope, 1, nesting) : null;
      return [...start, { kind: "if", condition, body, otherwise }];
    }
    case "leave": {
      const leave = (random.chance(50) ? jump(scope) : null) ?? returnStatement(scope, 1);
      scope.narrowed.add(variable);
      return [...start, { kind: "if", condition: test("==="), body: [leave], otherwise: null }];
    }
    case "assert":
      scope.narrowed.add(variable);
      return [...start, { kind: "assert", condition: test("!=="), text: someText(scope) }];
    case "list":
      return [...start, ...listLoop(scope, variable, type, nesting)];
  }
}

function isNullable(type: Type): boolean {
  return type.kind === "pointer" && type.nullable;
}
