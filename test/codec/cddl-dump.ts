import type { Member, Rule, Schema, Type } from "./cddl.ts";

/** Bytes held against a schema, item by item: what does not fit is an error, and what fits can be shown. */

/** A CBOR data item (RFC 8949) and where it stands. */
interface Item {
  readonly at: number;
  readonly major: number;
  readonly argument: bigint;
  /** Of a string: where its bytes begin. Of others: where the first item inside begins. */
  readonly inside: number;
  readonly end: number;
  readonly items: readonly Item[];
}

/** A piece of the bytes, and what it says. */
export interface Shown {
  readonly at: number;
  readonly end: number;
  readonly depth: number;
  readonly text: string;
}

type Names = ReadonlyMap<string, Type>;

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const SIMPLE = 7;
const [FALSE, TRUE, NULL] = [20n, 21n, 22n];

class Misfit extends Error {}

/** Shows `bytes` by the rule `name`. */
export function show(bytes: Uint8Array, schema: Schema, name: string): readonly Shown[] {
  const dump = new Dump(bytes, schema);
  dump.whole(0, bytes.length, { is: "rule", name, given: [] }, new Map(), { depth: 0, label: name, from: 0 });
  return dump.shown;
}

/** Where a thing is shown: how deep, as what, and from where when something stands before it on its line. */
interface Line {
  readonly depth: number;
  readonly label: string;
  readonly from: number;
}

class Dump {
  shown: Shown[] = [];
  readonly #bytes: Uint8Array;
  readonly #schema: Schema;

  constructor(bytes: Uint8Array, schema: Schema) {
    this.#bytes = bytes;
    this.#schema = schema;
  }

  /** One item, and nothing behind it. */
  whole(from: number, to: number, type: Type, names: Names, line: Line): void {
    const item = readItem(this.#bytes, from);
    if (item.end !== to) throw new Misfit(`byte ${from}: ${line.label} ends at ${item.end}, not at ${to}`);
    this.#match(item, type, names, line);
  }

  #match(item: Item, type: Type, names: Names, line: Line): void {
    switch (type.is) {
      case "number":
        this.#matchNumber(item, type, line);
        break;
      case "text":
        if (this.#textOf(item) !== type.value) misfit(item, line, type.value);
        this.#say(item, line, `"${type.value}"`);
        break;
      case "rule":
        this.#matchRule(item, type.name, type.given, names, line);
        break;
      case "tag":
        if (item.major !== TAG || item.argument !== type.tag) misfit(item, line, `tag ${type.tag}`);
        this.#put({ ...line, end: item.inside, text: `${line.label}: tag ${type.tag}` });
        this.#match(item.items[0] as Item, type.inner, names, inner(line, item.inside, "COSE_Sign1"));
        break;
      case "choice":
        this.#matchChoice(item, type.of, names, line);
        break;
      case "control":
        this.#matchControl(item, type, names, line);
        break;
      case "array":
        this.#matchArray(item, type.members, names, line);
        break;
      case "map":
        this.#matchMap(item, type.members, names, line);
        break;
    }
  }

  #matchNumber(item: Item, { from, to }: Type & { is: "number" }, line: Line): void {
    const value = numberOf(item);
    if (value === null || value < from || value > to) misfit(item, line, from === to ? `${from}` : `${from} to ${to}`);
    this.#say(item, line, grouped(value));
  }

