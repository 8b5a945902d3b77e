/** Statements as C, in TypeScript's lines. */
import type { Expression, Function, Site, Statement, Target } from "../tree.ts";
import { type ExpressionWriter, siteNumber, UNARY } from "./expressions.ts";
import { type TypeWriter, text } from "./types.ts";

/** Text whose lines follow the TypeScript lines: blank lines over short gaps, `#line` over long ones. */
export class LineWriter {
  readonly lines: string[] = [];
  readonly #files: readonly string[];
  #file = -1;
  #next = 0;

  constructor(files: readonly string[]) {
    this.#files = files;
  }

  at(site: Site, depth: number, line: string): void {
    const gap = site.line - this.#next;
    if (site.file !== this.#file) this.lines.push(`#line ${site.line} "${this.#files[site.file]}"`);
    else if (gap < 0 || gap > 4) this.lines.push(`#line ${site.line}`);
    else for (let i = 0; i < gap; i++) this.lines.push("");
    this.#file = site.file;
    this.#next = site.line;
    this.next(depth, line);
  }

  /** Without a line of its own. */
  next(depth: number, line: string): void {
    this.lines.push(`${"  ".repeat(depth)}${line}`);
    this.#next++;
  }
}

interface Enclosing {
  readonly target: Target | null;
  readonly kind: "loop" | "switch" | "block";
  /** C's own `continue` does the step. */
  readonly hasPlainContinue: boolean;
  /** Whether a `goto` needs the label. */
  breaks: boolean;
  continues: boolean;
}

type Loop = Extract<Statement, { kind: "loop" }>;

export class StatementWriter {
  readonly #out: LineWriter;
  readonly #types: TypeWriter;
  readonly #expressions: ExpressionWriter;
  readonly #enclosing: Enclosing[] = [];

  constructor(out: LineWriter, types: TypeWriter, expressions: ExpressionWriter) {
    this.#out = out;
    this.#types = types;
    this.#expressions = expressions;
  }

  /** In one line where it is one line of the source. */
  writeFunction(head: string, { body, site, endLine }: Function): void {
    const [only] = body;
    const line = only && body.length === 1 && endLine === site.line ? this.#simple(only) : null;
    if (line !== null || (body.length === 0 && endLine === site.line)) {
      this.#out.at(site, 0, `${head} {${line === null ? "" : ` ${line}; `}}`);
      return;
    }
    this.#out.at(site, 0, `${head} {`);
    this.writeAll(body, 1);
    this.#out.at({ file: site.file, line: endLine }, 0, "}");
  }

  writeAll(statements: readonly Statement[], depth: number): void {
    for (const statement of statements) this.#write(statement, depth);
  }

  #write(s: Statement, depth: number): void {
    if (s.kind === "if") {
      this.#if(s, depth, "");
    } else if (s.kind === "loop") {
      this.#loop(s, depth, "");
    } else if (s.kind === "switch") {
      this.#switch(s, depth);
    } else if (s.kind === "block") {
      this.#block(s, depth);
    } else {
      this.#out.at(s.site, depth, `${this.#simple(s)};`);
    }
  }

