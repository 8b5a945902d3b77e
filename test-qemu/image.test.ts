import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { $ } from "zx";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";

/** What loaders other than the tests' own look for in the files. */

const HIGHER_HALF = 0xffff_0000_0000_0000n;

describe.each(ARCHES)("%s", (arch) => {
  test("no segment of the kernel is both writable and executable", async () => {
    const folder = await buildImage({ arch, flavour: "release" });
    const { stdout } = await $`llvm-readelf-19 --program-headers --wide ${folder}/kernel.elf`;
    const segments = [...stdout.matchAll(/^ {2}LOAD +\S+ +(0x\w+) +\S+ +\S+ +\S+ +([RWE ]{3})/gm)];
    const kernel = segments.filter(([, address]) => BigInt(address ?? 0) >= HIGHER_HALF).map(([, , flags]) => flags);
    expect(kernel).toContain("R E");
    expect(kernel).toContain("RW ");
    expect(kernel).not.toContain("RWE");
  });
});

test("x86_64: a multiboot2 header where GRUB looks for it", async () => {
  const image = readFileSync(`${await buildImage({ arch: "x86_64", flavour: "release" })}/kernel.elf`);
  const magic = Buffer.from([0xd6, 0x50, 0x52, 0xe8]);
  const at = image.subarray(0, 32_768).indexOf(magic);
  expect(at).toBeGreaterThan(0);
  expect(at % 8).toBe(0);
  const words = [0, 4, 8, 12].map((offset) => image.readUInt32LE(at + offset));
  expect(words.reduce((sum, word) => (sum + word) >>> 0, 0)).toBe(0);
  const end = at + (words[2] ?? 0);
  let tag = at + 16;
  while (image.readUInt16LE(tag) !== 0) tag += Math.ceil(image.readUInt32LE(tag + 4) / 8) * 8;
  expect(tag + 8).toBe(end);
});

test("x86_64: the PVH entry note", async () => {
  const folder = await buildImage({ arch: "x86_64", flavour: "release" });
  const { stdout } = await $`llvm-readelf-19 --notes ${folder}/kernel.elf`;
  expect(stdout).toMatch(/^\s+Xen\s+0x00000004\s+.*0x00000012/m);
});

test("aarch64: the Linux Image header tells the size", async () => {
  const folder = await buildImage({ arch: "aarch64", flavour: "release" });
  const image = readFileSync(`${folder}/kernel.img`);
  expect(image.toString("latin1", 56, 60)).toBe("ARM\x64");
  expect(Number(image.readBigUInt64LE(16))).toBeGreaterThanOrEqual(image.length);
});
