import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileC, type Target } from "./clang.ts";
import { compileProgram } from "./compile.ts";
import { emitC } from "./emit-c.ts";
import { factsOf } from "./facts.ts";
import { proveStack, type StackReport } from "./stack.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ktsc-stack-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Options {
  readonly optimization?: "O0" | "O2";
  /** C for the functions tagged `@extern`. */
  readonly prelude?: string;
  /** GNU assembly, an object of its own. */
  readonly assembly?: string;
}

async function build(target: Target, text: string, { optimization = "O0", prelude = "", assembly = "" }: Options) {
  const out = mkdtempSync(path.join(folder, "program-"));
  writeFileSync(path.join(out, "main.ts"), text);
  writeFileSync(path.join(out, "prelude.c"), prelude);
  const { program, typed } = compileProgram({ root: out, entries: ["main.ts"] });
  if (program === null) throw new Error("the program has errors");
  const files = emitC(program, { preludes: ["prelude.c"] });
  const options = { target, optimization, sanitize: false, root: out, preludes: ["prelude.c"] } as const;
  const objects = await compileC(files, out, options);
  if (assembly !== "") {
    const source = path.join(out, "assembly.S");
    const object = `${source}.o`;
    writeFileSync(source, assembly);
    execFileSync("clang-19", [`--target=${target}-unknown-none-elf`, "-c", "-o", object, source]);
    objects.push(object);
  }
  return { out, objects, facts: factsOf(program, typed, files, "") };
}

async function prove(target: Target, text: string, options: Options = {}): Promise<StackReport> {
  const { objects, facts } = await build(target, text, options);
  return await proveStack(objects, facts);
}

const BLOCK = 'interface Block extends Struct<"Block"> { readonly bytes: FixedArray<u8, 1000>; }\n';
const PANIC =
  "void kts_panic(u32 kind, struct Slice_u8 text, u64 a, u64 b, u32 site) { (void)text; for (;;) *(volatile u64 *)a = b + kind + site; }";
const EXTERN = "/** @extern outside */\ndeclare function outside(x: u32): u32;\n";
const TOP = "/** @entry top */\nexport function top(x: u32): u32 { return outside(x) + 1; }\n";

