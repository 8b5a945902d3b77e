import type { Expression, Site, Statement, Target } from "../tree.ts";
import { walk } from "../walk.ts";
import { type ExpressionWriter, siteNumber } from "./expressions.ts";
import { cName, declare, text } from "./types.ts";

/** Statements as C, in TypeScript's lines. */

/** Text whose lines follow the TypeScript lines: blank lines over short gaps, `#line` over long ones. */
export class LineWriter {
  readonly lines: string[] = [];
  readonly #files: readonly string[];
  #file = -1;
  #next = 0;

  constructor(files: readonly string[]) {
    this.#files = files;
  }

  /** Forgets the position: what follows has no TypeScript line. */
  leave(cFile: string): void {
    this.lines.push(`#line ${this.lines.length + 2} "${cFile}"`);
    this.#file = -1;
  }

  raw(line: string): void {
    this.lines.push(line);
    this.#next++;
  }

  at(site: Site, depth: number, line: string): void {
    const gap = site.line - this.#next;
    if (site.file !== this.#file || gap < 0 || gap > 4) {
      this.lines.push(`#line ${site.line} "${this.#files[site.file]}"`);
      this.#file = site.file;
    } else {
      for (let i = 0; i < gap; i++) this.lines.push("");
    }
    this.lines.push(`${"  ".repeat(depth)}${line}`);
    this.#next = site.line + 1;
  }
}

interface Enclosing {
  readonly target: Target | null;
  readonly kind: "loop" | "switch" | "block";
  /** C's own `continue` does the step. */
  readonly hasPlainContinue: boolean;
  breakLabel: string | null;
  continueLabel: string | null;
}

export class StatementWriter {
  readonly #out: LineWriter;
  readonly #expressions: ExpressionWriter;
  readonly #enclosing: Enclosing[] = [];
  #labels = 0;

  constructor(out: LineWriter, expressions: ExpressionWriter) {
    this.#out = out;
    this.#expressions = expressions;
  }

  writeAll(statements: readonly Statement[], depth: number): void {
    for (const statement of statements) this.#write(statement, depth);
  }

  #write(s: Statement, depth: number): void {
    const line = (text: string): void => this.#out.at(s.site, depth, text);
    const e = this.#expressions;
    switch (s.kind) {
      case "let": {
        const declaration = declare(s.local.type, cName(s.local.name));
        line(`${declaration} = ${s.initial === null ? "{}" : e.write(s.initial)};`);
        return;
      }
      case "assign":
      case "evaluate":
        line(`${this.#simple(s)};`);
        return;
      case "if":
        this.#if(s, depth, "");
        return;
      case "loop":
        this.#loop(s, depth);
        return;
      case "switch":
        this.#switch(s, depth);
        return;
      case "block": {
        line("{");
        const enclosing = this.#enter(s.target, "block", false);
        this.writeAll(s.body, depth + 1);
        this.#leave(enclosing, depth);
        this.#out.raw(`${"  ".repeat(depth)}}`);
        return;
      }
      case "break":
      case "continue":
        line(this.#jump(s.kind, s.target));
        return;
      case "return":
        line(s.value === null ? "return;" : `return ${e.write(s.value)};`);
        return;
      case "assert":
        line(
          `if (!${e.tight(s.condition)}) kts_fail_text(1, ${text(s.text)}, ${s.text.length}, ${siteNumber(s.site)});`,
        );
        return;
      case "panic":
        line(`kts_fail_text(0, ${text(s.text)}, ${s.text.length}, ${siteNumber(s.site)});`);
        return;
      case "unreachable":
        line(`kts_fail(5, (u64)${e.tight(s.value)}, 0, ${siteNumber(s.site)});`);
        return;
    }
  }

