import { randomInt } from "node:crypto";
import koffi from "koffi";
import { beforeAll, describe, expect, test } from "vitest";
import { type ArchiveFile, packArchive } from "../../scripts/archive.ts";
import { loadNative } from "../native.ts";
import { Random } from "../random.ts";
import { type BootInfo, emptyBootInfo, MAX_MODULES, MMU_FILES } from "./bootInfo.ts";

/** Boot archives: what the build packs, what others pack, and what nobody should. */

const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const MUTANTS = 2_000;
const NAME_FIELD = 6 + 11 * 8;
const SIZE_FIELD = 6 + 6 * 8;

/** Archives that one boot hands over, at their places in memory. */
interface Unpacked {
  readonly info: BootInfo;
  readonly starts: readonly number[];
}

let unpack: (archives: readonly Uint8Array[]) => Unpacked;

beforeAll(async () => {
  const library = await loadNative("archive", ["boot/archive.ts"], {
    aliases: { "@arch": "test/boot" },
    files: MMU_FILES,
  });
  const call = library.call("unpackArchives", "void", ["_Inout_ BootInfo *"]);
  unpack = (archives) => {
    const info = emptyBootInfo();
    const starts = archives.map((archive, index) => {
      // A buffer of exactly its size, so that nothing but a guard lies behind it.
      const memory = koffi.alloc("uint8_t", Math.max(archive.length, 1));
      Buffer.from(koffi.view(memory, Math.max(archive.length, 1))).set(archive);
      const start = Number(koffi.address(memory));
      info.modules[index] = { start, bytes: archive.length, nameLength: 6, name: `module${index}`.slice(0, 6) };
      return start;
    });
    info.moduleCount = archives.length;
    call(info);
    return { info, starts };
  };
});

function modulesOf({ info, starts }: Unpacked): object[] {
  const base = starts[0] ?? 0;
  return info.modules.slice(0, info.moduleCount).map(({ start, bytes, name, nameLength }) => ({
    name: name.slice(0, nameLength),
    offset: start - base,
    bytes,
  }));
}

const FILES: readonly ArchiveFile[] = [
  { name: "init", contents: Buffer.from("first") },
  { name: "serial.elf", contents: Buffer.alloc(4096, 7) },
  { name: "empty", contents: new Uint8Array() },
];

describe("boot archives", () => {
  test("files become modules in their order, at their places", () => {
    const archive = packArchive(FILES);
    expect(modulesOf(unpack([archive]))).toEqual([
      { name: "init", offset: 116, bytes: 5 },
      { name: "serial.elf", offset: 116 + 8 + 124, bytes: 4096 },
      { name: "empty", offset: 116 + 8 + 124 + 4096 + 116, bytes: 0 },
    ]);
    expect(Buffer.from(archive).subarray(116, 121).toString()).toBe("first");
  });

  test("what is no archive stays as it is, before the files of one", () => {
    const plain = Buffer.from("\x7fELF and so on");
    const { info, starts } = unpack([plain, packArchive(FILES), Buffer.from("070701")]);
    const modules = info.modules.slice(0, info.moduleCount);
    expect(modules.map(({ name, nameLength }) => name.slice(0, nameLength))).toEqual([
      "module",
      "module",
      "init",
      "serial.elf",
      "empty",
    ]);
    expect([modules[0]?.start, modules[1]?.start]).toEqual([starts[0], starts[2]]);
    expect(info).toMatchObject({ dropped: 0, archiveStart: starts[1], archiveBytes: packArchive(FILES).length });
  });

  test("folders are passed over; digits may be capitals", () => {
    const archive = Buffer.from(packArchive(FILES));
    archive.write("000041ED", 6 + 8);
    archive.write("0000000B", 116 + 8 + NAME_FIELD);
    expect(modulesOf(unpack([archive]))).toMatchObject([{ name: "serial.elf" }, { name: "empty" }]);
  });

  test.each([
    ["a size beyond the end", (archive: Buffer) => archive.write("7fffffff", SIZE_FIELD)],
    ["the largest size", (archive: Buffer) => archive.write("ffffffff", SIZE_FIELD)],
    ["the largest name", (archive: Buffer) => archive.write("ffffffff", NAME_FIELD)],
    ["no name", (archive: Buffer) => archive.write("00000000", NAME_FIELD)],
    ["no digit", (archive: Buffer) => archive.write("0000000g", SIZE_FIELD)],
  ])("%s ends it and is counted", (_name, spoil) => {
    const archive = Buffer.from(packArchive(FILES));
    spoil(archive);
    const { info } = unpack([archive]);
    expect(info).toMatchObject({ moduleCount: 0, dropped: 1 });
  });

  test("a wrong magic number behind a file ends it; the file stays", () => {
    const archive = Buffer.from(packArchive(FILES));
    archive.write("070702", 116 + 8);
    expect(unpack([archive]).info).toMatchObject({ moduleCount: 1, dropped: 1 });
  });

  test("without its trailer it is broken off", () => {
    const archive = packArchive(FILES);
    const { info } = unpack([archive.subarray(0, archive.length - 124)]);
    expect(info).toMatchObject({ moduleCount: 3, dropped: 1 });
  });

  test("files for which there is no room are counted", () => {
    const files = Array.from({ length: MAX_MODULES + 5 }, (_, index) => ({
      name: `f${index}`,
      contents: Buffer.of(1),
    }));
    expect(unpack([packArchive(files)]).info).toMatchObject({ moduleCount: MAX_MODULES, dropped: 5 });
  });

  test(`${MUTANTS} mutants: no module outside the archive (A1)`, () => {
    console.log(`seed ${SEED}`);
    const random = new Random(SEED);
    const sound = packArchive(FILES.map(({ name, contents }) => ({ name, contents: contents.subarray(0, 40) })));
    for (let i = 0; i < MUTANTS; i++) {
      const cut = random.below(8) === 0 ? random.below(sound.length) : sound.length;
      const archive = Buffer.from(sound.subarray(0, cut));
      for (let edits = random.below(4); edits > 0 && cut > 0; edits--) {
        archive[random.below(cut)] = random.below(2) === 0 ? 0x30 + random.below(10) : random.below(256);
      }
      const { info, starts } = unpack([archive]);
      const base = starts[0] ?? 0;
      for (const { start, bytes } of info.modules.slice(0, info.moduleCount)) {
        expect(start).toBeGreaterThanOrEqual(base);
        expect(start + bytes).toBeLessThanOrEqual(base + archive.length);
      }
    }
  });
});
