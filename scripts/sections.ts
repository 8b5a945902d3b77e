import { $ } from "zx";

/** What a linked kernel takes, in bytes. */
export interface KernelSize {
  /** Boot stub and its early tables, left behind after boot. */
  readonly boot: number;
  readonly text: number;
  readonly rodata: number;
  /** The line table of the backtraces, with the names of files. */
  readonly lines: number;
  readonly data: number;
  readonly bss: number;
}

const PARTS: readonly (readonly [keyof KernelSize, RegExp])[] = [
  ["boot", /^\.(?:boot|note|head)/],
  ["text", /^\.text/],
  ["rodata", /^\.rodata/],
  ["lines", /^\.(?:files|lines)/],
  ["data", /^\.(?:data|epitaph)/],
  ["bss", /^\.(?:bss|stack)/],
];

export async function kernelSize(elf: string): Promise<KernelSize> {
  const { stdout } = await $`llvm-size-19 -A -d ${elf}`;
  const size = { boot: 0, text: 0, rodata: 0, lines: 0, data: 0, bss: 0 };
  for (const [, name = "", bytes] of stdout.matchAll(/^(\.\S+) +(\d+) +\d+$/gm)) {
    const part = PARTS.find(([, pattern]) => pattern.test(name))?.[0];
    if (part !== undefined) size[part] += Number(bytes);
  }
  return size;
}
