import { arithmetic, checked, compare, intrinsic, shift } from "./arithmetic.ts";
import {
  type Expression,
  type FunctionDeclaration,
  type Initial,
  type IntType,
  layoutOf,
  memberOf,
  type Place,
  type Program,
  placeType,
  promoted,
  type Statement,
  type StaticDeclaration,
  type SwitchStatement,
  type Target,
  type Type,
  typeOf,
  type VariableDeclaration,
  wrap,
} from "./program.ts";
import { bitsOf, hashValue } from "./state.ts";
import { ArrayValue, copyInto, SliceValue, StructValue, textValue, type Value, zeroOf } from "./values.ts";

/**
 * The reference: what a program means, by docs/language.md, computed from the generator's own tree. Everything is
 * evaluated left to right; an assignment evaluates its place's parts, then its value, then checks the last index.
 */

/** The kinds of panic, as `kts_panic` receives them. */
export const PANIC = {
  panic: 0,
  assert: 1,
  index: 2,
  divide: 3,
  null: 4,
  unreachable: 5,
  enum: 6,
  range: 7,
  overflow: 8,
} as const;

export interface Panic {
  readonly kind: number;
  /** The node that panicked, and the statement or condition that it is part of. */
  readonly node: object;
  readonly root: object;
  readonly a: bigint;
  readonly b: bigint;
  readonly text: string;
}
export interface StepResult {
  readonly panic: Panic | null;
  /** The call's result, when it did not panic. */
  readonly bits: bigint;
  /** Of the state after the step. */
  readonly hash: bigint;
}

/** The program takes more steps than it may: the generator makes another one instead. */
export class TooLong extends Error {}

class PanicSignal extends Error {
  readonly panic: Panic;

  constructor(panic: Panic) {
    super("panic");
    this.panic = panic;
  }
}

type Completion =
  | { readonly kind: "break" | "continue"; readonly target: Target }
  | { readonly kind: "return"; readonly value: Value };
/** Where a value is kept. */
type Slot = { get(): Value; set(value: Value): void };

/** Runs all steps, each on the state that the one before left. Throws TooLong beyond `limit` evaluations. */
export function runReference(program: Program, limit: number): StepResult[] {
  const machine = new Machine(program, limit);
  return program.steps.map(({ call }) => machine.step(call));
}

class Machine {
  readonly #statics = new Map<StaticDeclaration, Value>();
  readonly #state: readonly StaticDeclaration[];
  #locals = new Map<VariableDeclaration, Value>();
  #root: object = {};
  #left: number;

  constructor(program: Program, limit: number) {
    this.#left = limit;
    this.#state = program.statics.filter((item) => item.role !== "table");
    for (const item of program.statics) this.#statics.set(item, initialValue(item.type, item.initial));
  }

  step(call: Expression): StepResult {
    let panic: Panic | null = null;
    let bits = 0n;
    this.#locals = new Map();
    this.#root = call;
    try {
      const value = this.#evaluate(call);
      bits = typeOf(call) === null ? 0n : bitsOf(value);
    } catch (error) {
      if (!(error instanceof PanicSignal)) throw error;
      panic = error.panic;
    }
    let hash = 0n;
    for (const item of this.#state) hash = hashValue(hash, item.type, this.#statics.get(item) as Value);
    return { panic, bits, hash };
  }

  #panic(kind: number, node: object, a = 0n, b = 0n, text = ""): never {
    throw new PanicSignal({ kind, node, root: this.#root, a, b, text });
  }

  #tick(): void {
    if (--this.#left < 0) throw new TooLong();
  }

  // ---- places ----
  #slot(place: Place, node: object): Slot {
    switch (place.kind) {
      case "variable": {
        const { variable } = place;
        const locals = this.#locals;
        const get = (): Value => {
          const value = locals.get(variable);
          if (value === undefined) throw new Error("a variable outside its scope");
          return value;
        };
        return { get, set: (value) => locals.set(variable, value) };
      }
      case "static": {
        const item = place.static;
        return { get: () => this.#statics.get(item) as Value, set: (value) => this.#statics.set(item, value) };
      }
      case "field": {
        const { items } = this.#evaluate(place.of) as StructValue;
        const { index } = place.field;
        return slotOf(items, index);
      }
      case "element":
        return this.#element(place, node)();
    }
  }

  /** Evaluates an element's parts; the answer checks the index and gives the slot. */
  #element(place: Place & { kind: "element" }, node: object): () => Slot {
    const of = this.#evaluate(place.of) as ArrayValue | SliceValue;
    const index = this.#int(place.index);
    return () => {
      const length = of instanceof SliceValue ? of.length : of.items.length;
      if (index >= BigInt(length)) this.#panic(PANIC.index, node, index, BigInt(length));
      if (of instanceof ArrayValue) return slotOf(of.items, Number(index));
      return slotOf((of.array as ArrayValue).items, of.from + Number(index));
    };
  }

  // ---- expressions ----
  #int(expression: Expression): bigint {
    const value = this.#evaluate(expression);
    if (typeof value !== "bigint") throw new Error(`${expression.kind} is no integer`);
    return value;
  }

