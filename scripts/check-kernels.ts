import { readdirSync } from "node:fs";
import { compileProgram } from "../compiler/compile.ts";
import { formatDiagnostic } from "../compiler/diagnostic.ts";
import { hostKernelProgram } from "../test/kernel/build.ts";
import { ARCHES } from "./architecture.ts";
import { kernelProgram } from "./build.ts";
import { loaderProgram } from "./efiLoader.ts";
import { runScript } from "./failure.ts";
import { FLAVOURS } from "./image.ts";

const HARNESS = "test/kernel";

/**
 * The rules of Kernel TypeScript for the kernel of every flavour and architecture, for what drives it on the host, and
 * for the EFI loader: each error once.
 */
async function main(): Promise<number> {
  const entries = readdirSync(HARNESS).filter((name) => name.endsWith(".kts.ts"));
  const drivers = entries.map((name) => `${HARNESS}/${name}`);
  const kernels = ARCHES.flatMap((arch) => [
    ...FLAVOURS.map((flavour) => kernelProgram({ arch, flavour })),
    hostKernelProgram(arch, drivers),
  ]);
  const programs = [...kernels, loaderProgram()];
  const errors = new Set(programs.flatMap((program) => compileProgram(program).diagnostics.map(formatDiagnostic)));
  for (const error of errors) console.error(error);
  return errors.size === 0 ? 0 : 1;
}

await runScript(main);
