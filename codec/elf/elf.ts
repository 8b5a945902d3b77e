import { littleEndian } from "../littleEndian";
import { ElfStatus } from "./status";

/**
 * Programs: ELF64, static, for one machine (System V ABI, chapters 4 and 5). Loadable segments alone count; they stand in
 * the order of their addresses, on pages of their own, none both writable and executable, one executable, at most one
 * writable, the last.
 *
 *   header 64 │ … │ program headers 56 each │ … │ contents │ … (sections are not looked at)
 *
 * P1  With Ok, every segment's bytes are in the file, and its addresses between LEAST_ADDRESS and USER_END.
 * P2  With Ok, no page belongs to two segments.
 * P3  With Ok, one segment is executable, and all of them are within MAX_PROGRAM_BYTES: memory for them can be one piece.
 */

export const MACHINE_X86_64 = 62;
export const MACHINE_AARCH64 = 183;

export const MAX_SEGMENTS = 4;
export const ELF_EXECUTE = 1;
export const ELF_WRITE = 2;
const ELF_READ = 4;

/** Page 0 is never mapped; neither is the last page of the lower half. */
export const LEAST_ADDRESS = 0x1000n;
export const USER_END = 0x7fff_ffff_0000n;
export const MAX_SEGMENT_BYTES = 0x800_0000n;
export const MAX_PROGRAM_BYTES = 0x1000_0000n;
const PAGE_BYTES = 0x1000n;

const HEADER_BYTES = 64;
const ENTRY_BYTES = 56;
const MAX_HEADERS = 16;
/** 0x7f E L F, 64-bit, little-endian, version 1, System V, and eight bytes of zero. */
const IDENT = 0x0001_0102_464c_457fn;
const EXECUTABLE = 2n;

const TYPE_NULL = 0;
const TYPE_LOAD = 1;
const TYPE_NOTE = 4;
const TYPE_PHDR = 6;
const TYPE_GNU_EH_FRAME = 0x6474_e550;
const TYPE_GNU_STACK = 0x6474_e551;
const TYPE_GNU_PROPERTY = 0x6474_e553;

export interface ElfSegment extends Struct<"ElfSegment"> {
  /** ELF_EXECUTE, ELF_WRITE or neither. */
  flags: u32;
  /** In the file. */
  offset: u64;
  fileBytes: u64;
  address: u64;
  bytes: u64;
}

export interface ElfProgram extends Struct<"ElfProgram"> {
  /** Of the file. */
  fileBytes: u64;
  entry: u64;
  count: u32;
  lowest: u64;
  /** Where the last segment that is not writable ends. */
  readOnlyEnd: u64;
  /** With an error: the offset of the field at fault. */
  faultAt: u64;
  readonly segments: FixedArray<Inline<ElfSegment>, typeof MAX_SEGMENTS>;
}

/** Reads the headers of a program for `machine`, which are all in `head`, the beginning of a file of `bytes` bytes. */
export function readElf(head: Bytes, bytes: u64, machine: u32, program: ElfProgram): ElfStatus {
  program.fileBytes = bytes;
  program.count = 0;
  program.lowest = USER_END;
  program.readOnlyEnd = 0n;
  const status = checkHeader(head, machine, program);
  if (status !== ElfStatus.Ok) return status;
  const table = field(head, 32, 8);
  const count = u32(field(head, 56, 2));
  program.faultAt = 56n;
  if (count === 0 || count > MAX_HEADERS) return ElfStatus.BadTable;
  program.faultAt = 32n;
  if (table % 8n !== 0n) return ElfStatus.BadTable;
  if (!isWithin(table, count, bytes)) return ElfStatus.Truncated;
  if (!isWithin(table, count, u64(head.length))) return ElfStatus.BadTable;
  for (let i: u32 = 0; i < count; i++) {
    const problem = readProgramHeader(head, u32(table) + i * ENTRY_BYTES, program);
    if (problem !== ElfStatus.Ok) return problem;
  }
  program.entry = field(head, 24, 8);
  program.faultAt = 24n;
  return isEntry(program, machine) ? ElfStatus.Ok : ElfStatus.BadEntry;
}

/** Whether a table of `count` program headers at `table` lies within `bytes` bytes. */
function isWithin(table: u64, count: u32, bytes: u64): boolean {
  return table <= bytes && u64(count * ENTRY_BYTES) <= bytes - table;
}

function checkHeader(head: Bytes, machine: u32, program: ElfProgram): ElfStatus {
  program.faultAt = u64(head.length);
  if (head.length < HEADER_BYTES) return ElfStatus.Truncated;
  program.faultAt = 0n;
  if (field(head, 0, 8) !== IDENT || field(head, 8, 8) !== 0n) return ElfStatus.BadIdent;
  program.faultAt = 16n;
  if (field(head, 16, 2) !== EXECUTABLE) return ElfStatus.NotExecutable;
  program.faultAt = 18n;
  if (field(head, 18, 2) !== u64(machine)) return ElfStatus.WrongMachine;
  program.faultAt = 20n;
  if (field(head, 20, 4) !== 1n) return ElfStatus.BadHeader;
  program.faultAt = 48n;
  if (field(head, 48, 4) !== 0n) return ElfStatus.BadHeader;
  program.faultAt = 52n;
  if (field(head, 52, 2) !== u64(HEADER_BYTES)) return ElfStatus.BadHeader;
  program.faultAt = 54n;
  return field(head, 54, 2) === u64(ENTRY_BYTES) ? ElfStatus.Ok : ElfStatus.BadHeader;
}

