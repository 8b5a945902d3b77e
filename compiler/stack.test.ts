import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileC } from "./clang.ts";
import { compileProgram } from "./compile.ts";
import { emitC } from "./emit-c.ts";
import { factsOf } from "./facts.ts";
import { proveStack, type StackReport } from "./stack.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ktsc-stack-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const TARGETS = ["x86_64", "aarch64"] as const;

async function prove(
  target: (typeof TARGETS)[number],
  text: string,
  optimization: "O0" | "O2" = "O0",
): Promise<StackReport> {
  const out = mkdtempSync(path.join(folder, "program-"));
  writeFileSync(path.join(out, "main.ts"), text);
  const { program, typed } = compileProgram({ root: out, entries: ["main.ts"] });
  if (program === null) throw new Error("the program has errors");
  const files = emitC(program);
  const objects = await compileC(files, out, { target, optimization, sanitize: false, root: out, preludes: [] });
  return await proveStack(
    objects,
    factsOf(
      program,
      typed,
      files.map(({ name }) => name),
      "",
    ),
  );
}

const BLOCK = 'interface Block extends Struct<"Block"> { readonly bytes: FixedArray<u8, 1000>; }\n';

describe.each(TARGETS)("on %s", (target) => {
  test("the deepest chain counts, not the sum of all", async () => {
    const { bounds, errors } = await prove(
      target,
      `${BLOCK}
      /** @noinline */
      function deep(): u8 { const block = local<Block>(); block.bytes[1] = 2; return shallow(block); }
      /** @noinline */
      function shallow(block: Block): u8 { return block.bytes[1]; }
      /** @entry top */
      export function top(): u8 { return deep() + u8(0); }
      /** @entry low */
      export function low(): u8 { const block = local<Block>(); return shallow(block); }`.replace(
        "deep() + u8(0)",
        "deep()",
      ),
    );
    expect(errors).toEqual([]);
    const top = bounds.find(({ entry }) => entry === "top");
    const low = bounds.find(({ entry }) => entry === "low");
    expect(top?.chain).toEqual(["top", "deep", "shallow"]);
    expect(top?.bytes).toBeGreaterThan(1000);
    expect(top?.bytes).toBeLessThan(1300);
    expect(low?.bytes).toBeLessThan(top?.bytes ?? 0);
  });

  test("a call through a table counts as the deepest of its functions", async () => {
    const text = `${BLOCK}
      function small(x: u32): u32 { return x; }
      function large(x: u32): u32 { const block = local<Block>(); block.bytes[1] = u8(x); return u32(block.bytes[1]); }
      type Handler = (x: u32) => u32;
      const handlers: FixedArray<Handler, 2> = [small, large];
      /** @entry top */
      export function top(i: u32): u32 { return handlers[i](i); }`;
    const { bounds, errors } = await prove(target, text);
    expect(errors).toEqual([]);
    expect(bounds.find(({ entry }) => entry === "top")).toMatchObject({ chain: ["top", "large"] });
    expect((await prove(target, text, "O2")).errors).toEqual([]);
  });
});
