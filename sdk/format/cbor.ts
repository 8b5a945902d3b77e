import { encode, rfc8949EncodeOptions } from "cborg";

/** What the format is made of: numbers, texts, bytes, arrays, maps, flags, null. */
export type Item =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly Item[]
  | ReadonlyMap<string | number, Item>;

/** Deterministic CBOR (RFC 8949, section 4.2.1). */
export function encodeItem(item: Item): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(encode(item, rfc8949EncodeOptions));
}

/** A record: its fields are numbered from 1. */
export function record(...fields: readonly Item[]): ReadonlyMap<number, Item> {
  return new Map(fields.map((value, i) => [i + 1, value]));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
