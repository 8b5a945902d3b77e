import type { LineText, Name } from "../../protocol/texts";

/**
 * The last lines, each with a number: the newest one takes the place of the oldest.
 *
 * L1  Of the lines up to `last` exactly the newest MAX_LINES are kept, line n in place n % MAX_LINES.
 */

export const MAX_LINES = 64;

export interface KeptLine extends Struct<"KeptLine"> {
  loadId: u32;
  readonly module: Inline<Name>;
  readonly line: Inline<LineText>;
}

export interface Lines extends Struct<"Lines"> {
  /** The number of the newest line; 0 when there is none. */
  last: u64;
  readonly kept: FixedArray<Inline<KeptLine>, typeof MAX_LINES>;
}

/** Answers the line's number. */
export function keepLine(lines: Lines, loadId: u32, module: Name, line: LineText): u64 {
  lines.last += 1n;
  const kept = keptLine(lines, lines.last);
  kept.loadId = loadId;
  copyStruct(kept.module, module);
  copyStruct(kept.line, line);
  return lines.last;
}

/** The number of the line that `number` asks for: itself, or the oldest behind it that is kept; 0 when there is none. */
export function lineFrom(lines: Lines, number: u64): u64 {
  const most = u64(MAX_LINES);
  const oldest = lines.last < most ? 1n : lines.last - most + 1n;
  if (number > lines.last || lines.last === 0n) return 0n;
  return number < oldest ? oldest : number;
}

/** The line with a number that `lineFrom` has answered. */
export function keptLine(lines: Lines, number: u64): KeptLine {
  return lines.kept[u32(number % u64(MAX_LINES))];
}
