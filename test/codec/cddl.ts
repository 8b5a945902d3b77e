/**
 * Schemas in CDDL (RFC 8610), and bytes taken apart by them: as much of the language as docs/module-format.md is
 * written in. A comment behind a member is its note.
 */

export type Type =
  | { readonly is: "number"; readonly from: bigint; readonly to: bigint }
  | { readonly is: "text"; readonly value: string }
  | { readonly is: "rule"; readonly name: string; readonly given: readonly Type[] }
  | { readonly is: "array" | "map"; readonly members: readonly Member[] }
  | { readonly is: "tag"; readonly tag: bigint; readonly inner: Type }
  | { readonly is: "control"; readonly base: Type; readonly control: string; readonly by: Type }
  | { readonly is: "choice"; readonly of: readonly Type[] };

export interface Member {
  readonly least: number;
  readonly most: number;
  /** Of a map's entry, or of an array's member that has a name. */
  readonly key: Type | null;
  readonly type: Type;
  readonly note: string;
}

export interface Rule {
  readonly parameters: readonly string[];
  readonly type: Type;
}

export type Schema = ReadonlyMap<string, Rule>;

interface Token {
  readonly text: string;
  readonly line: number;
}

const TOKEN = /;(?<comment>[^\n]*)|"[^"]*"|#6\.\d+|\.[a-z]+|-?\d+(?:\.\.\d+)?|[A-Za-z][\w-]*|=>|[[\](){}<>,:=/*?]/g;

export function readSchema(source: string): Schema {
  return new SchemaReader(source).rules();
}

class SchemaReader {
  readonly #tokens: Token[] = [];
  readonly #notes = new Map<number, string>();
  #next = 0;

  constructor(source: string) {
    for (const [line, text] of source.split("\n").entries()) {
      for (const found of text.matchAll(TOKEN)) {
        const comment = found.groups?.comment;
        if (comment === undefined) this.#tokens.push({ text: found[0], line });
        else this.#notes.set(line, comment.trim());
      }
    }
  }

  rules(): Schema {
    const rules = new Map<string, Rule>();
    while (this.#next < this.#tokens.length) {
      const name = this.#take();
      const parameters = this.#list(() => this.#take());
      this.#take("=");
      rules.set(name, { parameters, type: this.#type() });
    }
    return rules;
  }

  #peek(ahead = 0): string {
    return this.#tokens[this.#next + ahead]?.text ?? "";
  }

  #take(wanted?: string): string {
    const token = this.#tokens[this.#next++];
    if (token === undefined || (wanted !== undefined && token.text !== wanted)) {
      throw new Error(`CDDL, line ${(token?.line ?? 0) + 1}: ${wanted ?? "more"} is missing`);
    }
    return token.text;
  }

  #skip(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#next++;
    return true;
  }

  /** `<a, b>`, or nothing. */
  #list<T>(read: () => T): readonly T[] {
    const list: T[] = [];
    if (!this.#skip("<")) return list;
    do list.push(read());
    while (this.#skip(","));
    this.#take(">");
    return list;
  }

  #type(): Type {
    const of = [this.#controlled()];
    while (this.#skip("/")) of.push(this.#controlled());
    return of.length === 1 ? (of[0] as Type) : { is: "choice", of };
  }

  #controlled(): Type {
    const base = this.#primary();
    if (!this.#peek().startsWith(".")) return base;
    return { is: "control", control: this.#take().slice(1), base, by: this.#primary() };
  }

  #primary(): Type {
    const token = this.#take();
    if (token === "[") return { is: "array", members: this.#members("]") };
    if (token === "{") return { is: "map", members: this.#members("}") };
    if (token.startsWith('"')) return { is: "text", value: token.slice(1, -1) };
    if (token.startsWith("#")) {
      this.#take("(");
      const inner = this.#type();
      this.#take(")");
      return { is: "tag", tag: BigInt(token.slice(3)), inner };
    }
    if (/^-?\d/.test(token)) {
      const [from = "", to = from] = token.split("..");
      return { is: "number", from: BigInt(from), to: BigInt(to) };
    }
    return { is: "rule", name: token, given: this.#list(() => this.#type()) };
  }

  #members(close: string): readonly Member[] {
    const members: Member[] = [];
    while (!this.#skip(close)) {
      members.push(this.#member());
      this.#skip(",");
    }
    return members;
  }

  #member(): Member {
    const { least, most } = this.#occurrence();
    const first = this.#type();
    const key = this.#skip(":") || this.#skip("=>") ? first : null;
    const type = key === null ? first : this.#type();
    const line = this.#tokens[this.#next - 1]?.line ?? 0;
    return { least, most, key, type, note: this.#notes.get(line) ?? "" };
  }

  /** `1*2`, `*`, or none for once. */
  #occurrence(): { least: number; most: number } {
    const least = this.#peek(1) === "*" ? Number(this.#take()) : 0;
    if (!this.#skip("*")) return { least: 1, most: 1 };
    return { least, most: /^\d/.test(this.#peek()) ? Number(this.#take()) : Number.POSITIVE_INFINITY };
  }
}
