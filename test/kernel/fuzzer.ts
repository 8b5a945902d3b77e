import type { Arch } from "../../scripts/architecture.ts";
import { buildHostKernel } from "./build.ts";

/** Builds the kernel of an architecture with hostile threads, to be driven by libFuzzer; answers the program. */
export async function buildFuzzer(
  arch: Arch,
  more: { readonly out?: string; readonly files?: ReadonlyMap<string, string> } = {},
): Promise<string> {
  const entries = ["test/kernel/fuzz.kts.ts", "test/kernel/report.kts.ts"];
  const out = more.out ?? `build/kernel-host/fuzz-${arch}`;
  return await buildHostKernel({ arch, entries, sanitize: true, isFuzzer: true, out, files: more.files ?? new Map() });
}
