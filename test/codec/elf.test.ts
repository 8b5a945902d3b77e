import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { ARCHES } from "../../scripts/architecture.ts";
import { buildProgram } from "../../scripts/build-program.ts";
import { Random } from "../random.ts";
import { Elf } from "./elf-host.ts";
import { bytesOf, damage, type ElfFile, isProgram, soundFile } from "./elf-inputs.ts";

const SEED = 64;
const CASES = 20_000;
const MACHINES = { x86_64: 62, aarch64: 183 };

let elf: Elf;
beforeAll(async () => {
  elf = await Elf.load();
});

test.each([62, 183])("a sound file for machine %i is read as it is", (machine) => {
  const file = soundFile(machine);
  expect(elf.read(bytesOf(file), machine)).toBe("Ok");
  expect(elf.program()).toEqual({
    entry: file.entry,
    lowest: 0x40_0000n,
    readOnlyEnd: 0x40_2300n,
    segments: file.headers.map(({ flags, offset, fileBytes, address, bytes }) => ({
      flags: flags & 3,
      offset,
      fileBytes,
      address,
      bytes,
    })),
  });
});

test(`${CASES} damaged files are judged by every rule (seed ${SEED})`, () => {
  const random = new Random(SEED);
  let accepted = 0;
  for (let i = 0; i < CASES; i++) {
    const machine = random.below(2) === 0 ? 62 : 183;
    const file = soundFile(machine);
    damage(file, random);
    const verdict = elf.read(bytesOf(file), machine);
    const isRight = isProgram(file, machine);
    if (isRight) accepted++;
    const text = JSON.stringify(file, (_, value) => (typeof value === "bigint" ? `0x${value.toString(16)}` : value));
    expect(verdict === "Ok", `case ${i}: ${verdict} ${text}`).toBe(isRight);
  }
  expect(accepted).toBeGreaterThan(CASES / 5);
});

test("every truncation before the end of the last contents is rejected", () => {
  const bytes = bytesOf(soundFile(62));
  for (let length = 0; length < bytes.length; length++) {
    expect(elf.read(bytes.subarray(0, length), 62), `${length}`).toMatch(/^Truncated/);
  }
});

