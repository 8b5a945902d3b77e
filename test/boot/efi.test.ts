import { randomInt } from "node:crypto";
import koffi from "koffi";
import { beforeAll, describe, expect, test } from "vitest";
import { loadNative, slice } from "../native.ts";
import { Random } from "../random.ts";
import { type BootInfo, emptyBootInfo } from "./bootInfo.ts";
import { Writer } from "./writer.ts";

/**
 * What the EFI loader for aarch64 works out: devices by ACPI, memory by the firmware's map, the device tree of both, and
 * whether a file is a kernel.
 */

const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const MUTANTS = 2_000;
const TREE_BYTES = 8_192;
const PAGE = 4_096;
/** The longest that koffi puts into 512 bytes: it adds a 0. */
const COMMAND_LINE = 511;

/** MemoryKind of boot/bootInfo.ts. */
const USABLE = 0;
const RESERVED = 1;

/** Platform of boot/deviceTree.ts. */
koffi.struct("Platform", {
  gicVersion: "uint8_t",
  gicDistributor: "uint64_t",
  gicSecond: "uint64_t",
  uart: "uint64_t",
  uartLine: "uint32_t",
  psci: "uint8_t",
});

interface Platform {
  readonly gicVersion: number;
  readonly gicDistributor: number;
  readonly gicSecond: number;
  readonly uart: number;
  readonly uartLine: number;
  readonly psci: number;
}

const NONE: Platform = { gicVersion: 0, gicDistributor: 0, gicSecond: 0, uart: 0, uartLine: 0, psci: 0 };
const V2 = 1;
const V3 = 2;
const HVC = 1;
const SMC = 2;

let readAcpi: (root: Writer) => Platform;
let readMemoryMap: (map: Writer, descriptorBytes: number) => object[];
let imageBytes: (head: Uint8Array, fileBytes: number) => number;
let writeTree: (info: BootInfo, platform: Platform) => Buffer;
let readTree: (tree: Uint8Array) => { info: BootInfo; platform: Platform; isTree: boolean };

beforeAll(async () => {
  const parts = ["deviceTree", "deviceTreeWriter", "efi/acpi", "efi/memoryMap", "efi/kernelImage"];
  const library = await loadNative(
    "efi",
    parts.map((part) => `boot/${part}.ts`),
  );
  const acpi = library.call("readAcpi", "void", ["_Inout_ Platform *", "uint64_t"]);
  readAcpi = (root) => {
    const platform = { ...NONE };
    acpi(platform, root.address);
    return platform;
  };
  const map = library.call("readMemoryMap", "void", ["_Inout_ BootInfo *", "uint64_t", "uint64_t", "uint64_t"]);
  readMemoryMap = (record, descriptorBytes) => {
    const info = emptyBootInfo();
    map(info, record.address, record.at, descriptorBytes);
    return info.memoryRanges.slice(0, info.memoryRangeCount);
  };
  const image = library.call("imageBytes", "uint64_t", ["Slice", "uint64_t"]);
  imageBytes = (head, fileBytes) => Number(image(slice(head), fileBytes));
  const write = library.call("writeDeviceTree", "uint32_t", ["Slice", "BootInfo *", "Platform *"]);
  writeTree = (info, platform) => {
    const memory = koffi.alloc("uint8_t", TREE_BYTES);
    const length = Number(write({ data: memory, length: TREE_BYTES }, info, platform));
    return Buffer.from(Buffer.from(koffi.view(memory, TREE_BYTES)).subarray(0, length));
  };
  const read = library.call("readDeviceTree", "bool", ["_Inout_ BootInfo *", "_Inout_ Platform *", "Slice"]);
  readTree = (tree) => {
    const [info, platform] = [emptyBootInfo(), { ...NONE }];
    const isTree = read(info, platform, slice(tree)) as boolean;
    return { info, platform, isTree };
  };
});

/** A table of ACPI: its head, and its contents from byte 36 on. */
function table(record: Writer, signature: string, contents: readonly number[]): number {
  const start = Math.ceil(record.at / 8) * 8;
  record.buffer.write(signature, start);
  record.buffer.writeUInt32LE(36 + contents.length, start + 4);
  record.buffer.set(contents, start + 36);
  record.at = start + 36 + contents.length;
  return record.address + start;
}

/** Root pointer, XSDT, tables, one behind the other. */
function acpiOf(tables: readonly (readonly [signature: string, contents: readonly number[]])[]): Writer {
  const record = new Writer();
  record.text("RSD PTR ");
  record.at = 36;
  const addresses = tables.map(([signature, contents]) => table(record, signature, contents));
  const xsdt = table(record, "XSDT", addresses.flatMap(u64));
  record.buffer.writeBigUInt64LE(BigInt(xsdt), 24);
  return record;
}

function u64(value: number): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return [...bytes];
}

/** `fields`: offset in the table, bytes. */
function contentsOf(
  bytes: number,
  fields: readonly (readonly [offset: number, values: readonly number[]])[],
): number[] {
  const contents = new Array<number>(bytes - 36).fill(0);
  for (const [offset, values] of fields) contents.splice(offset - 36, values.length, ...values);
  return contents;
}

