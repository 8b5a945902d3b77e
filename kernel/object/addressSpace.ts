/** @unsafe writes page tables through the physical window */

import { addressIn, clearPages, isLeaf, isPresent, publishTables, windowOf } from "@arch/mmu";
import { flushPage, flushSpace, leaveSpace, newRoot, newSpaceRegister, userLeaf, userTable } from "@arch/userSpace";
import { watchTables } from "@build/watch";
import { CapType, capWord, isCapWith, objectIn } from "../cap/capability";
import type { Slot } from "../cap/slot";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";
import type { Process } from "./process";
import { type Mapping, pageOf, readMapping, writeMapping } from "./region";

/**
 * A user's page tables, and the pool of frames that become tables: nothing else pays for them (I11).
 *
 *   ┌────────┬──────┬───────┬───────┬─────┐
 *   │ header │ root │ frame │ frame │ …   │   header: this struct
 *   └────────┴──────┴───────┴───────┴─────┘
 *
 * A0  `used[i]` is the number of present entries of frame i; a table with none is back in the pool.
 * A1  Every leaf is backed by a live capability to its page that knows it (I7).
 * A2  `spaces[id]` is this object exactly while it lives; its id's generation grows when it dies.
 */

export const MAX_POOL = 1023;
export const MAX_SPACES = 4096;
/** Entries that one call may touch (I13). */
export const MAX_STEP = 256;
export const USER_START = 0x1000n;
export const USER_END = 0x7fff_ffff_f000n;

const LARGE_PAGES = 512;
const TOP_LEVEL = 3;
const ENTRIES = 512;
const GENERATION_MASK = 0xfff;
/** Beyond so many pages all translations of the space go: fetching some again costs less than naming each. */
const MAX_FLUSHED = 32;

interface Table extends Struct<"Table"> {
  readonly entries: FixedArray<u64, typeof ENTRIES>;
}

export interface AddressSpace extends Struct<"AddressSpace"> {
  /** As the processor takes it. */
  register: u64;
  root: PhysAddr;
  id: u32;
  /** Frames of the pool, how many are free, and the first of these, linked through their first words. */
  poolPages: u32;
  freeCount: u32;
  free: PhysAddr;
  readonly used: FixedArray<u16, 1024>;
  /** Whose it is: it is made from that one's budget, and goes before it. Null when it was made by Retype. */
  process: Process | null;
}

/** An identifier's holder, 0n when it is free, and how often it has been freed. */
interface SpaceId extends Struct<"SpaceId"> {
  holder: u64;
  generation: u32;
}

const spaces: FixedArray<Inline<SpaceId>, typeof MAX_SPACES> = zeroed();
/** Identifiers are given in turn, so that one comes back as late as possible. */
let lastId: u32 = 0;

/** Header, root and `poolPages` frames. */
export function spaceBytes(poolPages: u64): u64 {
  return (poolPages + 2n) * PAGE_BYTES;
}

/** The process with this identifier's space, or null. */
export function processOfSpace(id: u32): Process | null {
  const holder = spaces[id & (MAX_SPACES - 1)].holder;
  return holder === 0n ? null : cast<AddressSpace>(holder).process;
}

/** A free identifier, or 0. */
export function findFreeId(): u32 {
  for (let i: u32 = 1; i < MAX_SPACES; i++) {
    const id = (lastId + i) & (MAX_SPACES - 1);
    if (id !== 0 && spaces[id].holder === 0n) return id;
  }
  return 0;
}

/** Makes the object in fresh memory at `p`; `id` is free. */
export function initAddressSpace(p: PhysAddr, poolPages: u32, id: u32): void {
  const space = cast<AddressSpace>(windowOf(p));
  fillMemory(addressOf(space), 0, PAGE_BYTES);
  space.root = (u64(p) + PAGE_BYTES) as PhysAddr;
  space.poolPages = poolPages;
  space.id = id;
  space.register = newSpaceRegister(space.root, id);
  newRoot(space.root);
  for (let i: u32 = poolPages; i > 0; i--) giveBack(space, (u64(space.root) + u64(i) * PAGE_BYTES) as PhysAddr);
  spaces[id].holder = addressOf(space);
  lastId = id;
}

/** Its mappings end; capabilities that still name them are stale by the generation. */
export function destroyAddressSpace(space: AddressSpace): void {
  const entry = spaces[space.id];
  entry.holder = 0n;
  entry.generation = (entry.generation + 1) & GENERATION_MASK;
  leaveSpace(space.register, space.id);
}

