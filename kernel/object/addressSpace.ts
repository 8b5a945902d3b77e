/** @unsafe writes page tables through the physical window */

import { addressIn, isLeaf, isPresent, publishTables, windowOf } from "@arch/mmu";
import { flushPage, flushSpace, leaveSpace, newRoot, newSpaceRegister, userLeaf, userTable } from "@arch/userSpace";
import { CapType, capWord, isCapWith, objectIn } from "../cap/capability";
import type { Slot } from "../cap/slot";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";
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

export function generationOf(space: AddressSpace): u32 {
  return spaces[space.id].generation;
}

/** The live address space that a mapping names, or null when it is gone. */
export function spaceOfMapping(mapping: Mapping): AddressSpace | null {
  const entry = spaces[mapping.space & (MAX_SPACES - 1)];
  if (entry.holder === 0n || entry.generation !== mapping.generation) return null;
  return cast<AddressSpace>(entry.holder);
}

/** How many frames of the pool mapping `pages` 4 KiB pages from `va` takes (`pages` ≤ MAX_STEP), at most. */
export function missingTables(space: AddressSpace, va: u64, pages: u32): u32 {
  const last = va + u64(pages - 1) * PAGE_BYTES;
  const first = missingAt(space, va);
  if (va >> 21n === last >> 21n) return first;
  const second = missingAt(space, last);
  if (va >> 30n === last >> 30n) return first + (second > 0 ? 1 : 0);
  if (va >> 39n === last >> 39n) return first + (second > 2 ? 2 : second);
  return first + second;
}

/** Whether `pages` pages from `va` are all free to map. The tables that are missing count as free. */
export function isRangeFree(space: AddressSpace, va: u64, pages: u32): boolean {
  let page: u32 = 0;
  while (page < pages) {
    const at = va + u64(page) * PAGE_BYTES;
    const table = leafTable(space, at);
    if (table === 0n) {
      if (isLargeAt(space, at)) return false;
      page += ENTRIES - slotOf(at, 0);
      continue;
    }
    const entries = tableAt(table);
    for (let slot = slotOf(at, 0); slot < ENTRIES && page < pages; slot++) {
      if (isPresent(entries.entries[slot])) return false;
      page++;
    }
  }
  return true;
}

/** Maps pages whose tables the pool has and whose places are free. `flags` are the leaf's rights (`userLeaf`). */
export function mapPages(space: AddressSpace, va: u64, page: PhysAddr, pages: u32, flags: u64): void {
  let done: u32 = 0;
  while (done < pages) {
    const at = va + u64(done) * PAGE_BYTES;
    const p = makeTables(space, at, 0);
    const table = tableAt(p);
    const start = slotOf(at, 0);
    const room = ENTRIES - start;
    const count = pages - done < room ? pages - done : room;
    let entry = userLeaf((u64(page) + u64(done) * PAGE_BYTES) as PhysAddr, flags, 0);
    for (let slot = start; slot < start + count; slot++) {
      assert(slot < ENTRIES, "a run ends with its table");
      table.entries[slot] = entry;
      entry += PAGE_BYTES;
    }
    addUsed(space, p, i32(count));
    done += count;
  }
  publishTables();
}

/** Maps one page of 2 MiB; its tables are there. */
export function mapLarge(space: AddressSpace, va: u64, page: PhysAddr, flags: u64): void {
  const p = makeTables(space, va, 1);
  tableAt(p).entries[slotOf(va, 1)] = userLeaf(page, flags, 1);
  addUsed(space, p, 1);
  publishTables();
}

/** Whether one page of 2 MiB can go to `va`: nothing is there, not even a table. */
export function isLargeFree(space: AddressSpace, va: u64): boolean {
  const p = tableOver(space, va, 1);
  return p === 0n || !isPresent(tableAt(p).entries[slotOf(va, 1)]);
}

/**
 * Takes up to MAX_STEP entries of the capability's mapping away, from its end; what is left stands in the slot.
 * Stale mappings are forgotten at once.
 */
export function unmapStep(slot: Slot): void {
  const mapping = local<Mapping>();
  readMapping(slot, mapping);
  const space = spaceOfMapping(mapping);
  if (space === null) {
    mapping.count = 0;
  } else {
    for (let entries: u32 = 0; entries < MAX_STEP && mapping.count > 0; entries++) {
      mapping.count -= unmapLast(space, mapping, u64(pageOf(slot)));
    }
    publishTables();
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
  publishTables();
}

/** Removes the last entry; answers how many pages it was. */
function unmapLast(space: AddressSpace, mapping: Mapping, page: u64): u32 {
  const va = mapping.start + u64(mapping.count - 1) * PAGE_BYTES;
  const table = leafTable(space, va);
  const level: u32 = table === 0n ? 1 : 0;
  const over = level === 0 ? table : tableOver(space, va, 1);
  assert(over !== 0n, "A1: what a capability has mapped has its tables");
  const entries = tableAt(over);
  const slot = slotOf(va, level);
  const expected = page + u64(mapping.count - (level === 1 ? LARGE_PAGES : 1)) * PAGE_BYTES;
  assert(u64(addressIn(entries.entries[slot])) === expected, "A1: the leaf maps the capability's page");
  entries.entries[slot] = 0n;
  flushPage(space.register, space.id, va);
  addUsed(space, over, -1);
  if (usedOf(space, over) === 0) freeTables(space, va, level);
  return level === 1 ? LARGE_PAGES : 1;
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

/** The table at `level` on the way to `va`, making those that are missing. */
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

/** The table at `level` on the way to `va`, or 0n. */
function tableOver(space: AddressSpace, va: u64, level: u32): PhysAddr {
  let p = space.root;
  for (let at: u32 = TOP_LEVEL; at > level; at--) {
    const entry = tableAt(p).entries[slotOf(va, at)];
    if (!isPresent(entry) || (at < TOP_LEVEL && isLeaf(entry))) return 0n as PhysAddr;
    p = addressIn(entry);
  }
  return p;
}

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

/** How many tables are missing on the way to the leaf of `va`; 0 also where a large page is. */
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
  fillMemory(addressOf(table), 0, PAGE_BYTES);
  return p;
}

function giveBack(space: AddressSpace, p: PhysAddr): void {
  tableAt(p).entries[0] = u64(space.free);
  space.free = p;
  space.freeCount++;
}

function addUsed(space: AddressSpace, p: PhysAddr, change: i32): void {
  const index = frameIndex(space, p);
  space.used[index] = u16(u32(space.used[index]) + u32(change));
}

function usedOf(space: AddressSpace, p: PhysAddr): u32 {
  return space.used[frameIndex(space, p)];
}

/** 0 is the root, which has no count. */
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

/** The object of an AddressSpace's capability. */
export function addressSpaceIn(slot: Slot): AddressSpace {
  assert(isCapWith(slot.word, CapType.AddressSpace, 0n), "the caller has checked the type");
  return cast<AddressSpace>(objectIn(slot.word));
}

export function addressSpaceWord(rights: u64, p: PhysAddr): u64 {
  return capWord(CapType.AddressSpace, rights, windowOf(p));
}
