/**
 * What evaluating a piece of the tree depends on and changes: enough to tell whether two pieces may swap places.
 *
 * Memory is one thing: every static that is not constant, every aggregate, every device. Scalar locals are told
 * apart, because no pointer reaches them. A panic is ordered against everything visible after it (memory), and
 * against panics of other lines.
 */
import { type Expression, INTRINSICS, type Local, type Place, type Statement } from "../tree.ts";

type Node = Expression | Place | Statement;
/** Where a node keeps its parts. */
const PARTS = new Set([
  ..."left right operand value amount condition whenTrue whenFalse slice index pointer of place target".split(" "),
  ..."arguments initial expression then otherwise".split(" "),
]);
const PANICKING = new Set(
  "addChecked mulChecked sliceOf subslice sliceElement toEnum nonNull assert panic unreachable".split(" "),
);

export class Effects {
  readonly #reads = new Set<Local>();
  readonly #writes = new Set<Local>();
  readonly #panicLines = new Set<number>();
  #readsMemory = false;
  #writesMemory = false;

  constructor(...nodes: readonly Node[]) {
    this.#add(nodes);
  }

  /** What the last step of a place, its own bounds check, can do. */
  static ofCheck(place: Place): Effects {
    const effects = new Effects();
    effects.#addOwn(place);
    return effects;
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

  #add(nodes: readonly Node[]): void {
    for (const node of nodes) {
      this.#addOwn(node);
      for (const [name, part] of Object.entries(node) as [string, unknown][]) {
        if (!PARTS.has(name)) continue;
        if (Array.isArray(part)) this.#add(part);
        else if (typeof part === "object" && part !== null && "kind" in part) this.#add([part as Node]);
      }
    }
  }

  #addOwn(node: Node): void {
    const { kind } = node;
    if (kind === "let") this.#writes.add(node.local);
    if (kind === "assign" && node.place.kind === "local") this.#writes.add(node.place.local);
    if (kind === "read" && node.place.kind === "local") this.#reads.add(node.place.local);
    else if (kind === "read") this.#readsMemory ||= !isConstant(node.place);
    const isCall = kind === "call" || kind === "tableCall" || (kind === "assign" && node.place.kind !== "local");
    const use = isCall ? "effect" : kind === "intrinsic" ? INTRINSICS[node.name] : "pure";
    this.#readsMemory ||= use !== "pure";
    this.#writesMemory ||= use === "effect";
    if ("site" in node && mayPanic(node)) this.#panicLines.add(node.site.line);
  }
}

function mayPanic(node: Node): boolean {
  if (node.kind === "element") return node.bound !== null;
  if (node.kind === "divide" || node.kind === "remainder") return node.isChecked;
  return PANICKING.has(node.kind === "intrinsic" ? node.name : node.kind);
}

/** In a constant table, whose content nothing changes. */
function isConstant(place: Place): boolean {
  if (place.kind === "field" || place.kind === "element") return isConstant(place.of);
  return place.kind === "static" && place.static.isConstant;
}
