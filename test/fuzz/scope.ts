import {
  type BrandDeclaration,
  type ConstantDeclaration,
  type EnumDeclaration,
  type Expression,
  type FieldDeclaration,
  type FunctionDeclaration,
  type Place,
  type Program,
  type StaticDeclaration,
  type StructDeclaration,
  type Target,
  type Type,
  typeKey,
  type VariableDeclaration,
} from "./program.ts";
import type { Random } from "./random.ts";

/** What the generator is asked for. */
export interface GeneratorOptions {
  /** Whether programs may do what panics. Without it they seldom do: the caller drops those that still panic. */
  readonly canPanic: boolean;
}

/** What generating one program carries along. */
export interface Draft {
  readonly random: Random;
  readonly options: GeneratorOptions;
  readonly program: Program;
  /** `same_T(x) = x` by type: it hides from tsc what it has concluded about x. */
  readonly identities: Map<string, FunctionDeclaration>;
  /** A u64 static of each file, into which values go that nothing else uses. */
  readonly traces: StaticDeclaration[];
  nextId: number;
}

/** How a place is reached from a variable or static. */
export type PathStep =
  | { readonly kind: "field"; readonly field: FieldDeclaration }
  | { readonly kind: "element"; readonly of: Type }
  /** Through a pointer; a nullable one with `!`. */
  | { readonly kind: "target"; readonly isNullable: boolean };
export interface Path {
  readonly steps: readonly PathStep[];
  readonly type: Type;
  /** Passes a slice or a pointer in memory: what it reaches is neither part of the root nor of what that points to. */
  readonly isIndirect: boolean;
  /** Needs `!`. */
  readonly isRisky: boolean;
  /** Passes a slice, whose length nobody knows. */
  readonly isSliced: boolean;
}
export type Root = VariableDeclaration | StaticDeclaration;

const paths = new Map<string, readonly Path[]>();
let pathsOwner: Program | null = null;

/** Every path from a place of that type down, the empty one included; at most one pointer is followed. */
export function pathsOf(program: Program, type: Type): readonly Path[] {
  if (pathsOwner !== program) {
    paths.clear();
    pathsOwner = program;
  }
  const key = typeKey(type);
  const known = paths.get(key);
  if (known) return known;
  const found: Path[] = [];
  follow(type, [], 1, found);
  paths.set(key, found);
  return found;
}

function follow(type: Type, steps: readonly PathStep[], pointers: number, found: Path[]): void {
  if (steps.at(-1)?.kind !== "target") {
    const isIndirect = steps
      .slice(1)
      .some((step) => step.kind === "target" || (step.kind === "element" && step.of.kind === "slice"));
    const isRisky = steps.some((step) => step.kind === "target" && step.isNullable);
    const isSliced = steps.some((step) => step.kind === "element" && step.of.kind === "slice");
    found.push({ steps, type, isIndirect, isRisky, isSliced });
  }
  if (steps.length >= 6) return;
  switch (type.kind) {
    case "struct":
      for (const field of type.struct.fields) follow(field.type, [...steps, { kind: "field", field }], pointers, found);
      break;
    case "array":
    case "slice":
      follow(type.element, [...steps, { kind: "element", of: type }], pointers, found);
      break;
    case "pointer":
      if (pointers > 0) {
        const isNullable = type.nullable;
        follow(type.to, [...steps, { kind: "target", isNullable }], pointers - 1, found);
      }
      break;
  }
}

/** The position in a function body at which the generator is writing. */
export class Scope {
  readonly draft: Draft;
  readonly function: FunctionDeclaration;
  /** Functions that may be called here. */
  readonly callable: readonly FunctionDeclaration[];
  /** Visible variables, outermost first. */
  variables: VariableDeclaration[];
  /** Nullable variables that the code around has compared with null. */
  readonly narrowed = new Set<VariableDeclaration>();
  /**
   * Variables that tsc may have narrowed, and enums and structs of which it may have narrowed some other place: from
   * here on these are read through an identity before they are compared, lest tsc takes the comparison for a mistake.
   */
  readonly guarded = new Set<VariableDeclaration | EnumDeclaration | StructDeclaration>();
  /** Variables without a declared type whose initial value is just a number to tsc: it narrows them to literals. */
  readonly plainNumbers = new Set<VariableDeclaration>();
  /** Loop variables that stay below a bound. */
  readonly bounds = new Map<VariableDeclaration, number>();
  /** Loop variables that stay below a slice's length, by the slice. */
  readonly sliceBounds = new Map<VariableDeclaration, VariableDeclaration>();
  readonly targets: Target[] = [];
  /** How often this position can be reached in one call. */
  turns = 1;
  /** Steps that calls may still cost in one call of this function. */
  allowance = 2500;