  #matchRule(item: Item, name: string, given: readonly Type[], names: Names, line: Line): void {
    const parameter = names.get(name);
    const rule = this.#schema.get(name);
    if (parameter !== undefined) this.#match(item, parameter, names, line);
    else if (rule !== undefined) this.#match(item, rule.type, bind(rule, given, names), line);
    else if (isOfType(item, name)) this.#say(item, line, this.#valueOf(item));
    else misfit(item, line, name);
  }

  #matchChoice(item: Item, choices: readonly Type[], names: Names, line: Line): void {
    const fitting = choices.find((type) => this.#fits(item, type, names));
    if (fitting === undefined) misfit(item, line, "any of the choices");
    this.#match(item, fitting, names, line);
  }

  /** Whether it matches; nothing is shown. */
  #fits(item: Item, type: Type, names: Names): boolean {
    const before = this.shown.length;
    try {
      this.#match(item, type, names, { depth: 0, label: "", from: item.at });
      return true;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      return false;
    } finally {
      this.shown.length = before;
    }
  }

  #matchControl(item: Item, { base, control, by }: Type & { is: "control" }, names: Names, line: Line): void {
    if (control === "cbor") {
      if (item.major !== BYTES) misfit(item, line, "bytes");
      this.#put({ ...line, end: item.inside, text: `${line.label}: ${grouped(item.argument)} bytes of CBOR` });
      this.whole(item.inside, item.end, by, names, inner(line, item.inside, nameOf(by, names)));
      return;
    }
    this.#match(item, base, names, line);
    if (!this.#isLimited(item, control, by)) misfit(item, line, `as .${control} says`);
  }

  #isLimited(item: Item, control: string, by: Type): boolean {
    if (by.is === "number" && control === "size") return item.argument === by.from;
    if (by.is === "number" && control === "le") return item.argument <= by.from;
    if (by.is === "text" && control === "regexp") return new RegExp(`^(?:${by.value})$`).test(this.#textOf(item) ?? "");
    throw new Error(`CDDL: .${control} is not known here`);
  }

  #matchArray(item: Item, members: readonly Member[], names: Names, line: Line): void {
    if (item.major !== ARRAY) misfit(item, line, "an array");
    this.#put({ ...line, end: item.inside, text: `${line.label}: ${counted(item.items.length, "item", "items")}` });
    let next = 0;
    for (const { least, most, key, type } of members) {
      const label = key === null ? nameOf(type, names) : labelOf(key);
      const last = Math.min(item.items.length, next + most);
      const enough = next + least;
      // Only an array's last member can stand several times, so that the number of items decides.
      for (; next < last; next++) {
        const each = item.items[next] as Item;
        this.#match(each, type, names, inner(line, each.at, label));
      }
      if (next < enough) misfit(item, line, `an array with ${label}`);
    }
    if (next !== item.items.length) misfit(item, line, `an array of ${next} items`);
  }

  #matchMap(item: Item, members: readonly Member[], names: Names, line: Line): void {
    if (item.major !== MAP) misfit(item, line, "a map");
    const count = item.items.length / 2;
    this.#put({ ...line, end: item.inside, text: `${line.label}: ${counted(count, "entry", "entries")}` });
    const times = members.map(() => 0);
    for (let i = 0; i < item.items.length; i += 2) {
      const [key, value] = [item.items[i] as Item, item.items[i + 1] as Item];
      const index = members.findIndex((member) => member.key !== null && this.#fits(key, member.key, names));
      const member = members[index];
      if (member === undefined) misfit(key, line, "a key of this map");
      times[index] = (times[index] ?? 0) + 1;
      const label =
        member.key?.is === "number" ? `${this.#valueOf(key)} ${meaningOf(member, names)}` : this.#valueOf(key);
      this.#match(value, member.type, names, inner(line, key.at, label));
    }
    for (const [i, { least, most, note }] of members.entries()) {
      const found = times[i] ?? 0;
      if (found < least || found > most) misfit(item, line, `a map with ${note}`);
    }
  }

  #say(item: Item, line: Line, value: string): void {
    this.#put({ ...line, end: item.end, text: value === "" ? line.label : `${line.label}: ${value}` });
  }

  #put({ from, end, depth, text }: Line & { end: number; text: string }): void {
    this.shown.push({ at: from, end, depth, text });
  }

  #textOf(item: Item): string | null {
    return item.major === TEXT ? Buffer.from(this.#bytes.subarray(item.inside, item.end)).toString("utf8") : null;
  }

  #valueOf(item: Item): string {
    if (item.major === TEXT) return `"${this.#textOf(item)}"`;
    if (item.major === BYTES) return counted(item.end - item.inside, "byte", "bytes");
    if (item.major === SIMPLE) return item.argument === TRUE ? "true" : item.argument === FALSE ? "false" : "null";
    return grouped(numberOf(item) ?? item.argument);
  }
}

function misfit(item: Item, { label }: Line, wanted: string): never {
  throw new Misfit(`byte ${item.at}: ${label} is not ${wanted}`);
}

const inner = ({ depth }: Line, from: number, label: string): Line => ({ depth: depth + 1, from, label });

/** The parameters of a rule, and what they stand for here. */
function bind(rule: Rule, given: readonly Type[], names: Names): Names {
  const bound = rule.parameters.map((name, i) => [name, resolve(given[i] as Type, names)] as const);
  return new Map(bound);
}

