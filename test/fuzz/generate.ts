import ts from "typescript";
import { guard, literal, someIntType, someValue } from "./generate-place.ts";
import { block, isTerminal, returnStatement } from "./generate-statement.ts";
import { argumentsFor, slice, someText, value } from "./generate-value.ts";
import { printProgram } from "./print.ts";
import {
  BOOLEAN,
  type EnumDeclaration,
  type EnumMember,
  type Expression,
  type FieldDeclaration,
  type FunctionDeclaration,
  type FunctionType,
  type Initial,
  intType,
  type Place,
  type Program,
  type Statement,
  type StaticDeclaration,
  type StructDeclaration,
  type Type,
  typeKey,
  U8,
  U16,
  U32,
  U64,
  type VariableDeclaration,
} from "./program.ts";
import { Random } from "./random.ts";
import { runReference, type StepResult, TooLong } from "./reference.ts";
import { type Draft, type GeneratorOptions, Scope } from "./scope.ts";

/** The most evaluations that a program may take in the reference. */
const STEP_LIMIT = 60_000;

export interface GeneratedProgram {
  readonly program: Program;
  readonly expected: StepResult[];
}

/** Program number `index` of the run with that seed, with what it must do: the same for the same three arguments. */
export function generateProgram(seed: number, index: number, options: GeneratorOptions): GeneratedProgram {
  for (let attempt = 0; ; attempt++) {
    const random = new Random(seed ^ Math.imul(attempt, 0x2545f491), index);
    const program = new ProgramGenerator(seed, index, random, options).generate();
    try {
      if (confusesParser(program)) continue;
      const expected = runReference(program, STEP_LIMIT);
      if (options.canPanic || expected.every(({ panic }) => panic === null)) return { program, expected };
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
    }
  }
}

/** Now and then `a << (b ? c : d) … >` looks to tsc like type arguments. */
function confusesParser(program: Program): boolean {
  return [...printProgram(program).files].some(([name, text]) => {
    const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) as ts.SourceFile & {
      readonly parseDiagnostics: readonly ts.Diagnostic[];
    };
    return file.parseDiagnostics.length > 0;
  });
}

/** A program that was changed, with what it must do now; null when the change has broken it. */
export function reevaluate(program: Program): GeneratedProgram | null {
  try {
    return { program, expected: runReference(program, STEP_LIMIT) };
  } catch {
    return null;
  }
}

class ProgramGenerator {
  readonly #draft: Draft;
  readonly #random: Random;
  readonly #program: Program;
  #file = 0;

