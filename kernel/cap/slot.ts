/** @unsafe keeps addresses of slots in 48 bits */
import { type CapType, isSameObject, objectIn, typeIn } from "./capability";

/**
 * A place for one capability, and its node in the derivation tree.
 *
 *   ┌──────┬──────┬─────────────────────────┬─────────────────┐
 *   │ word │ data │ next 48 │ start │ level │ prev 48 │ extra │   32 bytes; a null slot is all zero (I1)
 *   └──────┴──────┴─────────────────────────┴─────────────────┘
 *
 * The tree is one list in depth-first order. `level` is a slot's depth. `start` is the least depth at which
 * something starts here: its own, or that of a removed ancestor whose place it has inherited, so that the
 * children of a removed slot do not become those of the sibling before it. A slot's descendants are those that
 * follow it, as long as `start` is greater than its own level.
 *
 *   P 1 ─ W 2 ─ X 2 ─ Y 3 ─ Z 3    remove X:    P 1 ─ W 2 ─ Y 3 (start 2) ─ Z 3
 *
 * S1  start ≤ level, and start ≤ 1 + the level of the slot before.
 * S2  All capabilities to one object follow each other: one is the last when neither neighbour refers to it.
 * S3  next and prev are symmetric (I2).
 */
export interface Slot extends Struct<"Slot"> {
  word: u64;
  data: u64;
  /** Address of the next slot shifted left by 16, and this slot's start and level. */
  next: u64;
  /** Address of the slot before shifted left by 16, and 16 bits that the type may use. */
  prev: u64;
}

export const SLOT_BYTES = 32n;
export const MAX_LEVEL = 0xff;

const LINK_SHIFT = 16n;
const LOW_MASK = 0xffffn;
const START_SHIFT = 8n;
const LEVEL_MASK = 0xffn;

/** The address behind a link. @inline */
function linkIn(word: u64): u64 {
  return u64(i64(word) >> LINK_SHIFT);
}

/** @inline */
export function typeOf(slot: Slot): CapType {
  return typeIn(slot.word);
}

/** @inline */
export function objectOf(slot: Slot): u64 {
  return objectIn(slot.word);
}

/** @inline */
export function isNull(slot: Slot): boolean {
  return slot.word === 0n;
}

/** @inline */
export function levelOf(slot: Slot): u32 {
  return u32(slot.next & LEVEL_MASK);
}

/** @inline */
export function startOf(slot: Slot): u32 {
  return u32((slot.next >> START_SHIFT) & LEVEL_MASK);
}

/** 16 bits for the type: a Region's pages, an Untyped's size. @inline */
export function extraOf(slot: Slot): u32 {
  return u32(slot.prev & LOW_MASK);
}

export function setExtra(slot: Slot, value: u32): void {
  slot.prev = (slot.prev & ~LOW_MASK) | u64(value & 0xffff);
}

/** @hot @inline */
export function nextOf(slot: Slot): Slot | null {
  const address = linkIn(slot.next);
  return address === 0n ? null : cast<Slot>(address);
}

/** @hot @inline */
export function prevOf(slot: Slot): Slot | null {
  const address = linkIn(slot.prev);
  return address === 0n ? null : cast<Slot>(address);
}

/** The slot at index `index` of an array of slots at `base`. @inline */
export function slotAt(base: u64, index: u32): Slot {
  return cast<Slot>(base + (u64(index) << 5n));
}

/** @hot @inline */
function setNext(slot: Slot, next: Slot | null): void {
  slot.next = ((next === null ? 0n : addressOf(next)) << LINK_SHIFT) | (slot.next & LOW_MASK);
}

/** @hot @inline */
function setPrev(slot: Slot, prev: Slot | null): void {
  slot.prev = ((prev === null ? 0n : addressOf(prev)) << LINK_SHIFT) | (slot.prev & LOW_MASK);
}

/** Fills a null slot with a capability that comes from nobody: the kernel's own making at boot. */
export function insertRoot(slot: Slot, word: u64, data: u64, extra: u32): void {
  slot.word = word;
  slot.data = data;
  slot.next = 0n;
  slot.prev = u64(extra);
}

/** Fills the null slot `slot` with a child of `parent`, whose level is below MAX_LEVEL. @hot @inline */
export function insertChild(parent: Slot, slot: Slot, word: u64, data: u64, extra: u32): void {
  const next = nextOf(parent);
  const level = u64(levelOf(parent) + 1);
  slot.word = word;
  slot.data = data;
  slot.next = (parent.next & ~LOW_MASK) | (level << START_SHIFT) | level;
  slot.prev = (addressOf(parent) << LINK_SHIFT) | u64(extra & 0xffff);
  setNext(parent, slot);
  if (next !== null) setPrev(next, slot);
}

/** Moves a capability to the null slot `to`; its place in the tree moves along. @hot */
export function moveSlot(from: Slot, to: Slot): void {
  copyStruct(to, from);
  const next = nextOf(to);
  const prev = prevOf(to);
  if (next !== null) setPrev(next, to);
  if (prev !== null) setNext(prev, to);
  clear(from);
}

/** Empties the slot; its children become its parent's. Answers the slot before, or null. @hot */
export function removeSlot(slot: Slot): Slot | null {
  const next = nextOf(slot);
  const prev = prevOf(slot);
  if (next !== null) {
    setPrev(next, prev);
    const start = startOf(slot);
    if (startOf(next) > start) next.next = (next.next & ~(LEVEL_MASK << START_SHIFT)) | (u64(start) << START_SHIFT);
  }
  if (prev !== null) setNext(prev, next);
  clear(slot);
  return prev;
}

/** Whether no other capability refers to the object (S2). @hot */
export function isFinal(slot: Slot): boolean {
  const prev = prevOf(slot);
  if (prev !== null && isSameObject(prev.word, slot.word)) return false;
  const next = nextOf(slot);
  return next === null || !isSameObject(next.word, slot.word);
}

/** The first descendant, or null. @hot */
export function firstChild(slot: Slot): Slot | null {
  const next = nextOf(slot);
  return next !== null && startOf(next) > levelOf(slot) ? next : null;
}

/** @hot */
function clear(slot: Slot): void {
  slot.word = 0n;
  slot.data = 0n;
  slot.next = 0n;
  slot.prev = 0n;
}
