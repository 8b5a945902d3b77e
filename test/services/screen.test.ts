import { readFileSync } from "node:fs";
import koffi from "koffi";
import { beforeAll, describe, expect, test } from "vitest";
import { FONT_FILE, fontTable, GLYPH_HEIGHT, readGlyphs, TABLE_FILE } from "../../scripts/font.ts";
import { loadNative, type NativeLibrary, slice } from "../native.ts";
import { Random, seedOf } from "../random.ts";

/** The terminal of screen and keyboard: what it shows of what it gets, pixel by pixel, and what its keys send. */

const MEMORY_BYTES = 4 << 20;
const INVERSE = 0x1000;
const PLAIN = 0x0700;
const QUESTION = "\x1b[c";

let library: NativeLibrary;
let memory: Buffer;
let address: bigint;
const call = (name: string, ...values: unknown[]) => calls.get(name)?.(...values);
let calls: ReadonlyMap<string, (...values: unknown[]) => unknown>;

beforeAll(async () => {
  library = await loadNative("screen", ["test/services/screen-entries.kts.ts"], {});
  const u32 = (count: number) => Array<string>(count).fill("uint32_t");
  const types: readonly [string, string, readonly string[]][] = [
    ["open_screen", "uint32_t", ["uint64_t", "bool", ...u32(4)]],
    ["choose_colors", "void", u32(6)],
    ["show_text", "uint32_t", ["Slice"]],
    ["repaint_screen", "void", []],
    ["cell_at", "uint32_t", u32(2)],
    ["rows_of_screen", "uint32_t", []],
    ["columns_of_screen", "uint32_t", []],
    ["type_code", "uint32_t", ["uint32_t", "Slice"]],
  ];
  calls = new Map(types.map(([name, result, parameters]) => [name, library.call(name, result, parameters)]));
  const pointer = koffi.alloc("uint8_t", MEMORY_BYTES);
  memory = Buffer.from(koffi.view(pointer, MEMORY_BYTES));
  address = koffi.address(pointer);
});

interface Format {
  readonly bits: number;
  readonly positions: readonly [number, number, number];
  readonly widths: readonly [number, number, number];
}

const RGB32: Format = { bits: 32, positions: [16, 8, 0], widths: [8, 8, 8] };

/** Answers the bytes of its memory. */
function openPixels(width: number, height: number, format = RGB32, pitch = width * Math.ceil(format.bits / 8)): number {
  memory.fill(0x5a);
  call("choose_colors", ...format.positions, ...format.widths);
  return call("open_screen", address, false, width, height, pitch, format.bits) as number;
}

function openText(columns: number, rows: number): number {
  memory.fill(0x5a);
  return call("open_screen", address, true, columns, rows, 2 * columns, 16) as number;
}

/** Answers how often it was asked what it is. */
function show(text: string): number {
  return call("show_text", slice(Buffer.from(text))) as number;
}

const cell = (row: number, column: number) => call("cell_at", row, column) as number;
const rowCount = () => call("rows_of_screen") as number;
const columnCount = () => call("columns_of_screen") as number;

function lines(): string[] {
  return Array.from({ length: rowCount() }, (_, row) =>
    Array.from({ length: columnCount() }, (_, column) => String.fromCharCode(cell(row, column) & 0xff))
      .join("")
      .trimEnd(),
  );
}

/** Row and column of the one cell that is inverse. */
function cursor(): [number, number] {
  const columns = columnCount();
  const inverse = Array.from({ length: rowCount() * columns }, (_, at) => at).filter(
    (at) => (cell(Math.floor(at / columns), at % columns) & INVERSE) !== 0,
  );
  expect(inverse).toHaveLength(1);
  return [Math.floor((inverse[0] ?? 0) / columns), (inverse[0] ?? 0) % columns];
}

test("the table is that of the font", () => {
  expect(readFileSync(TABLE_FILE, "utf8")).toBe(fontTable(readGlyphs(FONT_FILE)));
});

