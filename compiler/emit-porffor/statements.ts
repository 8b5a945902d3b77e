/**
 * Functions and statements as TypeScript in Porffor's safe subset: every jump to a loop has a label, a loop of one turn stands
 * for what only some can leave, and a switch has its default last or none.
 */
import { extentOf } from "../layout.ts";
import type { Clause, Function, Local, Statement, Target } from "../tree.ts";
import { ExpressionWriter, localWord, type Names, type Sink, siteNumber } from "./expressions.ts";
import { integerOf, isAtom, literal, type Words, wordsOf } from "./words.ts";

type Loop = Extract<Statement, { readonly kind: "loop" }>;
type Switch = Extract<Statement, { readonly kind: "switch" }>;

interface Enclosing {
  readonly target: Target | null;
  readonly kind: "loop" | "switch" | "block";
  readonly label: string;
  /** Whether something jumps to the end of the body, or out of a switch from within a loop. */
  continues: boolean;
  breaks: boolean;
}

/** More cases than Porffor's branches reach. */
const MOST_CASES = 100;
const FRAME_ALIGNMENT = 16;

/** `(a: i32, b: i32): i32` of so many words. */
export function signature(names: readonly string[], resultWords: number): string {
  return `(${names.map((name) => `${name}: i32`).join(", ")}): ${resultWords === 0 ? "void" : "i32"}`;
}

export function parameterNames(parameters: readonly Local[]): string[] {
  return parameters.flatMap(({ name, type }) =>
    Array.from({ length: wordsOf(type) }, (_, word) => localWord(name, word)),
  );
}

export class FunctionWriter implements Sink {
  readonly #function: Function;
  readonly #expressions: ExpressionWriter;
  readonly #names: Names;
  readonly #enclosing: Enclosing[] = [];
  readonly #inFrame = new Map<Local, number>();
  /** What it takes from the stack for aggregates. */
  readonly frameBytes: number;
  #lines: string[] = [];
  #counter = 0;

  constructor(names: Names, of: Function) {
    this.#function = of;
    this.#names = names;
    let end = 0;
    for (const local of aggregatesIn(of.body)) {
      this.#inFrame.set(local, end);
      end += Math.ceil(extentOf(local.type).size / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
    }
    this.frameBytes = end;
    this.#expressions = new ExpressionWriter(names, this, this.#inFrame);
  }

  /** The whole function under `name`. */
  write(name: string): string {
    const { parameters, result, body } = this.#function;
    if (this.frameBytes > 0) this.line(`const frame: i32 = enter(${this.frameBytes});`);
    this.#all(body);
    if (body.at(-1)?.kind !== "return") {
      this.#leave();
      if (wordsOf(result) > 0) this.line("return 0;");
    }
    return `const ${name} = ${signature(parameterNames(parameters), wordsOf(result))} => {\n${this.#lines.join("\n")}\n};`;
  }

  // ---- where statements go ----

  line(text: string): void {
    this.#lines.push(text);
  }

  keep(text: string): string {
    const name = this.#name("t");
    this.line(`const ${name}: i32 = ${text};`);
    return name;
  }

  variable(text: string): string {
    const name = this.#name("t");
    this.line(`let ${name}: i32 = ${text};`);
    return name;
  }

  capture<T>(write: () => T): { readonly result: T; readonly lines: readonly string[] } {
    const outer = this.#lines;
    this.#lines = [];
    const result = write();
    const lines = this.#lines;
    this.#lines = outer;
    return { result, lines };
  }

  block(head: string, lines: readonly string[]): void {
    this.#lines.push(`${head} {`, ...lines, "}");
  }

  #name(letter: string): string {
    return `${letter}${this.#counter++}`;
  }

  // ---- statements ----

