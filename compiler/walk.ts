import type { Callee, Expression, Initial, Place, Statement } from "./tree.ts";

/** Goes through the tree, for passes that only look for something. */

export type Node = Expression | Place | Statement;

/** Properties that name something instead of holding a part. */
const NAMES = new Set(["type", "site", "callee", "static", "table", "local", "field", "function", "enum", "bytes"]);

/** Visits every node in `of`, a node or lists of them, parents first. */
export function walk(of: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(of)) {
    for (const each of of) walk(each, visit);
  } else if (typeof of === "object" && of !== null) {
    if ("kind" in of) visit(of as Node);
    for (const [name, part] of Object.entries(of)) if (!NAMES.has(name)) walk(part, visit);
  }
}

/** The functions that an initial value names. */
export function functionsIn(initial: Initial): Callee[] {
  if (initial.kind === "function") return [initial.function];
  if (initial.kind === "array") return initial.elements.flatMap(functionsIn);
  return initial.kind === "struct" ? [...initial.fields.values()].flatMap(functionsIn) : [];
}
