import type { Arch } from "../../scripts/architecture.ts";
import { buildHostKernel, type HostKernel } from "./build.ts";

/** Builds the kernel of an architecture with hostile threads, to be driven by libFuzzer; answers the program. */
export async function buildFuzzer(
  arch: Arch,
  more: Partial<Pick<HostKernel, "out" | "files" | "sanitize" | "isQuick" | "hasCoverage">> = {},
): Promise<string> {
  const entries = ["test/kernel/fuzz.kts.ts", "test/kernel/report.kts.ts"];
  const out = `build/kernel-host/fuzz-${arch}`;
  return await buildHostKernel({ arch, entries, sanitize: true, isFuzzer: true, out, ...more });
}