  constructor(draft: Draft, declaration: FunctionDeclaration, callable: readonly FunctionDeclaration[]) {
    this.draft = draft;
    this.function = declaration;
    this.callable = callable;
    this.variables = [...declaration.parameters];
  }

  get random(): Random {
    return this.draft.random;
  }

  get canPanic(): boolean {
    return this.draft.options.canPanic;
  }

  /** Statics that code in this file may mention. */
  get statics(): StaticDeclaration[] {
    return this.draft.program.statics.filter((item) => item.file <= this.function.file);
  }

  get enums(): EnumDeclaration[] {
    return this.draft.program.enums.filter((item) => item.file <= this.function.file);
  }

  get structs(): StructDeclaration[] {
    return this.draft.program.structs.filter((item) => item.file <= this.function.file && !item.isRow);
  }

  get brands(): BrandDeclaration[] {
    return this.draft.program.brands.filter((item) => item.file <= this.function.file);
  }

  get constants(): ConstantDeclaration[] {
    return this.draft.program.constants.filter((item) => item.file <= this.function.file);
  }

  declare(type: Type, traits: { isBorrowed?: boolean; isFixed?: boolean }): VariableDeclaration {
    return {
      declaration: "variable",
      id: this.draft.nextId++,
      type,
      isParameter: false,
      isBorrowed: traits.isBorrowed ?? false,
      isFixed: traits.isFixed ?? false,
    };
  }

  /** Roots with a path to a place for which `isWanted` holds. */
  find(isWanted: (path: Path, root: Root) => boolean): { root: Root; path: Path }[] {
    const found: { root: Root; path: Path }[] = [];
    for (const root of [...this.variables, ...this.statics]) {
      const type = this.typeOfRoot(root);
      if (type.kind === "function") continue;
      for (const path of pathsOf(this.draft.program, type)) {
        if (isWanted(path, root)) found.push({ root, path });
      }
    }
    return found;
  }

  /** Whether an index that is within the slice `root` is at hand. */
  hasIndexFor(root: Root): boolean {
    return this.variables.some((item) => this.sliceBounds.get(item) === root);
  }

  /** A nullable variable known to be no null here counts as a pointer that is not nullable. */
  typeOfRoot(root: Root): Type {
    if (root.declaration === "variable" && root.type.kind === "pointer" && this.narrowed.has(root)) {
      return { ...root.type, nullable: false };
    }
    return root.type;
  }

  /** The place of the root itself. */
  placeOf(root: Root): Place {
    return root.declaration === "variable" ? { kind: "variable", variable: root } : { kind: "static", static: root };
  }

  /** The root's place as a value. */
  read(root: Root): Expression {
    const { type } = root;
    if (type.kind === "struct" || type.kind === "array") return { kind: "address", place: this.placeOf(root) };
    const isNarrowed = root.declaration === "variable" && this.narrowed.has(root);
    return { kind: "read", place: this.placeOf(root), isNarrowed };
  }

  /** Whether a value that is read from the path's end, or its address, may lead to stack storage. */
  isBorrowed(root: Root, path: Path): boolean {
    return root.declaration === "variable" && root.isBorrowed && !path.isIndirect;
  }

  isPlainNumber(value: Expression): boolean {
    return value.kind === "read" && value.place.kind === "variable" && this.plainNumbers.has(value.place.variable);
  }

  /** Whether calls of `callee` fit what this function may still cost, and books one if so. */
  affords(callee: FunctionDeclaration): boolean {
    const cost = this.turns * callee.cost;
    if (cost > this.allowance) return false;
    this.allowance -= cost;
    return true;
  }
}
