import { type Expression, isSameType, type Program, type Statement, type Type, typeOf } from "./program.ts";

/**
 * Makes a failing program smaller: cuts out steps, statements and declarations and puts simpler expressions in
 * place of others, as long as it still fails in the same way. Works on the program itself; what a cut has broken
 * (a variable without its declaration, a loop without its counter) only makes the cut fail.
 */

export interface ShrinkLimits {
  /** Attempts, each of which compiles and runs the program. */
  readonly attempts: number;
  readonly seconds: number;
}

/** A change that can be taken back. */
interface Edit {
  apply(): void;
  undo(): void;
}

/** Answers how many attempts were made. `stillFails` looks at the program as it is at that time. */
export async function shrink(
  program: Program,
  stillFails: () => Promise<boolean>,
  limits: ShrinkLimits,
): Promise<number> {
  const end = performance.now() + limits.seconds * 1000;
  let attempts = 0;
  const isSpent = (): boolean => attempts >= limits.attempts || performance.now() > end;
  const attempt = async (edit: Edit): Promise<boolean> => {
    attempts++;
    edit.apply();
    if (await stillFails()) return true;
    edit.undo();
    return false;
  };
  for (let isSmaller = true; isSmaller && !isSpent(); ) {
    isSmaller = false;
    for (const list of [program.steps, ...statementLists(program)] as unknown[][]) {
      isSmaller = (await cutList(list, attempt, isSpent)) || isSmaller;
    }
    for (const edits of [unwrappings, declarationCuts, simplifications]) {
      // A successful edit changes what there is to edit, so the edits are listed anew after each.
      for (let at = 0; !isSpent(); ) {
        const edit = edits(program)[at];
        if (!edit) break;
        if (await attempt(edit)) isSmaller = true;
        else at++;
      }
    }
  }
  return attempts;
}

/** Cuts parts of the list out: first halves, in the end single items. */
async function cutList(
  list: unknown[],
  attempt: (edit: Edit) => Promise<boolean>,
  isSpent: () => boolean,
): Promise<boolean> {
  let isSmaller = false;
  for (let size = list.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = list.length - size; from >= 0 && !isSpent(); from -= size) {
      if (from + size <= list.length && (await attempt(cut(list, from, size)))) isSmaller = true;
    }
  }
  return isSmaller;
}

function cut(list: unknown[], from: number, size: number, replacement: readonly unknown[] = []): Edit {
  let removed: unknown[] = [];
  return {
    apply: () => {
      removed = list.splice(from, size, ...replacement);
    },
    undo: () => {
      list.splice(from, replacement.length, ...removed);
    },
  };
}

// ---- what there is to change ----
type Node = Record<string, unknown>;

/** Calls `visit` for every node of the program's code, with what holds it. */
function walk(node: unknown, visit: (node: Node, holder: Node | unknown[], key: string | number) => void): void {
  if (typeof node !== "object" || node === null) return;
  for (const [key, item] of Object.entries(node)) {
    if (typeof item !== "object" || item === null || ["target", "type", "declaration"].includes(key)) continue;
    if ("declaration" in item) continue;
    if ("kind" in item) visit(item as Node, node as Node, Array.isArray(node) ? Number(key) : key);
    walk(item, visit);
  }
}

function roots(program: Program): unknown[] {
  return [...program.functions.map((item) => item.body), program.steps];
}

function statementLists(program: Program): Statement[][] {
  const lists: Statement[][] = program.functions.map((item) => item.body);
  for (const root of roots(program)) {
    walk(root, (node) => {
      for (const key of ["body", "otherwise", "clauses"]) {
        const list = node[key];
        if (Array.isArray(list)) lists.push(list);
      }
    });
  }
  return lists;
}

/** Puts what is within an `if`, loop, block or switch in its place. */
function unwrappings(program: Program): Edit[] {
  const edits: Edit[] = [];
  for (const list of statementLists(program)) {
    list.forEach((statement, index) => {
      for (const inner of innerLists(statement)) edits.push(cut(list, index, 1, inner));
      if (statement.kind === "if" && statement.otherwise) edits.push(change(statement, "otherwise", null));
    });
  }
  return edits;
}

function innerLists(statement: Statement): Statement[][] {
  switch (statement.kind) {
    case "if":
      return statement.otherwise ? [statement.body, statement.otherwise] : [statement.body];
    case "loop":
      return [statement.head ? [statement.head, ...statement.body] : statement.body];
    case "block":
      return [statement.body];
    case "switch":
      return statement.clauses.map((clause) => clause.body);
    default:
      return [];
  }
}

/** Removes each declaration that nothing mentions any more. */
function declarationCuts(program: Program): Edit[] {
  const lists: object[][] = [
    program.functions,
    program.statics,
    program.structs,
    program.enums,
    program.brands,
    program.constants,
  ];
  return lists.flatMap((list) => list.map((_, index) => cut(list, index, 1)));
}

function change(holder: object, key: string | number, value: unknown): Edit {
  const slots = holder as Record<string | number, unknown>;
  const before = slots[key];
  return {
    apply: () => {
      slots[key] = value;
    },
    undo: () => {
      slots[key] = before;
    },
  };
}

/** Puts a constant, or a part of the same type, in an expression's place. */
function simplifications(program: Program): Edit[] {
  const edits: Edit[] = [];
  for (const root of roots(program)) {
    walk(root, (node, holder, key) => {
      if (!isExpression(node) || key === "call" || ("kind" in holder && holder.kind === "clause")) return;
      const type = safeType(node);
      if (type === null) return;
      for (const simple of constantsOf(type, node)) edits.push(change(holder, key, simple));
      walk(node, (part) => {
        const partType = isExpression(part) ? safeType(part) : null;
        if (partType && isSameType(partType, type)) edits.push(change(holder, key, part));
      });
    });
  }
  return edits;
}

const EXPRESSIONS = new Set(
  (
    "literal boolean member null text constant read address unary not arithmetic shift compare logical conditional step " +
    "convert brand call tableCall intrinsic checked toEnum isEnum nonNull length sliceOf subslice sizeOf"
  ).split(" "),
);

function isExpression(node: object): node is Expression {
  return "kind" in node && EXPRESSIONS.has(String(node.kind));
}

/** The type of what a cut may have broken. */
function safeType(expression: Expression): Type | null {
  try {
    return typeOf(expression);
  } catch {
    return null;
  }
}

/** Constants simpler than `old`. */
function constantsOf(type: Type, old: Expression): Expression[] {
  if (["literal", "boolean", "member", "null"].includes(old.kind)) {
    if (old.kind !== "literal" || old.value === 0n || old.value === 1n) return [];
    const { formula: _, ...plain } = old;
    return [{ ...plain, value: 1n, base: 10 }, ...(old.formula ? [plain] : [])];
  }
  switch (type.kind) {
    case "int":
      return type.brand ? [] : [{ kind: "literal", type, value: 0n, base: 10 }];
    case "boolean":
      return [true, false].map((value) => ({ kind: "boolean", value }));
    case "enum": {
      const [member] = type.enum.members;
      return member ? [{ kind: "member", type, member }] : [];
    }
    case "pointer":
      return type.nullable ? [{ kind: "null", type }] : [];
    default:
      return [];
  }
}
