import type { Statement, Target } from "./program.ts";

/** Which loops, switches and blocks need a label. */

/** The target of a `break` or `continue` without a label, within `around`, outermost first. */
export function innermostTarget(kind: "break" | "continue", around: readonly Target[]): Target | undefined {
  return around.findLast((target) => target.kind === "loop" || (target.kind === "switch" && kind === "break"));
}

/** Those targets in a function's body that some jump must name. Throws when a jump has lost its target. */
export function targetsToName(body: readonly Statement[], around: readonly Target[] = []): Set<Target> {
  const found = new Set<Target>();
  const visit = (within: readonly Statement[], targets: readonly Target[]): void => {
    for (const target of targetsToName(within, targets)) found.add(target);
  };
  for (const statement of body) {
    switch (statement.kind) {
      case "break":
      case "continue":
        if (!around.includes(statement.target)) throw new Error(`a ${statement.kind} without its target`);
        if (statement.isLabelled || innermostTarget(statement.kind, around) !== statement.target) {
          found.add(statement.target);
        }
        break;
      case "loop":
      case "block":
        visit(statement.body, [...around, statement]);
        break;
      case "switch":
        for (const clause of statement.clauses) visit(clause.body, [...around, statement]);
        break;
      case "if":
        visit(statement.body, around);
        if (statement.otherwise) visit(statement.otherwise, around);
        break;
    }
  }
  return found;
}