/** One for each rule, with the place that it names. */
test.each<[string, string, (file: ElfFile) => unknown]>([
  ["another magic", "BadIdent at 0", (file) => (file.ident ^= 0x100n)],
  ["32 bits", "BadIdent at 0", (file) => (file.ident ^= 0x3_0000_0000n)],
  ["another ABI", "BadIdent at 0", (file) => (file.padding = 1n)],
  ["a shared object", "NotExecutable at 16", (file) => (file.type = 3)],
  ["another machine", "WrongMachine at 18", (file) => (file.machine = 183)],
  ["another version", "BadHeader at 20", (file) => (file.version = 2)],
  ["flags", "BadHeader at 48", (file) => (file.flags = 1)],
  ["a longer header", "BadHeader at 52", (file) => (file.headerBytes = 72)],
  ["longer program headers", "BadHeader at 54", (file) => (file.entryBytes = 64)],
  ["no program headers", "BadTable at 56", (file) => (file.headers = [])],
  ["too many", "BadTable at 56", (file) => (file.headers = Array(17).fill(file.headers[0]))],
  ["a table at an odd place", "BadTable at 32", (file) => (file.table = 68n)],
  ["a table behind the end", "Truncated at 32", (file) => (file.table = 0x4000n)],
  ["a table far behind the end", "Truncated at 32", (file) => (file.table = 2n ** 64n - 8n)],
  ["an interpreter", "UnsupportedSegment at 120", (file) => set(file, 1, { type: 3 })],
  ["dynamic linking", "UnsupportedSegment at 120", (file) => set(file, 1, { type: 2 })],
  ["thread-local storage", "UnsupportedSegment at 120", (file) => set(file, 1, { type: 7 })],
  ["an executable stack", "ExecutableStack at 124", (file) => set(file, 1, { type: 0x6474e551, flags: 7 })],
  ["five segments", "TooManySegments at 288", (file) => (file.headers = fiveSegments(file))],
  ["unknown flags", "BadFlags at 124", (file) => set(file, 1, { flags: 12 })],
  ["no right to read", "BadFlags at 68", (file) => set(file, 0, { flags: 1 })],
  ["write and execute", "WritableAndExecutable at 180", (file) => set(file, 2, { flags: 7 })],
  ["contents behind the end", "Truncated at 72", (file) => set(file, 0, { offset: 0x5000n })],
  ["contents beyond the end", "Truncated at 208", (file) => set(file, 2, { fileBytes: 0x81n })],
  ["contents that wrap", "Truncated at 208", (file) => set(file, 2, { fileBytes: 2n ** 64n - 1n })],
  ["more in the file than in memory", "BadSize at 104", (file) => set(file, 0, { bytes: 0x11ffn })],
  ["too much memory", "BadSize at 216", (file) => set(file, 2, { bytes: 0x800_0001n })],
  ["an alignment of three", "BadAlignment at 112", (file) => set(file, 0, { alignment: 3n })],
  ["an address that does not fit", "BadAlignment at 112", (file) => set(file, 0, { address: 0x40_0800n })],
  ["page 0", "BadAddress at 80", (file) => set(file, 0, { address: 0n })],
  ["the kernel's half", "BadAddress at 80", (file) => set(file, 0, { address: 0xffff_8000_0000_0000n })],
  ["into the kernel's half", "BadAddress at 192", (file) => set(file, 2, { address: 0x7fff_fffe_d000n })],
  ["two segments on one page", "Overlap at 136", (file) => set(file, 1, { address: 0x40_1000n })],
  ["a writable one that is not last", "WritableNotLast at 136", (file) => set(file, 0, { flags: 6 })],
  ["a second executable one", "SecondExecutable at 124", (file) => set(file, 1, { flags: 5 })],
  ["a program spread too wide", "TooWide at 192", (file) => set(file, 2, { address: 0x1040_0000n - 0x3000n })],
  ["an entry outside", "BadEntry at 24", (file) => (file.entry = 0x40_1200n)],
  ["an entry in constants", "BadEntry at 24", (file) => (file.entry = 0x40_2000n)],
])("%s: %s", (_, verdict, change) => {
  const file = soundFile(62);
  change(file);
  expect(elf.read(bytesOf(file), 62)).toBe(verdict);
});

test("a program as wide as can be is read", () => {
  const file = soundFile(62);
  set(file, 2, { address: 0x1040_0000n - 0x4000n });
  expect(elf.read(bytesOf(file), 62)).toBe("Ok");
});

test("an instruction of aarch64 begins at a multiple of four", () => {
  const file = { ...soundFile(183), entry: 0x40_0012n };
  expect(elf.read(bytesOf(file), 183)).toBe("BadEntry at 24");
});

test.each(ARCHES)("a program built for %s is read", async (arch) => {
  const out = `build/${arch}/elf-test`;
  const entry = "test-qemu/codecs/main.ts";
  const file = await buildProgram({ arch, entry, optimization: "O2", out });
  expect(elf.read(readFileSync(file), MACHINES[arch])).toBe("Ok");
  expect(elf.program().segments.map(({ flags }) => flags)).toEqual([1, 0, 2]);
});

function set(file: ElfFile, index: number, changes: Partial<ElfFile["headers"][number]>): void {
  Object.assign(file.headers[index] ?? {}, changes);
}

function fiveSegments(file: ElfFile): ElfFile["headers"] {
  const [first] = file.headers;
  if (first === undefined) return [];
  return Array.from({ length: 5 }, (_, i) => ({
    ...first,
    flags: i === 0 ? 5 : 4,
    address: first.address + BigInt(i) * 0x2000n,
  }));
}