/** The program header at `at`, all of which is in `head`. */
function readProgramHeader(head: Bytes, at: u32, program: ElfProgram): ElfStatus {
  program.faultAt = u64(at);
  switch (u32(field(head, at, 4))) {
    case TYPE_LOAD:
      return field(head, at + 40, 8) === 0n && field(head, at + 32, 8) === 0n
        ? ElfStatus.Ok
        : addSegment(head, at, program);
    case TYPE_NULL:
    case TYPE_NOTE:
    case TYPE_PHDR:
    case TYPE_GNU_EH_FRAME:
    case TYPE_GNU_PROPERTY:
      return ElfStatus.Ok;
    case TYPE_GNU_STACK:
      program.faultAt = u64(at + 4);
      return (u32(field(head, at + 4, 4)) & ELF_EXECUTE) === 0 ? ElfStatus.Ok : ElfStatus.ExecutableStack;
    default:
      return ElfStatus.UnsupportedSegment;
  }
}

function addSegment(head: Bytes, at: u32, program: ElfProgram): ElfStatus {
  if (program.count === MAX_SEGMENTS) return ElfStatus.TooManySegments;
  const segment = program.segments[program.count];
  const flags = u32(field(head, at + 4, 4));
  segment.flags = flags & (ELF_EXECUTE | ELF_WRITE);
  segment.offset = field(head, at + 8, 8);
  segment.address = field(head, at + 16, 8);
  segment.fileBytes = field(head, at + 32, 8);
  segment.bytes = field(head, at + 40, 8);
  program.faultAt = u64(at + 4);
  if ((flags & ~(ELF_EXECUTE | ELF_WRITE)) !== ELF_READ) return ElfStatus.BadFlags;
  if (segment.flags === (ELF_EXECUTE | ELF_WRITE)) return ElfStatus.WritableAndExecutable;
  if (segment.flags === ELF_EXECUTE && hasExecutable(program)) return ElfStatus.SecondExecutable;
  program.faultAt = u64(at + 8);
  if (segment.offset > program.fileBytes) return ElfStatus.Truncated;
  program.faultAt = u64(at + 32);
  if (segment.fileBytes > program.fileBytes - segment.offset) return ElfStatus.Truncated;
  program.faultAt = u64(at + 40);
  if (segment.fileBytes > segment.bytes || segment.bytes > MAX_SEGMENT_BYTES) return ElfStatus.BadSize;
  program.faultAt = u64(at + 16);
  if (segment.address < LEAST_ADDRESS || segment.address > USER_END - segment.bytes) return ElfStatus.BadAddress;
  program.faultAt = u64(at + 48);
  const alignment = field(head, at + 48, 8);
  if ((alignment & (alignment - 1n)) !== 0n) return ElfStatus.BadAlignment;
  if (alignment > 1n && ((segment.address - segment.offset) & (alignment - 1n)) !== 0n) return ElfStatus.BadAlignment;
  program.faultAt = u64(at + 16);
  const order = checkOrder(program, segment);
  if (order !== ElfStatus.Ok) return order;
  if (program.count === 0) program.lowest = segment.address;
  if ((segment.flags & ELF_WRITE) === 0) program.readOnlyEnd = segment.address + segment.bytes;
  program.count++;
  return ElfStatus.Ok;
}

/** Against the segments before, if there are any. */
function checkOrder(program: ElfProgram, segment: ElfSegment): ElfStatus {
  if (program.count === 0) return ElfStatus.Ok;
  const before = program.segments[program.count - 1];
  if ((before.flags & ELF_WRITE) !== 0) return ElfStatus.WritableNotLast;
  const end = (before.address + before.bytes + PAGE_BYTES - 1n) & ~(PAGE_BYTES - 1n);
  if (segment.address < end) return ElfStatus.Overlap;
  return segment.address + segment.bytes - program.lowest > MAX_PROGRAM_BYTES ? ElfStatus.TooWide : ElfStatus.Ok;
}

function hasExecutable(program: ElfProgram): boolean {
  for (let i: u32 = 0; i < program.count; i++) {
    if ((program.segments[i].flags & ELF_EXECUTE) !== 0) return true;
  }
  return false;
}

/** Whether the entry is in the file's bytes of an executable segment. */
function isEntry(program: ElfProgram, machine: u32): boolean {
  if (machine === MACHINE_AARCH64 && program.entry % 4n !== 0n) return false;
  for (let i: u32 = 0; i < program.count; i++) {
    const segment = program.segments[i];
    const isInside = program.entry >= segment.address && program.entry - segment.address < segment.fileBytes;
    if (isInside && (segment.flags & ELF_EXECUTE) !== 0) return true;
  }
  return false;
}

/** The number of `bytes` bytes at `at`, which is in `head`. */
function field(head: Bytes, at: u32, bytes: u32): u64 {
  return littleEndian(subslice(head, at, bytes), bytes);
}