const fadt = (flags: number) => ["FACP", contentsOf(276, [[129, [flags]]])] as const;
const spcr = (type: number, space = 0) =>
  [
    "SPCR",
    contentsOf(80, [
      [36, [type]],
      [40, [space]],
      [44, u64(0x900_0000)],
      [52, [8]],
      [54, [33]],
    ]),
  ] as const;

/** Entries of a MADT as QEMU's virt writes them. */
const gicd = (version: number) => [12, 24, 0, 0, 0, 0, 0, 0, ...u64(0x800_0000), 0, 0, 0, 0, version, 0, 0, 0];
const gicc = (cpuInterface: number, redistributor: number) => {
  const entry = new Array<number>(80).fill(0);
  entry.splice(0, 2, 11, 80);
  entry.splice(32, 8, ...u64(cpuInterface));
  entry.splice(60, 8, ...u64(redistributor));
  return entry;
};
const gicr = (address: number) => [14, 16, 0, 0, ...u64(address), 0, 0, 0xf6, 0];
const madt = (...entries: readonly number[][]) =>
  ["APIC", [...new Array<number>(8).fill(0), ...entries.flat()]] as const;

describe("ACPI", () => {
  test("version 2 of the interrupt controller, HVC, the serial port", () => {
    const root = acpiOf([fadt(3), madt(gicd(2), gicc(0x801_0000, 0)), ["GTDT", []], spcr(3)]);
    expect(readAcpi(root)).toEqual({
      gicVersion: V2,
      gicDistributor: 0x800_0000,
      gicSecond: 0x801_0000,
      uart: 0x900_0000,
      uartLine: 33,
      psci: HVC,
    });
  });

  test("version 3: redistributors of their own entry, or of the first processor's; SMC", () => {
    const own = acpiOf([fadt(1), madt(gicd(3), gicc(0, 0), gicc(0, 0), gicr(0x80a_0000)), spcr(3)]);
    expect(readAcpi(own)).toMatchObject({ gicVersion: V3, gicSecond: 0x80a_0000, psci: SMC });
    const processors = acpiOf([madt(gicc(0, 0x80c_0000), gicc(0, 0x80e_0000), gicd(4))]);
    expect(readAcpi(processors)).toMatchObject({ gicVersion: V3, gicSecond: 0x80c_0000, psci: 0 });
  });

  test.each([
    ["a port of another kind", [spcr(0)]],
    ["a port that is not in memory", [spcr(3, 1)]],
    ["a port's table that is too short", [["SPCR", contentsOf(57, [[36, [3]]])]]],
    ["no controller", [madt(gicc(0x801_0000, 0))]],
    ["an entry of no length", [madt([12, 0], gicd(2))]],
    ["an entry beyond its table", [madt(gicd(2).slice(0, 20))]],
    ["a firmware without PSCI", [fadt(2)]],
    ["none of these tables", [["DSDT", []]]],
  ] as const)("%s is none", (_name, tables) => {
    expect(readAcpi(acpiOf(tables))).toEqual(NONE);
  });

  test("what is no root pointer is passed over", () => {
    expect(readAcpi(new Writer())).toEqual(NONE);
  });
});

/** Descriptors of 48 bytes, as EDK2's are: type, start, pages, and whether it can be cached. */
function mapOf(
  descriptors: readonly (readonly [type: number, start: number, pages: number, cached?: boolean])[],
): Writer {
  const record = new Writer();
  for (const [type, start, pages, cached = true] of descriptors) {
    record.u32(type, 0).u64(start, 0, pages, cached ? 0xf : 7, 0);
  }
  return record;
}

describe("the firmware's memory map", () => {
  test("what the firmware needs no more is usable, neighbours are one range, devices are no memory", () => {
    const map = mapOf([
      [7, 0x4000_0000, 16],
      [1, 0x4001_0000, 1],
      [2, 0x4001_1000, 2],
      [3, 0x4001_3000, 3],
      [4, 0x4001_6000, 10],
      [5, 0x4002_0000, 4],
      [6, 0x4002_4000, 4],
      [9, 0x4002_8000, 1],
      [7, 0x4003_0000, 1],
      [11, 0x400_0000, 0x4000, false],
      [7, 0x4003_1000, 1, false],
    ]);
    expect(readMemoryMap(map, 48)).toEqual([
      { start: 0x4000_0000, bytes: 32 * PAGE, kind: USABLE },
      { start: 0x4002_0000, bytes: 9 * PAGE, kind: RESERVED },
      { start: 0x4003_0000, bytes: PAGE, kind: USABLE },
      { start: 0x4003_1000, bytes: PAGE, kind: RESERVED },
    ]);
  });

  test.each([0, 8, 10, 13, 14, 15, 0x8000_0000])("memory of type %i is never usable", (type) => {
    const ranges = readMemoryMap(mapOf([[type, 0x5000_0000, 1]]), 48);
    expect(ranges).toEqual([{ start: 0x5000_0000, bytes: PAGE, kind: RESERVED }]);
  });

  test("descriptors that are too short are none", () => {
    expect(readMemoryMap(mapOf([[7, 0x4000_0000, 1]]), 32)).toEqual([]);
  });
});

