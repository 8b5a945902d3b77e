import { beforeAll, expect, test } from "vitest";
import { loadNative, type NativeLibrary, slice } from "../native.ts";

/** The words of a command's argument. */

let library: NativeLibrary;

beforeAll(async () => {
  library = await loadNative("words", ["test/services/words-entries.kts.ts"], {
    aliases: { "@io": "test/services/capture" },
  });
});

function read(name: string, text: string, from: number): string {
  const bytes = new Uint8Array(256);
  const call = library.call(name, "uint32_t", ["Slice", "uint32_t", "Slice"]);
  const length = call(slice(Buffer.from(text)), from, slice(bytes)) as number;
  return Buffer.from(bytes.subarray(0, length)).toString();
}

test.each([
  ["hello", "hello", "", []],
  ["hello ^1", "hello", "^1", []],
  ["logging  >=1.0.0 <2.0.0 ", "logging", ">=1.0.0 <2.0.0", []],
  ["kv 1.x || >=3 --param a=b", "kv", "1.x || >=3", ["--param"]],
  ["kv --param a=b --again", "kv", "", ["--param", "--again"]],
  ["kv 1.2 - 2 --again --param x=--y", "kv", "1.2 - 2", ["--again", "--param"]],
  ["", "", "", []],
  ["--", "--", "", ["--"]],
])("%j is %j, %j, %j", (text, name, range, options) => {
  expect(read("word_at", text, 0)).toBe(name);
  expect(read("before_options", text, name.length)).toBe(range);
  const next = library.call("next_option", "uint32_t", ["Slice", "uint32_t"]);
  const found: string[] = [];
  for (let at = 0; ; at += (found.at(-1) ?? "").length) {
    at = next(slice(Buffer.from(text)), at) as number;
    if (at >= text.length) break;
    found.push(read("word_at", text, at));
  }
  expect(found).toEqual(options);
});

test.each([
  ["0", 0],
  ["42", 42],
  ["1000", 1000],
  ["1001", 1001],
  ["99999999999999999999999", 1001],
  ["", 1001],
  ["4x", 1001],
  ["-1", 1001],
])("%j is %d of at most 1000", (text, number) => {
  expect(library.call("number_in", "uint32_t", ["Slice", "uint32_t"])(slice(Buffer.from(text)), 1000)).toBe(number);
});
