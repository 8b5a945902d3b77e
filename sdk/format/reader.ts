import { FaultError } from "./faults.ts";

/**
 * Reads deterministic CBOR of a known shape, front to back: numbers, strings, arrays, and maps whose keys are numbered or
 * named. The first thing that is wrong is thrown, with its place.
 */

const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const SIMPLE = 7;
const MAX_COUNT = 0xffff_ffffn;
const MAX_NAME_BYTES = 64;

const NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/** A name of the format: identifiers with dots between them, at most 64 bytes. */
export function isName(text: string): boolean {
  return text.length <= MAX_NAME_BYTES && NAME.test(text);
}

interface Head {
  readonly argument: bigint;
  /** Bytes of the argument behind the first byte. */
  readonly size: number;
}

export class Reader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  close(): void {
    if (this.at !== this.bytes.length) throw new FaultError("TrailingBytes", this.at);
  }

  isNumberNext(): boolean {
    return this.#major() === UINT || this.#major() === NEGATIVE;
  }

  uint(most: bigint): bigint {
    const at = this.at;
    const { argument } = this.#take(UINT);
    if (argument > most) throw new FaultError("OutOfRange", at);
    return argument;
  }

  /** An unsigned number that a double holds. */
  number(most: number): number {
    return Number(this.uint(BigInt(most)));
  }

  between(least: number, most: number): number {
    const at = this.at;
    const value = this.number(most);
    if (value < least) throw new FaultError("OutOfRange", at);
    return value;
  }

  /** A number of either sign within 64 bits; null beyond them. */
  int(): bigint | null {
    const isNegative = this.#major() === NEGATIVE;
    const { argument } = this.#take(isNegative ? NEGATIVE : UINT);
    if (argument > 0x7fff_ffff_ffff_ffffn) return null;
    return isNegative ? -1n - argument : argument;
  }

  tag(): bigint {
    return this.#take(TAG).argument;
  }

  flag(): boolean {
    const at = this.at;
    const { argument, size } = this.#take(SIMPLE);
    if (size !== 0 || (argument !== 20n && argument !== 21n)) throw new FaultError("WrongType", at);
    return argument === 21n;
  }

  /** Takes null if it comes next. */
  skipNull(): boolean {
    const at = this.at;
    if (at < this.bytes.length && this.#major() !== SIMPLE) return false;
    const { argument, size } = this.#take(SIMPLE);
    if (size === 0 && argument === 22n) return true;
    this.at = at;
    return false;
  }

  byteString(): Uint8Array {
    return this.#string(BYTES);
  }

  fixed(length: number): Uint8Array {
    const at = this.at;
    const bytes = this.byteString();
    if (bytes.length !== length) throw new FaultError("BadLength", at);
    return bytes;
  }

  part(most: number): Uint8Array {
    const at = this.at;
    const bytes = this.byteString();
    if (bytes.length > most) throw new FaultError("TooLong", at);
    return bytes;
  }

  text(most: number): string {
    const at = this.at;
    const bytes = this.#string(TEXT);
    if (bytes.length > most) throw new FaultError("TooLong", at);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new FaultError("BadText", at);
    }
  }

  name(): string {
    const at = this.at;
    const text = this.text(MAX_NAME_BYTES);
    if (!isName(text)) throw new FaultError("BadName", at);
    return text;
  }

  prefix(): string {
    const at = this.at;
    const text = this.text(MAX_NAME_BYTES);
    if (text !== "" && !isName(text)) throw new FaultError("BadName", at);
    return text;
  }

  count(): number {
    return this.#count(ARRAY);
  }

  pairs(): number {
    return this.#count(MAP);
  }

  items<T>(least: number, most: number, read: () => T): T[] {
    const at = this.at;
    const count = this.count();
    if (count < least || count > most) throw new FaultError("BadCount", at);
    return Array.from({ length: count }, read);
  }

  /** The head of an array of exactly `count` items. */
  tuple(count: number): void {
    this.items(count, count, () => null);
  }

  /** A map from names, in their order: the shorter first. */
  names<T>(most: number, read: () => T): Record<string, T> {
    const at = this.at;
    const count = this.pairs();
    if (count > most) throw new FaultError("BadCount", at);
    const entries: [string, T][] = [];
    let last = "";
    for (let i = 0; i < count; i++) {
      const keyAt = this.at;
      const key = this.name();
      const isBehind = key.length === last.length ? key > last : key.length > last.length;
      if (i > 0 && !isBehind) throw new FaultError(key === last ? "DuplicateKey" : "UnsortedKeys", keyAt);
      last = key;
      entries.push([key, read()]);
    }
    return Object.fromEntries(entries);
  }

  /** The fields of a record, by reading functions for keys 1, 2, 3 … */
  record<T extends readonly unknown[]>(...fields: { readonly [K in keyof T]: () => T[K] }): T {
    const count = this.pairs();
    const values: unknown[] = [];
    for (const [i, read] of fields.entries()) {
      if (i >= count) throw new FaultError("MissingKey", this.at);
      this.#key(i + 1, count, fields.length);
      values.push((read as () => unknown)());
    }
    if (count > fields.length) this.#key(fields.length + 1, count, fields.length);
    return values as unknown as T;
  }

  #key(wanted: number, count: number, fields: number): void {
    const at = this.at;
    const key = Number(this.#take(UINT).argument);
    if (key === wanted && wanted <= fields) return;
    if (key === wanted - 1) throw new FaultError("DuplicateKey", at);
    if (key === 0 || key > fields) throw new FaultError("UnknownKey", at);
    if (key < wanted) throw new FaultError("UnsortedKeys", at);
    throw new FaultError(count < fields ? "MissingKey" : "UnsortedKeys", at);
  }

  #count(major: number): number {
    const { argument } = this.#take(major);
    if (argument > MAX_COUNT) throw new FaultError("Truncated", this.bytes.length);
    return Number(argument);
  }

  #string(major: number): Uint8Array {
    const { argument } = this.#take(major);
    if (argument > BigInt(this.bytes.length - this.at)) throw new FaultError("Truncated", this.bytes.length);
    const bytes = this.bytes.subarray(this.at, this.at + Number(argument));
    this.at += bytes.length;
    return bytes;
  }

  #major(): number {
    return this.at < this.bytes.length ? (this.bytes[this.at] as number) >> 5 : SIMPLE;
  }

  #take(major: number): Head {
    if (this.at >= this.bytes.length) throw new FaultError("Truncated", this.bytes.length);
    if (this.#major() !== major) throw new FaultError("WrongType", this.at);
    const head = readHead(this.bytes, this.at);
    this.at += 1 + head.size;
    return head;
  }
}

