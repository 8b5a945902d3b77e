import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { clangFlags } from "../../compiler/clang.ts";
import { compileProgram } from "../../compiler/compile.ts";
import { emitC } from "../../compiler/emit-c.ts";
import type { Program } from "../../compiler/tree.ts";

/** Programs, made small, that the compiler once refused, or turned into C that clang refused. */
const ACCEPTED: Readonly<Record<string, string>> = {
  "names that are C's keywords, clang's macros, or these with an underscore": `
    let int: u32 = 1;
    let int_: u32 = 2;
    let main: u32 = 3;
    function linux(unix: u32, i386: u32): u32 {
      const register = unix + i386;
      return register + int + int_ + main;
    }
    function memcpy(auto: u32): u32 {
      return linux(auto, auto);
    }
    export function run(): u32 {
      int++;
      int_++;
      main++;
      return memcpy(4);
    }`,
  "a slice of arrays, and of pointers": `
    interface Node extends Struct<"Node"> {
      id: u32;
    }
    const rows: FixedArray<FixedArray<u8, 4>, 3> = zeroed();
    const nodes: FixedArray<Node | null, 3> = zeroed();
    function sum(of: Slice<FixedArray<u8, 4>>, at: u32): u32 {
      return of[at][1] + of.length;
    }
    function isNone(of: Slice<Node | null>): boolean {
      return of[0] === null;
    }
    export function run(): u32 {
      return sum(sliceOf(rows, 1, 2), 1) + u32(isNone(sliceOf(nodes, 0, 1)));
    }`,
  "a switch over what clang can compute, without a case for it": `
    const table: FixedArray<u32, 2> = [5, 6];
    const flags: FixedArray<boolean, 2> = [false, true];
    export function run(x: boolean): u32 {
      switch (table[1] % 5) {
        case 3:
          return 1;
      }
      switch (u32(x && flags[0])) {
        case 7:
          return 2;
      }
      switch (flags[1] ? (flags[0] ? u32(x) : 15) : 1) {
        case 3:
          return 3;
      }
      return 0;
    }`,
  "arithmetic and indices over a constant table that clang would warn of": `
    const table: FixedArray<i64, 2> = [0x7fff_ffff_ffff_ffffn, 64n];
    const words: FixedArray<u32, 4> = zeroed();
    export function run(): i64 {
      words[u32(u64(table[1]))]++;
      return table[0] + table[1];
    }`,
  "a parameter that is only ever assigned": `
    export function run(x: u32): u32 {
      x = 5;
      return 1;
    }`,
  "a module variable that takes a value which tsc has narrowed": `
    interface Node extends Struct<"Node"> {
      next: Node | null;
    }
    const first: Node = zeroed();
    export let last: Node | null = null;
    export function run(): void {
      first.next = first;
      last = first.next;
    }`,
};

it.each(Object.entries(ACCEPTED))("accepts %s", (_, text) => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const files = new Map([["case.ts", text]]);
  const { diagnostics, program } = compileProgram({ root, entries: ["case.ts"], files });
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  const [main] = emitC(program as Program);
  const options = { target: "host", optimization: "O2", sanitize: false, root, preludes: [] } as const;
  const flags = [...clangFlags(options, null), "-fsyntax-only", "-x", "c", "-"];
  execFileSync("clang-19", flags, { input: main?.text ?? "", stdio: ["pipe", "inherit", "inherit"] });
});