/** @hot */
export function generationOf(space: AddressSpace): u32 {
  return spaces[space.id].generation;
}

/** The live address space that a mapping names, or null when it is gone. @hot */
export function spaceOfMapping(mapping: Mapping): AddressSpace | null {
  const entry = spaces[mapping.space & (MAX_SPACES - 1)];
  if (entry.holder === 0n || entry.generation !== mapping.generation) return null;
  return cast<AddressSpace>(entry.holder);
}

/** How many frames of the pool mapping `pages` 4 KiB pages from `va` takes (`pages` ≤ MAX_STEP), at most. @hot */
export function missingTables(space: AddressSpace, va: u64, pages: u32): u32 {
  const last = va + u64(pages - 1) * PAGE_BYTES;
  const first = missingAt(space, va);
  if (va >> 21n === last >> 21n) return first;
  const second = missingAt(space, last);
  if (va >> 30n === last >> 30n) return first + (second > 0 ? 1 : 0);
  if (va >> 39n === last >> 39n) return first + (second > 2 ? 2 : second);
  return first + second;
}

/** The leaf table of all `pages` pages from `va`, if they have one in common and it is there; else 0n. @hot */
export function tableOfRun(space: AddressSpace, va: u64, pages: u32): PhysAddr {
  return slotOf(va, 0) + pages > ENTRIES ? (0n as PhysAddr) : leafTable(space, va);
}

/** Whether `pages` pages from `va` in a leaf table are free. @hot */
export function isRunFree(table: PhysAddr, va: u64, pages: u32): boolean {
  const entries = tableAt(table);
  const start = slotOf(va, 0);
  for (let slot = start; slot < start + pages; slot++) {
    assert(slot < ENTRIES, "a run ends with its table");
    if (isPresent(entries.entries[slot])) return false;
  }
  return true;
}

/** Maps pages at places of a leaf table that are free. `flags` are the leaf's rights (`userLeaf`). @hot */
export function mapRun(space: AddressSpace, p: PhysAddr, va: u64, page: PhysAddr, pages: u32, flags: u64): void {
  const table = tableAt(p);
  const start = slotOf(va, 0);
  let entry = userLeaf(page, flags, 0);
  for (let slot = start; slot < start + pages; slot++) {
    assert(slot < ENTRIES, "a run ends with its table");
    table.entries[slot] = entry;
    entry += PAGE_BYTES;
  }
  addUsed(space, p, i32(pages));
  publishEntries();
}

/** Entries have changed: the processor's walks see it, and so does what watches this build. @inline */
function publishEntries(): void {
  publishTables();
  watchTables();
}

/** Whether `pages` pages from `va` are all free to map. The tables that are missing count as free. */
export function isRangeFree(space: AddressSpace, va: u64, pages: u32): boolean {
  let page: u32 = 0;
  while (page < pages) {
    const at = va + u64(page) * PAGE_BYTES;
    const count = runFrom(at, pages - page);
    const table = leafTable(space, at);
    if (table === 0n ? isLargeAt(space, at) : !isRunFree(table, at, count)) return false;
    page += count;
  }
  return true;
}

/** Maps pages whose tables the pool has and whose places are free. */
export function mapPages(space: AddressSpace, va: u64, page: PhysAddr, pages: u32, flags: u64): void {
  let done: u32 = 0;
  while (done < pages) {
    const at = va + u64(done) * PAGE_BYTES;
    const count = runFrom(at, pages - done);
    const table = makeTables(space, at, 0);
    mapRun(space, table, at, (u64(page) + u64(done) * PAGE_BYTES) as PhysAddr, count, flags);
    done += count;
  }
}

/** How many of `pages` pages from `va` have the same leaf table. */
function runFrom(va: u64, pages: u32): u32 {
  const room = ENTRIES - slotOf(va, 0);
  return pages < room ? pages : room;
}

/** Maps one page of 2 MiB; its tables are there. */
export function mapLarge(space: AddressSpace, va: u64, page: PhysAddr, flags: u64): void {
  const p = makeTables(space, va, 1);
  tableAt(p).entries[slotOf(va, 1)] = userLeaf(page, flags, 1);
  addUsed(space, p, 1);
  publishEntries();
}

