import type { Arch } from "../scripts/architecture.ts";
import { buildFirstTask } from "../scripts/build-package.ts";

export const CONFORMANCE_FOLDER = "test-qemu/conformance";

/** Builds the conformance tests' boot archive; answers its file. */
export async function buildConformance(arch: Arch): Promise<string> {
  const out = `build/${arch}/conformance`;
  const prelude = `${CONFORMANCE_FOLDER}/instructions.${arch}.c`;
  return await buildFirstTask({ arch, entry: `${CONFORMANCE_FOLDER}/main.ts`, optimization: "O2", out, prelude });
}
