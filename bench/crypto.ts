import { readFileSync } from "node:fs";
import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { $ } from "zx";
import type { Arch } from "../scripts/architecture.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import { Failure } from "../scripts/failure.ts";
import { Machine } from "../scripts/machine.ts";
import { STATUSES } from "../test/codec/zstd-host.ts";
import { caseModule, type TargetCase } from "../test-qemu/caseFile.ts";
import { type Figure, figureOf } from "./figures.ts";
import { cryptoCosts } from "./host/crypto.ts";
import { ZSTD_INPUT, zstdPerByte } from "./host/zstd.ts";

/**
 * What cryptography and codecs cost: on the host by callgrind, on the machines by a user program that is built with the
 * kernel's own flags (test-qemu/codecs), from the same inputs.
 */

const TIMEOUT_SECONDS = 600;
const HASHED_BYTES = 1 << 20;
const NOTHING = new Uint8Array();
/** As test-qemu/codecs/main.ts answers them. */
const DONE = STATUSES.indexOf("Done");
const VALID = 1;

export async function hostCryptoFigures(): Promise<Figure[]> {
  const costs = await cryptoCosts();
  return [
    figureOf("crypto.mldsa87-verify", "host", costs.verify, "instructions"),
    figureOf("crypto.verify-longest-step", "host", costs.longestStep, "instructions"),
    figureOf("crypto.keccak-f1600", "host", costs.permutation, "instructions"),
    figureOf("crypto.sha512-per-byte", "host", rounded(costs.sha512PerByte), "instructions per byte"),
    figureOf("crypto.zstd-per-byte", "host", rounded(await zstdPerByte()), "instructions per byte"),
  ];
}

/** On a machine whose kernel is in `folder`. */
export async function targetCryptoFigures(arch: Arch, folder: string): Promise<Figure[]> {
  const { publicKey, secretKey } = ml_dsa87.keygen(new Uint8Array(32));
  const message = new Uint8Array(1024);
  const signature = ml_dsa87.sign(message, secretKey, { extraEntropy: false });
  const compressed = await compressInput();
  const parts = [publicKey, signature, NOTHING, message].map((part) => Uint8Array.from(part));
  const longContext = [publicKey, signature, new Uint8Array(255), message].map((part) => Uint8Array.from(part));
  const measured = { isMeasured: true } as const;
  const cases: TargetCase[] = [
    { kind: "pure", name: "mldsa87-verify", parts, expected: VALID, ...measured },
    { kind: "longestStep", name: "verify-longest-step", parts: longContext, expected: 0, ...measured },
    { kind: "sha512", name: "sha512", parts: [new Uint8Array(HASHED_BYTES), NOTHING], expected: VALID, ...measured },
    { kind: "zstd", name: "zstd", parts: [compressed, NOTHING], expected: DONE, ...measured },
  ];
  const costs = await runCases(arch, folder, cases);
  const bytes = readFileSync(ZSTD_INPUT).length;
  return [
    figureOf("crypto.mldsa87-verify", arch, costs("mldsa87-verify"), "instructions"),
    figureOf("crypto.verify-longest-step", arch, costs("verify-longest-step"), "instructions"),
    figureOf("crypto.sha512-per-byte", arch, rounded(costs("sha512") / HASHED_BYTES), "instructions per byte"),
    figureOf("crypto.zstd-per-byte", arch, rounded(costs("zstd") / bytes), "instructions per byte"),
  ];
}

/** As `zstd -19` writes it, with its checksum. */
async function compressInput(): Promise<Uint8Array> {
  const file = "build/bench/zstd/input.zst";
  await $({ quiet: true })`mkdir -p build/bench/zstd && zstd -q -f -19 ${ZSTD_INPUT} -o ${file}`;
  return new Uint8Array(readFileSync(file));
}

async function runCases(arch: Arch, folder: string, cases: readonly TargetCase[]): Promise<(name: string) => number> {
  const out = `build/${arch}/bench-crypto`;
  const entry = "test-qemu/codecs/main.ts";
  const modules = [caseModule(cases)];
  const initrd = await buildFirstTask({ arch, entry, optimization: "O2", out, modules });
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: TIMEOUT_SECONDS });
  const { status } = await machine.exited;
  if (status !== 0) throw new Failure(`the benchmarks of cryptography failed on ${arch}:\n${machine.output}`);
  return (name) => {
    const cost = new RegExp(`^cost ${name} (\\d+)$`, "m").exec(machine.output)?.[1];
    if (cost === undefined) throw new Failure(`no figure for ${name} on ${arch}:\n${machine.output}`);
    return Number(cost);
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
