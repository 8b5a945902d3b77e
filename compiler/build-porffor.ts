/** A whole kernel through Porffor, wasm2c and clang to objects in a folder: what buildObjects does by C alone. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type BuildOptions, listOf, writeFacts } from "./build.ts";
import { BuildError } from "./build-error.ts";
import { compileC } from "./clang.ts";
import { compileProgram } from "./compile.ts";
import type { MemoryImage } from "./emit-porffor/memory.ts";
import { emitPorffor, type PorfforOptions } from "./emit-porffor.ts";
import { type Facts, factsOf } from "./facts.ts";
import { compileWasm } from "./porffor.ts";
import { wasmToC } from "./wasm-to-c.ts";

export type PorfforBuild = BuildOptions & PorfforOptions;

/** All that a pointer of 32 bits reaches. */
const MEMORY = 2 ** 32;
/** What the linker script knows the two images by. */
const SECTIONS = { constants: '.wasm.constants, "a"', statics: '.wasm.statics, "aw"' } as const;

/** Answers what tools need to know of the program; `images.S` in the folder has what is in memory at first. */
export async function buildPorfforObjects(options: PorfforBuild): Promise<Facts> {
  const { out, root, preludes } = options;
  const { diagnostics, typed, program } = compileProgram(options);
  if (program === null) throw new BuildError(listOf(diagnostics));
  const module = emitPorffor(program, options);
  writeFileSync(path.join(out, "module.ts"), module.source);
  const wasm = await compileWasm(module, { memory: MEMORY });
  const text = wasmToC({ program, module, wasm, preludes, root, folder: out });
  const file = { name: "kernel.c", text, optimization: null, calls: new Map() };
  const facts = factsOf(program, typed, [file], "");
  writeFacts(out, program, facts);
  await compileC([file], out, { ...options, more: ["-w", `-I${out}`] });
  writeFileSync(
    path.join(out, "images.S"),
    [imageOf(out, "constants", module.constants), imageOf(out, "statics", module.statics)].join("\n"),
  );
  return facts;
}

/** Nothing of it may move: its addresses are in the code. */
function imageOf(out: string, name: keyof typeof SECTIONS, { bytes }: MemoryImage): string {
  const file = path.join(out, `${name}.bin`);
  writeFileSync(file, bytes);
  return `.section ${SECTIONS[name]}, %progbits\n.incbin "${file}"\n`;
}
