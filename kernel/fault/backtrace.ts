/** @unsafe walks the stack by frame pointers and reads the line table that the build appended */
import { isStackAddress } from "@arch/trap";
import { writeByte, writeDecimal, writeHex, writeText } from "../output";

/**
 * From addresses to TypeScript lines. The build appends a table to the linked kernel (`kernel_lines_start`):
 *
 *   ┌────────┬──────────┬───────────┬──────────┐
 *   │ magic  │ rowCount │ nameBytes │ reserved │   header, u32 each
 *   ├────────┴─┬────────┴─┬─────────┴──┬───────┘
 *   │ offset   │ site     │ nameOffset │           rows, sorted by offset from kernel_text_start
 *   ├──────────┴──────────┴────────────┤
 *   │ names, UTF-8, each ended by 0    │
 *   └──────────────────────────────────┘
 *
 * A row holds from its offset to the next row's; site 0 is code without a TypeScript line.
 */

export const MAX_FRAMES = 32;
const LINES_MAGIC = 0x4c4e_4553;

interface LinesHeader extends Struct<"LinesHeader"> {
  magic: u32;
  rowCount: u32;
  nameBytes: u32;
  reserved: u32;
}

interface LineRow extends Struct<"LineRow"> {
  offset: u32;
  site: u32;
  nameOffset: u32;
}

/** @extern kernel_lines_start */
declare const lines: LinesHeader;
/** @extern kernel_text_start */
declare const textStart: FixedArray<u8, 1>;
/** @extern kernel_text_end */
declare const textEnd: FixedArray<u8, 1>;

/**
 * Prints `pc` and the callers that the frame pointers lead to, and stores their addresses in `frames`; answers
 * how many. Stops at the first frame pointer that is not a stack address or does not grow.
 */
export function printBacktrace(pc: u64, framePointer: u64, frames: FixedArray<u64, typeof MAX_FRAMES>): u32 {
  let count: u32 = 0;
  let address = pc;
  let frame = framePointer;
  while (count < MAX_FRAMES) {
    printFrame(count, address, count > 0);
    frames[count] = address;
    count++;
    if ((frame & 7n) !== 0n || !isStackAddress(frame) || !isStackAddress(frame + 8n)) break;
    const next = load64(frame);
    address = load64(frame + 8n);
    if (address === 0n || next <= frame) break;
    frame = next;
  }
  return count;
}

/** Prints function, file and line of the instruction at `pc`, or its address alone when the table has none. */
export function printPlace(pc: u64): void {
  const row = rowOf(pc);
  if (row === null) {
    writeHex(pc, 16);
    return;
  }
  printRow(row);
}

/** A return address belongs to the call before it. */
function printFrame(number: u32, pc: u64, isReturn: boolean): void {
  writeText("  #");
  writeDecimal(u64(number));
  writeByte(0x20);
  writeHex(pc, 16);
  const row = rowOf(isReturn ? pc - 1n : pc);
  if (row !== null) {
    writeByte(0x20);
    printRow(row);
  }
  writeByte(0x0a);
}

function printRow(row: LineRow): void {
  let name = addressOf(lines) + sizeOf<LinesHeader>() + u64(lines.rowCount) * sizeOf<LineRow>() + u64(row.nameOffset);
  for (let byte = load8(name); byte !== 0; byte = load8(name)) {
    writeByte(byte);
    name += 1n;
  }
  if (row.site === 0) return;
  writeByte(0x20);
  writeText(siteFile(row.site));
  writeByte(0x3a);
  writeDecimal(u64(siteLine(row.site)));
}

/** The row that holds `pc`: the last one whose offset is not above it. */
function rowOf(pc: u64): LineRow | null {
  if (lines.magic !== LINES_MAGIC || pc < addressOf(textStart) || pc >= addressOf(textEnd)) return null;
  const offset = u32(pc - addressOf(textStart));
  let low: u32 = 0;
  let high = lines.rowCount;
  while (low < high) {
    const middle = low + ((high - low) >>> 1);
    if (rowAt(middle).offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : rowAt(low - 1);
}

function rowAt(index: u32): LineRow {
  return cast<LineRow>(addressOf(lines) + sizeOf<LinesHeader>() + u64(index) * sizeOf<LineRow>());
}
