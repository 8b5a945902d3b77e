import { mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { $ } from "zx";
import { compileC } from "../../compiler/clang.ts";
import { compileProgram } from "../../compiler/compile.ts";
import { formatDiagnostic } from "../../compiler/diagnostic.ts";
import { emitC } from "../../compiler/emit-c.ts";

/** What Zstandard decompression costs on the host, counted by callgrind. */

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "build/bench/zstd");
const DRIVER = join(ROOT, "bench/host/zstd.c");
const ENTRIES = ["test/codec/zstd-entries.kts.ts"];

/** The file that the figures are of: Debian's libssl3. */
export const ZSTD_INPUT = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3";

/**
 * Instructions per byte of output for ZSTD_INPUT as `zstd -19` writes it, with its checksum, from one piece of input
 * into a region; `options` go to zstd.
 */
export async function zstdPerByte(options: readonly string[] = ["-19"]): Promise<number> {
  mkdirSync(FOLDER, { recursive: true });
  const program = await buildDriver();
  const input = join(FOLDER, "input.zst");
  await $({ quiet: true })`zstd -q -f ${options} ${ZSTD_INPUT} -o ${input}`;
  const bytes = statSync(ZSTD_INPUT).size;
  const counted = ["--tool=callgrind", `--callgrind-out-file=${FOLDER}/callgrind.out`, "--toggle-collect=kts_host_run"];
  const { stderr } = await $({ quiet: true })`valgrind ${counted} ${program} ${input} ${bytes}`;
  const count = /Collected : (\d+)/.exec(stderr)?.[1];
  if (count === undefined) throw new Error(`valgrind counted nothing:\n${stderr}`);
  return Number(count) / bytes;
}

/** As the tests build it; valgrind 3.19 reads DWARF up to version 4. */
async function buildDriver(): Promise<string> {
  const { diagnostics, program } = compileProgram({ root: ROOT, entries: ENTRIES });
  if (program === null) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  const more = ["-gdwarf-4"];
  const options = { target: "host", optimization: "O2", sanitize: false, root: ROOT, preludes: [], more } as const;
  const objects = await compileC(emitC(program, { prefix: "kts_host_" }), FOLDER, options);
  const binary = join(FOLDER, "driver");
  await $`clang-19 -O1 -o ${binary} ${DRIVER} ${objects}`;
  return binary;
}
