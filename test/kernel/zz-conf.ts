import { resolve } from "node:path";
import { buildKernel } from "../../scripts/build.ts";
import { Machine } from "../../scripts/machine.ts";
import { buildConformance } from "../../test-qemu/conformanceProgram.ts";
for (const arch of ["x86_64","aarch64"] as const) {
  const folder = await buildKernel({ arch, flavour: "debug" });
  const machine = new Machine({ arch, folder, initrd: resolve(await buildConformance(arch)), icount: true, timeoutSeconds: 300 });
  const s = (await machine.exited).status;
  console.log(arch, s, machine.output.split("\n").filter(l=>/FAILED|failed|PANIC|expected/.test(l)).join("\n"));
}
