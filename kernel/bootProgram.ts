/** @unsafe copies programs out of the boot modules */
import { windowOf } from "@arch/mmu";
import { ELF_MACHINE } from "@arch/userSpace";
import type { BootInfo, BootModule } from "../boot/bootInfo";
import { type ElfProgram, readElf } from "../codec/elf/elf";
import { ElfStatus } from "../codec/elf/status";
import { isTrustModule } from "./bootTrust";
import { beginRecord, endRecord, LogLevel } from "./log";
import { PAGE_BYTES, type PhysAddr } from "./memory/address";
import { takePages } from "./memory/frames";
import { imageAt, imageBytes, layOut, placeBytes } from "./object/image";
import { writeDecimal, writeText } from "./output";

/**
 * Programs among the boot modules: each becomes an Image, from which processes can be made (I5).
 *
 *   boot module ─▶ readProgram ─▶ makeImage
 */

/** The first module from `from` on that is a program, read into `program`; the number of modules when there is none. */
export function nextProgram(info: BootInfo, from: u32, program: ElfProgram): u32 {
  let i = from;
  while (i < info.moduleCount && !readProgram(info.modules[i], program)) i++;
  return i;
}

/** False, and said in the log, when the module is no program. */
function readProgram(module: BootModule, program: ElfProgram): boolean {
  if (isTrustModule(module)) return false;
  const status = readElf(bytesOf(module), module.bytes, ELF_MACHINE, program);
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

function bytesOf(module: BootModule): Bytes {
  return castSlice<u8>(windowOf(module.start), u32(module.bytes));
}

export function writeModuleName(module: BootModule): void {
  writeText(sliceOf(module.name, 0, module.nameLength));
}

/** Answers the start of an Image newly made of the module, which is the program. */
export function makeImage(module: BootModule, program: ElfProgram): PhysAddr {
  const bytes = imageBytes(program);
  const start = takePages(bytes / PAGE_BYTES);
  fillMemory(windowOf(start), 0, bytes);
  layOut(imageAt(start), program);
  placeBytes(imageAt(start), 0n, bytesOf(module));
  return start;
}