describe("what a terminal shows", () => {
  test.each<[string, readonly string[], [number, number]]>([
    ["ab\r\ncd", ["ab", "cd"], [1, 2]],
    ["ab\ncd", ["ab", "  cd"], [1, 4]],
    ["ab\b\bx", ["xb"], [0, 1]],
    ["\b\bx", ["x"], [0, 1]],
    ["a\tb", ["a       b"], [0, 9]],
    ["a\x07\x00\x7fb", ["ab"], [0, 2]],
    ["0123456789", ["0123456789"], [0, 9]],
    ["0123456789x", ["0123456789", "x"], [1, 1]],
    ["0123456789\r\nx", ["0123456789", "x"], [1, 1]],
    ["1\r\n2\r\n3\r\n4\r\n5", ["2", "3", "4", "5"], [3, 1]],
    ["abc\r\x1b[K", [""], [0, 0]],
    ["abcd\b\b\x1b[K", ["ab"], [0, 2]],
    ["abcd\b\b\x1b[1K", ["   d"], [0, 2]],
    ["abcd\b\b\x1b[2K", [""], [0, 2]],
    ["abcd\x1b[2Dx", ["abxd"], [0, 3]],
    ["ab\x1b[3Cx", ["ab   x"], [0, 6]],
    ["ab\x1b[99Cx", ["ab       x"], [0, 9]],
    ["ab\r\ncd\x1b[Ax", ["abx", "cd"], [0, 3]],
    ["ab\x1b[2Bx", ["ab", "", "  x"], [2, 3]],
    ["\x1b[3;4Hx", ["", "", "   x"], [2, 4]],
    ["\x1b[3;4H\x1b[Hx", ["x"], [0, 1]],
    ["\x1b[77;77Hx", ["", "", "", "         x"], [3, 9]],
    ["ab\r\ncd\x1b[1;2H\x1b[J", ["a"], [0, 1]],
    ["ab\r\ncd\x1b[2J", [""], [1, 2]],
    ["a\x1b7b\x1b[?25lc\x1b[1 qd\x1b[5nf", ["abcdf"], [0, 5]],
    ["a\x1b[1;2;3;4;5;6;8;9;10;11mb", ["ab"], [0, 2]],
    ["a\x1b[99999999999Db", ["b"], [0, 1]],
    ["a\u00e9\u2500\u{1f600}b", ["a\u00c3\u00e2\u00f0b"], [0, 5]],
  ])("%j", (text, expected, place) => {
    openPixels(80, 64);
    show(text);
    expect(lines()).toEqual([...expected, ...Array<string>(4 - expected.length).fill("")]);
    expect(cursor()).toEqual(place);
  });

  test.each([
    ["\x1b[1mx", 0x0f],
    ["\x1b[1;36mx", 0x0b],
    ["\x1b[32mx", 0x02],
    ["\x1b[1;31mx", 0x0c],
    ["\x1b[34mx", 0x01],
    ["\x1b[33mx", 0x06],
    ["\x1b[95mx", 0x0d],
    ["\x1b[1;31m\x1b[mx", 0x07],
    ["\x1b[1;31;22mx", 0x04],
    ["\x1b[31;39mx", 0x07],
    ["\x1b[7mx", 0x17],
    ["\x1b[7;27mx", 0x07],
    ["\x1b[41;4mx", 0x07],
  ])("%j has its color", (text, style) => {
    openPixels(80, 64);
    show(text);
    expect(cell(0, 0)).toBe((style << 8) | 0x78);
  });

  test("it tells what it is when it is asked, by the one question", () => {
    openPixels(80, 64);
    expect(show(QUESTION)).toBe(1);
    expect(show("\x1b[0c")).toBe(1);
    expect(show("\x1b[")).toBe(0);
    expect(show("c")).toBe(1);
    expect(show("\x1b[?c\x1b[>c\x1b[1c\x1bc[c")).toBe(0);
  });

  test("a sequence may come in pieces", () => {
    openPixels(80, 64);
    for (const byte of "ab\x1b[1;31mc\x1b[2Dx") show(byte);
    expect(lines()[0]).toBe("axc");
    expect(cell(0, 2)).toBe(INVERSE | 0x0c63);
  });
});

