import type { Arch } from "../scripts/architecture.ts";
import { buildProgram } from "../scripts/build-program.ts";

export const CONFORMANCE_FOLDER = "test-qemu/conformance";

/** Builds the conformance tests' program; answers its file. */
export async function buildConformance(arch: Arch): Promise<string> {
  const out = `build/${arch}/conformance`;
  const prelude = `${CONFORMANCE_FOLDER}/instructions.${arch}.c`;
  return await buildProgram({ arch, entry: `${CONFORMANCE_FOLDER}/main.ts`, optimization: "O2", out, prelude });
}
