/**
 * What evaluating a piece of the tree depends on and changes: enough to tell whether two pieces may swap places.
 *
 * Memory is one thing: every static that is not constant, every aggregate, every device. Scalar locals are told
 * apart, because no pointer reaches them. A panic is ordered against everything visible after it (memory), and
 * against panics of other lines.
 */
import { type Expression, INTRINSICS, type Local, type Place, type Site, type Statement } from "../tree.ts";

const PANICKING = new Set(["addChecked", "mulChecked", "sliceOf", "subslice"]);

export class Effects {
  readonly #reads = new Set<Local>();
  readonly #writes = new Set<Local>();
  #readsMemory = false;
  #writesMemory = false;
  #firstPanicLine = Number.POSITIVE_INFINITY;
  #lastPanicLine = 0;

  static of(expression: Expression): Effects {
    const effects = new Effects();
    effects.addExpression(expression);
    return effects;
  }

  /** What it takes to find a place, without reading it. */
  static ofAddress(place: Place): Effects {
    const effects = new Effects();
    effects.addAddress(place);
    return effects;
  }

  /** What the last step of a place, its own bounds check, can do. */
  static ofCheck(place: Place): Effects {
    const effects = new Effects();
    effects.addCheck(place);
    return effects;
  }

  /** Whether an expression with these effects must be evaluated before `later`, which follows it in the source. */
  mustPrecede(later: Effects): boolean {
    const mayPanic = this.#lastPanicLine > 0;
    const laterMayPanic = later.#lastPanicLine > 0;
    if (this.#writesMemory && (later.#readsMemory || later.#writesMemory || laterMayPanic)) return true;
    if (later.#writesMemory && (this.#readsMemory || mayPanic)) return true;
    if (mayPanic && laterMayPanic) {
      const first = Math.min(this.#firstPanicLine, later.#firstPanicLine);
      if (first !== Math.max(this.#lastPanicLine, later.#lastPanicLine)) return true;
    }
    for (const local of later.#writes) if (this.#reads.has(local)) return true;
    return false;
  }

  add(other: Effects): void {
    for (const local of other.#reads) this.#reads.add(local);
    for (const local of other.#writes) this.#writes.add(local);
    this.#readsMemory ||= other.#readsMemory;
    this.#writesMemory ||= other.#writesMemory;
    this.#firstPanicLine = Math.min(this.#firstPanicLine, other.#firstPanicLine);
    this.#lastPanicLine = Math.max(this.#lastPanicLine, other.#lastPanicLine);
  }

  addExpression(expression: Expression): void {
    switch (expression.kind) {
      case "constant":
      case "text":
      case "functionAddress":
        return;
      case "read":
        this.#addRead(expression.place);
        return;
      case "address":
        this.addAddress(expression.place);
        return;
      case "length":
        this.addExpression(expression.slice);
        return;
      case "arithmetic":
      case "compare":
      case "logical":
      case "divide":
      case "remainder":
        this.addExpression(expression.left);
        this.addExpression(expression.right);
        if ("isChecked" in expression && expression.isChecked) this.#addPanic(expression.site);
        return;
      case "shiftLeft":
      case "shiftRight":
        this.addExpression(expression.value);
        this.addExpression(expression.amount);
        return;
      case "select":
        this.addExpression(expression.condition);
        this.addExpression(expression.whenTrue);
        this.addExpression(expression.whenFalse);
        return;
      case "toEnum":
      case "nonNull":
        this.#addPanic(expression.site);
        this.addExpression(expression.operand);
        return;
      case "negate":
      case "complement":
      case "not":
      case "convert":
      case "isEnum":
        this.addExpression(expression.operand);
        return;
      case "tableCall":
        this.addExpression(expression.target);
        this.#addEffect(expression.arguments);
        return;
      case "call":
        this.#addEffect(expression.arguments);
        return;
      case "intrinsic": {
        const effect = INTRINSICS[expression.name];
        if (effect === "effect") this.#writesMemory = true;
        if (effect !== "pure") this.#readsMemory = true;
        if (PANICKING.has(expression.name)) this.#addPanic(expression.site);
        for (const argument of expression.arguments) this.addExpression(argument);
      }
    }
  }

  addStatements(statements: readonly Statement[]): void {
    for (const statement of statements) {
      switch (statement.kind) {
        case "let":
          this.#writes.add(statement.local);
          if (statement.initial !== null) this.addExpression(statement.initial);
          break;
        case "assign":
          this.addExpression(statement.value);
          this.addAddress(statement.place);
          if (statement.place.kind === "local") this.#writes.add(statement.place.local);
          else this.#writesMemory = true;
          break;
        case "evaluate":
          this.addExpression(statement.expression);
          break;
        case "if":
          this.addExpression(statement.condition);
          this.addStatements(statement.then);
          this.addStatements(statement.otherwise);
          break;
        default:
          this.#addEffect([]);
      }
    }
  }

  addAddress(place: Place): void {
    this.addCheck(place);
    switch (place.kind) {
      case "target":
        this.addExpression(place.pointer);
        return;
      case "field":
        this.addAddress(place.of);
        return;
      case "element":
        this.addAddress(place.of);
        this.addExpression(place.index);
        return;
      case "sliceElement":
        this.addExpression(place.slice);
        this.addExpression(place.index);
    }
  }

  addCheck(place: Place): void {
    if (place.kind === "sliceElement" || (place.kind === "element" && place.bound !== null)) this.#addPanic(place.site);
  }

  #addRead(place: Place): void {
    this.addAddress(place);
    let root = place;
    while (root.kind === "field" || root.kind === "element") root = root.of;
    if (place.kind === "local") this.#reads.add(place.local);
    else if (root.kind !== "static" || !root.static.isConstant) this.#readsMemory = true;
  }

  #addEffect(operands: readonly Expression[]): void {
    this.#readsMemory = true;
    this.#writesMemory = true;
    for (const operand of operands) this.addExpression(operand);
  }

  #addPanic(site: Site): void {
    this.#firstPanicLine = Math.min(this.#firstPanicLine, site.line);
    this.#lastPanicLine = Math.max(this.#lastPanicLine, site.line);
  }
}
