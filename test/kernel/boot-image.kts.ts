/**
 * @unit O2
 * @unsafe makes an Image in raw memory
 */
import { windowOf } from "@arch/mmu";
import { CALL_PC } from "@machine/processor.kts";
import { ELF_EXECUTE, ELF_WRITE, type ElfProgram } from "../../codec/elf/elf";
import { insertRoot, type Slot } from "../../kernel/cap/slot";
import { PAGE_BYTES } from "../../kernel/memory/address";
import { imageAt, imageBytes, imageWord, layOut } from "../../kernel/object/image";
import { takeBoot } from "./boot.kts";

/** Where every thread has its system call: a process begins with one. */
const TEXT = CALL_PC;

/** An Image of two pages of text, one of constants and one of data, as if a Verifier had sealed it. */
export function giveImage(slot: Slot): void {
  const program = local<ElfProgram>();
  program.count = 3;
  program.entry = CALL_PC;
  program.lowest = TEXT;
  program.readOnlyEnd = TEXT + 3n * PAGE_BYTES;
  setSegment(program, 0, TEXT, 2n, ELF_EXECUTE);
  setSegment(program, 1, TEXT + 2n * PAGE_BYTES, 1n, 0);
  setSegment(program, 2, TEXT + 4n * PAGE_BYTES, 2n, ELF_WRITE);
  program.segments[2].fileBytes = PAGE_BYTES;
  const start = takeBoot(imageBytes(program) / PAGE_BYTES);
  const image = imageAt(start);
  layOut(image, program);
  fillMemory(windowOf(start) + imageBytes(program) - PAGE_BYTES, 0xa5, PAGE_BYTES);
  image.manifest.stackBytes = PAGE_BYTES;
  image.manifest.priority = 50;
  image.isSealed = true;
  insertRoot(slot, imageWord(start), 0n, image.pages);
}

function setSegment(program: ElfProgram, index: u32, address: u64, pages: u64, flags: u32): void {
  const segment = program.segments[index];
  segment.address = address;
  segment.bytes = pages * PAGE_BYTES;
  segment.fileBytes = segment.bytes;
  segment.flags = flags;
}
