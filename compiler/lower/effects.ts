/**
 * What evaluating a piece of the tree depends on and changes: enough to tell whether two pieces may swap places.
 *
 * Memory is one thing: every static that is not constant, every aggregate, every device. Scalar locals are told
 * apart, because no pointer reaches them. A panic is ordered against everything visible after it (memory), and
 * against panics of other lines.
 */
import { type Expression, INTRINSICS, type Local, type Place, type Statement } from "../tree.ts";

const OPERANDS = [
  "left",
  "right",
  "operand",
  "value",
  "amount",
  "condition",
  "whenTrue",
  "whenFalse",
  "slice",
] as const;
const PANICKING = new Set(["addChecked", "mulChecked", "sliceOf", "subslice"]);

export class Effects {
  readonly #reads = new Set<Local>();
  readonly #writes = new Set<Local>();
  #readsMemory = false;
  #writesMemory = false;
  readonly #panicLines = new Set<number>();

  constructor(...expressions: readonly Expression[]) {
    for (const expression of expressions) this.add(expression);
  }

  /** Whether evaluating twice is the same as evaluating once, in time and outcome, as long as no local changes. */
  get isFree(): boolean {
    return !this.#readsMemory && !this.#writesMemory && this.#panicLines.size === 0;
  }

  /** Whether an expression with these effects must be evaluated before `later`, which follows it in the source. */
  mustPrecede(later: Effects): boolean {
    const panics = this.#panicLines.size > 0;
    const laterPanics = later.#panicLines.size > 0;
    return (
      (this.#writesMemory && (later.#readsMemory || later.#writesMemory || laterPanics)) ||
      (later.#writesMemory && (this.#readsMemory || panics)) ||
      (panics && laterPanics && new Set([...this.#panicLines, ...later.#panicLines]).size > 1) ||
      [...later.#writes].some((local) => this.#reads.has(local))
    );
  }

  add(expression: Expression): void {
    const { kind } = expression;
    if (kind === "constant") return;
    if (kind === "read" || kind === "address") this.#addPlace(expression.place, kind === "read");
    if (kind === "tableCall") this.add(expression.target);
    if ("arguments" in expression) for (const argument of expression.arguments) this.add(argument);
    const operands = expression as { readonly [K in (typeof OPERANDS)[number]]?: Expression };
    for (const name of OPERANDS) if (operands[name]) this.add(operands[name]);
    if (kind === "call" || kind === "tableCall") this.#readsMemory = this.#writesMemory = true;
    if (kind === "intrinsic") {
      this.#readsMemory ||= INTRINSICS[expression.name] !== "pure";
      this.#writesMemory ||= INTRINSICS[expression.name] === "effect";
    }
    const isChecked =
      kind === "divide" || kind === "remainder" ? expression.isChecked : kind === "toEnum" || kind === "nonNull";
    if ((isChecked || (kind === "intrinsic" && PANICKING.has(expression.name))) && "site" in expression) {
      this.#panicLines.add(expression.site.line);
    }
  }

  addStatements(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === "let") {
        this.#writes.add(statement.local);
        if (statement.initial !== null) this.add(statement.initial);
      } else if (statement.kind === "assign") {
        this.add(statement.value);
        this.#addPlace(statement.place, false);
        if (statement.place.kind === "local") this.#writes.add(statement.place.local);
        else this.#writesMemory = true;
      } else if (statement.kind === "evaluate") {
        this.add(statement.expression);
      } else if (statement.kind === "if") {
        this.add(statement.condition);
        this.addStatements(statement.then);
        this.addStatements(statement.otherwise);
      } else {
        this.#readsMemory = this.#writesMemory = true;
      }
    }
  }

  /** What the last step of a place, its own bounds check, can do. */
  addCheck(place: Place): void {
    const isChecked = place.kind === "sliceElement" || (place.kind === "element" && place.bound !== null);
    if (isChecked) this.#panicLines.add(place.site.line);
  }

  #addPlace(place: Place, isRead: boolean): void {
    let root = place;
    for (; root.kind === "field" || root.kind === "element"; root = root.of) {
      this.addCheck(root);
      if (root.kind === "element") this.add(root.index);
    }
    this.addCheck(root);
    if (root.kind === "target") this.add(root.pointer);
    if (root.kind === "sliceElement") {
      this.add(root.slice);
      this.add(root.index);
    }
    if (isRead && place.kind === "local") this.#reads.add(place.local);
    else if (isRead && !(root.kind === "static" && root.static.isConstant)) this.#readsMemory = true;
  }
}