/** Whether one page of 2 MiB can go to `va`: nothing is there, not even a table. */
export function isLargeFree(space: AddressSpace, va: u64): boolean {
  const p = tableOver(space, va, 1);
  return p === 0n || !isPresent(tableAt(p).entries[slotOf(va, 1)]);
}

/**
 * Takes up to MAX_STEP entries of the capability's mapping away, from its end; what is left stands in the slot.
 * Stale mappings are forgotten at once.
 *
 * @hot
 */
export function unmapStep(slot: Slot): void {
  const mapping = local<Mapping>();
  readMapping(slot, mapping);
  const space = spaceOfMapping(mapping);
  if (space === null) {
    mapping.count = 0;
  } else {
    let left: u32 = MAX_STEP;
    while (left > 0 && mapping.count > 0) left -= unmapLast(space, mapping, u64(pageOf(slot)), left);
    publishEntries();
  }
  writeMapping(slot, mapping);
}

/** The leaf that maps `va`, or 0n. */
export function leafAt(space: AddressSpace, va: u64): u64 {
  const table = leafTable(space, va);
  if (table !== 0n) {
    const entry = tableAt(table).entries[slotOf(va, 0)];
    return isPresent(entry) ? entry : 0n;
  }
  return isLargeAt(space, va) ? tableAt(tableOver(space, va, 1)).entries[slotOf(va, 1)] : 0n;
}

/** Gives the mapped pages from `va` new flags; every one of them is mapped, whole large pages too. */
export function protectPages(space: AddressSpace, va: u64, page: PhysAddr, pages: u32, flags: u64): void {
  let done: u32 = 0;
  while (done < pages) {
    const at = va + u64(done) * PAGE_BYTES;
    const level: u32 = leafTable(space, at) === 0n ? 1 : 0;
    const table = tableAt(tableOver(space, at, level));
    table.entries[slotOf(at, level)] = userLeaf((u64(page) + u64(done) * PAGE_BYTES) as PhysAddr, flags, level);
    flushPage(space.register, space.id, at);
    done += level === 1 ? LARGE_PAGES : 1;
  }
  publishEntries();
}

/** Removes the last entries, which have one table, but no more than `most`; answers how many it were. @hot */
function unmapLast(space: AddressSpace, mapping: Mapping, page: u64, most: u32): u32 {
  const last = mapping.start + u64(mapping.count - 1) * PAGE_BYTES;
  const p = leafTable(space, last);
  if (p === 0n) return unmapLarge(space, mapping, last, page);
  const before = slotOf(last, 0) + 1;
  const limit = mapping.count < most ? mapping.count : most;
  const count = before < limit ? before : limit;
  mapping.count -= count;
  const table = tableAt(p);
  let expected = page + u64(mapping.count) * PAGE_BYTES;
  for (let slot = before - count; slot < before; slot++) {
    assert(slot < ENTRIES, "a run ends with its table");
    assert(u64(addressIn(table.entries[slot])) === expected, "A1: the leaf maps the capability's page");
    table.entries[slot] = 0n;
    expected += PAGE_BYTES;
  }
  flushRun(space, mapping.start + u64(mapping.count) * PAGE_BYTES, count);
  addUsed(space, p, -i32(count));
  if (usedOf(space, p) === 0) freeTables(space, last, 0);
  return count;
}

/** Removes the page of 2 MiB in which `last` lies, which is the mapping's last. */
function unmapLarge(space: AddressSpace, mapping: Mapping, last: u64, page: u64): u32 {
  const p = tableOver(space, last, 1);
  assert(p !== 0n, "A1: what a capability has mapped has its tables");
  const table = tableAt(p);
  const slot = slotOf(last, 1);
  mapping.count -= LARGE_PAGES;
  const expected = page + u64(mapping.count) * PAGE_BYTES;
  assert(u64(addressIn(table.entries[slot])) === expected, "A1: the leaf maps the capability's page");
  table.entries[slot] = 0n;
  flushPage(space.register, space.id, last);
  addUsed(space, p, -1);
  if (usedOf(space, p) === 0) freeTables(space, last, 1);
  return 1;
}

/** No translation of `pages` pages from `va` is used any more. @hot */
function flushRun(space: AddressSpace, va: u64, pages: u32): void {
  if (pages > MAX_FLUSHED) {
    flushSpace(space.register, space.id);
    return;
  }
  for (let i: u32 = 0; i < pages; i++) flushPage(space.register, space.id, va + u64(i) * PAGE_BYTES);
}

