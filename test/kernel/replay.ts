import { spawn } from "node:child_process";
import type { Arch } from "../../scripts/architecture.ts";
import { buildHostKernel } from "./build.ts";
import type { Trace } from "./model/traces.ts";
import { loadWasmKernel } from "./wasm.ts";

/** Traces played by the kernel as a program of the host, through C and through Porffor. */

const ENTRIES = ["test/kernel/replay.kts.ts"];

export async function buildReplay(arch: Arch): Promise<string> {
  const out = `build/kernel-host/replay-${arch}`;
  const more = ["test/kernel/machine/traces.c"];
  return await buildHostKernel({ arch, entries: ENTRIES, sanitize: true, isFuzzer: false, isQuick: true, out, more });
}

/** Answers what plays traces in this process. */
export async function buildWasmReplay(arch: Arch): Promise<(traces: readonly Trace[]) => number[]> {
  const kernel = await loadWasmKernel(arch, ENTRIES);
  kernel.call("replay_begin");
  return (traces) => traces.map(({ bytes }) => kernel.call("replay_trace", bytes));
}

/** The hash of each. */
export async function playOnHost(program: string, traces: readonly Trace[]): Promise<number[]> {
  const child = spawn(program, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  // A program that has stopped reads no more: its exit code and complaint say why.
  child.stdin.on("error", () => undefined);
  for (const { bytes } of traces) child.stdin.write(Buffer.concat([length(bytes), bytes]));
  child.stdin.end();
  const code = await new Promise<number | null>((done) => child.on("close", done));
  if (code !== 0) throw new Error(complaint);
  return output.trim().split("\n").map(Number);
}

function length(bytes: Uint8Array): Buffer {
  const result = Buffer.alloc(4);
  result.writeUInt32LE(bytes.length);
  return result;
}
