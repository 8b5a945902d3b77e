import { decode, encode, rfc8949EncodeOptions } from "cborg";
import type { Random } from "../random.ts";

/** Random data items, and a second opinion on which bytes are deterministic. */

/** A value that cborg encodes: maps with keys of all kinds, floats that no integer equals. */
export function makeValue(random: Random, depth: number): unknown {
  switch (random.below(depth > 0 ? 10 : 7)) {
    case 0:
      return random.next() >> BigInt(random.below(64));
    case 1:
      return -1n - ((random.next() & 0x7fff_ffff_ffff_ffffn) >> BigInt(random.below(63)));
    case 2:
      return random.bytes(random.below(40));
    case 3:
      return makeText(random);
    case 4:
      return [true, false, null, undefined][random.below(4)];
    case 5:
      return makeFloat(random);
    case 6:
      return random.below(30);
    case 7:
    case 8:
      return Array.from({ length: random.below(5) }, () => makeValue(random, depth - 1));
    default:
      return new Map(
        Array.from({ length: random.below(random.below(10) === 0 ? 30 : 5) }, () => [
          makeKey(random),
          makeValue(random, depth - 1),
        ]),
      );
  }
}

function makeKey(random: Random): unknown {
  return random.below(2) === 0 ? random.below(300) - 100 : makeText(random);
}

function makeText(random: Random): string {
  const alphabets = ["abc-/.", "äöüß", "€漢字", "𝄞😀"];
  const alphabet = [...(alphabets[random.below(4)] ?? "")];
  return Array.from({ length: random.below(12) }, () => alphabet[random.below(alphabet.length)]).join("");
}

function makeFloat(random: Random): number {
  const whole = random.below(1000) + 0.5;
  return [whole, Math.fround(whole / 3) + 0.5, whole / 7 + 0.1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** -24][
    random.below(6)
  ] as number;
}

export function encodeValue(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/** As `readValue` of test/codec/cbor-host.ts shows it. */
export function asRead(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value === "string" || value === null) return value;
  if (typeof value === "boolean" || value === undefined) return value;
  if (Array.isArray(value)) return value.map(asRead);
  if (value instanceof Map) {
    const pairs = [...value].map(([key, content]) => ({ key: encodeValue(key), pair: [asRead(key), asRead(content)] }));
    pairs.sort((a, b) => Buffer.compare(a.key, b.key));
    return new Map(pairs.map(({ pair }) => pair as [unknown, unknown]));
  }
  if (typeof value === "number" && !Number.isInteger(value)) {
    return { float: Buffer.from(encodeValue(value)).toString("hex") };
  }
  return BigInt(value as number | bigint);
}

/**
 * Whether cborg reads `bytes` and writes the same again. It knows no tags, and takes a float that equals an integer for
 * one: null where such things are inside.
 */
export function isDeterministic(bytes: Uint8Array): boolean | null {
  try {
    const value = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowNaN: true,
      allowInfinity: true,
      allowBigInt: true,
      useMaps: true,
      rejectDuplicateMapKeys: true,
    });
    const again = encodeValue(value);
    if (Buffer.compare(again, bytes) === 0) return true;
    return hasFloatOfInteger(value, bytes) ? null : false;
  } catch (error) {
    const { message } = error as Error;
    return /tag/.test(message) ? null : false;
  }
}

/** Bytes of a float's head and a number that is an integer: cborg cannot tell how it was written. */
function hasFloatOfInteger(value: unknown, bytes: Uint8Array): boolean {
  if (!bytes.some((byte) => byte >= 0xf9 && byte <= 0xfb)) return false;
  if (typeof value === "number") return true;
  if (Array.isArray(value)) return value.some((item) => hasFloatOfInteger(item, bytes));
  if (value instanceof Map) return [...value].flat().some((item) => hasFloatOfInteger(item, bytes));
  return false;
}
