/**
 * @unit O2
 * @unsafe makes an Image in raw memory
 */
import { windowOf } from "@arch/mmu";
import { ELF_EXECUTE, ELF_WRITE, type ElfProgram } from "../../codec/elf/elf";
import { insertRoot, type Slot } from "../../kernel/cap/slot";
import { PAGE_BYTES } from "../../kernel/memory/address";
import { imageAt, imageBytes, imageWord, layOut } from "../../kernel/object/image";
import { takeBoot } from "./boot.kts";

/** An Image of two pages of text, one of constants and one of data, as if a Verifier had sealed it. */
export function giveImage(slot: Slot): void {
  const program = local<ElfProgram>();
  program.count = 3;
  program.entry = 0x20_0000n;
  program.lowest = 0x20_0000n;
  program.readOnlyEnd = 0x20_3000n;
  setSegment(program, 0, 0x20_0000n, 2n, ELF_EXECUTE);
  setSegment(program, 1, 0x20_2000n, 1n, 0);
  setSegment(program, 2, 0x20_4000n, 2n, ELF_WRITE);
  program.segments[2].fileBytes = PAGE_BYTES;
  const start = takeBoot(imageBytes(program) / PAGE_BYTES);
  const image = imageAt(start);
  layOut(image, program);
  fillMemory(windowOf(start) + imageBytes(program) - PAGE_BYTES, 0xa5, PAGE_BYTES);
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