/** Empty tables above `va` go back to the pool, from `level` upwards. */
function freeTables(space: AddressSpace, va: u64, level: u32): void {
  for (let at = level; at < TOP_LEVEL; at++) {
    const p = tableOver(space, va, at);
    if (p === 0n || usedOf(space, p) !== 0) return;
    const above = tableOver(space, va, at + 1);
    tableAt(above).entries[slotOf(va, at + 1)] = 0n;
    flushSpace(space.register, space.id);
    giveBack(space, p);
    if (at + 1 < TOP_LEVEL) addUsed(space, above, -1);
  }
}

/** The table at `level` on the way to `va`, making those that are missing. @hot */
function makeTables(space: AddressSpace, va: u64, level: u32): PhysAddr {
  let p = space.root;
  for (let at: u32 = TOP_LEVEL; at > level; at--) {
    const table = tableAt(p);
    const slot = slotOf(va, at);
    const entry = table.entries[slot];
    if (isPresent(entry)) {
      p = addressIn(entry);
      continue;
    }
    const fresh = take(space);
    table.entries[slot] = userTable(fresh);
    if (at < TOP_LEVEL) addUsed(space, p, 1);
    p = fresh;
  }
  return p;
}

/** The table at `level` on the way to `va`, or 0n. @hot */
function tableOver(space: AddressSpace, va: u64, level: u32): PhysAddr {
  let p = space.root;
  for (let at: u32 = TOP_LEVEL; at > level; at--) {
    const entry = tableAt(p).entries[slotOf(va, at)];
    if (!isPresent(entry) || (at < TOP_LEVEL && isLeaf(entry))) return 0n as PhysAddr;
    p = addressIn(entry);
  }
  return p;
}

/** @hot */
function leafTable(space: AddressSpace, va: u64): PhysAddr {
  return tableOver(space, va, 0);
}

/** Whether a page of 2 MiB maps `va`. */
export function isLargeAt(space: AddressSpace, va: u64): boolean {
  const p = tableOver(space, va, 1);
  if (p === 0n) return false;
  const entry = tableAt(p).entries[slotOf(va, 1)];
  return isPresent(entry) && isLeaf(entry);
}

/** How many tables are missing on the way to the leaf of `va`; 0 also where a large page is. @hot */
function missingAt(space: AddressSpace, va: u64): u32 {
  let p = space.root;
  for (let at: u32 = TOP_LEVEL; at > 0; at--) {
    const entry = tableAt(p).entries[slotOf(va, at)];
    if (!isPresent(entry)) return at;
    if (at < TOP_LEVEL && isLeaf(entry)) return 0;
    p = addressIn(entry);
  }
  return 0;
}

function take(space: AddressSpace): PhysAddr {
  const p = space.free;
  assert(space.freeCount > 0, "decode has counted the missing tables");
  const table = tableAt(p);
  space.free = table.entries[0] as PhysAddr;
  space.freeCount--;
  clearPages(addressOf(table), PAGE_BYTES);
  return p;
}

function giveBack(space: AddressSpace, p: PhysAddr): void {
  tableAt(p).entries[0] = u64(space.free);
  space.free = p;
  space.freeCount++;
}

/** @hot */
function addUsed(space: AddressSpace, p: PhysAddr, change: i32): void {
  const index = frameIndex(space, p);
  space.used[index] = u16(u32(space.used[index]) + u32(change));
}

/** @hot */
function usedOf(space: AddressSpace, p: PhysAddr): u32 {
  return space.used[frameIndex(space, p)];
}

/** 0 is the root, which has no count. @hot */
function frameIndex(space: AddressSpace, p: PhysAddr): u32 {
  return u32((u64(p) - u64(space.root)) / PAGE_BYTES);
}

/** @inline */
function tableAt(p: PhysAddr): Table {
  return cast<Table>(windowOf(p));
}

/** @inline */
function slotOf(va: u64, level: u32): u32 {
  return u32((va >> u64(12 + 9 * level)) & 511n);
}

/** The object of an AddressSpace's capability. @hot */
export function addressSpaceIn(slot: Slot): AddressSpace {
  assert(isCapWith(slot.word, CapType.AddressSpace, 0n), "the caller has checked the type");
  return cast<AddressSpace>(objectIn(slot.word));
}

export function addressSpaceWord(rights: u64, p: PhysAddr): u64 {
  return capWord(CapType.AddressSpace, rights, windowOf(p));
}
