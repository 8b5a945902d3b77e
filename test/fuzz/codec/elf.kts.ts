/** @unsafe libFuzzer passes addresses */
import {
  ELF_EXECUTE,
  type ElfProgram,
  MACHINE_AARCH64,
  MACHINE_X86_64,
  MAX_PROGRAM_BYTES,
  readElf,
  USER_END,
} from "../../../codec/elf/elf";
import { ElfStatus } from "../../../codec/elf/status";
import { below, type Maker, put, putLittle, startMaker } from "./random.kts";

/**
 * The ELF reader: what it accepts keeps its promises (P1 to P3). Half of the mutations make files of sound structure, as
 * they are or damaged.
 */

const ENTRY_BYTES = 56;

const program: ElfProgram = zeroed();

/** @extern LLVMFuzzerMutate */
declare function mutateBytes(data: u64, size: u64, maxSize: u64): u64;

/** @entry LLVMFuzzerCustomMutator */
export function mutate(data: u64, size: u64, maxSize: u64, seed: u32): u64 {
  if ((seed & 1) === 0) return mutateBytes(data, size, maxSize);
  const maker = local<Maker>();
  startMaker(maker, seed, castSlice<u8>(data, u32(maxSize)), 0);
  makeFile(maker);
  return (seed & 2) === 0 ? u64(maker.position) : mutateBytes(data, u64(maker.position), maxSize);
}

function makeFile(maker: Maker): void {
  const segments = 1 + below(maker, 4);
  putLittle(maker, 0x0001_0102_464c_457fn, 8);
  putLittle(maker, 0n, 8);
  putLittle(maker, 2n, 2);
  putLittle(maker, u64(below(maker, 2) === 0 ? MACHINE_X86_64 : MACHINE_AARCH64), 2);
  putLittle(maker, 1n, 4);
  putLittle(maker, 0x40_0000n + u64(below(maker, 64)) * 4n, 8);
  putLittle(maker, 64n, 8);
  putLittle(maker, 0n, 8);
  putLittle(maker, 0n, 4);
  putLittle(maker, 64n, 2);
  putLittle(maker, u64(ENTRY_BYTES), 2);
  putLittle(maker, u64(segments), 2);
  putLittle(maker, 0n, 6);
  let address = 0x40_0000n;
  const contents = 64 + segments * ENTRY_BYTES;
  for (let i: u32 = 0; i < segments; i++) {
    const bytes = u64(1 + below(maker, 300));
    putLittle(maker, 1n, 4);
    putLittle(maker, i === 0 ? 5n : i + 1 === segments ? 6n : 4n, 4);
    putLittle(maker, u64(contents), 8);
    putLittle(maker, address, 8);
    putLittle(maker, address, 8);
    putLittle(maker, bytes, 8);
    putLittle(maker, bytes + u64(below(maker, 3) * below(maker, 0x4000)), 8);
    putLittle(maker, u64(below(maker, 2)), 8);
    address += 0x1_0000n;
  }
  for (let i: u32 = 0; i < 300; i++) put(maker, below(maker, 256));
}

/** @entry LLVMFuzzerTestOneInput */
export function testOneInput(data: u64, size: u64): i32 {
  const file = castSlice<u8>(data, u32(size));
  const machine = file.length > 18 ? u32(file[18]) : MACHINE_X86_64;
  const status = readElf(file, u64(file.length), machine, program);
  assert(program.faultAt <= size, "a fault is in the file, or at its end");
  if (status === ElfStatus.Ok) checkPromises(file);
  return 0;
}

function checkPromises(file: Bytes): void {
  let end = 0n;
  let executable: u32 = 0;
  for (let i: u32 = 0; i < program.count; i++) {
    const segment = program.segments[i];
    assert(segment.offset + segment.fileBytes <= u64(file.length), "P1: the bytes are in the file");
    assert(segment.address >= 4096n && segment.address + segment.bytes <= USER_END, "P1: the addresses are a user's");
    assert(segment.address >= end, "P2: no page belongs to two segments");
    assert(segment.flags < 3, "no segment is writable and executable");
    if (segment.flags === ELF_EXECUTE) executable++;
    assert(segment.address + segment.bytes - program.lowest <= MAX_PROGRAM_BYTES, "P3: the program is one piece");
    end = (segment.address + segment.bytes + 4095n) & ~4095n;
  }
  assert(executable === 1, "P3: one segment is executable");
}