describe("the screen's memory", () => {
  const formats: readonly [string, Format][] = [
    ["32 bits", RGB32],
    ["32 bits, the other way round", { bits: 32, positions: [0, 8, 16], widths: [8, 8, 8] }],
    ["24 bits", { bits: 24, positions: [16, 8, 0], widths: [8, 8, 8] }],
    ["16 bits", { bits: 16, positions: [11, 5, 0], widths: [5, 6, 5] }],
    ["15 bits", { bits: 15, positions: [10, 5, 0], widths: [5, 5, 5] }],
  ];
  const colors: readonly [string, readonly [number, number, number]][] = [
    ["\x1b[m", [0xaa, 0xaa, 0xaa]],
    ["\x1b[31m", [0xaa, 0, 0]],
    ["\x1b[1;36m", [0x55, 0xff, 0xff]],
  ];

  test.each(formats)("%s: a glyph is drawn in its color and nothing else is touched", (_name, format) => {
    const bytes = Math.ceil(format.bits / 8);
    const pitch = 16 * bytes + 12;
    const glyph = readGlyphs(FONT_FILE)["g".charCodeAt(0) - 0x20] ?? [];
    for (const [code, [red, green, blue]] of colors) {
      expect(openPixels(16, 32, format, pitch)).toBe(32 * pitch);
      show(`${code}\x1b[2;1Hg\x1b[H`);
      const ink = [red, green, blue].reduce((sum, value, index) => {
        const [position = 0, width = 0] = [format.positions[index], format.widths[index]];
        return sum + ((value >> (8 - width)) << position);
      }, 0);
      for (let y = 0; y < GLYPH_HEIGHT; y++) {
        const at = (16 + y) * pitch;
        const row = Array.from({ length: 8 }, (_, x) => memory.readUIntLE(at + x * bytes, bytes));
        expect(row).toEqual(Array.from({ length: 8 }, (_, x) => (((glyph[y] ?? 0) >> (7 - x)) & 1 ? ink : 0)));
        expect([...memory.subarray(at + 16 * bytes, at + pitch)]).toEqual(Array(12).fill(0x5a));
      }
      expect([...memory.subarray(32 * pitch, 32 * pitch + 64)]).toEqual(Array(64).fill(0x5a));
    }
  });

  test("a text mode's cells have character and color; the cursor's is inverse", () => {
    expect(openText(80, 25)).toBe(4000);
    show("\x1b[32mOK\x1b[m \u2500");
    expect([0, 1, 2, 3, 4].map((index) => memory.readUInt16LE(2 * index))).toEqual([
      0x024f, 0x024b, 0x0720, 0x07e2, 0x7020,
    ]);
    expect(memory.readUInt16LE(3998)).toBe(PLAIN | 0x20);
    expect(memory.readUInt16LE(4000)).toBe(0x5a5a);
  });

  test("what cannot be drawn on is no screen", () => {
    expect(openPixels(80, 64, { ...RGB32, bits: 8 })).toBe(0);
    expect(openPixels(80, 64, RGB32, 80 * 4 - 1)).toBe(0);
    expect(openPixels(7, 64)).toBe(0);
    expect(openPixels(80, 15)).toBe(0);
  });

  test("of a large screen a part is used", () => {
    expect(openPixels(2000, 520, { ...RGB32, bits: 16 })).toBe(2000 * 2 * 520);
    expect([columnCount(), rowCount()]).toEqual([160, 32]);
  });

  const seed = seedOf();
  test.each(["pixels", "text"])(
    `whatever comes, %s show what they would show if all were drawn (seed ${seed})`,
    (kind) => {
      const random = new Random(seed);
      const bytes = kind === "text" ? openText(21, 7) : openPixels(168, 112);
      const pieces = [
        "\x1b",
        "[",
        ";",
        "\r\n",
        "\b",
        "\t",
        "m",
        "K",
        "J",
        "H",
        "A",
        "B",
        "C",
        "D",
        "c",
        "1",
        "7",
        "\x1b[",
        "\x1b[1;3",
      ];
      for (let turn = 0; turn < 300; turn++) {
        const text = Array.from({ length: random.below(60) }, () => {
          return random.below(2) === 0
            ? (pieces[random.below(pieces.length)] ?? "")
            : String.fromCharCode(random.below(256));
        }).join("");
        call("show_text", slice(Buffer.from(text, "latin1")));
        const shown = Buffer.from(memory.subarray(0, bytes + 64));
        if (turn % 10 !== 9) continue;
        call("repaint_screen");
        expect(shown.equals(memory.subarray(0, bytes + 64)), JSON.stringify(text)).toBe(true);
      }
    },
  );
});

