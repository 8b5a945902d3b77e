import { CapType } from "../kernel/cap/capability";
import { SLOT_CNODE } from "../kernel/initSlots";
import { retypeMany, revokeIn, slotIn } from "./calls";

/**
 * Memory in powers of two: Untypeds that are split by Retype and merged by Revoke, so that what is given back is whole
 * again, whatever was made of it.
 *
 *   free ──split──▶ split, and two halves free ──▶ …      taken ──release──▶ free ──both halves free──▶ merged
 *
 * The halves of a node are two neighbours in `nodes`, at an even number; a half's slot is its node's number behind
 * `firstSlot`. Roots have slots of their own.
 *
 * B1  The halves of a split node are half its size; nothing else is made of its Untyped.
 * B2  Of two halves at least one is not free.
 */

const MAX_NODES = 192;
const NO_NODE = 0xffff_ffff;

/** @storage u8 */
const enum NodeState {
  Unused,
  Free,
  Split,
  Taken,
}

interface Node extends Struct<"Node"> {
  state: NodeState;
  /** 2^size bytes. */
  size: u8;
  slot: u32;
  parent: u32;
}

export interface Pool extends Struct<"Pool"> {
  /** Whose slots: the root CNode, or one in it. */
  cnode: u32;
  firstSlot: u32;
  readonly nodes: FixedArray<Inline<Node>, typeof MAX_NODES>;
}

/** Nodes that stay when the rest is freed. */
export interface Kept extends Struct<"Kept"> {
  readonly nodes: FixedArray<boolean, typeof MAX_NODES>;
}

/** An empty pool that may fill the root CNode's slots from `firstSlot` on, one for each of its nodes. */
export function initPool(pool: Pool, firstSlot: u32): void {
  initPoolIn(pool, SLOT_CNODE, firstSlot);
}

/** The same with slots of `cnode`, of which its Untypeds are then, too. */
export function initPoolIn(pool: Pool, cnode: u32, firstSlot: u32): void {
  pool.cnode = cnode;
  pool.firstSlot = firstSlot;
  for (let i: u32 = 0; i < MAX_NODES; i++) setNode(pool, i, NodeState.Unused, 0, 0, 0);
}

/** Puts the Untyped in `slot`, of which nothing has been made, into the pool; false when there are too many. */
export function addMemory(pool: Pool, slot: u32, size: u32): boolean {
  const pair = unusedPair(pool);
  if (pair === NO_NODE) return false;
  setNode(pool, pair, NodeState.Free, size, slot, NO_NODE);
  // Its neighbour stays taken: a root has no other half.
  setNode(pool, pair + 1, NodeState.Taken, 0, 0, NO_NODE);
  return true;
}

/** The slot of an Untyped of 2^size bytes that is the caller's until it is released; 0 when there is none. */
export function allocate(pool: Pool, size: u32): u32 {
  let node = smallestFree(pool, size);
  if (node === NO_NODE) return 0;
  while (u32(pool.nodes[node].size) > size) {
    const half = split(pool, node);
    if (half === NO_NODE) {
      mergeFrom(pool, node);
      return 0;
    }
    node = half;
  }
  pool.nodes[node].state = NodeState.Taken;
  return pool.nodes[node].slot;
}

/** Gives an Untyped back; all that was made of it is gone. False when it is not one that was allocated. */
export function release(pool: Pool, slot: u32): boolean {
  for (let i: u32 = 0; i < MAX_NODES; i++) {
    const node = pool.nodes[i];
    if (node.state !== NodeState.Taken || node.slot !== slot || slot === 0) continue;
    revokeIn(pool.cnode, slot);
    node.state = NodeState.Free;
    mergeFrom(pool, i);
    return true;
  }
  return false;
}

/** By which the Untyped in one of the pool's slots is named. */
export function addressIn(pool: Pool, slot: u32): u32 {
  return pool.cnode === SLOT_CNODE ? slot : slotIn(pool.cnode, slot);
}

/** Marks the Untyped in `slot`, which was allocated, as one that stays when the rest is freed. */
export function keep(pool: Pool, kept: Kept, slot: u32): void {
  for (let i: u32 = 0; i < MAX_NODES; i++) {
    if (pool.nodes[i].slot !== slot || slot === 0) continue;
    kept.nodes[i] = true;
    pool.nodes[i].state = NodeState.Taken;
    for (let up = pool.nodes[i].parent; up !== NO_NODE; up = pool.nodes[up].parent) {
      kept.nodes[up] = true;
      pool.nodes[up].state = NodeState.Split;
    }
  }
}

