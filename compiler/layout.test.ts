import { expect, test } from "vitest";
import { compileProgram } from "./compile.ts";
import { emitC } from "./emit-c.ts";
import { assemblerIncludes, structLayout } from "./layout.ts";

const PROGRAM = `
/** @layout */
export interface Frame extends Struct<"Frame"> {
  flag: boolean;
  count: u16;
  next: Frame | null;
  name: Bytes;
  readonly cells: FixedArray<u32, 3>;
  readonly inner: Inline<Inner>;
}
interface Inner extends Struct<"Inner"> { a: u8; b: u64; }
/** @layout */
export const BASE = 0xffff_ffff_8000_0000n;
export const frame: Frame = zeroed();
export function touch(): void { frame.count = 1; }
`;

function compile() {
  const { program } = compileProgram({
    root: "/program",
    entries: ["main.ts"],
    files: new Map([["main.ts", PROGRAM]]),
  });
  if (program === null) throw new Error("the program has errors");
  return program;
}

test("fields are aligned as clang aligns them", () => {
  const frame = compile().structs.find(({ name }) => name === "Frame");
  expect(frame && structLayout(frame)).toMatchObject({ size: 64, offsets: [0, 2, 8, 16, 32, 48] });
});

test("the emitted C asserts size and offsets, so that clang holds the layout", () => {
  const text = emitC(compile())[0]?.text;
  expect(text).toContain("_Static_assert(sizeof(struct Frame) == 64);");
  expect(text).toContain("_Static_assert(__builtin_offsetof(struct Frame, inner) == 48);");
});

test("both assemblers get offsets, sizes and constants", () => {
  const { nasm, gnu } = assemblerIncludes(compile());
  for (const [name, value] of [
    ["Frame_next", 8n],
    ["Frame_SIZE", 64n],
    ["BASE", 0xffff_ffff_8000_0000n],
  ] as const) {
    const number = (text: string): bigint =>
      BigInt(new RegExp(`\\b${name}\\s+(?:equ\\s+)?(\\w+)`).exec(text)?.[1] ?? "-1");
    expect(BigInt.asUintN(64, number(nasm))).toBe(value);
    expect(BigInt.asUintN(64, number(gnu))).toBe(value);
  }
});
