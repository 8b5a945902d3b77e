import type { ProgramOptions } from "../../compiler/program.ts";

/** What the kernel's Verifier needs of a machine, so that it can be compiled for the host: memory is where it is. */
export const SEALER_OPTIONS: Pick<ProgramOptions, "aliases" | "files"> = {
  aliases: { "@arch": "test/codec" },
  files: new Map([
    [
      "test/codec/mmu.ts",
      'import type { PhysAddr } from "../../kernel/memory/address";\n' +
        "export function windowOf(p: PhysAddr): u64 {\n  return u64(p);\n}\n",
    ],
    [
      "test/codec/userSpace.ts",
      "export const ELF_MACHINE = 62;\nexport const LEAF_READ = 1n;\nexport const LEAF_EXECUTE = 2n;\n" +
        "export function publishCode(address: u64, bytes: u64): void {}\n",
    ],
  ]),
};
