import { parseArgs } from "node:util";
import { usage } from "./failure.ts";

/** A command's options: `string` takes a value, `list` may stand several times, `flag` has none. */
export type Options = Readonly<Record<string, "string" | "list" | "flag">>;

export class Arguments {
  readonly positionals: readonly string[];
  readonly #values: Readonly<Record<string, unknown>>;

  /** At most `most` arguments may be no options. */
  constructor(words: readonly string[], options: Options, most: number) {
    const described = Object.entries(options).map(
      ([name, kind]) => [name, { type: kind === "flag" ? "boolean" : "string", multiple: kind === "list" }] as const,
    );
    try {
      const { values, positionals } = parseArgs({
        args: [...words],
        allowPositionals: true,
        options: Object.fromEntries(described),
      });
      this.#values = values;
      this.positionals = positionals;
    } catch (error) {
      // Node adds advice of its own behind the first sentence.
      throw usage((error as Error).message.replace(/\. .*$/s, ""));
    }
    const surplus = this.positionals[most];
    if (surplus !== undefined) throw usage(`${surplus}: that is one argument too many`);
  }

  text(name: string): string | undefined {
    return this.#values[name] as string | undefined;
  }

  needed(name: string, example: string): string {
    const value = this.text(name);
    if (value === undefined) throw usage(`--${name} is missing, as in --${name} ${example}`);
    return value;
  }

  list(name: string): readonly string[] {
    return (this.#values[name] as string[] | undefined) ?? [];
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  number(name: string, least: number, most: number, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw usage(`--${name} ${text}: a number from ${least} to ${most} is needed`);
    return value;
  }

  /** The positional argument of this number. */
  at(index: number, name: string): string {
    const value = this.positionals[index];
    if (value === undefined) throw usage(`${name} is missing`);
    return value;
  }
}
