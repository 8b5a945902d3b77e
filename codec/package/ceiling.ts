import { PackageFault } from "./fault";
import {
  closeRecord,
  type Entries,
  type Fields,
  field,
  isRight,
  openNames,
  openRecord,
  readItems,
  readNumber,
  readPrefix,
  refuse,
} from "./fields";
import { ALL_GRANT_RIGHTS, LAST_KIND } from "./kind";
import { isUnder } from "./name";
import { bytesOf, type Span } from "./span";

/**
 * The most that modules of a publisher, or any modules, may be called and ask for.
 *
 *   { 1: [ 1*8 prefix ], 2: { * kind => rights }, 3: budget in bytes, 4: priority }
 */

const FIELDS = 4;
export const MAX_PREFIXES = 8;
export const MAX_KINDS = 22;
/** 2^47: more than any machine has. */
export const MAX_BUDGET_BYTES = 0x8000_0000_0000n;
export const MAX_PRIORITY = 255n;

const KINDS = 32;
/** In `rights`: the kind is listed, with the rights in the low bits. */
const LISTED = 0x80;

export interface Ceiling extends Struct<"Ceiling"> {
  /** Where its prefixes lie: what it was read from. */
  bytes: Bytes;
  prefixCount: u32;
  readonly prefixes: FixedArray<Inline<Span>, typeof MAX_PREFIXES>;
  /** By GrantKind: 0 when modules may have none of the kind. */
  readonly rights: FixedArray<u8, typeof KINDS>;
  budgetBytes: u64;
  priority: u32;
}

/** Which limit something goes beyond. @storage u8 */
export const enum Limit {
  None,
  Name,
  Kind,
  Rights,
  Budget,
  Priority,
}

export function readCeiling(f: Fields, ceiling: Ceiling): void {
  const entries = local<Entries>();
  ceiling.bytes = f.reader.bytes;
  openRecord(f, entries, FIELDS);
  field(f, entries);
  ceiling.prefixCount = readItems(f, 1, MAX_PREFIXES);
  for (let i: u32 = 0; i < ceiling.prefixCount; i++) readPrefix(f, ceiling.prefixes[i]);
  field(f, entries);
  readKinds(f, ceiling);
  field(f, entries);
  ceiling.budgetBytes = readNumber(f, MAX_BUDGET_BYTES);
  field(f, entries);
  ceiling.priority = u32(readNumber(f, MAX_PRIORITY));
  closeRecord(f, entries);
}

function readKinds(f: Fields, ceiling: Ceiling): void {
  const entries = local<Entries>();
  for (let kind: u32 = 0; kind < KINDS; kind++) ceiling.rights[kind] = 0;
  openNames(f, entries, MAX_KINDS);
  let last: u64 = 0n;
  for (let i: u32 = 0; i < entries.count && isRight(f); i++) {
    const at = f.reader.at;
    const kind = readNumber(f, LAST_KIND);
    if (!isRight(f)) return;
    if (kind === 0n) {
      refuse(f, PackageFault.OutOfRange, at);
      return;
    }
    if (kind <= last) {
      refuse(f, kind === last ? PackageFault.DuplicateKey : PackageFault.UnsortedKeys, at);
      return;
    }
    last = kind;
    ceiling.rights[u32(kind) & (KINDS - 1)] = u8(LISTED | u32(readNumber(f, ALL_GRANT_RIGHTS)));
  }
}

/** Whether a module may be called `name`. */
export function allowsName(ceiling: Ceiling, name: Bytes): boolean {
  for (let i: u32 = 0; i < ceiling.prefixCount; i++) {
    if (isUnder(name, bytesOf(ceiling.bytes, ceiling.prefixes[i]))) return true;
  }
  return false;
}

/** Whether a module may ask for a capability: None, Kind or Rights. */
export function limitOfGrant(ceiling: Ceiling, kind: u32, rights: u32): Limit {
  const allowed = u32(ceiling.rights[kind & (KINDS - 1)]);
  if ((allowed & LISTED) === 0) return Limit.Kind;
  return (rights & ~allowed) === 0 ? Limit.None : Limit.Rights;
}

/** The first limit of `outer` that `inner` goes beyond. */
export function limitOfCeiling(outer: Ceiling, inner: Ceiling): Limit {
  for (let i: u32 = 0; i < inner.prefixCount; i++) {
    if (!allowsName(outer, bytesOf(inner.bytes, inner.prefixes[i]))) return Limit.Name;
  }
  for (let kind: u32 = 0; kind < KINDS; kind++) {
    const rights = u32(inner.rights[kind]);
    if ((rights & LISTED) === 0) continue;
    const limit = limitOfGrant(outer, kind, rights & ~LISTED);
    if (limit !== Limit.None) return limit;
  }
  return limitOfNumbers(outer, inner.budgetBytes, inner.priority);
}

/** None, Budget or Priority. */
export function limitOfNumbers(ceiling: Ceiling, budgetBytes: u64, priority: u32): Limit {
  if (budgetBytes > ceiling.budgetBytes) return Limit.Budget;
  return priority > ceiling.priority ? Limit.Priority : Limit.None;
}