  #simple(s: Extract<Statement, { kind: "assign" | "evaluate" }>): string {
    const e = this.#expressions;
    return s.kind === "evaluate" ? e.write(s.expression) : `${e.place(s.place)} = ${e.write(s.value)}`;
  }

  #if(s: Extract<Statement, { kind: "if" }>, depth: number, before: string): void {
    this.#out.at(s.site, depth, `${before}if (${this.#expressions.write(s.condition)}) {`);
    this.writeAll(s.then, depth + 1);
    const [only] = s.otherwise;
    if (only?.kind === "if" && s.otherwise.length === 1) {
      this.#if(only, depth, "} else ");
      return;
    }
    if (only !== undefined) {
      this.#out.raw(`${"  ".repeat(depth)}} else {`);
      this.writeAll(s.otherwise, depth + 1);
    }
    this.#out.raw(`${"  ".repeat(depth)}}`);
  }

  #loop(s: Extract<Statement, { kind: "loop" }>, depth: number): void {
    const e = this.#expressions;
    const condition = s.condition === null ? null : e.write(s.condition);
    const steps = s.step.map((each) =>
      each.kind === "assign" || each.kind === "evaluate" ? this.#simple(each) : null,
    );
    const isPlain =
      s.setup.length === 0 && steps.every((step) => step !== null) && (s.testsFirst || steps.length === 0);
    const enclosing = this.#enter(s.target, "loop", isPlain || (s.testsFirst && s.step.length === 0));
    const indent = "  ".repeat(depth);
    const close = isPlain && !s.testsFirst ? `} while (${condition ?? "true"});` : "}";
    if (isPlain && !s.testsFirst) this.#out.at(s.site, depth, "do {");
    else if (isPlain && steps.length > 0)
      this.#out.at(s.site, depth, `for (; ${condition ?? ""}; ${steps.join(", ")}) {`);
    else if (isPlain && condition !== null) this.#out.at(s.site, depth, `while (${condition}) {`);
    else this.#out.at(s.site, depth, "for (;;) {");
    const test = (): void => {
      if (isPlain) return;
      this.writeAll(s.setup, depth + 1);
      if (condition !== null) this.#out.at(s.site, depth + 1, `if (!(${condition})) break;`);
    };
    if (s.testsFirst) test();
    if (!isPlain) this.#out.raw(`${indent}  {`);
    this.writeAll(s.body, depth + (isPlain ? 1 : 2));
    if (!isPlain) this.#out.raw(`${indent}  }`);
    if (enclosing.continueLabel !== null) this.#out.raw(`${indent}${enclosing.continueLabel}:;`);
    if (!isPlain) this.writeAll(s.step, depth + 1);
    if (!s.testsFirst) test();
    this.#out.raw(`${indent}${close}`);
    this.#leave(enclosing, depth);
  }

  #switch(s: Extract<Statement, { kind: "switch" }>, depth: number): void {
    const indent = "  ".repeat(depth);
    const subject = this.#expressions.write(s.subject);
    // clang warns of a value that it knows and that has no case; behind a variable it does not look.
    const hidden = `({ ${declare(s.subject.type, "_subject")} = ${subject}; _subject; })`;
    this.#out.at(s.site, depth, `switch (${mayBeConstant(s.subject) ? hidden : subject}) {`);
    const enclosing = this.#enter(s.target, "switch", false);
    for (const clause of s.clauses) {
      const labels = clause.values.map((value) =>
        this.#expressions.write({ kind: "constant", type: s.subject.type, value }),
      );
      for (const label of labels) this.#out.at(clause.site, depth + 1, `case ${label}:`);
      if (clause.isDefault) this.#out.at(clause.site, depth + 1, "default:");
      this.#out.raw(`${indent}  {`);
      this.writeAll(clause.body, depth + 2);
      this.#out.raw(`${indent}  }`);
    }
    this.#out.raw(`${indent}}`);
    this.#leave(enclosing, depth);
  }

  #enter(target: Target | null, kind: Enclosing["kind"], hasPlainContinue: boolean): Enclosing {
    const enclosing: Enclosing = { target, kind, hasPlainContinue, breakLabel: null, continueLabel: null };
    this.#enclosing.push(enclosing);
    return enclosing;
  }

  #leave(enclosing: Enclosing, depth: number): void {
    this.#enclosing.pop();
    if (enclosing.breakLabel !== null) this.#out.raw(`${"  ".repeat(depth)}${enclosing.breakLabel}:;`);
  }

  /** C's own jump where it goes to the right place, a goto elsewhere. */
  #jump(kind: "break" | "continue", target: Target): string {
    const to = this.#enclosing.find((each) => each.target === target);
    if (to === undefined) throw new Error(`no enclosing statement for ${kind} ${target.name}`);
    const innermost = this.#enclosing.findLast(
      (each) => each.kind === "loop" || (kind === "break" && each.kind === "switch"),
    );
    if (innermost === to && (kind === "break" ? to.kind !== "block" : to.hasPlainContinue)) return `${kind};`;
    if (kind === "break") {
      to.breakLabel ??= `break_${this.#labels++}`;
      return `goto ${to.breakLabel};`;
    }
    to.continueLabel ??= `continue_${this.#labels++}`;
    return `goto ${to.continueLabel};`;
  }
}

/** Whether clang might compute it: constants and constant tables are in it, perhaps deciding what else counts. */
function mayBeConstant(subject: Expression): boolean {
  let may = subject.kind === "constant";
  walk(subject, (node) => {
    may ||= node.kind === "text" || (node.kind === "static" && node.static.isConstant);
    if (node.kind === "logical") may ||= node.right.kind === "constant";
  });
  return may;
}
