/** @unsafe finds slots by address */
import { CapType, isCapWith } from "./capability";
import { isNull, objectOf, SLOT_BYTES, type Slot, slotAt } from "./slot";

/**
 * Capability addresses: 32 bits, resolved in the thread's root CNode, and in one more if that is not enough.
 *
 *   ┌───────────────┬──────────────┐
 *   │ inner index   │ root index   │   inner index 0: the slot is the root's own
 *   └───────────────┴──────────────┘
 *    31           16 15           0
 *
 * Slot 0 of every CNode belongs to the kernel (cap/delete.ts), so that address 0 is the null capability and an
 * inner index is never 0.
 */

const INDEX_MASK = 0xffff;
const INNER_SHIFT = 16;

/** The slot at `address` below the root CNode's slot, or null when there is none. @inline */
export function lookupSlot(root: Slot, address: u32): Slot | null {
  const index = address & INDEX_MASK;
  // The data of a CNode is its number of slots; a thread without a CSpace has 0 there.
  if (index >= u32(root.data)) return null;
  const slot = slotAt(objectOf(root), index);
  return address >>> INNER_SHIFT === 0 ? slot : lookupInner(slot, address >>> INNER_SHIFT);
}

/** @noinline @hot */
function lookupInner(cnode: Slot, index: u32): Slot | null {
  if (!isCapWith(cnode.word, CapType.CNode, 0n) || index >= u32(cnode.data)) return null;
  return slotAt(objectOf(cnode), index);
}

/** The slot at `index` of the CNode to which `cnode` refers; null when it is out of range or the kernel's. @hot */
export function slotOfCNode(cnode: Slot, index: u64): Slot | null {
  if (index === 0n || index >= cnode.data) return null;
  return slotAt(objectOf(cnode), u32(index));
}

/** Of those, only an empty one. @hot */
export function emptySlotOf(cnode: Slot, index: u64): Slot | null {
  const slot = slotOfCNode(cnode, index);
  return slot !== null && isNull(slot) ? slot : null;
}

/** Whether `count` slots from `first` of the CNode are there, not the kernel's, and empty. @hot @inline */
export function areEmpty(cnode: Slot, first: u64, count: u64): boolean {
  if (first === 0n || first >= cnode.data || count > cnode.data - first) return false;
  const start = objectOf(cnode) + first * SLOT_BYTES;
  for (let i: u64 = 0n; i < count; i += 1n) {
    if (!isNull(cast<Slot>(start + i * SLOT_BYTES))) return false;
  }
  return true;
}
