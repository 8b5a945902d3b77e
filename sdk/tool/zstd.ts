import { spawnSync } from "node:child_process";
import type { Compression } from "../format/types.ts";
import { EXIT_BUILD, Failure } from "./failure.ts";

/** The system's zstd: one frame with its checksum, in a window that the target decodes. */

const WINDOW_LOG = 23;

export function compress(bytes: Uint8Array, level: number): { bytes: Uint8Array; windowBytes: number } {
  const { status, stdout, stderr, error } = spawnSync(
    "zstd",
    [
      "-q",
      "-c",
      `-${level}`,
      "--ultra",
      `--stream-size=${bytes.length}`,
      `--zstd=wlog=${windowLog(bytes.length)}`,
      "--check",
    ],
    { input: bytes, maxBuffer: 2 ** 28 },
  );
  if (error !== undefined || status !== 0) {
    const reason = error?.message ?? stderr.toString().trim();
    throw new Failure(`zstd: ${reason}. Install zstd, or pack with --stored`, EXIT_BUILD);
  }
  return { bytes: Uint8Array.from(stdout), windowBytes: 2 ** windowLog(bytes.length) };
}

function windowLog(bytes: number): number {
  return Math.min(WINDOW_LOG, Math.max(10, Math.ceil(Math.log2(bytes))));
}

/** The binary of a payload, or null when it is none of the size and the window that the header says. */
export function decompress(payload: Uint8Array, { windowBytes, binaryBytes }: Compression): Uint8Array | null {
  const memory = `--memory=${windowBytes}`;
  const { status, stdout } = spawnSync("zstd", ["-q", "-d", "-c", memory], {
    input: payload,
    maxBuffer: binaryBytes + 2 ** 20,
  });
  return status === 0 && stdout.length === binaryBytes ? Uint8Array.from(stdout) : null;
}
