import { spawnSync } from "node:child_process";
import type { Compression } from "../format/types.ts";
import { EXIT_BUILD, EXIT_UNAVAILABLE, Failure } from "./failure.ts";

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
  refuseMissing(error, ", or pack with --stored");
  if (status !== 0) {
    const reason = error?.message ?? stderr.toString().trim();
    throw new Failure(`zstd: ${reason}. Pack with --stored to do without`, EXIT_BUILD);
  }
  return { bytes: Uint8Array.from(stdout), windowBytes: 2 ** windowLog(bytes.length) };
}

function windowLog(bytes: number): number {
  return Math.min(WINDOW_LOG, Math.max(10, Math.ceil(Math.log2(bytes))));
}

/** The binary of a payload, or null when it is none of the size and the window that the header says. */
export function decompress(payload: Uint8Array, { windowBytes, binaryBytes }: Compression): Uint8Array | null {
  const memory = `--memory=${windowBytes}`;
  const { status, stdout, error } = spawnSync("zstd", ["-q", "-d", "-c", memory], {
    input: payload,
    maxBuffer: binaryBytes + 2 ** 20,
  });
  refuseMissing(error, "");
  return status === 0 && stdout.length === binaryBytes ? Uint8Array.from(stdout) : null;
}

/** A payload is not broken because the tool is missing. */
function refuseMissing(error: NodeJS.ErrnoException | undefined, otherwise: string): void {
  if (error?.code !== "ENOENT") return;
  throw new Failure(`zstd is not installed. Install Debian's package zstd${otherwise}`, EXIT_UNAVAILABLE);
}