  #all(statements: readonly Statement[]): void {
    for (const each of statements) this.#write(each);
  }

  #captured(statements: readonly Statement[]): readonly string[] {
    return this.capture(() => this.#all(statements)).lines;
  }

  #write(s: Statement): void {
    const e = this.#expressions;
    switch (s.kind) {
      case "let":
        this.#let(s.local, s.initial === null ? null : e.words(s.initial));
        break;
      case "assign":
        e.assign(s.place, s.value);
        break;
      case "evaluate":
        for (const word of e.words(s.expression)) if (!isAtom(word)) this.keep(word);
        break;
      case "if": {
        const test = e.test(s.condition);
        const [then, otherwise] = [s.then, s.otherwise].map((part) => this.#captured(part)) as [string[], string[]];
        this.block(`if (${test})`, then);
        if (otherwise.length > 0) this.block("else", otherwise);
        break;
      }
      case "loop":
        this.#loop(s);
        break;
      case "switch":
        this.#switch(s);
        break;
      case "block": {
        const { enclosing, lines } = this.#inside(s.target, "block", s.body);
        if (enclosing.breaks) this.block(`${enclosing.label}: while (true)`, [...lines, "break;"]);
        else this.block("", lines);
        break;
      }
      case "break":
      case "continue":
        this.#jump(s.kind, s.target);
        break;
      case "return":
        this.#return(s.value === null ? [] : e.words(s.value));
        break;
      case "assert":
        this.line(`if (!${e.test(s.condition)}) ${this.#failure(1, s.text, siteNumber(s.site))}`);
        break;
      case "panic":
        this.line(this.#failure(0, s.text, siteNumber(s.site)));
        break;
      case "unreachable": {
        const [low = "0", high] = e.words(s.value).map((word) => (isAtom(word) ? word : this.keep(word)));
        const upper = high ?? (integerOf(s.value.type).signed ? `(${low} >> 31)` : "0");
        this.line(`fail(5, ${low}, ${upper}, 0, 0, ${siteNumber(s.site)});`);
        break;
      }
    }
  }

  #failure(kind: number, text: Uint8Array, site: string): string {
    return `failText(${kind}, ${literal(this.#names.addressOfText(text))}, ${text.length}, ${site});`;
  }

  #let(local: Local, words: Words | null): void {
    const offset = this.#inFrame.get(local);
    if (offset !== undefined) {
      this.line(`fill((frame + ${offset}), 0, ${extentOf(local.type).size});`);
      return;
    }
    for (let word = 0; word < wordsOf(local.type); word++) {
      this.line(`let ${localWord(local.name, word)}: i32 = ${words?.[word] ?? "0"};`);
    }
  }

  /** The upper word last: evaluating the lower one may call something that has an upper word, too. */
  #return(words: Words): void {
    const kept = this.frameBytes > 0 || words.length > 1;
    const [low, high] = words.map((word) => (kept && !isAtom(word) ? this.keep(word) : word));
    this.#leave();
    if (high !== undefined) this.line(`high = ${high};`);
    this.line(low === undefined ? "return;" : `return ${low};`);
  }

  #leave(): void {
    if (this.frameBytes > 0) this.line(`stack = (frame + ${this.frameBytes});`);
  }

  #loop(s: Loop): void {
    const test = this.capture(() => {
      this.#all(s.setup);
      if (s.condition !== null) this.line(`if (!${this.#expressions.test(s.condition)}) break;`);
    }).lines;
    const { enclosing, lines } = this.#inside(s.target, "loop", s.body);
    const step = this.#captured(s.step);
    const { label } = enclosing;
    const body = enclosing.continues ? [`${label}_turn: while (true) {`, ...lines, "break;", "}"] : lines;
    this.block(`${label}: while (true)`, s.testsFirst ? [...test, ...body, ...step] : [...body, ...step, ...test]);
  }

  #switch(s: Switch): void {
    const words = this.#expressions.words(s.subject).map((word) => (isAtom(word) ? word : this.keep(word)));
    const cases = s.clauses.flatMap(({ values }, index) => values.map((value) => ({ value, index })));
    const defaultAt = s.clauses.findIndex(({ isDefault }) => isDefault);
    const isLast = defaultAt === -1 || defaultAt === s.clauses.length - 1;
    const isDirect = words.length === 1 && isLast && cases.length <= MOST_CASES;
    const subject = isDirect ? (words[0] ?? "0") : this.#indexOf(words, cases, defaultAt, s.clauses.length);
    const enclosing = this.#enter(s.target, "switch");
    const lines = s.clauses.flatMap((clause, index) => [
      ...(isDirect ? headsOf(clause) : [`case ${index}:`]),
      "{",
      ...this.#captured(clause.body),
      "}",
    ]);
    this.#enclosing.pop();
    const whole = [`switch (${subject}) {`, ...lines, "}"];
    if (enclosing.breaks) this.block(`${enclosing.label}: while (true)`, [...whole, "break;"]);
    else for (const line of whole) this.line(line);
  }

  /** Which clause is meant; behind the last one when none is. */
  #indexOf(words: Words, cases: readonly { value: bigint; index: number }[], defaultAt: number, count: number): string {
    if (count > MOST_CASES) throw new Error(`a switch of ${count} clauses is more than Porffor can branch to`);
    const chosen = this.variable(`${defaultAt === -1 ? count : defaultAt}`);
    for (const { value, index } of cases) {
      const [low, high] = [literal(value), literal(value >> 32n)];
      const test =
        words.length === 1 ? `(${words[0]} == ${low})` : `(((${words[0]} ^ ${low}) | (${words[1]} ^ ${high})) == 0)`;
      this.line(`if (${test}) ${chosen} = ${index};`);
    }
    return chosen;
  }

  #enter(target: Target | null, kind: Enclosing["kind"]): Enclosing {
    const enclosing = { target, kind, label: this.#name("L"), continues: false, breaks: false };
    this.#enclosing.push(enclosing);
    return enclosing;
  }

  #inside(
    target: Target | null,
    kind: Enclosing["kind"],
    body: readonly Statement[],
  ): { readonly enclosing: Enclosing; readonly lines: readonly string[] } {
    const enclosing = this.#enter(target, kind);
    const lines = this.#captured(body);
    this.#enclosing.pop();
    return { enclosing, lines };
  }

  #jump(kind: "break" | "continue", target: Target): void {
    const to = this.#enclosing.find((each) => each.target === target);
    if (to === undefined) throw new Error(`no enclosing statement for ${kind} ${target.name}`);
    if (kind === "continue") {
      to.continues = true;
      this.line(`break ${to.label}_turn;`);
      return;
    }
    const innermost = this.#enclosing.findLast((each) => each.kind !== "block" || each.target !== null);
    if (to.kind === "switch" && innermost === to) {
      this.line("break;");
      return;
    }
    to.breaks = true;
    this.line(`break ${to.label};`);
  }
}

function headsOf({ values, isDefault }: Clause): string[] {
  return [...values.map((value) => `case ${signed(value)}:`), ...(isDefault ? ["default:"] : [])];
}

/** A case as a decimal that may be negative: Porffor compares it with a signed word. */
function signed(value: bigint): string {
  return `${BigInt.asIntN(32, value)}`;
}

/** Locals that need memory, in this and all inner statements. */
function aggregatesIn(statements: readonly Statement[]): Local[] {
  return statements.flatMap((s) => {
    switch (s.kind) {
      case "let":
        return s.local.type.kind === "struct" || s.local.type.kind === "array" ? [s.local] : [];
      case "if":
        return aggregatesIn([...s.then, ...s.otherwise]);
      case "loop":
        return aggregatesIn([...s.setup, ...s.body, ...s.step]);
      case "switch":
        return s.clauses.flatMap(({ body }) => aggregatesIn(body));
      case "block":
        return aggregatesIn(s.body);
      default:
        return [];
    }
  });
}