describe.each(["x86_64", "aarch64"] as const)("on %s", (target) => {
  test("the deepest chain counts, not the sum of all", async () => {
    const text = `${BLOCK}
      /** @noinline */
      function deep(): u8 { const block = local<Block>(); block.bytes[1] = 2; return shallow(block); }
      /** @noinline */
      function shallow(block: Block): u8 { return block.bytes[1]; }
      /** @entry top */
      export function top(): u8 { return deep(); }
      /** @entry low */
      export function low(): u8 { const block = local<Block>(); return shallow(block); }`;
    const { bounds, errors } = await prove(target, text);
    expect(errors).toEqual([]);
    const [top, low] = bounds;
    expect(top).toMatchObject({ entry: "top", chain: ["top", "deep", "shallow"] });
    expect(top?.bytes).toBeGreaterThan(1000);
    expect(top?.bytes).toBeLessThan(1300);
    expect(low?.entry).toBe("low");
    expect(low?.bytes).toBeLessThan(top?.bytes ?? 0);
  });

  test("a call through a table counts as the deepest of its functions", async () => {
    const text = `${BLOCK}
      /** @noinline */
      function fill(block: Block, x: u32): u32 { block.bytes[x] = 1; return u32(block.bytes[5]); }
      function small(x: u32): u32 { return x; }
      /** @noinline */
      function large(x: u32): u32 { const block = local<Block>(); return fill(block, x) + fill(block, x + 1); }
      type Handler = (x: u32) => u32;
      const handlers: FixedArray<Handler, 2> = [small, large];
      /** @inline */
      function call(i: u32): u32 { return handlers[i](i) + 1; }
      /** @entry top */
      export function top(i: u32): u32 { return call(i) + 1; }`;
    for (const optimization of ["O0", "O2"] as const) {
      const { bounds, errors } = await prove(target, text, { optimization, prelude: PANIC });
      expect(errors).toEqual([]);
      expect(bounds[0]).toMatchObject({ entry: "top" });
      expect(bounds[0]?.chain.slice(0, 2)).toEqual(["top", "large"]);
      expect(bounds[0]?.bytes).toBeGreaterThan(1000);
    }
  });

  test("a panic, and a panic inside it, come on top of everything", async () => {
    const text = `const cells: FixedArray<u32, 4> = zeroed();
      /** @entry top */
      export function top(i: u32): u32 { return cells[i]; }
      /** @entry kts_panic @noreturn */
      export function onPanic(kind: u32, text: Bytes, a: u64, b: u64, site: u32): never { for (;;) cells[u32(a)] = kind; }`;
    const { bounds, errors } = await prove(target, text, { optimization: "O2" });
    expect(errors).toEqual([]);
    const bytes = Object.fromEntries(bounds.map((bound) => [bound.entry, bound.bytes])) as Record<string, number>;
    const { top = 0, kts_panic: panic = 0 } = bytes;
    expect(panic).toBeGreaterThan(0);
    expect(top).toBeGreaterThan(2 * panic);
  });

  test("recursion in machine code is an error", async () => {
    const prelude =
      "__attribute__((noinline)) u32 outside(u32 x) { return x == 0 ? 1 : x * outside(x - 1) + outside(x / 2); }";
    const { errors } = await prove(target, EXTERN + TOP, { prelude });
    expect(errors).toEqual([expect.stringContaining("KTS4002: Recursion: outside → outside")]);
  });

  test("a frame without a fixed size is an error", async () => {
    const prelude = "u32 outside(u32 x) { volatile u8 bytes[x]; bytes[0] = 1; return bytes[0]; }";
    const { errors } = await prove(target, EXTERN + TOP, { prelude });
    expect(errors).toEqual([expect.stringMatching(/^prelude\.c:\d+ - error KTS4003: .*`outside`/)]);
  });

  test("a call through an unknown pointer is an error", async () => {
    const prelude = "u32 (*volatile hook)(u32);\nu32 outside(u32 x) { return hook(x) + 1; }";
    const { errors } = await prove(target, EXTERN + TOP, { prelude });
    expect(errors).toEqual([expect.stringContaining("KTS4004: `outside`")]);
  });

  test("a callee that no object has is an error", async () => {
    const { errors } = await prove(target, EXTERN + TOP);
    expect(errors).toEqual([expect.stringContaining("KTS4006: `outside`, which `top` calls")]);
  });

  test("assembly counts with what it pushes, and falls through its labels", async () => {
    const [first, second] =
      target === "x86_64"
        ? ["push %rax\nsub $0x40, %rsp\ntest %rdi, %rdi\nje outside", "push %rbx\nret"]
        : ["stp x0, x1, [sp, #-16]!\nsub sp, sp, #0x38\ncbz x0, outside", "str x2, [sp, #-8]!\nret"];
    const assembly = `.globl outside\noutside:\n${first}\ninner:\n${second}\nother:\n${second}\n${second}\n`;
    const { bounds, errors } = await prove(target, EXTERN + TOP, { assembly });
    const leaf = await prove(target, EXTERN + TOP, { assembly: ".globl outside\noutside: ret\n" });
    expect([...errors, ...leaf.errors]).toEqual([]);
    expect(bounds[0]?.chain).toEqual(["top", "outside", "inner"]);
    const difference = (bounds[0]?.bytes ?? 0) - (leaf.bounds[0]?.bytes ?? 0);
    expect(difference).toBe(target === "x86_64" ? 8 + 64 + 16 : 16 + 56 + 8);
  });
});

test("the bound is what a run uses, to the byte", async () => {
  const prelude = `u64 used;
    u32 outside(u32 x) {
      u64 *frame = __builtin_frame_address(0);
      u64 sp;
      __asm__ volatile("mov %%rsp, %0" : "=r"(sp));
      used = *(u64 *)*frame + 16 - sp;
      return x;
    }`;
  const text = `${EXTERN}${BLOCK}
    /** @noinline */
    function middle(x: u32): u32 { const block = local<Block>(); block.bytes[x & 511] = 1; return outside(x) + u32(block.bytes[7]); }
    /** @entry top */
    export function top(x: u32): u32 { return middle(x) + 1; }`;
  const { out, objects, facts } = await build("host", text, { prelude });
  const harness = "#include <stdio.h>\nextern unsigned long used; unsigned top(unsigned);\n";
  const file = path.join(out, "harness.c");
  writeFileSync(file, `${harness}void kts_panic(void) {}\nint main(void) { top(7); printf("%lu", used); }\n`);
  execFileSync("clang-19", ["-o", path.join(out, "program"), file, ...objects]);
  const used = Number(execFileSync(path.join(out, "program"), { encoding: "utf8" }));
  const { bounds } = await proveStack(objects, facts);
  expect(used).toBeGreaterThan(1000);
  expect(bounds[0]).toMatchObject({ entry: "top", bytes: used, chain: ["top", "middle", "outside"] });
});
