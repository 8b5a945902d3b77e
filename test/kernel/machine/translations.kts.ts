import { type Walk, walk } from "@machine/processor.kts";
import { noteFlush } from "../bounds.kts";

/**
 * What a processor remembers of page tables: translations that a user has used, each with the table in which it was
 * found, until the kernel says that they are gone. One that does not say what the tables say is stale (I7).
 */

const ENTRIES = 64;

interface Translation extends Struct<"Translation"> {
  isUsed: boolean;
  /** As the processor had it: root, and identifier where there is one. */
  register: u64;
  va: u64;
  entry: u64;
  level: u32;
  table: u64;
}

interface Translations extends Struct<"Translations"> {
  next: u32;
  count: u32;
  readonly rows: FixedArray<Inline<Translation>, typeof ENTRIES>;
}

const translations: Translations = zeroed();

/** A user touches `va`: what the tables say is remembered. Answers the leaf, or 0n. */
export function touch(register: u64, va: u64, limit: u64): u64 {
  const found = local<Walk>();
  if (!walk(register, va, limit, found)) return 0n;
  const row = translations.rows[translations.next];
  translations.next = (translations.next + 1) & (ENTRIES - 1);
  if (!row.isUsed) translations.count++;
  row.isUsed = true;
  row.register = register;
  row.va = va & ~4095n;
  row.entry = found.entry;
  row.level = found.level;
  row.table = found.table;
  return found.entry;
}

/** After every call: whatever is remembered is still so. */
export function checkTranslations(limit: u64): void {
  if (translations.count === 0) return;
  const found = local<Walk>();
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const row = translations.rows[i];
    if (!row.isUsed) continue;
    assert(walk(row.register, row.va, limit, found), "I7: a translation outlives its mapping");
    assert(found.entry === row.entry, "I7: a translation is of another mapping");
    assert(found.table === row.table && found.level === row.level, "I7: a table is used that is none any more");
  }
}

export function dropAll(): void {
  for (let i: u32 = 0; i < ENTRIES; i++) translations.rows[i].isUsed = false;
  translations.count = 0;
}

/** Of the page in spaces whose registers agree in `mask`. */
export function dropMasked(register: u64, mask: u64, va: u64, hasAddress: boolean): void {
  noteFlush();
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const row = translations.rows[i];
    if (!row.isUsed || ((row.register ^ register) & mask) !== 0n) continue;
    const shift = u64(12 + 9 * row.level);
    if (hasAddress && row.va >> shift !== va >> shift) continue;
    row.isUsed = false;
    translations.count--;
  }
}

export function dropPage(register: u64, va: u64): void {
  dropMasked(register, 0xffff_ffff_ffff_ffffn, va, true);
}
