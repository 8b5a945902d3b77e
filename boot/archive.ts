/** @unsafe reads archives through the physical window */
import { windowOf } from "@arch/mmu";
import type { PhysAddr } from "../kernel/memory/address";
import { addModule, type BootInfo, removeModule } from "./bootInfo";

/**
 * Several boot modules in one file, for loaders that hand over only one: a cpio archive in the "newc" form, which is
 * what Linux calls an initrd (Linux, Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 *   header 110 │ name, 0 │ to a multiple of 4 │ contents │ to a multiple of 4 │ … │ header of "TRAILER!!!"
 *
 * Every field of a header is eight hexadecimal digits. Regular files become modules under their names.
 *
 * A1  A module made here lies inside its archive.
 * A2  What is broken ends the archive, and is counted in `dropped`; the files before it stay.
 */

const MAGIC_CHARACTERS = 6;
const HEADER_BYTES = 110;
const FIELD_DIGITS = 8;
/** Fields by their number. */
const MODE = 1;
const FILE_BYTES = 6;
const NAME_BYTES = 11;
const TYPE_MASK = 0xf000n;
const REGULAR_FILE = 0x8000n;
const NO_NUMBER = 0xffff_ffff_ffffn;
/** Beyond it offsets do not fit. */
const MAX_BYTES = 0x7fff_ffffn;

/** Replaces each module that is an archive by its files, which go behind the other modules. */
export function unpackArchives(info: BootInfo): void {
  let index: u32 = 0;
  for (let left = info.moduleCount; left > 0; left--) {
    const start = info.modules[index].start;
    const bytes = info.modules[index].bytes;
    const archive = castSlice<u8>(windowOf(start), bytes < MAX_BYTES ? u32(bytes) : u32(MAX_BYTES));
    if (!isArchive(archive)) {
      index++;
      continue;
    }
    removeModule(info, index);
    if (info.archiveBytes === 0n) {
      info.archiveStart = start;
      info.archiveBytes = bytes;
    }
    if (!readFiles(info, start, archive)) info.dropped++;
  }
}

function isArchive(archive: Bytes): boolean {
  return archive.length >= HEADER_BYTES && isMagic(archive, 0);
}

/** Adds every file; false when the archive breaks off before its trailer. */
function readFiles(info: BootInfo, start: PhysAddr, archive: Bytes): boolean {
  let at: u32 = 0;
  for (;;) {
    if (archive.length - at < HEADER_BYTES || !isMagic(archive, at)) return false;
    const mode = field(archive, at, MODE);
    const fileBytes = field(archive, at, FILE_BYTES);
    const nameBytes = field(archive, at, NAME_BYTES);
    if (mode === NO_NUMBER || fileBytes === NO_NUMBER || nameBytes === NO_NUMBER) return false;
    const name = u64(at + HEADER_BYTES);
    const file = aligned(name + nameBytes);
    const end = file + fileBytes;
    if (nameBytes === 0n || end > u64(archive.length)) return false;
    const text = textAt(archive, u32(name), u32(nameBytes));
    if (isTrailer(text)) return true;
    if ((mode & TYPE_MASK) === REGULAR_FILE) addModule(info, (u64(start) + file) as PhysAddr, fileBytes, text);
    if (aligned(end) > u64(archive.length)) return false;
    at = u32(aligned(end));
  }
}

function isMagic(archive: Bytes, at: u32): boolean {
  const magic: Bytes = "070701";
  for (let i: u32 = 0; i < MAGIC_CHARACTERS; i++) {
    if (archive[at + i] !== magic[i]) return false;
  }
  return true;
}

/** Field `number` of the header at `at`, whose bytes are there; NO_NUMBER when it is none. */
function field(archive: Bytes, at: u32, number: u32): u64 {
  let value: u64 = 0n;
  const start = at + MAGIC_CHARACTERS + number * FIELD_DIGITS;
  for (let i = start; i < start + FIELD_DIGITS; i++) {
    const digit = digitOf(archive[i]);
    if (digit > 15) return NO_NUMBER;
    value = value * 16n + u64(digit);
  }
  return value;
}

/** 16 when it is none. */
function digitOf(character: u8): u32 {
  if (character >= 0x30 && character <= 0x39) return u32(character) - 0x30;
  const lower = u32(character) | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : 16;
}

/** Up to the first 0 of `bytes` bytes. */
function textAt(archive: Bytes, at: u32, bytes: u32): Bytes {
  let length: u32 = 0;
  while (length < bytes && archive[at + length] !== 0) length++;
  return subslice(archive, at, length);
}

function isTrailer(name: Bytes): boolean {
  const trailer: Bytes = "TRAILER!!!";
  if (name.length !== trailer.length) return false;
  for (let i: u32 = 0; i < trailer.length; i++) {
    if (name[i] !== trailer[i]) return false;
  }
  return true;
}

function aligned(at: u64): u64 {
  return (at + 3n) & ~3n;
}