  /** A statement of one line, without its semicolon. */
  #simple(s: Statement): string | null {
    const e = this.#expressions;
    switch (s.kind) {
      case "let":
        return `${this.#types.declare(s.local.type, this.#types.local(s.local.name))} = ${s.initial ? e.value(s.initial) : "{}"}`;
      case "assign":
        return this.#assign(e.place(s.place), s.value);
      case "evaluate":
        return /[cC]all|intrinsic/.test(s.expression.kind) ? e.value(s.expression) : `(void)(${e.value(s.expression)})`;
      case "break":
      case "continue":
        return this.#jump(s.kind, s.target);
      case "return":
        return s.value === null ? "return" : `return ${e.value(s.value)}`;
      case "assert":
        return `if (${e.negated(s.condition)}) kts_fail_text(1, KTS_TEXT(${text(s.text)}), ${siteNumber(s.site)})`;
      case "panic":
        return `kts_fail_text(0, KTS_TEXT(${text(s.text)}), ${siteNumber(s.site)})`;
      case "unreachable":
        return `kts_fail(5, (u64)${e.at(s.value, UNARY)}, 0, ${siteNumber(s.site)})`;
      default:
        return null;
    }
  }

  /** `x = x + y` is written `x += y` when x is no more than a name with members. */
  #assign(place: string, value: Expression): string {
    const c = this.#expressions.value(value);
    const match = value.kind === "arithmetic" && c.startsWith(`${place} `) && !/[([*]/.test(place);
    const rest = match ? /^([-+*&|^]) (.*)$/.exec(c.slice(place.length + 1)) : null;
    if (rest === null || value.kind !== "arithmetic" || value.left.kind !== "read") return `${place} = ${c}`;
    const [, sign = "", right = ""] = rest;
    const isStep = right === "1" && (sign === "+" || sign === "-");
    return isStep ? `${place}${sign}${sign}` : `${place} ${sign}= ${right}`;
  }

  /** `head statement;` where that is one line of the source, too, and `head { … ` otherwise. */
  #open(head: string, body: readonly Statement[], site: Site, depth: number): "line" | "braces" {
    const [only] = body;
    const isLine = body.length === 1 && only?.site.line === site.line && !["let", "assert"].includes(only.kind);
    const line = isLine && only ? this.#simple(only) : null;
    this.#out.at(site, depth, line === null ? `${head} {` : `${head} ${line};`);
    if (line === null) this.writeAll(body, depth + 1);
    return line === null ? "braces" : "line";
  }

  #if(s: Extract<Statement, { kind: "if" }>, depth: number, before: string): void {
    const head = `${before}if (${this.#expressions.value(s.condition)})`;
    const [first] = s.otherwise;
    if (first === undefined && this.#open(head, s.then, s.site, depth) === "line") return;
    if (first !== undefined) {
      this.#out.at(s.site, depth, `${head} {`);
      this.writeAll(s.then, depth + 1);
      if (first.kind === "if" && s.otherwise.length === 1) {
        this.#if(first, depth, "} else ");
        return;
      }
      this.#out.next(depth, "} else {");
      this.writeAll(s.otherwise, depth + 1);
    }
    this.#out.next(depth, "}");
  }

  /** A block around `let` and a loop is C's `for` with a declaration. */
  #block(s: Extract<Statement, { kind: "block" }>, depth: number): void {
    const [first, second] = s.body;
    const isHead = s.target === null && s.body.length === 2 && first?.kind === "let" && first.initial !== null;
    if (isHead && second?.kind === "loop" && second.testsFirst && this.#stepsOf(second) !== null) {
      this.#loop(second, depth, this.#simple(first) ?? "");
      return;
    }
    this.#out.at(s.site, depth, "{");
    this.#inside(s.target, "block", false, depth, () => this.writeAll(s.body, depth + 1));
  }

  /** The steps of a loop that C's own loops can say, else null. */
  #stepsOf(s: Loop): string | null {
    if (s.setup.length > 0 || (!s.testsFirst && s.step.length > 0)) return null;
    const isPlain = s.step.every(({ kind }) => kind === "assign" || kind === "evaluate");
    return isPlain ? s.step.map((each) => this.#simple(each)).join(", ") : null;
  }

  #loop(s: Loop, depth: number, initial: string): void {
    const steps = this.#stepsOf(s);
    const condition = s.condition && this.#expressions.value(s.condition);
    if (steps !== null && !s.testsFirst && condition !== null) {
      this.#out.at(s.site, depth, "do {");
      this.#inside(s.target, "loop", true, depth, () => this.writeAll(s.body, depth + 1), `} while (${condition});`);
    } else if (steps !== null) {
      const isWhile = condition !== null && `${initial}${steps}` === "";
      const head = isWhile
        ? `while (${condition})`
        : `for (${[initial, condition ?? "", steps].join("; ").replaceAll(/ (?=;|$)/g, "")})`;
      let form = "braces";
      const write = (): void => {
        form = this.#open(head, s.body, s.site, depth);
      };
      this.#inside(s.target, "loop", true, depth, write, () => (form === "line" ? "" : "}"));
    } else {
      this.#out.at(s.site, depth, "for (;;) {");
      this.#inside(s.target, "loop", false, depth, (enclosing) => {
        if (s.testsFirst) this.#test(s, depth + 1);
        this.writeAll(s.body, depth + 1);
        this.#label(enclosing, "continue", depth);
        this.writeAll(s.step, depth + 1);
        if (!s.testsFirst) this.#test(s, depth + 1);
      });
    }
  }

  #test(s: Loop, depth: number): void {
    this.writeAll(s.setup, depth);
    if (s.condition !== null) this.#out.at(s.site, depth, `if (${this.#expressions.negated(s.condition)}) break;`);
  }

  /** With a default in any case: without one, clang wants each value that it knows to have a case. */
  #switch(s: Extract<Statement, { kind: "switch" }>, depth: number): void {
    this.#out.at(s.site, depth, `switch (${this.#expressions.value(s.subject)}) {`);
    this.#inside(s.target, "switch", false, depth, () => {
      for (const clause of s.clauses) {
        const values = clause.values.map((value) => `case ${this.#types.constant(s.subject.type, value, true)}:`);
        const needsBraces =
          clause.body.some(({ kind }) => kind === "let") || values.length + Number(clause.isDefault) === 0;
        const head = [...values, ...(clause.isDefault ? ["default:"] : []), ...(needsBraces ? ["{"] : [])];
        this.#out.at(clause.site, depth, head.join(" "));
        this.writeAll(clause.body, depth + 1);
        if (needsBraces) this.#out.next(depth, "}");
      }
      if (s.clauses.every(({ isDefault }) => !isDefault)) this.#out.next(depth, "default: break;");
    });
  }

  /** Writes what a jump can leave, its closing brace, and the label where a `goto` needs one. */
  #inside(
    target: Target | null,
    kind: Enclosing["kind"],
    hasPlainContinue: boolean,
    depth: number,
    write: (enclosing: Enclosing) => void,
    close: string | (() => string) = "}",
  ): void {
    const enclosing: Enclosing = { target, kind, hasPlainContinue, breaks: false, continues: false };
    this.#enclosing.push(enclosing);
    write(enclosing);
    if (hasPlainContinue) this.#label(enclosing, "continue", depth);
    this.#enclosing.pop();
    const end = typeof close === "string" ? close : close();
    if (end !== "") this.#out.next(depth, end);
    this.#label(enclosing, "break", depth);
  }

  #label({ target, breaks, continues }: Enclosing, kind: "break" | "continue", depth: number): void {
    if (kind === "break" ? breaks : continues) this.#out.next(depth, `${target?.name}_${kind}:;`);
  }

  /** C's own jump where it goes to the right place, a goto elsewhere. */
  #jump(kind: "break" | "continue", target: Target): string {
    const to = this.#enclosing.find((each) => each.target === target);
    if (to === undefined) throw new Error(`no enclosing statement for ${kind} ${target.name}`);
    const isInnermost =
      to === this.#enclosing.findLast((each) => each.kind === "loop" || (kind === "break" && each.kind === "switch"));
    if (isInnermost && (kind === "break" || to.hasPlainContinue)) return kind;
    if (kind === "break") to.breaks = true;
    else to.continues = true;
    return `goto ${target.name}_${kind}`;
  }
}
