import { beforeAll, expect, test } from "vitest";
import { loadNative } from "../native.ts";
import { type BootInfo, emptyBootInfo, MAX_MODULES, MMU_FILES } from "./bootInfo.ts";
import { Writer } from "./writer.ts";

/** The readers of x86_64 loaders' records, on records written here. */

/** MemoryKind of boot/bootInfo.ts. */
const USABLE = 0;
const RESERVED = 1;
const RECLAIMABLE = 2;

type Reader = (record: Writer) => BootInfo;
let readMultiboot2: Reader;
let readPvh: Reader;

beforeAll(async () => {
  const library = await loadNative("loaders", ["boot/multiboot2.ts", "boot/pvh.ts"], {
    aliases: { "@arch": "test/boot" },
    files: MMU_FILES,
  });
  const reader = (name: string): Reader => {
    const call = library.call(name, "void", ["_Inout_ BootInfo *", "uint64_t"]);
    return (record) => {
      const info = emptyBootInfo();
      call(info, record.address);
      return info;
    };
  };
  readMultiboot2 = reader("readMultiboot2");
  readPvh = reader("readPvh");
});

/** A multiboot2 record: its size, then tags of type, size and content, each at a multiple of 8. */
function multiboot2(tags: readonly (readonly [type: number, write: (to: Writer) => void])[]): Writer {
  const record = new Writer().u32(0, 0);
  for (const [type, write] of [...tags, [0, () => {}] as const]) {
    record.at = Math.ceil(record.at / 8) * 8;
    const start = record.at;
    write(record.u32(type, 0));
    record.buffer.writeUInt32LE(record.at - start, start + 4);
  }
  record.buffer.writeUInt32LE(record.at, 0);
  return record;
}

test("multiboot2: command line, modules, memory, framebuffer", () => {
  const record = multiboot2([
    [21, (to) => to.u32(0x10_0000)],
    [1, (to) => to.text("exit=emulator loglevel=debug")],
    [3, (to) => to.u32(0x20_0000, 0x20_1234).text("init first")],
    [3, (to) => to.u32(0x30_0000, 0x30_0000).text("")],
    [6, (to) => to.u32(24, 0).u64(0, 0x9_fc00).u32(1, 0).u64(0x10_0000, 0x700_0000).u32(1, 0).u64(0, 0).u32(1, 0)],
    [6, (to) => to.u32(32, 0).u64(0x800_0000, 0x1000).u32(3, 0).u64(0).u64(0x900_0000, 0x2000).u32(20, 0).u64(0)],
    [8, (to) => to.u64(0x1_fd00_0000).u32(4096, 1024, 768).u32(0x0120, 0x0808_0810, 0x0800)],
  ]);
  const info = readMultiboot2(record);
  expect(info.commandLine).toBe("exit=emulator loglevel=debug");
  expect(info.commandLineLength).toBe(28);
  expect(info.modules.slice(0, info.moduleCount)).toEqual([
    { start: 0x20_0000, bytes: 0x1234, nameLength: 10, name: "init first" },
    { start: 0x30_0000, bytes: 0, nameLength: 0, name: "" },
  ]);
  expect(info.memoryRanges.slice(0, info.memoryRangeCount)).toEqual([
    { start: record.address, bytes: record.at, kind: RESERVED },
    { start: 0, bytes: 0x9_fc00, kind: USABLE },
    { start: 0x10_0000, bytes: 0x700_0000, kind: USABLE },
    { start: 0x800_0000, bytes: 0x1000, kind: RECLAIMABLE },
    { start: 0x900_0000, bytes: 0x2000, kind: RESERVED },
  ]);
  expect(info.framebuffer).toEqual({
    address: 0x1_fd00_0000,
    pitchBytes: 4096,
    width: 1024,
    height: 768,
    bitsPerPixel: 32,
    isText: false,
    redPosition: 16,
    redBits: 8,
    greenPosition: 8,
    greenBits: 8,
    bluePosition: 0,
    blueBits: 8,
  });
  expect(info.dropped).toBe(0);
});

