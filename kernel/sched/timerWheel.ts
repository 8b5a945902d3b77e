/**
 * Everything that happens at a time: a hierarchical wheel of 64 slots a level, so that adding and removing take the
 * same time however many there are (Varghese and Lauck, 1987).
 *
 *   level 0: the next 64 ticks, one slot a tick      level n: slots of 64^n ticks
 *
 * A node lies in the level of the highest six bits in which its time differs from `now`, and moves down as `now`
 * comes nearer.
 *
 * W1  A node is in the wheel exactly when `isArmed`.
 * W2  No node's time is before `now`, except in the slot that is being emptied.
 * W3  Above level 0 no slot that `now` lies in has nodes, except the one that is being emptied: it comes before all
 *     others, for what has moved down out of it may be later than what has not.
 * W4  `bits` has the bit of a level set exactly when a slot of it is not empty.
 */

export const LEVELS = 11;
const SLOTS = 64;
const SLOT_BITS = 6;

/** Whose node it is. @storage u8 */
export const enum TimerKind {
  Timer,
  Refill,
}

export interface TimerNode extends Struct<"TimerNode"> {
  next: TimerNode | null;
  previous: TimerNode | null;
  at: u64;
  level: u8;
  slot: u8;
  isArmed: boolean;
  kind: TimerKind;
}

interface WheelSlot extends Struct<"WheelSlot"> {
  head: TimerNode | null;
}

interface WheelLevel extends Struct<"WheelLevel"> {
  /** Which slots are not empty. */
  bits: u64;
  readonly slots: FixedArray<Inline<WheelSlot>, typeof SLOTS>;
}

interface Wheel extends Struct<"Wheel"> {
  now: u64;
  /** The level of the slot that is being emptied, in which `now` lies; level 0 has none. */
  openLevel: u32;
  /** Which levels are not empty. */
  bits: u64;
  readonly levels: FixedArray<Inline<WheelLevel>, typeof LEVELS>;
}

const wheel: Wheel = zeroed();
export const NEVER = 0xffff_ffff_ffff_ffffn;

/** Puts `node` in for time `at`, in ticks; what is past comes at once. @hot */
export function addTimer(node: TimerNode, at: u64): void {
  const time = at < wheel.now ? wheel.now : at;
  const difference = time ^ wheel.now;
  const level = difference === 0n ? 0 : (63 - clz64(difference)) / SLOT_BITS;
  const slot = u32((time >> u64(level * SLOT_BITS)) & 63n);
  const row = wheel.levels[level];
  const head = row.slots[slot].head;
  node.at = time;
  node.level = u8(level);
  node.slot = u8(slot);
  node.isArmed = true;
  node.previous = null;
  node.next = head;
  if (head !== null) head.previous = node;
  row.slots[slot].head = node;
  row.bits |= 1n << u64(slot);
  wheel.bits |= 1n << u64(level);
}

/** Takes `node` out; harmless when it is not in. @hot */
export function removeTimer(node: TimerNode): void {
  if (!node.isArmed) return;
  const row = wheel.levels[node.level];
  const before = node.previous;
  const after = node.next;
  if (before === null) row.slots[node.slot].head = after;
  else before.next = after;
  if (after !== null) after.previous = before;
  if (row.slots[node.slot].head === null) row.bits &= ~(1n << u64(node.slot));
  if (row.bits === 0n) wheel.bits &= ~(1n << u64(node.level));
  node.isArmed = false;
}

/** When the wheel has to be looked at again, in ticks: a node's time, or earlier; NEVER when it is empty. @inline */
export function nextExpiry(): u64 {
  return wheel.bits === 0n ? NEVER : earliest();
}

/** When the slot that comes first begins; now, while one is being emptied. @hot @noinline */
function earliest(): u64 {
  if (isOpen()) return wheel.now;
  const level = ctz64(wheel.bits);
  const shift = u64(level * SLOT_BITS);
  const slot = u64(ctz64(wheel.levels[level].bits));
  const above = level === LEVELS - 1 ? 0n : (wheel.now >> (shift + 6n)) << (shift + 6n);
  return above | (slot << shift);
}

/**
 * One step towards time `now`: answers a node that is due and takes it out, or null when none is. Nodes that are only
 * nearer now move down; `budget` counts how many have been touched, and at 0 the step ends.
 *
 * @hot
 */
export function takeDue(now: u64, budget: TouchBudget): TimerNode | null {
  while (budget.left > 0) {
    const expiry = nextExpiry();
    if (expiry > now) {
      if (now > wheel.now) wheel.now = now;
      return null;
    }
    if (expiry > wheel.now) wheel.now = expiry;
    const node = firstNode();
    if (node === null) return null;
    budget.left--;
    removeTimer(node);
    if (node.at <= now) return node;
    addTimer(node, node.at);
  }
  return null;
}

/** How many nodes one interrupt may touch. */
export interface TouchBudget extends Struct<"TouchBudget"> {
  left: u32;
}

/** Which slots of a level are not empty. */
export function slotBits(level: u32): u64 {
  return wheel.levels[level].bits;
}

/** The first node of a slot, or null. */
export function firstInSlot(level: u32, slot: u32): TimerNode | null {
  return wheel.levels[level].slots[slot].head;
}

/** Whether a slot is being emptied. */
function isOpen(): boolean {
  return wheel.openLevel !== 0 && ((wheel.levels[wheel.openLevel].bits >> openSlot()) & 1n) !== 0n;
}

/** In the open level. */
function openSlot(): u64 {
  return (wheel.now >> u64(wheel.openLevel * SLOT_BITS)) & 63n;
}

/** A node of the slot that is being emptied, or of the earliest one. @hot */
function firstNode(): TimerNode | null {
  if (isOpen()) return wheel.levels[wheel.openLevel].slots[u32(openSlot())].head;
  if (wheel.bits === 0n) return null;
  wheel.openLevel = ctz64(wheel.bits);
  const row = wheel.levels[wheel.openLevel];
  return row.slots[ctz64(row.bits) & (SLOTS - 1)].head;
}
