/** @unsafe copies programs out of the boot modules */
import { windowOf } from "@arch/mmu";
import { ELF_MACHINE, publishCode } from "@arch/userSpace";
import type { BootInfo, BootModule } from "../boot/bootInfo";
import { ELF_EXECUTE, ELF_WRITE, type ElfProgram, type ElfSegment, readElf } from "../codec/elf/elf";
import { ElfStatus } from "../codec/elf/status";
import { beginRecord, endRecord, LogLevel } from "./log";
import { PAGE_BYTES, type PhysAddr, pageAlignDown, pageAlignUp } from "./memory/address";
import { takePages } from "./memory/frames";
import { addBootImage } from "./object/image";
import { writeDecimal, writeText } from "./output";

/**
 * Programs among the boot modules: text and constants become the pages of an Image, what the writable segment begins
 * with is kept for the processes that are made from it (I5).
 *
 *   boot module ─▶ readProgram ─▶ makeImage: Image pages   contentsOf: where the data's contents are
 */

/** The first module from `from` on that is a program, read into `program`; the number of modules when there is none. */
export function nextProgram(info: BootInfo, from: u32, program: ElfProgram): u32 {
  let i = from;
  while (i < info.moduleCount && !readProgram(info.modules[i], program)) i++;
  return i;
}

/** False, and said in the log, when the module is no program. */
function readProgram(module: BootModule, program: ElfProgram): boolean {
  const status = readElf(castSlice<u8>(windowOf(module.start), u32(module.bytes)), ELF_MACHINE, program);
  if (status === ElfStatus.Ok) return true;
  beginRecord(LogLevel.Warn);
  writeText("boot: the module ");
  writeModuleName(module);
  writeText(" is no program: error ");
  writeDecimal(u64(u32(status)));
  writeText(" (codec/elf/status.ts) at byte ");
  writeDecimal(program.faultAt);
  endRecord();
  return false;
}

export function writeModuleName(module: BootModule): void {
  writeText(sliceOf(module.name, 0, module.nameLength));
}

/** How many pages the program's Image has, from `imageAddress` on. */
export function imagePages(program: ElfProgram): u64 {
  return (pageAlignUp(program.readOnlyEnd) - imageAddress(program)) / PAGE_BYTES;
}

export function imageAddress(program: ElfProgram): u64 {
  return pageAlignDown(program.lowest);
}

/** Answers the first page of the Image, which is newly made. */
export function makeImage(module: BootModule, program: ElfProgram): PhysAddr {
  const first = imageAddress(program);
  const bytes = imagePages(program) * PAGE_BYTES;
  const image = takePages(bytes / PAGE_BYTES);
  const at = windowOf(image);
  fillMemory(at, 0, bytes);
  let textStart: u64 = 0n;
  let textEnd: u64 = 0n;
  for (let i: u32 = 0; i < program.count; i++) {
    const segment = program.segments[i];
    if ((segment.flags & ELF_WRITE) !== 0) continue;
    copyContents(module, segment, at + segment.address - first);
    if ((segment.flags & ELF_EXECUTE) === 0) continue;
    textStart = u64(image) + pageAlignDown(segment.address) - first;
    textEnd = u64(image) + pageAlignUp(segment.address + segment.bytes) - first;
  }
  publishCode(at, bytes);
  const hasRoom = addBootImage(image, u64(image) + bytes, textStart, textEnd);
  assert(hasRoom, "there is room for an Image of each module");
  return image;
}

/** The program's writable segment, which is its last, or null. */
export function dataSegment(program: ElfProgram): ElfSegment | null {
  const last = program.segments[program.count - 1];
  return (last.flags & ELF_WRITE) === 0 ? null : last;
}

/** Pages from the one where the segment begins that hold `bytes` bytes of it. */
export function segmentPages(segment: ElfSegment, bytes: u64): u64 {
  return bytes === 0n ? 0n : (pageAlignUp(segment.address + bytes) - pageAlignDown(segment.address)) / PAGE_BYTES;
}

/** What the file has of the segment. */
export function copyContents(module: BootModule, segment: ElfSegment, to: u64): void {
  copyMemory(to, windowOf(module.start) + segment.offset, segment.fileBytes);
}
