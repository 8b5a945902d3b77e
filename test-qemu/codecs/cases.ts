/** @unsafe reads a boot module at any offset */
import { mapModule, moduleNamed, NO_MODULE } from "../../user/bootModule";
import { initInfo } from "../../user/initInfo";

/**
 * The cases that the host has put into the boot module `cases` (test-qemu/caseFile.ts): numbers of 32 bits, all places
 * multiples of eight.
 *
 *   count 4, 0 │ case … │ case: kind, parameter, expected, parts │ part: length, 0, bytes, padding │ …
 *
 * A case's first part is its name.
 */

const MAX_PARTS = 8;

const CASES_ADDRESS = 0x6000_0000_0000n;

export interface Case extends Struct<"Case"> {
  kind: u32;
  parameter: u32;
  expected: u32;
  partCount: u32;
  readonly parts: FixedArray<Bytes, typeof MAX_PARTS>;
  /** Where the next one is. */
  next: u64;
}

/** Before the first; answers how many there are. `address` is what the first task starts with. */
export function openCases(address: u64, each: Case): u32 {
  const info = initInfo(address);
  const index = moduleNamed(info, "cases");
  assert(index !== NO_MODULE, "the host has added the cases");
  const bytes = mapModule(info, index, CASES_ADDRESS);
  assert(bytes.length !== 0, "there are tables for the cases");
  return openCasesAt(addressOf(bytes), each);
}

/** The same where they are mapped at `va` already. */
export function openCasesAt(va: u64, each: Case): u32 {
  each.next = va + 8n;
  return load32(va);
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
