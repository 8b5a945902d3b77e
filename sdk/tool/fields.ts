import { dirname, resolve } from "node:path";
import { isVersion } from "../format/decode.ts";
import { KINDS, type Kind, RIGHTS, type Right } from "../format/kinds.ts";
import { isName } from "../format/reader.ts";
import type { Ceiling } from "../format/types.ts";
import { EXIT_DATA, Failure } from "./failure.ts";

const NO_NAME = "is no name: letters, digits, - and _, dots between, at most 64";

/** JSON that people write, field by field: an error names the file, the field and the mend. */
export class Fields {
  readonly file: string;
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(file: string, value: unknown, path = "") {
    this.file = file;
    this.#path = path;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Failure(`${file}: ${path || "the file"} has to be an object { … }`, EXIT_DATA);
    }
    this.#values = value as Record<string, unknown>;
  }

  fail(field: string, mend: string): Failure {
    return new Failure(`${this.file}: ${this.#path}${this.#path && "."}${field}: ${mend}`, EXIT_DATA);
  }

  /** No field but these: a misspelt one is not passed over. */
  only(...known: readonly string[]): void {
    const unknown = Object.keys(this.#values).find((field) => !known.includes(field));
    if (unknown !== undefined) throw this.fail(unknown, `there is no such field. Known are ${known.join(", ")}`);
  }

  has(field: string): boolean {
    return this.#values[field] !== undefined && this.#values[field] !== null;
  }

  value(field: string): unknown {
    return this.#values[field];
  }

  keys(): readonly string[] {
    return Object.keys(this.#values);
  }

  /** The fields, which are names of something. */
  names(): readonly string[] {
    const wrong = this.keys().find((name) => !isName(name));
    if (wrong !== undefined) throw this.fail(wrong, `this ${NO_NAME}`);
    return this.keys();
  }

  text(field: string, example: string, fallback?: string): string {
    const value = this.#values[field] ?? fallback;
    if (typeof value !== "string") throw this.fail(field, `a text is needed, such as ${JSON.stringify(example)}`);
    return value;
  }

  name(field: string, example: string): string {
    const value = this.text(field, example);
    if (!isName(value)) {
      throw this.fail(field, `${JSON.stringify(value)} ${NO_NAME}`);
    }
    return value;
  }

  /** A name, or nothing: a prefix of names. */
  prefix(field: string, value: unknown = this.#values[field]): string {
    if (typeof value === "string" && (value === "" || isName(value))) return value;
    throw this.fail(
      field,
      `${JSON.stringify(value)} is no prefix: a name such as "example.tools", or "" for every name`,
    );
  }

  prefixes(field: string): readonly string[] {
    const list = this.list(field);
    if (list.length === 0) throw this.fail(field, 'a list of prefixes is needed, such as ["example"]');
    return list.map((each) => this.prefix(field, each));
  }

  version(field: string): string {
    const version = this.text(field, "0.1.0");
    if (!isVersion(version)) throw this.fail(field, `${JSON.stringify(version)} is no version such as 1.2.3`);
    return version;
  }

  /** Files that are named from the folder in which this one is. */
  files(field: string): readonly string[] {
    return this.texts(field).map((each) => resolve(dirname(this.file), each));
  }

  number(field: string, least: number, most: number, fallback?: number): number {
    const value = this.#values[field] ?? fallback;
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      throw this.fail(field, `a whole number from ${least} to ${most} is needed`);
    }
    return value;
  }

  flag(field: string, fallback: boolean): boolean {
    const value = this.#values[field] ?? fallback;
    if (typeof value !== "boolean") throw this.fail(field, "true or false is needed");
    return value;
  }

  choice<T extends string>(field: string, choices: readonly T[], fallback?: T): T {
    const value = (this.#values[field] ?? fallback) as T;
    if (!choices.includes(value)) throw this.fail(field, `one of ${choices.join(", ")} is needed`);
    return value;
  }

  object(field: string): Fields {
    return new Fields(this.file, this.#values[field] ?? {}, this.#inner(field));
  }

  list(field: string): readonly unknown[] {
    const value = this.#values[field] ?? [];
    if (!Array.isArray(value)) throw this.fail(field, "a list [ … ] is needed");
    return value;
  }

  objects(field: string): readonly Fields[] {
    return this.list(field).map((each, i) => new Fields(this.file, each, this.#inner(`${field}[${i}]`)));
  }

  texts(field: string): readonly string[] {
    const list = this.list(field);
    if (!list.every((each) => typeof each === "string")) throw this.fail(field, "a list of texts is needed");
    return list as string[];
  }

  rights(field: string): readonly Right[] {
    const rights = this.texts(field);
    const unknown = rights.find((right) => !RIGHTS.includes(right as Right));
    if (unknown !== undefined) throw this.fail(field, `${unknown} is no right. There are ${RIGHTS.join(", ")}`);
    return rights as Right[];
  }

  kind(field: string): Kind {
    return this.choice(field, KINDS);
  }

  #inner(field: string): string {
    return this.#path === "" ? field : `${this.#path}.${field}`;
  }
}

/** { "prefixes": [""], "kinds": { "Endpoint": ["read"] }, "budget": 1048576, "priority": 100 } */
export function readCeiling(fields: Fields): Ceiling {
  fields.only("prefixes", "kinds", "budget", "priority");
  const kinds = fields.object("kinds");
  const unknown = kinds.keys().find((kind) => !KINDS.includes(kind as Kind));
  if (unknown !== undefined) throw kinds.fail(unknown, `there is no such kind. There are ${KINDS.join(", ")}`);
  return {
    prefixes: fields.prefixes("prefixes"),
    kinds: Object.fromEntries(kinds.keys().map((kind) => [kind, kinds.rights(kind)])),
    budgetBytes: fields.number("budget", 0, 2 ** 47),
    priority: fields.number("priority", 0, 255),
  };
}
