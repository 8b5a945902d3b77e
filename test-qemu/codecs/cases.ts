/** @unsafe reads the program's own data at any offset */

/**
 * The cases that the host has written behind this program (test-qemu/caseFile.ts): numbers of 32 bits, all places
 * multiples of eight.
 *
 *   bytes 8 │ count 4, 0 │ case … │ case: kind, parameter, expected, parts │ part: length, 0, bytes, padding │ …
 *
 * A case's first part is its name.
 */

const MAX_PARTS = 8;

interface CaseData extends Struct<"CaseData"> {
  bytes: u64;
}

/** @extern program_data */
declare const data: CaseData;

export interface Case extends Struct<"Case"> {
  kind: u32;
  parameter: u32;
  expected: u32;
  partCount: u32;
  readonly parts: FixedArray<Bytes, typeof MAX_PARTS>;
  /** Where the next one is. */
  next: u64;
}

/** Before the first; answers how many there are. */
export function openCases(each: Case): u32 {
  each.next = addressOf(data) + 16n;
  return load32(addressOf(data) + 8n);
}

/** Goes to the next one. */
export function nextCase(each: Case): void {
  let at = each.next;
  each.kind = load32(at);
  each.parameter = load32(at + 4n);
  each.expected = load32(at + 8n);
  each.partCount = load32(at + 12n);
  at += 16n;
  for (let i: u32 = 0; i < each.partCount && i < MAX_PARTS; i++) {
    const bytes = load32(at);
    each.parts[i] = castSlice<u8>(at + 8n, bytes);
    at += 8n + ((u64(bytes) + 7n) & ~7n);
  }
  each.next = at;
}
