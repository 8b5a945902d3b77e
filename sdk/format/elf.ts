import { FaultError } from "./faults.ts";

/** Static ELF64 programs, judged as codec/elf/elf.ts does; a fault's place is in the file. */

export interface Segment {
  readonly isExecutable: boolean;
  readonly isWritable: boolean;
  readonly address: bigint;
  readonly bytes: bigint;
  readonly fileBytes: bigint;
}

export interface Program {
  readonly machine: number;
  readonly entry: bigint;
  readonly segments: readonly Segment[];
}

const IDENT = 0x0001_0102_464c_457fn;
const LEAST_ADDRESS = 0x1000n;
const USER_END = 0x7fff_ffff_0000n;
const MAX_SEGMENT_BYTES = 0x800_0000n;
const MAX_PROGRAM_BYTES = 0x1000_0000n;
const MAX_SEGMENTS = 4;
const PAGE_BYTES = 0x1000n;
const AARCH64 = 183;
const LOAD = 1;
const STACK = 0x6474_e551;
/** Null, notes, program headers, exception frames, GNU properties. */
const PASSED_OVER = [0, 4, 6, 0x6474_e550, 0x6474_e553];

export function readElf(file: Uint8Array, machine: number): Program {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  checkHeader(file, view, machine);
  const table = view.getBigUint64(32, true);
  const count = view.getUint16(56, true);
  if (count === 0 || count > 16) throw new FaultError("ElfTable", 56);
  if (table % 8n !== 0n) throw new FaultError("ElfTable", 32);
  const length = BigInt(file.length);
  if (table > length || BigInt(count * 56) > length - table) throw new FaultError("ElfTruncated", 32);
  const segments: Segment[] = [];
  for (let i = 0; i < count; i++) readProgramHeader(view, Number(table) + 56 * i, segments);
  const entry = view.getBigUint64(24, true);
  const isPlace = segments.some(
    ({ isExecutable, address, fileBytes }) => isExecutable && entry >= address && entry - address < fileBytes,
  );
  if (!isPlace || (machine === AARCH64 && entry % 4n !== 0n)) throw new FaultError("ElfEntry", 24);
  return { machine, entry, segments };
}

function checkHeader(file: Uint8Array, view: DataView, machine: number): void {
  if (file.length < 64) throw new FaultError("ElfTruncated", file.length);
  if (view.getBigUint64(0, true) !== IDENT || view.getBigUint64(8, true) !== 0n) throw new FaultError("ElfIdent", 0);
  if (view.getUint16(16, true) !== 2) throw new FaultError("ElfNotExecutable", 16);
  if (view.getUint16(18, true) !== machine) throw new FaultError("ElfMachine", 18);
  if (view.getUint32(20, true) !== 1) throw new FaultError("ElfHeader", 20);
  if (view.getUint32(48, true) !== 0) throw new FaultError("ElfHeader", 48);
  if (view.getUint16(52, true) !== 64) throw new FaultError("ElfHeader", 52);
  if (view.getUint16(54, true) !== 56) throw new FaultError("ElfHeader", 54);
}

function readProgramHeader(view: DataView, at: number, segments: Segment[]): void {
  const type = view.getUint32(at, true);
  if (PASSED_OVER.includes(type)) return;
  if (type === STACK) {
    if ((view.getUint32(at + 4, true) & 1) !== 0) throw new FaultError("ElfExecutableStack", at + 4);
    return;
  }
  if (type !== LOAD) throw new FaultError("ElfUnsupportedSegment", at);
  const isEmpty = view.getBigUint64(at + 40, true) === 0n && view.getBigUint64(at + 32, true) === 0n;
  if (!isEmpty) segments.push(readSegment(view, at, segments));
}

function readSegment(view: DataView, at: number, before: readonly Segment[]): Segment {
  if (before.length === MAX_SEGMENTS) throw new FaultError("ElfTooManySegments", at);
  const flags = view.getUint32(at + 4, true);
  const [offset, address, , fileBytes, bytes, alignment] = [8, 16, 24, 32, 40, 48].map((field) =>
    view.getBigUint64(at + field, true),
  ) as [bigint, bigint, bigint, bigint, bigint, bigint];
  const length = BigInt(view.byteLength);
  if ((flags & ~3) !== 4) throw new FaultError("ElfFlags", at + 4);
  if ((flags & 3) === 3) throw new FaultError("ElfWritableAndExecutable", at + 4);
  const isExecutable = (flags & 1) !== 0;
  if (isExecutable && before.some((each) => each.isExecutable)) throw new FaultError("ElfSecondExecutable", at + 4);
  if (offset > length) throw new FaultError("ElfTruncated", at + 8);
  if (fileBytes > length - offset) throw new FaultError("ElfTruncated", at + 32);
  if (fileBytes > bytes || bytes > MAX_SEGMENT_BYTES) throw new FaultError("ElfSize", at + 40);
  if (address < LEAST_ADDRESS || address > USER_END - bytes) throw new FaultError("ElfAddress", at + 16);
  if ((alignment & (alignment - 1n)) !== 0n) throw new FaultError("ElfAlignment", at + 48);
  const distance = BigInt.asUintN(64, address - offset);
  if (alignment > 1n && (distance & (alignment - 1n)) !== 0n) throw new FaultError("ElfAlignment", at + 48);
  const last = before.at(-1);
  if (last?.isWritable === true) throw new FaultError("ElfWritableNotLast", at + 16);
  const end = last === undefined ? 0n : (last.address + last.bytes + PAGE_BYTES - 1n) & ~(PAGE_BYTES - 1n);
  if (address < end) throw new FaultError("ElfOverlap", at + 16);
  if (address + bytes - (before[0]?.address ?? address) > MAX_PROGRAM_BYTES)
    throw new FaultError("ElfTooWide", at + 16);
  return { isExecutable, isWritable: (flags & 2) !== 0, address, bytes, fileBytes };
}
