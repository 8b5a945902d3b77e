import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import koffi from "koffi";
import { $ } from "zx";
import { compileC } from "../compiler/clang.ts";
import { compileProgram } from "../compiler/compile.ts";
import { formatDiagnostic } from "../compiler/diagnostic.ts";
import { emitC } from "../compiler/emit-c.ts";
import type { ProgramOptions } from "../compiler/program.ts";

/**
 * KTS code compiled for the host and loaded into this process, so that tests call it like any function. A panic
 * ends the process with its place: code under test must not panic.
 */

export const ROOT = path.resolve(import.meta.dirname, "..");
const PREFIX = "kts_host_";

const PANIC = `#include <stdio.h>
#include <stdlib.h>
struct Slice { unsigned char *data; unsigned length; };
void kts_panic(unsigned kind, struct Slice text, unsigned long a, unsigned long b, unsigned site) {
  fprintf(stderr, "KTS panic %u at file %u line %u: %.*s %lu %lu\\n", kind, site >> 16, site & 0xffff, (int)text.length, text.data, a, b);
  abort();
}
`;

koffi.struct("Slice", { data: "void *", length: "uint32_t" });

export interface NativeLibrary {
  /** `bool`, `uint32_t`, `Slice`, `void *` … as koffi writes C types. */
  call(name: string, result: string, parameters: readonly string[]): (...values: unknown[]) => unknown;
  /** The bytes where the code may keep a pointer to them: these, or a copy. */
  keep(bytes: Uint8Array): Uint8Array;
}

/** Compiles `entries` (paths from the root of the project); their exports can be called. */
export async function loadNative(
  name: string,
  entries: readonly string[],
  more: Pick<ProgramOptions, "aliases" | "files"> = {},
): Promise<NativeLibrary> {
  const folder = path.join(ROOT, "build/native", name);
  mkdirSync(folder, { recursive: true });
  const { diagnostics, program } = compileProgram({ root: ROOT, entries, ...more });
  if (program === null) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  const options = { target: "host", optimization: "O2", sanitize: false, root: ROOT, preludes: [] } as const;
  const objects = await compileC(emitC(program, { prefix: PREFIX }), folder, options);
  const panic = path.join(folder, "panic.c");
  writeFileSync(panic, PANIC);
  const library = path.join(folder, "library.so");
  await $`clang-19 -shared -fPIC -O1 -o ${library} ${panic} ${objects}`;
  const loaded = koffi.load(library);
  return {
    call: (symbol, result, parameters) => loaded.func(`${PREFIX}${symbol}`, result, [...parameters]),
    keep: (bytes) => bytes,
  };
}

/** Bytes as a KTS slice. The buffer must stay referenced for as long as the callee uses it. */
export function slice(bytes: Uint8Array): { data: Uint8Array; length: number } {
  return { data: bytes, length: bytes.length };
}