/** The head of the item at `at`: in its shortest form. */
export function readHead(bytes: Uint8Array, at: number): Head & { readonly major: number } {
  if (at >= bytes.length) throw new FaultError("Truncated", bytes.length);
  const major = (bytes[at] as number) >> 5;
  const information = (bytes[at] as number) & 31;
  if (information === 31) throw new FaultError("Indefinite", at);
  if (information > 27) throw new FaultError("Reserved", at);
  const size = information < 24 ? 0 : 1 << (information - 24);
  if (at + 1 + size > bytes.length) throw new FaultError("Truncated", bytes.length);
  let argument = BigInt(information);
  if (size > 0) {
    argument = 0n;
    for (const byte of bytes.subarray(at + 1, at + 1 + size)) argument = (argument << 8n) | BigInt(byte);
  }
  if (major === SIMPLE) checkSimple(argument, size, at);
  else if (!isShortest(argument, size)) throw new FaultError("NotShortest", at);
  return { major, argument, size };
}

function isShortest(argument: bigint, size: number): boolean {
  const least: Readonly<Record<number, bigint>> = { 1: 24n, 2: 0x100n, 4: 0x1_0000n, 8: 0x1_0000_0000n };
  return argument >= (least[size] ?? 0n);
}

function checkSimple(argument: bigint, size: number, at: number): void {
  if (size === 0 && argument < 20n) throw new FaultError("UnknownSimple", at);
  if (size === 1) throw new FaultError("UnknownSimple", at);
  if (size > 1 && isLongFloat(argument, size)) throw new FaultError("NotShortest", at);
}

/** Whether a float would fit half its bytes; of what is no number only one half is deterministic. */
function isLongFloat(bits: bigint, size: number): boolean {
  if (size === 2) return (bits & 0x7c00n) === 0x7c00n && (bits & 0x3ffn) !== 0n && bits !== 0x7e00n;
  const view = new DataView(new ArrayBuffer(8));
  if (size === 4) view.setUint32(0, Number(bits));
  else view.setBigUint64(0, bits);
  const value = size === 4 ? view.getFloat32(0) : view.getFloat64(0);
  if (Number.isNaN(value)) return true;
  return size === 8 ? Math.fround(value) === value : isHalf(value);
}

function isHalf(value: number): boolean {
  const magnitude = Math.abs(value);
  if (magnitude === 0 || magnitude === Number.POSITIVE_INFINITY) return true;
  if (magnitude > 65504) return false;
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  return Number.isInteger(magnitude / 2 ** (exponent - 10));
}