  constructor(seed: number, index: number, random: Random, options: GeneratorOptions) {
    const fileCount = random.weighted([
      [75, 1],
      [17, 2],
      [8, 3],
    ]);
    this.#random = random;
    this.#program = {
      seed,
      index,
      prefix: `p${index}`,
      fileCount,
      brands: [],
      enums: [],
      structs: [],
      constants: [],
      statics: [],
      functions: [],
      steps: [],
    };
    this.#draft = { random, options, program: this.#program, identities: new Map(), traces: [], nextId: 0 };
  }

  generate(): Program {
    const random = this.#random;
    const { fileCount } = this.#program;
    const initializers: FunctionDeclaration[] = [];
    for (this.#file = 0; this.#file < fileCount; this.#file++) {
      const isOnly = fileCount === 1;
      this.#declareTypes();
      this.#declareStatics();
      for (let i = random.between(1, isOnly ? 2 : 1); i > 0; i--)
        this.#function(this.#parameterTypes(), this.#resultType());
      if (random.chance(isOnly ? 35 : 20)) this.#functionTable();
      if (this.#draft.options.canPanic && random.chance(15)) this.#neverFunction();
      for (let i = random.between(1, isOnly ? 2 : 1); i > 0; i--)
        this.#function(this.#parameterTypes(), this.#resultType());
      initializers.push(this.#initializer());
    }
    this.#file = fileCount - 1;
    const scope = this.#scope({ ...this.#blankFunction([], null), file: this.#file });
    for (const item of initializers)
      this.#program.steps.push({ call: { kind: "call", function: item, arguments: [] } });
    const identities = new Set(this.#draft.identities.values());
    const entries = this.#program.functions.filter(
      (item) => !identities.has(item) && !initializers.includes(item) && !item.isNever,
    );
    const last = entries.slice(-3);
    for (let i = random.between(4, 8); i > 0; i--) {
      const item = random.chance(60) ? random.pick(last) : random.pick(entries);
      const call: Expression & { kind: "call" } = {
        kind: "call",
        function: item,
        arguments: argumentsFor(scope, item.parameters, 0),
      };
      this.#program.steps.push({ call });
    }
    return this.#program;
  }

  #id(): number {
    return this.#draft.nextId++;
  }

  // ---- types ----
  #declareTypes(): void {
    const random = this.#random;
    const { brands, enums, structs, constants } = this.#program;
    const isFirst = this.#file === 0;
    for (let i = random.between(isFirst ? 1 : 0, 2); i > 0; i--) enums.push(this.#enum());
    if (random.chance(isFirst ? 45 : 15)) {
      const base = random.pick([U64, U64, U64, U32]);
      brands.push({ declaration: "brand", id: this.#id(), file: this.#file, base });
    }
    const length = {
      declaration: "constant" as const,
      id: this.#id(),
      file: this.#file,
      type: U32,
      value: BigInt(random.between(2, 8)),
    };
    constants.push({ ...length, isAnnotated: false });
    for (let i = random.below(3); i > 0; i--) {
      const isAnnotated = random.chance(50);
      const type = isAnnotated ? someIntType(this.#draft) : random.pick([U32, U64]);
      constants.push({ ...length, id: this.#id(), type, value: someValue(this.#draft, type), isAnnotated });
    }
    for (let i = random.between(1, 2); i > 0; i--) structs.push(this.#struct(false));
  }

  #enum(): EnumDeclaration {
    const random = this.#random;
    const names = random
      .shuffle(["Idle", "Ready", "Busy", "Done", "Stopped", "NULL", "A", "B"])
      .slice(0, random.between(2, 6));
    const storage = random.pick([null, U8, U8, U16, U32]);
    const members: EnumMember[] = [];
    // Without a number 0, a zeroed place holds no member.
    const hasZero = !this.#draft.options.canPanic || random.chance(92);
    let next = hasZero ? 0n : BigInt(random.between(1, 3));
    for (const name of names) {
      const isExplicit = random.chance(20) || (!hasZero && members.length === 0);
      if (isExplicit && members.length > 0) next += BigInt(random.below(5));
      members.push({ name, value: next, isExplicit });
      next++;
    }
    return { declaration: "enum", id: this.#id(), file: this.#file, storage, members };
  }

  #struct(isRow: boolean): StructDeclaration {
    const random = this.#random;
    const struct: StructDeclaration = { declaration: "struct", id: this.#id(), file: this.#file, fields: [], isRow };
    const names = random.shuffle("x y next state flags size count words value inner int link data kind".split(" "));
    const add = (name: string, type: Type): void => {
      struct.fields.push({ declaration: "field", name, index: struct.fields.length, type });
    };
    add(isRow ? "weight" : "id", isRow ? U16 : U32);
    for (let i = random.between(2, 6); i > 0; i--) {
      add(names.pop() as string, isRow ? this.#rowFieldType() : this.#fieldType(struct));
    }
    return struct;
  }

  #fieldType(struct: StructDeclaration): Type {
    const random = this.#random;
    const { enums, structs, brands } = this.#program;
    const pick = <T>(list: readonly T[], make: (item: T) => Type): Type =>
      list.length > 0 ? make(random.pick(list)) : U8;
    const pointee = random.chance(50) ? struct : random.pick([struct, ...structs.filter((item) => !item.isRow)]);
    return random.weighted<() => Type>([
      [50, () => someIntType(this.#draft)],
      [10, () => BOOLEAN],
      [10, () => pick(enums, (item) => ({ kind: "enum", enum: item }))],
      [15, () => ({ kind: "pointer", to: { kind: "struct", struct: pointee }, nullable: true })],
      [
        8,
        () =>
          pick(
            structs.filter((item) => !item.isRow),
            (item) => ({ kind: "struct", struct: item }),
          ),
      ],
      [12, () => this.#arrayType()],
      [5, () => ({ kind: "slice", element: random.pick([U8, U16, U32, U64]) })],
      [4, () => pick(brands, (brand) => ({ ...brand.base, brand }))],
    ])();
  }

  #rowFieldType(): Type {
    const random = this.#random;
    const { enums } = this.#program;
    if (random.chance(20)) return { kind: "slice", element: U8 };
    if (random.chance(15)) return BOOLEAN;
    if (enums.length > 0 && random.chance(20)) return { kind: "enum", enum: random.pick(enums) };
    return someIntType(this.#draft);
  }

  #arrayType(): Type & { kind: "array" } {
    const random = this.#random;
    const { enums, structs } = this.#program;
    const names = this.#program.constants.filter(
      (item) => !item.isAnnotated && item.type === U32 && item.value > 0n && item.value < 9n,
    );
    const lengthName = names.length > 0 && random.chance(40) ? random.pick(names) : null;
    const length = lengthName ? Number(lengthName.value) : random.pick([1, 2, 3, 4, 4, 5, 8, 8]);
    const objects = structs.filter((item) => !item.isRow);
    const element = random.weighted<() => Type>([
      [60, () => someIntType(this.#draft)],
      [6, () => BOOLEAN],
      [6, () => (enums.length > 0 ? { kind: "enum", enum: random.pick(enums) } : U8)],
      [8, () => ({ kind: "array", element: someIntType(this.#draft), length: random.between(2, 4), lengthName: null })],
      [
        8,
        () =>
          objects.length > 0
            ? { kind: "pointer", to: { kind: "struct", struct: random.pick(objects) }, nullable: true }
            : U16,
      ],
    ])();
    return { kind: "array", element, length, lengthName };
  }

  // ---- statics ----
  #declareStatics(): void {
    const random = this.#random;
    const { brands, enums, structs } = this.#program;
    const trace = this.#static(U64, { kind: "int", value: 0n }, "let");
    this.#draft.traces.push(trace);
    for (let i = random.between(2, 4); i > 0; i--) {
      const type = someIntType(this.#draft);
      this.#static(type, { kind: "int", value: someValue(this.#draft, type) }, "let");
    }
    if (random.chance(50)) this.#static(BOOLEAN, { kind: "boolean", value: random.chance(50) }, "let");
    const brand = brands.at(-1);
    if (brand)
      this.#static({ ...brand.base, brand }, { kind: "int", value: someValue(this.#draft, brand.base) }, "let");
    const chosen = enums.at(-1);
    if (chosen)
      this.#static({ kind: "enum", enum: chosen }, { kind: "member", member: random.pick(chosen.members) }, "let");
    for (let i = random.between(1, 2); i > 0; i--) this.#static(this.#arrayType(), { kind: "zero" }, "object");
    for (const struct of structs.filter((item) => item.file === this.#file)) {
      const element: Type = { kind: "struct", struct };
      this.#static(
        { kind: "array", element, length: random.pick([2, 3, 4]), lengthName: null },
        { kind: "zero" },
        "object",
      );
      if (random.chance(45)) {
        const initial = random.chance(60) ? this.#initial(element) : null;
        this.#static(element, initial ?? { kind: "zero" }, "object");
      }
      if (random.chance(50)) {
        this.#static({ kind: "pointer", to: element, nullable: true }, { kind: "null" }, "let");
      }
    }
    if (random.chance(35))
      this.#static({ kind: "slice", element: random.pick([U8, U16, U32, U64]) }, { kind: "zero" }, "let");
    if (random.chance(45)) {
      const type: Type = {
        kind: "array",
        element: someIntType(this.#draft),
        length: random.pick([2, 4, 5, 8]),
        lengthName: null,
      };
      this.#static(type, this.#initial(type) as Initial, "table");
    }
    if (random.chance(25))
      this.#static({ kind: "slice", element: U8 }, { kind: "text", value: someText(this.#draft) }, "table");
    if (random.chance(20)) {
      const type: Type = { kind: "array", element: { kind: "slice", element: U8 }, length: 3, lengthName: null };
      this.#static(type, this.#initial(type) as Initial, "table");
    }
    if (random.chance(30)) {
      const struct = this.#struct(true);
      this.#program.structs.push(struct);
      const type: Type = {
        kind: "array",
        element: { kind: "struct", struct },
        length: random.between(2, 4),
        lengthName: null,
      };
      this.#static(type, this.#initial(type) as Initial, "table");
    }
  }

  #static(type: Type, initial: Initial, role: StaticDeclaration["role"]): StaticDeclaration {
    const made: StaticDeclaration = { declaration: "static", id: this.#id(), file: this.#file, type, initial, role };
    this.#program.statics.push(made);
    return made;
  }

  /** An initial value written out, or null for types that have none. */
  #initial(type: Type): Initial | null {
    const random = this.#random;
    switch (type.kind) {
      case "int":
        return { kind: "int", value: someValue(this.#draft, type) };
      case "boolean":
        return { kind: "boolean", value: random.chance(50) };
      case "enum":
        return { kind: "member", member: random.pick(type.enum.members) };
      case "pointer":
        return type.nullable ? { kind: "null" } : null;
      case "slice":
        return typeKey(type.element) === "u8" ? { kind: "text", value: someText(this.#draft) } : null;
      case "function":
        return null;
      case "struct": {
        const fields = new Map<FieldDeclaration, Initial>();
        for (const field of type.struct.fields) {
          const value = this.#initial(field.type);
          if (value === null) return null;
          fields.set(field, value);
        }
        return { kind: "struct", fields };
      }
      case "array": {
        const elements = Array.from({ length: type.length }, () => this.#initial(type.element));
        return elements.every((item) => item !== null) ? { kind: "array", elements } : null;
      }
    }
  }

  // ---- functions ----
  #parameterTypes(): Type[] {
    const random = this.#random;
    const visible = this.#program.structs.filter((item) => !item.isRow);
    const arrays = this.#program.statics.filter((item) => item.role === "object").map((item) => item.type);
    const arrayTypes = arrays.filter((type) => type.kind === "array");
    return Array.from(
      {
        length: random.weighted([
          [15, 0],
          [30, 1],
          [30, 2],
          [15, 3],
          [10, 4],
        ]),
      },
      () =>
        random.weighted<() => Type>([
          [50, () => someIntType(this.#draft)],
          [8, () => BOOLEAN],
          [8, () => this.#enumOrInt()],
          [
            25,
            () => ({
              kind: "pointer",
              to: { kind: "struct", struct: random.pick(visible) },
              nullable: random.chance(40),
            }),
          ],
          [8, () => ({ kind: "pointer", to: random.pick(arrayTypes), nullable: false })],
          [10, () => ({ kind: "slice", element: random.pick(arrayTypes).element })],
          [5, () => this.#brandOrInt()],
        ])(),
    );
  }

  #enumOrInt(): Type {
    const { enums } = this.#program;
    return enums.length > 0 ? { kind: "enum", enum: this.#random.pick(enums) } : U8;
  }

  #brandOrInt(): Type {
    const { brands } = this.#program;
    const brand = brands.length > 0 ? this.#random.pick(brands) : null;
    return brand ? { ...brand.base, brand } : intType(64, true);
  }

  #resultType(): Type | null {
    const random = this.#random;
    const visible = this.#program.structs.filter((item) => !item.isRow);
    return random.weighted<() => Type | null>([
      [15, () => null],
      [50, () => someIntType(this.#draft)],
      [8, () => BOOLEAN],
      [7, () => this.#enumOrInt()],
      [
        12,
        () => ({ kind: "pointer", to: { kind: "struct", struct: random.pick(visible) }, nullable: random.chance(60) }),
      ],
      [4, () => this.#brandOrInt()],
    ])();
  }

  #blankFunction(parameters: VariableDeclaration[], result: Type | null): FunctionDeclaration {
    return {
      declaration: "function",
      id: this.#id(),
      file: this.#file,
      parameters,
      result,
      isNever: false,
      inlining: this.#random.weighted([
        [60, "free"],
        [20, "inline"],
        [20, "noinline"],
      ]),
      body: [],
      cost: 1,
      writes: new Set(),
    };
  }

  #scope(declaration: FunctionDeclaration): Scope {
    const identities = new Set(this.#draft.identities.values());
    const callable = this.#program.functions.filter((item) => !identities.has(item) && item.file <= declaration.file);
    return new Scope(this.#draft, declaration, callable);
  }

  #parameter(type: Type, mayBorrow: boolean): VariableDeclaration {
    const random = this.#random;
    const isBorrowed = mayBorrow && (type.kind === "pointer" || type.kind === "slice") && random.chance(60);
    return {
      declaration: "variable",
      id: this.#id(),
      type,
      isParameter: true,
      isBorrowed,
      isFixed: isBorrowed || random.chance(60),
    };
  }

  #function(types: readonly Type[], result: Type | null, mayBorrow = true): FunctionDeclaration {
    const random = this.#random;
    const made = this.#blankFunction(
      types.map((type) => this.#parameter(type, mayBorrow)),
      result,
    );
    const scope = this.#scope(made);
    made.body = block(scope, random.between(2, 6), random.between(1, 3));
    const last = made.body.at(-1);
    const isDone = last?.kind === "return" || last?.kind === "panic";
    if (result !== null && !isDone) made.body.push(returnStatement(scope, isTerminal(last) ? 0 : 2));
    this.#measure(made);
    this.#program.functions.push(made);
    return made;
  }

  #functionTable(): void {
    const random = this.#random;
    const parameters = this.#parameterTypes().slice(0, 3);
    const result = random.chance(80) ? someIntType(this.#draft) : BOOLEAN;
    const functions = Array.from({ length: 2 }, () => this.#function(parameters, result, false));
    const type: FunctionType = { kind: "function", parameters, result };
    const length = random.between(2, 4);
    const entry = (): Initial => ({ kind: "function", function: random.pick(functions) });
    if (random.chance(35)) {
      const struct: StructDeclaration = {
        declaration: "struct",
        id: this.#id(),
        file: this.#file,
        fields: [],
        isRow: true,
      };
      struct.fields.push({ declaration: "field", name: "weight", index: 0, type: U16 });
      struct.fields.push({ declaration: "field", name: "handler", index: 1, type });
      const [weight, handler] = struct.fields as [FieldDeclaration, FieldDeclaration];
      this.#program.structs.push(struct);
      const elements = Array.from({ length }, (): Initial => {
        const value = someValue(this.#draft, U16);
        return {
          kind: "struct",
          fields: new Map<FieldDeclaration, Initial>([
            [weight, { kind: "int", value }],
            [handler, entry()],
          ]),
        };
      });
      const element: Type = { kind: "struct", struct };
      this.#static({ kind: "array", element, length, lengthName: null }, { kind: "array", elements }, "table");
      return;
    }
    const elements = Array.from({ length }, entry);
    this.#static({ kind: "array", element: type, length, lengthName: null }, { kind: "array", elements }, "table");
  }

  #neverFunction(): void {
    const made: FunctionDeclaration = { ...this.#blankFunction([this.#parameter(U32, false)], null), isNever: true };
    made.body = [...block(this.#scope(made), 1, 0), { kind: "panic", text: someText(this.#draft) }];
    this.#measure(made);
    this.#program.functions.push(made);
  }

  /** Gives the objects of the file's pools their numbers, links them and fills in some places. */
  #initializer(): FunctionDeclaration {
    const made = this.#blankFunction([], null);
    const scope = this.#scope(made);
    const own = this.#program.statics.filter((item) => item.file === this.#file && item.role !== "table");
    for (const item of own)
      this.#initialize(scope, made.body, { kind: "static", static: item }, item.type, item.id * 16);
    made.cost = 300;
    this.#program.functions.push(made);
    return made;
  }

  #initialize(scope: Scope, body: Statement[], place: Place, type: Type, number: number): void {
    const random = this.#random;
    const assign = (to: Place, from: Expression | null): void => {
      if (from === null) return;
      guard(scope, { kind: "read", place: to, isNarrowed: false });
      body.push({ kind: "assign", place: to, operator: null, value: from });
    };
    switch (type.kind) {
      case "struct":
        for (const field of type.struct.fields) {
          const inner: Place = { kind: "field", of: { kind: "address", place: this.#copyPlace(place) }, field };
          if (field.name === "id") assign(inner, literal(scope, U32, BigInt(number + 1)));
          else this.#initialize(scope, body, inner, field.type, number + 8);
        }
        break;
      case "array":
        for (let i = 0; i < type.length; i++) {
          if (type.element.kind !== "struct" && !random.chance(30)) continue;
          const index = literal(scope, U32, BigInt(i));
          const inner: Place = { kind: "element", of: { kind: "address", place: this.#copyPlace(place) }, index };
          this.#initialize(scope, body, inner, type.element, number + i);
        }
        break;
      case "pointer":
        if (random.chance(80)) assign(this.#copyPlace(place), value(scope, type, false, 0));
        break;
      case "slice":
        if (random.chance(85)) assign(this.#copyPlace(place), slice(scope, type, false, 0));
        break;
      case "function":
        break;
      default:
        if (place.kind !== "static" && random.chance(35)) assign(this.#copyPlace(place), value(scope, type, false, 0));
    }
  }

  /** The same place made of new nodes, see P1. */
  #copyPlace(place: Place): Place {
    switch (place.kind) {
      case "variable":
      case "static":
        return { ...place };
      case "field":
        return { ...place, of: this.#copyAddress(place.of) };
      case "element":
        return { ...place, of: this.#copyAddress(place.of), index: { ...place.index } };
    }
  }

  #copyAddress(of: Expression): Expression {
    return of.kind === "address" ? { kind: "address", place: this.#copyPlace(of.place) } : of;
  }

  // ---- what a function costs and changes ----
  #measure(made: FunctionDeclaration): void {
    made.cost = Math.ceil(costOf(made.body)) + 2;
    collectWrites(made.body, made.writes);
  }
}

/** An upper estimate of the evaluator's steps. */
function costOf(node: unknown): number {
  if (typeof node !== "object" || node === null) return 0;
  if (Array.isArray(node)) return node.reduce((sum: number, item) => sum + costOf(item), 0);
  if ("declaration" in node) return node.declaration === "function" ? (node as FunctionDeclaration).cost : 0;
  let sum = 1;
  for (const [key, item] of Object.entries(node)) {
    if (key !== "target" && key !== "type") sum += costOf(item);
  }
  return "bound" in node && typeof node.bound === "number" ? sum * (node.bound + 1) : sum;
}

/** Adds the statics that the nodes, and the functions that they call, assign. */
function collectWrites(node: unknown, found: Set<StaticDeclaration>): void {
  if (typeof node !== "object" || node === null) return;
  if ("declaration" in node) {
    if (node.declaration === "function") for (const item of (node as FunctionDeclaration).writes) found.add(item);
    return;
  }
  if ("kind" in node && (node.kind === "assign" || node.kind === "step") && "place" in node) {
    let place = node.place as Place | null;
    while (place !== null) {
      if (place.kind === "static") found.add(place.static);
      const of: Expression | null = place.kind === "field" || place.kind === "element" ? place.of : null;
      place = of?.kind === "address" ? of.place : null;
    }
  }
  for (const [key, item] of Object.entries(node)) if (key !== "target" && key !== "type") collectWrites(item, found);
}