/**
 * Frees all but what is kept. For a pool whose owner was ended, perhaps in the midst of a change: nothing is believed but
 * what nodes that are kept, or hold such, say of themselves, which was written long before.
 */
export function freeRest(pool: Pool, kept: Kept): void {
  for (let i: u32 = 0; i < MAX_NODES; i += 2) {
    if (pool.nodes[i].parent === NO_NODE) {
      if (!kept.nodes[i]) pool.nodes[i].state = NodeState.Free;
    } else if (kept.nodes[i] || kept.nodes[i + 1]) freeHalf(pool, kept.nodes[i] ? i + 1 : i, kept);
    else {
      pool.nodes[i].state = NodeState.Unused;
      pool.nodes[i + 1].state = NodeState.Unused;
    }
  }
  for (let i: u32 = 0; i < MAX_NODES; i++) {
    if (pool.nodes[i].state === NodeState.Free) revokeIn(pool.cnode, pool.nodes[i].slot);
  }
}

/** The other half is kept. */
function freeHalf(pool: Pool, index: u32, kept: Kept): void {
  const other = pool.nodes[index ^ 1];
  if (kept.nodes[index]) return;
  setNode(pool, index, NodeState.Free, u32(other.size), pool.firstSlot + index, other.parent);
}

/** Bytes that could be allocated. */
export function freeBytes(pool: Pool): u64 {
  let sum: u64 = 0n;
  for (let i: u32 = 0; i < MAX_NODES; i++) {
    const node = pool.nodes[i];
    if (node.state === NodeState.Free) sum += 1n << u64(u32(node.size));
  }
  return sum;
}

/** Whether nothing is allocated, and nothing split. */
export function isWhole(pool: Pool): boolean {
  for (let i: u32 = 0; i < MAX_NODES; i++) {
    const node = pool.nodes[i];
    if (node.state === NodeState.Split || (node.state === NodeState.Taken && node.slot !== 0)) return false;
  }
  return true;
}

function smallestFree(pool: Pool, size: u32): u32 {
  let best: u32 = NO_NODE;
  for (let i: u32 = 0; i < MAX_NODES; i++) {
    const node = pool.nodes[i];
    if (node.state !== NodeState.Free || u32(node.size) < size) continue;
    if (best === NO_NODE || node.size < pool.nodes[best].size) best = i;
  }
  return best;
}

/** Splits a free node; answers its lower half, or NO_NODE when there is no room for halves. */
function split(pool: Pool, index: u32): u32 {
  const node = pool.nodes[index];
  const pair = unusedPair(pool);
  if (pair === NO_NODE) return NO_NODE;
  const slot = pool.firstSlot + pair;
  const half = u32(node.size) - 1;
  if (retypeMany(pool.cnode, addressIn(pool, node.slot), CapType.Untyped, u64(half), 2, slot) !== 0) return NO_NODE;
  node.state = NodeState.Split;
  setNode(pool, pair, NodeState.Free, half, slot, index);
  setNode(pool, pair + 1, NodeState.Free, half, slot + 1, index);
  return pair;
}

/** Merges free node `from` with its other half, if that is free too, then their parent with its own, and so on. */
function mergeFrom(pool: Pool, from: u32): void {
  let index = from;
  while (pool.nodes[index].parent !== NO_NODE && pool.nodes[index ^ 1].state === NodeState.Free) {
    const parent = pool.nodes[index].parent;
    revokeIn(pool.cnode, pool.nodes[parent].slot);
    pool.nodes[index].state = NodeState.Unused;
    pool.nodes[index ^ 1].state = NodeState.Unused;
    pool.nodes[parent].state = NodeState.Free;
    index = parent;
  }
}

function unusedPair(pool: Pool): u32 {
  for (let i: u32 = 0; i < MAX_NODES; i += 2) {
    if (pool.nodes[i].state === NodeState.Unused) return i;
  }
  return NO_NODE;
}

function setNode(pool: Pool, index: u32, state: NodeState, size: u32, slot: u32, parent: u32): void {
  const node = pool.nodes[index];
  node.state = state;
  node.size = u8(size);
  node.slot = slot;
  node.parent = parent;
}
