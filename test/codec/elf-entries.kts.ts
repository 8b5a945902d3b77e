import { type ElfProgram, readElf } from "../../codec/elf/elf";

/** What test/codec/elf-host.ts calls: koffi passes numbers and pointers. */

const program: ElfProgram = zeroed();

/** Status; where it is at fault in the upper half. @entry read_elf */
export function read(file: Bytes, machine: u32): u64 {
  const status = readElf(file, u64(file.length), machine, program);
  return u64(u32(status)) | (program.faultAt << 32n);
}

/**
 * Entry, number of segments, lowest address, end of what is read-only; then of each segment flags, offset, bytes in the
 * file, address, bytes in memory.
 *
 * @entry elf_program
 */
export function describe(to: FixedArray<u64, 24>): void {
  to[0] = program.entry;
  to[1] = u64(program.count);
  to[2] = program.lowest;
  to[3] = program.readOnlyEnd;
  for (let i: u32 = 0; i < program.count && i < 4; i++) {
    const segment = program.segments[i];
    to[4 + i * 5] = u64(segment.flags);
    to[5 + i * 5] = segment.offset;
    to[6 + i * 5] = segment.fileBytes;
    to[7 + i * 5] = segment.address;
    to[8 + i * 5] = segment.bytes;
  }
}
