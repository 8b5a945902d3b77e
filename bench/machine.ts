import type { Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import { Failure } from "../scripts/failure.ts";
import type { Compiler } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import { buildConformance } from "../test-qemu/conformanceProgram.ts";
import { type Figure, figureOf, readFigures } from "./figures.ts";

/**
 * What is counted in QEMU, in instructions: the way to the console's prompt, what a user program measures (bench/user),
 * and the kernel's longest path.
 */

const TIMEOUT_SECONDS = 600;

export async function machineFigures(arch: Arch, compiler: Compiler = "c"): Promise<Figure[]> {
  const folder = await buildImage({ arch, flavour: "bench", compiler });
  return [
    figureOf("kernel.boot", arch, await bootCost(arch, folder), "instructions"),
    ...(await userFigures(arch, folder)),
  ];
}

/** The console says it above its first prompt. */
async function bootCost(arch: Arch, folder: string): Promise<number> {
  const machine = new Machine({ arch, folder, icount: true, timeoutSeconds: TIMEOUT_SECONDS });
  try {
    const [, counts] = await machine.expect(/^boot: (\d+) counts to the prompt$/m);
    return Number(counts);
  } finally {
    await machine.stop();
  }
}

async function userFigures(arch: Arch, folder: string): Promise<Figure[]> {
  const out = `build/${arch}/bench-user`;
  const prelude = "bench/user/intrinsics.c";
  const initrd = await buildFirstTask({ arch, entry: "bench/user/main.ts", optimization: "O2", prelude, out });
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: TIMEOUT_SECONDS });
  const { status } = await machine.exited;
  if (status !== 0) throw new Failure(`the benchmarks failed on ${arch}:\n${machine.output}`);
  return readFigures(arch, machine.output);
}

/** With interrupts off, over all that the conformance tests ask of the kernel. */
export async function longestPath(arch: Arch): Promise<number> {
  const folder = await buildImage({ arch, flavour: "meter" });
  const initrd = await buildConformance(arch);
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: TIMEOUT_SECONDS });
  const { status } = await machine.exited;
  const counts = /longest path: (\d+) counts, by .*/.exec(machine.output);
  if (status !== 0 || counts === null) throw new Failure(`the conformance tests failed on ${arch}:\n${machine.output}`);
  console.log(`${arch}: ${counts[0]}`);
  return Number(counts[1]);
}