describe("keys", () => {
  const SHIFT = 0x2a;
  const RIGHT_SHIFT = 0x36;
  const CTRL = 0x1d;
  const CAPS = 0x3a;
  const up = (code: number) => code | 0x80;

  function typed(...codes: readonly number[]): string {
    const bytes = new Uint8Array(8);
    return codes
      .map((code) => Buffer.from(bytes.subarray(0, call("type_code", code, slice(bytes)) as number)).toString("latin1"))
      .join("");
  }

  test.each<[string, readonly number[], string]>([
    ["letters", [0x26, up(0x26), 0x18, 0x1e, 0x20], "load"],
    [
      "digits and signs",
      [0x02, 0x0b, 0x0c, 0x0d, 0x1a, 0x1b, 0x27, 0x28, 0x29, 0x2b, 0x33, 0x34, 0x35, 0x39],
      "10-=[];'`\\,./ ",
    ],
    ["shift", [SHIFT, 0x1e, 0x03, 0x34, up(SHIFT), 0x1e], "A@>a"],
    ["either shift, as long as one is held", [SHIFT, RIGHT_SHIFT, up(SHIFT), 0x1e, up(RIGHT_SHIFT), 0x1e], "Aa"],
    ["caps lock", [CAPS, up(CAPS), 0x1e, 0x02, SHIFT, 0x1e, 0x02, up(SHIFT), CAPS, up(CAPS), 0x1e], "A1a!a"],
    ["enter, backspace, tab, escape", [0x1c, 0x0e, 0x0f, 0x01], "\r\x7f\t\x1b"],
    ["ctrl", [CTRL, 0x2e, 0x1e, 0x1a, 0x02, up(CTRL), 0x2e], "\x03\x01\x1b1c"],
    ["right ctrl", [0xe0, CTRL, 0x16, 0xe0, up(CTRL), 0x16], "\x15u"],
    ["ctrl and caps lock", [CAPS, CTRL, 0x2e, up(CTRL), CAPS], "\x03"],
    ["arrows", [0xe0, 0x48, 0xe0, up(0x48), 0xe0, 0x50, 0xe0, 0x4d, 0xe0, 0x4b], "\x1b[A\x1b[B\x1b[C\x1b[D"],
    ["home, end", [0xe0, 0x47, 0xe0, 0x4f], "\x1b[H\x1b[F"],
    [
      "insert, delete, page up, page down",
      [0xe0, 0x52, 0xe0, 0x53, 0xe0, 0x49, 0xe0, 0x51],
      "\x1b[2~\x1b[3~\x1b[5~\x1b[6~",
    ],
    ["the shifts that come with extended keys", [0xe0, 0x2a, 0xe0, 0x53, 0xe0, 0xaa, 0x1e], "\x1b[3~a"],
    [
      "the keypad",
      [0x48, 0x4b, 0x4c, 0x4d, 0x53, 0x4a, 0x4e, 0x37, 0xe0, 0x35, 0xe0, 0x1c],
      "\x1b[A\x1b[D\x1b[C\x1b[3~-+*/\r",
    ],
    ["pause", [0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5, 0x1e], "a"],
    [
      "keys that send nothing",
      [0x38, up(0x38), 0x3b, 0x44, 0x45, 0x46, 0x54, 0x57, 0xe0, 0x5b, 0xe0, 0x38, 0x7f, 0xff, 0x00],
      "",
    ],
  ])("%s", (_name, codes, text) => {
    expect(typed(...codes)).toBe(text);
  });

  const seed = seedOf();
  test(`whatever comes, no key sends more than four bytes (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 20_000; i++) expect(typed(random.below(256)).length).toBeLessThanOrEqual(4);
  });
});
