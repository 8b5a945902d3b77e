/** @unit O3 */
import { buildSingle, buildTable, type Distribution, type FseTable, readDistribution } from "./fse";
import { ZstdStatus } from "./status";

/**
 * The three FSE tables of a sequences section (RFC 8878, sections 3.1.1.3.2.1 and 3.1.1.3.2.2). Their symbols are codes; an
 * entry has the base value of its code, and how many extra bits are added to it.
 *
 *   None ──▶ Predefined ◀──▶ Own (described in the block, or a single symbol)        Repeat: as it was
 *
 * The table in use stands at one place, whatever it is, so that the loop over sequences needs no pointers to it: the
 * predefined one is copied there.
 */

/** @storage u8 */
export const enum TableSource {
  None,
  Predefined,
  Own,
}

export interface CodeTable extends Struct<"CodeTable"> {
  source: TableSource;
  maxLog: u32;
  /** What the codes stand for, as entries without a state; there are `codes` of them. */
  codes: u32;
  readonly values: FixedArray<u64, typeof MAX_CODES>;
  /** Sequences are read with it unless the source is None. */
  readonly inUse: Inline<FseTable>;
  readonly predefined: Inline<FseTable>;
}

export interface SequenceTables extends Struct<"SequenceTables"> {
  readonly literalLengths: Inline<CodeTable>;
  readonly offsets: Inline<CodeTable>;
  readonly matchLengths: Inline<CodeTable>;
  readonly distribution: Inline<Distribution>;
  /** Bytes of the section that are read. */
  position: u32;
}

const MAX_CODES = 53;

const PREDEFINED = 0;
const SINGLE = 1;
const DESCRIBED = 2;

/** RFC 8878, table 15 (literals length codes). */
const literalLengthBases: FixedArray<u32, 36> = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024,
  2048, 4096, 8192, 16384, 32768, 65536,
];
const literalLengthBits: FixedArray<u8, 36> = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
];
/** RFC 8878, section 3.1.1.3.2.2.1. */
const literalLengthCounts: FixedArray<i16, 36> = [
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
];

/** RFC 8878, table 16 (match length codes). */
const matchLengthBases: FixedArray<u32, 53> = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
  34, 35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539,
];
const matchLengthBits: FixedArray<u8, 53> = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3,
  3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
];
/** RFC 8878, section 3.1.1.3.2.2.2. */
const matchLengthCounts: FixedArray<i16, 53> = [
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
];

/** RFC 8878, section 3.1.1.3.2.2.3. */
const offsetCounts: FixedArray<i16, 29> = [
  1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
];

const MAX_LENGTH_LOG = 9;
const MAX_OFFSET_LOG = 8;
const PREDEFINED_LENGTH_LOG = 6;
const PREDEFINED_OFFSET_LOG = 5;
const OFFSET_CODES = 32;
/** Offsets of 2^24 and more are outside every window; their codes read no more bits than this. */
const MAX_OFFSET_BITS = 24;
const FAR_OFFSET = 0x8000_0000;

/** Fills the predefined tables: once, before the first block. */
export function preparePredefined(tables: SequenceTables): void {
  const lengths = tables.literalLengths;
  lengths.maxLog = MAX_LENGTH_LOG;
  lengths.codes = literalLengthBases.length;
  for (let i: u32 = 0; i < literalLengthBases.length; i++) {
    lengths.values[i] = codeValueOf(literalLengthBases[i], literalLengthBits[i]);
  }
  prepare(tables, lengths, PREDEFINED_LENGTH_LOG, sliceOf(literalLengthCounts, 0, literalLengthCounts.length));
  const offsets = tables.offsets;
  offsets.maxLog = MAX_OFFSET_LOG;
  offsets.codes = OFFSET_CODES;
  for (let i: u32 = 0; i < OFFSET_CODES; i++) offsets.values[i] = offsetValueOf(i);
  prepare(tables, offsets, PREDEFINED_OFFSET_LOG, sliceOf(offsetCounts, 0, offsetCounts.length));
  const matches = tables.matchLengths;
  matches.maxLog = MAX_LENGTH_LOG;
  matches.codes = matchLengthBases.length;
  for (let i: u32 = 0; i < matchLengthBases.length; i++) {
    matches.values[i] = codeValueOf(matchLengthBases[i], matchLengthBits[i]);
  }
  prepare(tables, matches, PREDEFINED_LENGTH_LOG, sliceOf(matchLengthCounts, 0, matchLengthCounts.length));
}

/** A new frame has no tables to repeat. */
export function forgetTables(tables: SequenceTables): void {
  tables.literalLengths.source = TableSource.None;
  tables.offsets.source = TableSource.None;
  tables.matchLengths.source = TableSource.None;
}

/** Reads the tables that follow `modes` in `section`, from `position` on (RFC 8878, section 3.1.1.3.2.1). */
export function readTables(tables: SequenceTables, section: Bytes, modes: u32): ZstdStatus {
  let status = readTable(tables, tables.literalLengths, section, modes >>> 6);
  if (status === ZstdStatus.More) status = readTable(tables, tables.offsets, section, (modes >>> 4) & 3);
  if (status === ZstdStatus.More) status = readTable(tables, tables.matchLengths, section, (modes >>> 2) & 3);
  return status;
}

function readTable(tables: SequenceTables, table: CodeTable, section: Bytes, mode: u32): ZstdStatus {
  const from = tables.position;
  if (mode === PREDEFINED) {
    if (table.source !== TableSource.Predefined) copyStruct(table.inUse, table.predefined);
    table.source = TableSource.Predefined;
  } else if (mode === SINGLE) {
    if (from >= section.length || section[from] >= table.codes) return ZstdStatus.BadFseTable;
    buildSingle(table.inUse, table.values[section[from]]);
    tables.position = from + 1;
    table.source = TableSource.Own;
  } else if (mode === DESCRIBED) {
    const description = subslice(section, from, section.length - from);
    const taken = readDistribution(tables.distribution, description, table.maxLog, table.codes - 1);
    if (taken === 0) return ZstdStatus.BadFseTable;
    buildTable(table.inUse, tables.distribution, sliceOf(table.values, 0, table.codes));
    tables.position = from + taken;
    table.source = TableSource.Own;
  } else if (table.source === TableSource.None) return ZstdStatus.NoFseTable;
  return ZstdStatus.More;
}

/** Builds a predefined table of `counts`. */
function prepare(tables: SequenceTables, table: CodeTable, log: u32, counts: Slice<i16>): void {
  const distribution = tables.distribution;
  distribution.log = log;
  distribution.symbols = counts.length;
  for (let i: u32 = 0; i < counts.length; i++) distribution.counts[i] = counts[i];
  buildTable(table.predefined, distribution, sliceOf(table.values, 0, table.codes));
}

function codeValueOf(base: u32, extraBits: u8): u64 {
  return (u64(extraBits) << 56n) | u64(base);
}

/** An offset's value is 2^code plus `code` bits (RFC 8878, section 3.1.1.3.2.1.1). */
function offsetValueOf(code: u32): u64 {
  return code <= MAX_OFFSET_BITS ? codeValueOf(1 << code, u8(code)) : codeValueOf(FAR_OFFSET, MAX_OFFSET_BITS);
}
