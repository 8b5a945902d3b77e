/** @unsafe reads fields of a file at any offset */

/**
 * The boot modules' programs: ELF64, static, for this machine (System V ABI, chapters 4 and 5). At most MAX_SEGMENTS
 * loadable segments, none both writable and executable, in the order of their addresses.
 */

export const MAX_SEGMENTS = 4;
export const ELF_EXECUTE = 1;
export const ELF_WRITE = 2;

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
/** 0x7f E L F, 64-bit, little-endian, version 1. */
const IDENT = 0x0001_0102_464c_457fn;
const IDENT_MASK = 0x00ff_ffff_ffff_ffffn;
const TYPE_EXECUTABLE = 2;
const LOAD = 1;
const USER_END = 0x7fff_ffff_0000n;
const MAX_BYTES = 0x800_0000n;

export interface ElfSegment extends Struct<"ElfSegment"> {
  flags: u32;
  /** In the file. */
  offset: u64;
  fileBytes: u64;
  address: u64;
  bytes: u64;
}

export interface ElfProgram extends Struct<"ElfProgram"> {
  entry: u64;
  count: u32;
  lowest: u64;
  /** Where the last segment that is not writable ends. */
  readOnlyEnd: u64;
  readonly segments: FixedArray<Inline<ElfSegment>, typeof MAX_SEGMENTS>;
}

/** Reads the headers; false when it is not such a program. */
export function readElf(file: Bytes, program: ElfProgram): boolean {
  program.count = 0;
  program.lowest = USER_END;
  program.readOnlyEnd = 0n;
  if (file.length < HEADER_BYTES) return false;
  const start = addressOf(file);
  if ((load64(start) & IDENT_MASK) !== IDENT || load16(start + 16n) !== TYPE_EXECUTABLE) return false;
  program.entry = load64(start + 24n);
  const table = load64(start + 32n);
  const count = u32(load16(start + 56n));
  if (load16(start + 54n) !== PROGRAM_HEADER_BYTES || table % 8n !== 0n) return false;
  if (table > u64(file.length) || u64(count) * u64(PROGRAM_HEADER_BYTES) > u64(file.length) - table) return false;
  for (let i: u32 = 0; i < count; i++) {
    const header = start + table + u64(i * PROGRAM_HEADER_BYTES);
    if (load32(header) === LOAD && load64(header + 40n) !== 0n && !addSegment(file, header, program)) return false;
  }
  return program.count > 0 && program.readOnlyEnd > program.lowest;
}

function addSegment(file: Bytes, header: u64, program: ElfProgram): boolean {
  if (program.count >= MAX_SEGMENTS) return false;
  const segment = program.segments[program.count];
  segment.flags = load32(header + 4n) & (ELF_EXECUTE | ELF_WRITE);
  segment.offset = load64(header + 8n);
  segment.address = load64(header + 16n);
  segment.fileBytes = load64(header + 32n);
  segment.bytes = load64(header + 40n);
  if (segment.flags === (ELF_EXECUTE | ELF_WRITE)) return false;
  if (segment.offset > u64(file.length) || segment.fileBytes > u64(file.length) - segment.offset) return false;
  if (segment.fileBytes > segment.bytes || segment.bytes > MAX_BYTES) return false;
  if (segment.address < 4096n || segment.address > USER_END - segment.bytes) return false;
  if (program.count > 0) {
    const before = program.segments[program.count - 1];
    if (((before.address + before.bytes + 4095n) & ~4095n) > segment.address) return false;
    if ((before.flags & ELF_WRITE) !== 0) return false;
  }
  if (segment.address < program.lowest) program.lowest = segment.address;
  if ((segment.flags & ELF_WRITE) === 0) program.readOnlyEnd = segment.address + segment.bytes;
  program.count++;
  return true;
}
