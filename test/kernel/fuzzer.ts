import type { Arch } from "../../scripts/architecture.ts";
import { buildHostKernel, type HostKernel } from "./build.ts";
import { writeParcels } from "./parcels.ts";

/** Builds the kernel of an architecture with hostile threads, to be driven by libFuzzer; answers the program. */
export async function buildFuzzer(
  arch: Arch,
  more: Partial<Pick<HostKernel, "out" | "files" | "sanitize" | "isQuick" | "hasCoverage">> = {},
): Promise<string> {
  const entries = ["test/kernel/fuzz.kts.ts", "test/kernel/report.kts.ts"];
  const spec = { arch, entries, sanitize: true, isFuzzer: true, out: `build/kernel-host/fuzz-${arch}`, ...more };
  return await buildHostKernel({ ...spec, more: [writeParcels(arch, spec.out)] });
}
