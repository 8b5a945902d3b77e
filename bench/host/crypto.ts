import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { $ } from "zx";
import { compileC } from "../../compiler/clang.ts";
import { compileProgram } from "../../compiler/compile.ts";
import { formatDiagnostic } from "../../compiler/diagnostic.ts";
import { emitC } from "../../compiler/emit-c.ts";

/** What hashing and verifying cost on the host in instructions, counted by callgrind. */

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "build/bench/crypto");
const DRIVER = join(ROOT, "bench/host/crypto.c");
const ENTRIES = ["crypto/mldsa87/verify.ts", "crypto/sha512.ts", "crypto/keccak.ts"];
const SHA512_INPUT_BYTES = 1 << 20;

export interface CryptoCosts {
  /** ML-DSA-87, empty context, a message of 1 KiB of zeros, key from the seed of 32 zeros, signed deterministically. */
  readonly verify: number;
  /** The costliest step of the same with a context of 255 bytes. */
  readonly longestStep: number;
  /** SHA-512 of 1 MiB of zeros, per byte. */
  readonly sha512PerByte: number;
  readonly permutation: number;
}

export async function cryptoCosts(): Promise<CryptoCosts> {
  mkdirSync(FOLDER, { recursive: true });
  const driver = await buildDriver();
  const { publicKey, secretKey } = ml_dsa87.keygen(new Uint8Array(32));
  const message = new Uint8Array(1_024);
  const files = { key: publicKey, signature: ml_dsa87.sign(message, secretKey, { extraEntropy: false }), message };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(FOLDER, name), bytes);
  writeFileSync(join(FOLDER, "zeros"), new Uint8Array(SHA512_INPUT_BYTES));
  return {
    verify: sum(await count(driver, "verify", "message")),
    longestStep: Math.max(...(await count(driver, "step", "message"))),
    sha512PerByte: sum(await count(driver, "sha512", "zeros")) / SHA512_INPUT_BYTES,
    permutation: sum(await count(driver, "permute", "message")),
  };
}

/** Instructions of each call of `name`. */
async function count(driver: string, name: string, message: string): Promise<number[]> {
  const folder = join(FOLDER, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const symbol = `kts_host_${name}`;
  const dumps = ["--tool=callgrind", `--callgrind-out-file=${folder}/out`, `--dump-after=${symbol}`];
  const inputs = ["key", "signature", message].map((file) => join(FOLDER, file));
  await $({ quiet: true })`valgrind ${dumps} --toggle-collect=${symbol} ${driver} ${name} ${inputs}`;
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const counts = texts.map((text) => Number(/^(?:summary|totals): (\d+)/m.exec(text)?.[1] ?? 0)).filter((n) => n > 0);
  if (counts.length === 0) throw new Error(`valgrind counted nothing for ${name}`);
  return counts;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
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
