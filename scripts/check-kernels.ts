import { compileProgram } from "../compiler/compile.ts";
import { formatDiagnostic } from "../compiler/diagnostic.ts";
import { ARCHES } from "./architecture.ts";
import { kernelProgram } from "./build.ts";
import { runScript } from "./failure.ts";
import { FLAVOURS } from "./image.ts";

/** The rules of Kernel TypeScript for the kernel of every flavour and architecture: each error once. */
async function main(): Promise<number> {
  const kernels = ARCHES.flatMap((arch) => FLAVOURS.map((flavour) => kernelProgram({ arch, flavour })));
  const errors = new Set(kernels.flatMap((kernel) => compileProgram(kernel).diagnostics.map(formatDiagnostic)));
  for (const error of errors) console.error(error);
  return errors.size === 0 ? 0 : 1;
}

await runScript(main);