  #condition(expression: Expression): boolean {
    const value = this.#evaluate(expression);
    if (typeof value !== "boolean") throw new Error(`${expression.kind} is no boolean`);
    return value;
  }

  #evaluate(expression: Expression): Value {
    this.#tick();
    switch (expression.kind) {
      case "literal":
      case "boolean":
        return expression.value;
      case "member":
        return expression.member.value;
      case "null":
        return null;
      case "text":
        return textValue(expression.value);
      case "constant":
        return expression.constant.value;
      case "read":
        // Of an element, the panic's place is the element access: this node.
        return this.#slot(expression.place, expression).get();
      case "address":
        return this.#slot(expression.place, expression).get();
      case "unary": {
        const value = this.#int(expression.operand);
        return wrap(expression.type, expression.operator === "-" ? -value : ~value);
      }
      case "not":
        return !this.#condition(expression.operand);
      case "arithmetic": {
        const left = this.#int(expression.left);
        const right = this.#int(expression.right);
        return arithmetic(expression.operator, expression.type, left, right) ?? this.#panic(PANIC.divide, expression);
      }
      case "shift": {
        const value = this.#int(expression.left);
        return shift(expression.operator, expression.type, value, this.#int(expression.right));
      }
      case "compare": {
        const left = this.#evaluate(expression.left);
        return compare(expression.operator, left, this.#evaluate(expression.right));
      }
      case "logical":
        return this.#condition(expression.left) === (expression.operator === "&&")
          ? this.#condition(expression.right)
          : expression.operator === "||";
      case "conditional":
        return this.#evaluate(this.#condition(expression.condition) ? expression.whenTrue : expression.whenFalse);
      case "step": {
        const slot = this.#slot(expression.place, expression);
        const before = slot.get() as bigint;
        const after = wrap(expression.type, before + expression.delta);
        slot.set(after);
        return expression.isPrefix ? after : before;
      }
      case "convert":
        return convert(expression.type, this.#evaluate(expression.operand));
      case "brand":
        return this.#evaluate(expression.operand);
      case "call":
        return this.#call(expression.function, expression.arguments);
      case "tableCall": {
        const callee = this.#slot(expression.callee, expression).get();
        return this.#call(callee as FunctionDeclaration, expression.arguments);
      }
      case "intrinsic":
        return intrinsic(
          expression.name,
          expression.arguments.map((item) => this.#int(item)),
        );
      case "checked": {
        const left = this.#int(expression.left);
        const right = this.#int(expression.right);
        return checked(expression.operator, expression.type, left, right) ?? this.#panic(PANIC.overflow, expression);
      }
      case "toEnum": {
        const value = this.#int(expression.operand);
        if (!memberOf(expression.type.enum, value)) this.#panic(PANIC.enum, expression, value);
        return value;
      }
      case "isEnum":
        return memberOf(expression.enum, this.#int(expression.operand)) !== undefined;
      case "nonNull":
        return this.#evaluate(expression.operand) ?? this.#panic(PANIC.null, expression);
      case "length": {
        const of = this.#evaluate(expression.of) as ArrayValue | SliceValue;
        return BigInt(of instanceof SliceValue ? of.length : of.items.length);
      }
      case "sliceOf":
      case "subslice":
        return this.#slice(expression);
      case "sizeOf":
        return BigInt(layoutOf(expression.type).size);
    }
  }

  #slice(expression: Expression & { kind: "sliceOf" | "subslice" }): SliceValue {
    const of = this.#evaluate(expression.of) as ArrayValue | SliceValue;
    const from = this.#int(expression.from);
    const count = this.#int(expression.count);
    const [array, start, length] = of instanceof SliceValue ? [of.array, of.from, of.length] : [of, 0, of.items.length];
    if (from + count > BigInt(length)) this.#panic(PANIC.range, expression, from + count, BigInt(length));
    return new SliceValue(array, start + Number(from), Number(count));
  }

  #call(callee: FunctionDeclaration, list: readonly Expression[]): Value {
    const values = list.map((item) => this.#evaluate(item));
    const { body, parameters } = callee;
    const locals = this.#locals;
    const root = this.#root;
    this.#locals = new Map(parameters.map((parameter, index) => [parameter, values[index] as Value]));
    const completion = this.#run(body);
    this.#locals = locals;
    this.#root = root;
    if (completion === null && callee.result === null) return null;
    if (completion?.kind !== "return") throw new Error("a function ended without a result");
    return completion.value;
  }

  // ---- statements ----
  /** null: ran to the end. */
  #run(body: readonly Statement[]): Completion | null {
    for (const statement of body) {
      const completion = this.#execute(statement);
      if (completion !== null) return completion;
    }
    return null;
  }

  #execute(statement: Statement): Completion | null {
    this.#tick();
    this.#root = statement;
    switch (statement.kind) {
      case "let": {
        const { variable, initial } = statement;
        this.#locals.set(variable, initial === null ? zeroOf(variable.type) : this.#evaluate(initial));
        return null;
      }
      case "assign":
        this.#assign(statement);
        return null;
      case "evaluate":
        this.#evaluate(statement.expression);
        return null;
      case "if":
        this.#root = statement.condition;
        return this.#run(this.#condition(statement.condition) ? statement.body : (statement.otherwise ?? []));
      case "loop": {
        if (statement.head) this.#execute(statement.head);
        for (let isFirst = statement.form === "do"; ; isFirst = false) {
          this.#tick();
          if (statement.condition && !isFirst) {
            this.#root = statement.condition;
            if (!this.#condition(statement.condition)) return null;
          }
          const completion = this.#run(statement.body);
          if (completion && !(completion.kind === "continue" && completion.target === statement)) {
            return leave(statement, completion);
          }
          if (statement.step) this.#execute(statement.step);
        }
      }
      case "switch":
        return leave(statement, this.#switch(statement));
      case "block":
        return leave(statement, this.#run(statement.body));
      case "break":
      case "continue":
        return { kind: statement.kind, target: statement.target };
      case "return":
        return { kind: "return", value: statement.value ? this.#evaluate(statement.value) : null };
      case "assert":
        if (!this.#condition(statement.condition)) this.#panic(PANIC.assert, statement, 0n, 0n, statement.text);
        return null;
      case "panic":
        return this.#panic(PANIC.panic, statement, 0n, 0n, statement.text);
      case "unreachable":
        return this.#panic(PANIC.unreachable, statement, this.#int(statement.operand));
      case "copy": {
        const type = typeOf(statement.to);
        if (type?.kind !== "pointer") throw new Error("copyStruct to no aggregate");
        const to = this.#evaluate(statement.to);
        copyInto(type.to, to, this.#evaluate(statement.from));
        return null;
      }
    }
  }

  #switch(statement: SwitchStatement): Completion | null {
    this.#root = statement.subject;
    const subject = this.#int(statement.subject);
    const { clauses } = statement;
    let at = clauses.findIndex((clause) => clause.values.some((value) => this.#int(value) === subject));
    if (at < 0) at = clauses.findIndex((clause) => clause.isDefault);
    if (at < 0) return null;
    return this.#run(clauses.slice(at).flatMap((clause) => clause.body));
  }

  #assign(statement: Statement & { kind: "assign" }): void {
    const { place, operator, value } = statement;
    if (operator === null) {
      const find = place.kind === "element" ? this.#element(place, statement) : null;
      const slot = find ? null : this.#slot(place, statement);
      const result = this.#evaluate(value);
      (slot ?? (find as () => Slot)()).set(result);
      return;
    }
    const type = placeType(place) as IntType;
    const slot = this.#slot(place, statement);
    const before = slot.get() as bigint;
    const right = this.#int(value);
    const result =
      operator === "<<" || operator === ">>" || operator === ">>>"
        ? shift(operator, promoted(type), before, right)
        : (arithmetic(operator, promoted(type), before, right) ?? this.#panic(PANIC.divide, statement));
    slot.set(wrap(type, result));
  }
}

function slotOf(items: Value[], index: number): Slot {
  return {
    get: () => items[index] as Value,
    set: (value) => {
      items[index] = value;
    },
  };
}

/** What is left of a completion outside `target`. */
function leave(target: Target, completion: Completion | null): Completion | null {
  return completion?.kind === "break" && completion.target === target ? null : completion;
}

function convert(type: IntType, value: Value): bigint {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return wrap(type, value as bigint);
}

function initialValue(type: Type, initial: Initial): Value {
  switch (initial.kind) {
    case "zero":
      return zeroOf(type);
    case "int":
    case "boolean":
      return initial.value;
    case "member":
      return initial.member.value;
    case "text":
      return textValue(initial.value);
    case "null":
      return null;
    case "function":
      return initial.function;
    case "struct": {
      if (type.kind !== "struct") throw new Error("a struct's initial value for another type");
      return new StructValue(
        type.struct.fields.map((field) => {
          const value = initial.fields.get(field);
          return value ? initialValue(field.type, value) : zeroOf(field.type);
        }),
      );
    }
    case "array": {
      if (type.kind !== "array") throw new Error("an array's initial value for another type");
      const { element } = type;
      return new ArrayValue(initial.elements.map((item) => initialValue(element, item)));
    }
  }
}