test("multiboot2: a text mode", () => {
  const info = readMultiboot2(multiboot2([[8, (to) => to.u64(0xb_8000).u32(160, 80, 25).u32(0x0210)]]));
  expect(info.framebuffer).toMatchObject({ address: 0xb_8000, pitchBytes: 160, width: 80, height: 25, isText: true });
});

test("multiboot2: a framebuffer whose colors are numbers in a palette is none", () => {
  const info = readMultiboot2(multiboot2([[8, (to) => to.u64(0xa_0000).u32(320, 320, 200).u32(0x0008)]]));
  expect(info.framebuffer).toMatchObject({ address: 0 });
});

test.each([
  ["old", [14], 14],
  ["new", [15], 15],
  ["both, the new one wins", [14, 15], 15],
  ["both in the other order", [15, 14], 15],
])("multiboot2: the ACPI root is the copy in the record: %s", (_name, types, winner) => {
  const places = new Map<number, number>();
  const record = multiboot2(
    types.map((type) => [
      type,
      (to) => {
        places.set(type, to.at);
        to.text("RSD PTR ");
      },
    ]),
  );
  expect(readMultiboot2(record).acpiRoot).toBe(record.address + (places.get(winner) ?? 0));
});

test("multiboot2: nothing behind the end, and no end without progress", () => {
  const record = multiboot2([]);
  record.u32(1, 16).text("behind");
  expect(readMultiboot2(record).commandLineLength).toBe(0);
  const broken = new Writer().u32(64, 0, 1, 0).text("never read");
  expect(readMultiboot2(broken).commandLineLength).toBe(0);
});

test("multiboot2: what has no room is counted", () => {
  const module = [3, (to: Writer) => to.u32(0x1000, 0x2000).text("m")] as const;
  const info = readMultiboot2(multiboot2(Array.from({ length: MAX_MODULES + 3 }, () => module)));
  expect(info.moduleCount).toBe(MAX_MODULES);
  expect(info.dropped).toBe(3);
  const long = readMultiboot2(multiboot2([[1, (to) => to.text("x".repeat(600))]]));
  expect(long.commandLineLength).toBe(512);
  expect(long.dropped).toBeGreaterThan(0);
});

/** Of start_info (Xen, start_info.h), with the lists behind it. */
function pvh(version: number, ranges: readonly (readonly [number, number, number])[]): Writer {
  const record = new Writer();
  const { address } = record;
  const [modules, line, name, map] = [0x100, 0x200, 0x300, 0x400].map((offset) => address + offset) as [
    number,
    number,
    number,
    number,
  ];
  record.u32(0x336e_c578, version, 0, 2).u64(modules, line, 0xf_5a50, map).u32(ranges.length, 0);
  record.at = 0x100;
  record.u64(0x7fd_7000, 17, name, 0, 0x7fe_0000, 1, 0, 0);
  record.at = 0x200;
  record.text("loglevel=warn");
  record.at = 0x300;
  record.text("init");
  record.at = 0x400;
  for (const [start, bytes, type] of ranges) record.u64(start, bytes).u32(type, 0);
  return record;
}

test("PVH: command line, modules, memory, ACPI root", () => {
  const info = readPvh(
    pvh(1, [
      [0, 0x9_fc00, 1],
      [0xf_0000, 0x1_0000, 2],
      [0x7fe_0000, 0x2_0000, 3],
      [0, 0, 0],
    ]),
  );
  expect(info.commandLine).toBe("loglevel=warn");
  expect(info.acpiRoot).toBe(0xf_5a50);
  expect(info.modules.slice(0, info.moduleCount)).toEqual([
    { start: 0x7fd_7000, bytes: 17, nameLength: 4, name: "init" },
    { start: 0x7fe_0000, bytes: 1, nameLength: 0, name: "" },
  ]);
  expect(info.memoryRanges.slice(0, info.memoryRangeCount)).toEqual([
    { start: 0, bytes: 0x9_fc00, kind: USABLE },
    { start: 0xf_0000, bytes: 0x1_0000, kind: RESERVED },
    { start: 0x7fe_0000, bytes: 0x2_0000, kind: RECLAIMABLE },
  ]);
});

test("PVH: version 0 has no memory map", () => {
  expect(readPvh(pvh(0, [[0, 0x1000, 1]])).memoryRangeCount).toBe(0);
});
