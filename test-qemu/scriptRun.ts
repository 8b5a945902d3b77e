import type { Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import type { Flavour } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import { encodeCases } from "./caseFile.ts";

/** Boots a machine that plays scripts of the fuzzer's (test-qemu/script), and ends with their verdict. */
export async function startScripts(
  arch: Arch,
  flavour: Flavour,
  scripts: readonly Uint8Array[],
  words: readonly string[] = [],
): Promise<Machine> {
  const cases = scripts.map((script, index) => {
    return { kind: 0, name: `script ${index}`, parts: [script], expected: 0, parameter: 0 };
  });
  const modules = [encodeCases(cases)];
  const entry = "test-qemu/script/main.ts";
  const initrd = await buildFirstTask({ arch, entry, optimization: "O2", out: `build/${arch}/script`, modules });
  const folder = await buildImage({ arch, flavour });
  return new Machine({ arch, folder, initrd, icount: true, memory: "256M", words, timeoutSeconds: 250 });
}