/** `type` with no parameter of the rule around it left. */
function resolve(type: Type, names: Names): Type {
  if (type.is === "rule") return names.get(type.name) ?? type;
  if (type.is === "control") return { ...type, base: resolve(type.base, names), by: resolve(type.by, names) };
  return type.is === "choice" ? { ...type, of: type.of.map((each) => resolve(each, names)) } : type;
}

function nameOf(type: Type, names: Names): string {
  if (type.is === "rule") {
    const bound = names.get(type.name);
    return bound === undefined ? type.name : nameOf(bound, names);
  }
  if (type.is === "control") return nameOf(type.control === "cbor" ? type.by : type.base, names);
  return type.is === "choice" ? nameOf(type.of[0] as Type, names) : type.is;
}

/** Its note, before which the type's name stands when it begins with "of". */
function meaningOf({ note, type }: Member, names: Names): string {
  if (note === "") return nameOf(type, names);
  return note.startsWith("of ") ? `${nameOf(type, names)} ${note}` : note;
}

function labelOf(key: Type): string {
  if (key.is === "number") return String(key.from);
  return key.is === "rule" ? key.name : key.is;
}

function numberOf(item: Item): bigint | null {
  if (item.major === UNSIGNED) return item.argument;
  return item.major === NEGATIVE ? -1n - item.argument : null;
}

function isOfType({ major, argument }: Item, name: string): boolean {
  switch (name) {
    case "bstr":
      return major === BYTES;
    case "tstr":
      return major === TEXT;
    case "uint":
      return major === UNSIGNED;
    case "bool":
      return major === SIMPLE && (argument === FALSE || argument === TRUE);
    case "null":
      return major === SIMPLE && argument === NULL;
    default:
      throw new Error(`CDDL: there is no rule ${name}`);
  }
}

function grouped(value: bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

const counted = (count: number, one: string, many: string): string =>
  `${grouped(BigInt(count))} ${count === 1 ? one : many}`;

function readItem(bytes: Uint8Array, at: number): Item {
  const { major, argument, inside } = readHead(bytes, at);
  const isString = major === BYTES || major === TEXT;
  const count = major === ARRAY ? argument : major === MAP ? argument * 2n : major === TAG ? 1n : 0n;
  const items: Item[] = [];
  let end = isString ? inside + Number(argument) : inside;
  if (end > bytes.length) throw new Misfit(`byte ${at}: the bytes end early`);
  for (let left = count; left > 0n; left--) {
    const item = readItem(bytes, end);
    items.push(item);
    end = item.end;
  }
  return { at, major, argument, inside, end, items };
}

function readHead(bytes: Uint8Array, at: number): Pick<Item, "major" | "argument" | "inside"> {
  const first = bytes[at];
  if (first === undefined) throw new Misfit(`byte ${at}: the bytes end early`);
  const [major, low] = [first >> 5, first & 31];
  if (low < 24) return { major, argument: BigInt(low), inside: at + 1 };
  const size = 1 << (low - 24);
  if (low > 27 || at + 1 + size > bytes.length) throw new Misfit(`byte ${at}: no head of an item`);
  const digits = Buffer.from(bytes.subarray(at + 1, at + 1 + size)).toString("hex");
  return { major, argument: BigInt(`0x${digits}`), inside: at + 1 + size };
}

const ROW_BYTES = 16;
/** A longer piece is shown by its beginning. */
const WHOLE_BYTES = 32;

/** Offset, bytes, meaning: a piece a row, long ones on several or with their end left out. */
export function format(bytes: Uint8Array, shown: readonly Shown[]): string {
  return shown.flatMap((piece) => rows(bytes, piece)).join("\n");
}

function rows(bytes: Uint8Array, { at, end, depth, text }: Shown): readonly string[] {
  const last = end - at > WHOLE_BYTES ? at + ROW_BYTES : end;
  const meaning = `${"  ".repeat(depth)}${text}`;
  const lines: string[] = [];
  for (let from = at; from < last; from += ROW_BYTES) {
    const hex = Buffer.from(bytes.subarray(from, Math.min(last, from + ROW_BYTES))).toString("hex");
    lines.push(row(from, hex.replace(/..(?=.)/g, "$& "), from === at ? meaning : ""));
  }
  if (last < end) lines.push(row(last, `… ${grouped(BigInt(end - last))} bytes more`, ""));
  return lines;
}

function row(at: number, bytes: string, meaning: string): string {
  return `${at.toString().padStart(6)}  ${bytes.padEnd(ROW_BYTES * 3 - 1)}  ${meaning}`.trimEnd();
}
