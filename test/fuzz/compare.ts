import type { PrintedProgram } from "./print.ts";
import type { Arithmetic, Expression, Place, Shift, Statement } from "./program.ts";
import { PANIC, type Panic, type StepResult } from "./reference.ts";

/** Compares what a compiled program did with what the reference says that it does. */

/** One line of the harness's output; `text` and `file` are hashes. */
export interface ObservedStep {
  readonly kind: number;
  readonly line: number;
  readonly a: bigint;
  readonly b: bigint;
  readonly text: bigint;
  readonly file: bigint;
  readonly bits: bigint;
  readonly hash: bigint;
}

/** As in harness.c. */
export const NO_PANIC = 255;
export const FAULTED = 101;
export const TIMED_OUT = 102;

/** FNV-1a over the text's UTF-8, as the programs' panic entry computes it. */
export function hashText(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** The first difference, or null. `kind` tells differences of one sort from others. */
export function compareSteps(
  expected: readonly StepResult[],
  observed: readonly ObservedStep[],
  printed: PrintedProgram,
): { kind: string; detail: string } | null {
  for (const [index, step] of expected.entries()) {
    const got = observed[index];
    if (!got) return { kind: "stopped", detail: `step ${index}: the program did not come so far` };
    const difference = compareStep(step, got, printed);
    if (difference) return { ...difference, detail: `step ${index}: ${difference.detail}` };
  }
  return null;
}

function compareStep(
  step: StepResult,
  got: ObservedStep,
  printed: PrintedProgram,
): { kind: string; detail: string } | null {
  const describe = (what: string): string =>
    `${what}\n  expected ${describeExpected(step, printed)}\n  got      ${describeObserved(got, printed)}`;
  if (got.kind >= 100 && got.kind !== NO_PANIC) {
    return { kind: `signal ${got.kind}`, detail: describe("undefined behaviour, a fault or an endless loop") };
  }
  const { panic } = step;
  if ((panic === null) !== (got.kind === NO_PANIC)) return { kind: "panics", detail: describe("only one panics") };
  if (got.hash !== step.hash) return { kind: "state", detail: describe("the state differs") };
  if (panic === null) return got.bits === step.bits ? null : { kind: "result", detail: describe("the result differs") };
  return isPanicOf(panic, got, printed) ? null : { kind: "panic", detail: describe("the panics differ") };
}

/**
 * Of several checks that fail in one statement, when nothing else has an effect, either may come first: any check
 * of the statement will do.
 */
function isPanicOf(panic: Panic, got: ObservedStep, printed: PrintedProgram): boolean {
  const checks = new Map<object, number>();
  collectChecks(panic.root, checks);
  const rivals = [...checks].filter(([node, kind]) => node !== panic.node && isAt(node, kind, got, printed));
  if (isAt(panic.node, panic.kind, got, printed)) {
    const hasValues = ([PANIC.index, PANIC.unreachable, PANIC.enum, PANIC.range] as number[]).includes(panic.kind);
    if (rivals.length > 0 || !hasValues) return got.text === hashText(panic.text);
    return got.a === panic.a && got.b === panic.b;
  }
  return rivals.length > 0;
}

function isAt(node: object, kind: number, got: ObservedStep, printed: PrintedProgram): boolean {
  const site = printed.sites.get(node);
  return site !== undefined && got.kind === kind && got.line === site.line && got.file === hashText(site.path);
}

/** The nodes below `node` that may panic, with the kind of panic. Functions that are called are not below it. */
function collectChecks(node: unknown, found: Map<object, number>): void {
  if (typeof node !== "object" || node === null || "declaration" in node) return;
  if ("kind" in node) {
    const kind = checkOf(node as Expression | Statement);
    if (kind !== null) found.set(node, kind);
  }
  for (const [key, item] of Object.entries(node)) {
    if (key !== "target" && key !== "type" && key !== "body") collectChecks(item, found);
  }
}

function checkOf(node: Expression | Statement): number | null {
  switch (node.kind) {
    case "read":
    case "address":
    case "step":
      return isElement(node.place) ? PANIC.index : null;
    case "tableCall":
      return isElement(node.callee) ? PANIC.index : null;
    case "assign":
      return isDivision(node.operator) && !isElement(node.place)
        ? PANIC.divide
        : isElement(node.place)
          ? PANIC.index
          : null;
    case "arithmetic":
      return isDivision(node.operator) ? PANIC.divide : null;
    case "nonNull":
      return PANIC.null;
    case "toEnum":
      return PANIC.enum;
    case "sliceOf":
    case "subslice":
      return PANIC.range;
    case "checked":
      return PANIC.overflow;
    case "assert":
      return PANIC.assert;
    default:
      return null;
  }
}

function isElement(place: Place): boolean {
  return place.kind === "element";
}

function isDivision(operator: Arithmetic | Shift | null): boolean {
  return operator === "/" || operator === "%";
}

function describeExpected(step: StepResult, printed: PrintedProgram): string {
  const { panic, bits, hash } = step;
  if (panic === null) return `result ${hex(bits)} state ${hex(hash)}`;
  const site = printed.sites.get(panic.node);
  const place = site ? `${site.path}:${site.line}` : "?";
  return `panic ${nameOf(panic.kind)} (${hex(panic.a)}, ${hex(panic.b)}) at ${place} state ${hex(hash)}`;
}

function describeObserved(got: ObservedStep, printed: PrintedProgram): string {
  if (got.kind === NO_PANIC) return `result ${hex(got.bits)} state ${hex(got.hash)}`;
  const file = [...printed.files.keys()].find((name) => hashText(name) === got.file) ?? "?";
  return `panic ${nameOf(got.kind)} (${hex(got.a)}, ${hex(got.b)}) at ${file}:${got.line} state ${hex(got.hash)}`;
}

function nameOf(kind: number): string {
  return Object.entries(PANIC).find(([, number]) => number === kind)?.[0] ?? String(kind);
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
