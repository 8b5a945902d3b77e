import { readFileSync } from "node:fs";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { loadNative, slice } from "../native.ts";
import { Random, seedOf } from "../random.ts";

/** Line editing: what a person types, the line that comes of it, and what the screen shows. */

const UP = "\x1b[A";
const DOWN = "\x1b[B";
const RIGHT = "\x1b[C";
const LEFT = "\x1b[D";
const HOME = "\x1b[H";
const END = "\x1b[F";
const DELETE = "\x1b[3~";
const MAX_LINE = 256;

let typeByte: (byte: number) => unknown;
let typeAtScreen: (byte: number) => unknown;
let read: (name: string) => string;
let clear: () => unknown;
let ask: () => unknown;
let writeGood: (text: string) => unknown;

beforeAll(async () => {
  const library = await loadNative("console", ["test/services/console-entries.kts.ts"], {
    aliases: { "@io": "user/io" },
    files: new Map([["user/io/uart.ts", readFileSync("test/services/capture/uart.ts", "utf8")]]),
  });
  typeByte = library.call("type_byte", "bool", ["uint32_t"]);
  typeAtScreen = library.call("type_at_screen", "bool", ["uint32_t"]);
  clear = library.call("next_line", "void", []);
  ask = library.call("ask_for_terminal", "void", []);
  const writeBytes = library.call("write_good", "void", ["Slice"]);
  writeGood = (text) => writeBytes(slice(Buffer.from(text)));
  const readers = new Map(
    ["line_text", "line_name", "line_argument", "captured_text"].map((name) => [
      name,
      library.call(name, "uint32_t", ["Slice"]),
    ]),
  );
  read = (name) => {
    const bytes = new Uint8Array(65536);
    const length = readers.get(name)?.(slice(bytes)) as number;
    return Buffer.from(bytes.subarray(0, length)).toString("latin1");
  };
});

beforeEach(() => {
  clear();
  read("captured_text");
});

/** Types all of it; true when the last byte has completed the line. */
function type(text: string): boolean {
  return [...Buffer.from(text, "latin1")].map((byte) => typeByte(byte) as boolean).at(-1) ?? false;
}

/** Completes a line and begins the next one. */
function enter(text: string): void {
  expect(type(`${text}\r`)).toBe(true);
  clear();
}

/** What a terminal shows of one row, and where its cursor is. */
function screen(output: string): { text: string; cursor: number } {
  const cells: string[] = [];
  let cursor = 0;
  for (const character of output) {
    if (character === "\b") cursor--;
    else if (character !== "\x07") cells[cursor++] = character;
    expect(cursor).toBeGreaterThanOrEqual(0);
  }
  return { text: cells.join("").trimEnd(), cursor };
}

test.each([
  ["hello", "hello"],
  ["helo\x1b[Dl", "hello"],
  [`ello${HOME}h`, "hello"],
  [`ello\x01h\x05!`, "hello!"],
  [`hellp\x7fo`, "hello"],
  [`xhello${HOME}${DELETE}`, "hello"],
  [`${LEFT}${LEFT}a${RIGHT}${RIGHT}b`, "ab"],
  ["load hello\x17kv", "load kv"],
  ["load hello  \x17kv", "load kv"],
  ["nonsense\x15ps", "ps"],
  [`load kv${LEFT}${LEFT}\x0bhello`, "load hello"],
  [`ab${LEFT}\x17c`, "cb"],
  [`a${END}b`, "ab"],
  ["a\x1bOHb", "ba"],
  ["a\x1b[1;5Cb", "ab"],
  ["a\x1b[99~b\x1bxc", "abc"],
  ["a\x07\x00\xffb", "ab"],
])("%j makes %j", (typed, line) => {
  expect(type(typed)).toBe(false);
  expect(read("line_text")).toBe(line);
  expect(screen(read("captured_text")).text).toBe(line.trimEnd());
});

test("history is walked with up and down, and is kept without repetition", () => {
  for (const line of ["first", "second", "second", ""]) enter(line);
  type(UP);
  expect(read("line_text")).toBe("second");
  type(UP);
  expect(read("line_text")).toBe("first");
  type(`${DOWN}!`);
  expect(read("line_text")).toBe("second!");
  type(DOWN);
  expect(read("line_text")).toBe("");
  type(DOWN);
  expect(read("line_text")).toBe("");
});

test("the last sixteen lines are kept", () => {
  for (let i = 0; i < 20; i++) enter(`line ${i}`);
  type(UP.repeat(40));
  expect(read("line_text")).toBe("line 4");
});

test("Ctrl-C gives the line up", () => {
  expect(type("load hello\x03")).toBe(true);
  expect(read("line_text")).toBe("");
});

test("a line has at most 256 characters", () => {
  type("x".repeat(MAX_LINE + 5));
  expect(read("line_text")).toBe("x".repeat(MAX_LINE));
  expect(read("captured_text").endsWith("\x07".repeat(5))).toBe(true);
});

test.each([
  ["load  hello ^1 ", "load", "hello ^1"],
  ["  ps", "ps", ""],
  ["", "", ""],
])("%j is %j with %j", (line, name, argument) => {
  type(line);
  expect([read("line_name"), read("line_argument")]).toEqual([name, argument]);
});

const seed = seedOf();
test(`the screen shows the line, whatever is typed (seed ${seed})`, () => {
  const random = new Random(seed);
  const keys = [UP, DOWN, LEFT, RIGHT, HOME, END, DELETE, "\x7f", "\x17", "\x0b", "\x15", "a", "b", " ", "\x1b", "["];
  enter("one two");
  enter("three");
  read("captured_text");
  let typed = "";
  for (let i = 0; i < 400; i++) {
    const key = keys[random.below(keys.length)] ?? "";
    typed += key;
    type(key);
    if (i % 20 !== 19) continue;
    expect(screen(read("captured_text")).text, JSON.stringify(typed)).toBe(read("line_text").trimEnd());
    clear();
    typed = "";
  }
});

test("two people type at one line, and their sequences do not mix", () => {
  type("load\x1b[");
  for (const byte of Buffer.from("X\x1b[D")) typeAtScreen(byte);
  type("Dhello ");
  for (const byte of Buffer.from("\x1b[F!")) typeAtScreen(byte);
  expect(read("line_text")).toBe("loahello dX!");
});

// A library has one state: this one comes last.
test("text is plain until a terminal has answered, in the midst of a line too", () => {
  // Ends a sequence that the test before may have left, and itself.
  type("x\x15");
  read("captured_text");
  ask();
  expect(read("captured_text")).toBe("\x1b[c");
  writeGood("OK");
  expect(read("captured_text")).toBe("OK");
  type("load\x1b[?64;1;2;22c hello");
  expect(read("line_text")).toBe("load hello");
  expect(read("captured_text")).toBe("load hello");
  writeGood("OK");
  expect(read("captured_text")).toBe("\x1b[32mOK\x1b[m");
});