function infoOf(ranges: readonly object[], line: string, archive: readonly [start: number, bytes: number]): BootInfo {
  const info = {
    ...emptyBootInfo(),
    memoryRangeCount: ranges.length,
    commandLine: line,
    commandLineLength: line.length,
  };
  for (const [index, range] of ranges.entries()) Object.assign(info.memoryRanges[index] ?? {}, range);
  info.modules[0] = { start: archive[0], bytes: archive[1], nameLength: 6, name: "initrd" };
  info.moduleCount = 1;
  return info;
}

const RANGES = [
  { start: 0x4000_0000, bytes: 0x800_0000, kind: USABLE },
  { start: 0x4800_0000, bytes: 0x30_0000, kind: RESERVED },
  { start: 0x2_4830_0000, bytes: 0x1_07d0_0000, kind: USABLE },
];
const MACHINE: Platform = {
  gicVersion: V3,
  gicDistributor: 0x800_0000,
  gicSecond: 0x80a_0000,
  uart: 0x900_0000,
  uartLine: 33,
  psci: SMC,
};

describe("the device tree", () => {
  test.each([
    ["version 3, SMC", MACHINE],
    ["version 2, HVC", { ...MACHINE, gicVersion: V2, gicSecond: 0x801_0000, psci: HVC }],
    ["a port above 4 GiB", { ...MACHINE, uart: 0x40_0900_0000, uartLine: 120 }],
    ["nothing", NONE],
  ])("the reader finds what the writer was given: %s", (_name, platform) => {
    const tree = writeTree(infoOf(RANGES, "loglevel=debug exit=emulator", [0x1_4be0_0000, 1_893_016]), platform);
    const { info, platform: found, isTree } = readTree(tree);
    expect(isTree).toBe(true);
    expect(found).toEqual(platform);
    const [low, held, high] = RANGES;
    expect(info.memoryRanges.slice(0, info.memoryRangeCount)).toEqual([held, low, high]);
    expect(info.commandLine).toBe("loglevel=debug exit=emulator");
    expect(info.modules.slice(0, info.moduleCount)).toEqual([
      { start: 0x1_4be0_0000, bytes: 1_893_016, nameLength: 6, name: "initrd" },
    ]);
    expect(info.dropped).toBe(0);
  });

  test("the fullest BootInfo has room", () => {
    const ranges = Array.from({ length: 128 }, (_, index) => ({ start: (index + 1) << 21, bytes: PAGE, kind: USABLE }));
    const tree = writeTree(infoOf(ranges, "x".repeat(COMMAND_LINE), [PAGE, 1]), MACHINE);
    const { info, platform } = readTree(tree);
    expect(info.memoryRanges.slice(0, info.memoryRangeCount)).toEqual(ranges);
    expect(info.commandLineLength).toBe(COMMAND_LINE);
    expect(platform).toEqual(MACHINE);
  });

  test(`${MUTANTS} mutants harm nothing`, () => {
    console.log(`seed ${SEED}`);
    const random = new Random(SEED);
    const sound = writeTree(infoOf(RANGES, "exit=emulator", [0x4be0_0000, 4_096]), MACHINE);
    for (let i = 0; i < MUTANTS; i++) {
      const tree = Buffer.from(sound.subarray(0, random.below(4) === 0 ? random.below(sound.length) : sound.length));
      for (let edits = 1 + random.below(4); edits > 0 && tree.length > 0; edits--) {
        tree[random.below(tree.length)] = random.below(2) === 0 ? random.below(10) : random.below(256);
      }
      expect(readTree(tree).info.memoryRangeCount).toBeLessThanOrEqual(128);
    }
  });
});

describe("the kernel's file", () => {
  /** The head of an arm64 Image. */
  function head(offset: number, bytes: number, magic = "ARM\x64"): Buffer {
    const image = Buffer.alloc(64);
    image.writeBigUInt64LE(BigInt(offset), 8);
    image.writeBigUInt64LE(BigInt(bytes), 16);
    image.write(magic, 56, "latin1");
    return image;
  }

  test("takes the memory that its head says", () => {
    expect(imageBytes(head(0, 0x30_0000), 368_656)).toBe(0x30_0000);
    expect(imageBytes(head(0, 100), 100)).toBe(100);
  });

  test.each([
    ["another magic number", head(0, 0x30_0000, "ARM\x65"), 368_656],
    ["an offset", head(0x8_0000, 0x30_0000), 368_656],
    ["a file that is longer than its memory", head(0, 0x30_0000), 0x30_0001],
    ["a file that ends within its head", head(0, 0x30_0000), 63],
    ["an ELF file", Buffer.alloc(64, "\x7fELF"), 845_000],
  ])("%s makes it none", (_name, image, bytes) => {
    expect(imageBytes(image, bytes)).toBe(0);
  });
});
