import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";

/** Inputs of the fuzzer as scripts for machines (script.kts.ts): each as test-qemu/script/record.ts lays it out. */

const RECORD_BYTES = 128;
/** Bytes of each number of a line, in their order. */
const SIZES = [4, 4, ...Array<number>(11).fill(8), ...Array<number>(8).fill(4)];

/** What the fuzzer's program does with an input, as a script; it has to come to its end on the host. */
export async function scriptOf(program: string, folder: string, input: Uint8Array): Promise<Uint8Array> {
  const file = join(folder, "script-input");
  writeFileSync(file, input);
  return await scriptOfFile(program, file);
}

export async function scriptOfFile(program: string, file: string): Promise<Uint8Array> {
  const run = await $({ nothrow: true, quiet: true, env: { ...process.env, SCRIPT: "1" } })`${program} ${file}`;
  const lines = run.stderr.split("\n").filter((line) => line.startsWith("script "));
  const bytes = new Uint8Array(lines.length * RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, line] of lines.entries()) {
    let at = index * RECORD_BYTES;
    for (const [field, text] of line.trim().split(" ").slice(1).entries()) {
      const size = SIZES[field] ?? 0;
      if (size === 8) view.setBigUint64(at, BigInt(text), true);
      else view.setUint32(at, Number(text), true);
      at += size;
    }
  }
  return bytes;
}
