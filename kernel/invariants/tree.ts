/**
 * @unit O2
 * @unsafe reaches objects behind capabilities
 */
import { FIRST_LINE, LINES } from "@arch/interrupts";
import {
  ALL_RIGHTS,
  CapType,
  FLAG_DEVICE,
  FLAG_DMA,
  FLAG_ONCE,
  FLAG_PROTECTED,
  FLAG_UNCACHED,
  isCapWith,
  objectIn,
  typeIn,
} from "../cap/capability";
import { isNull, levelOf, nextOf, prevOf, type Slot, startOf } from "../cap/slot";
import type { Endpoint } from "../object/endpoint";
import { isWithin } from "../object/ioPort";
import { allLines } from "../object/irqHandler";
import type { Notification } from "../object/notification";
import type { Process } from "../object/process";
import type { Thread } from "../object/thread";
import type { Timer } from "../object/timer";
import type { Verifier } from "../object/verifier";
import {
  addCap,
  capAt,
  census,
  isFirst,
  isFull,
  isNoted,
  keyOf,
  MAX_CAPS,
  NOBODY,
  note,
  placeAt,
  slotKey,
  slotsOf,
} from "./census";

/**
 * I1 and I2: finds every capability, from one CNode on, by going along derivation lists to slots and from slots into
 * the objects that hold slots. What nobody can reach from there any more is not seen.
 */

const REGION_FLAGS = FLAG_DEVICE | FLAG_DMA | FLAG_UNCACHED | FLAG_PROTECTED;
const MAX_DEPTH = 256;

interface Walk extends Struct<"Walk"> {
  /** Capabilities found in slots of objects, while lists lead to others. */
  found: u32;
  readonly ancestors: FixedArray<u32, typeof MAX_DEPTH>;
  readonly claimed: FixedArray<u8, typeof LINES>;
}

const walk: Walk = zeroed();

/** Takes the census; `slots` slots at `base` are where it begins. False when there are too many capabilities. */
export function checkTree(base: u64, slots: u32): boolean {
  for (let line: u32 = 0; line < LINES; line++) walk.claimed[line] = 0;
  scan(base, slots);
  const lines = allLines();
  for (let line: u32 = FIRST_LINE; line < LINES; line++) lookAt(lines[line].target);
  walk.found = 0;
  for (let i: u32 = 0; i < census.count; i++) {
    if (isFirst(i)) scanObject(capAt(i));
  }
  if (isFull()) return false;
  assert(walk.found === census.count, "I1: a capability lies in a slot of no live object");
  for (let line: u32 = FIRST_LINE; line < LINES; line++) {
    assert(
      lines[line].isClaimed === (walk.claimed[line] !== 0),
      "I1: a line is claimed exactly while it has a capability",
    );
  }
  return true;
}

function scanObject(slot: Slot): void {
  const object = objectIn(slot.word);
  switch (u32(typeIn(slot.word))) {
    case u32(CapType.CNode):
      scan(object, slotsOf(slot));
      return;
    case u32(CapType.Thread):
      scanThread(cast<Thread>(object));
      return;
    case u32(CapType.Endpoint): {
      const endpoint = cast<Endpoint>(object);
      lookAt(endpoint.self);
      for (let i: u32 = 0; i < endpoint.depth; i++) scanPlace(endpoint, i);
      return;
    }
    case u32(CapType.Notification):
      lookAt(cast<Notification>(object).self);
      return;
    case u32(CapType.Timer):
      lookAt(cast<Timer>(object).target);
      return;
    case u32(CapType.Verifier):
      scanVerifier(cast<Verifier>(object));
      return;
    case u32(CapType.Process):
      scanProcess(cast<Process>(object));
      return;
    case u32(CapType.IrqHandler):
      walk.claimed[u32(object)] = 1;
      lookAt(allLines()[u32(object)].target);
      return;
    default:
      return;
  }
}

function scanThread(thread: Thread): void {
  lookAt(thread.cspace);
  lookAt(thread.space);
  lookAt(thread.buffer);
  lookAt(thread.handler);
}

function scanVerifier(verifier: Verifier): void {
  lookAt(verifier.image);
  lookAt(verifier.headers);
  lookAt(verifier.binary);
}

function scanProcess(process: Process): void {
  lookAt(process.budget);
  lookAt(process.image);
  lookAt(process.target);
  lookAt(process.self);
}

function scanPlace(endpoint: Endpoint, index: u32): void {
  const message = placeAt(endpoint, index);
  for (let i: u32 = 0; i < message.slots.length; i++) lookAt(message.slots[i]);
}

function scan(base: u64, slots: u32): void {
  for (let i: u32 = 0; i < slots; i++) lookAt(cast<Slot>(base + u64(i) * 32n));
}

/** Leads from a slot to its list. */
function lookAt(slot: Slot): void {
  if (slot.word === 0n) {
    assert((slot.data | slot.next | slot.prev) === 0n, "I1: a null slot is all zero");
    return;
  }
  if (isFull()) return;
  walk.found++;
  if (!isNoted(slotKey(slot))) addList(headOf(slot));
  assert(isFull() || isNoted(slotKey(slot)), "I2: the list that a slot is in leads back to it");
}

function headOf(slot: Slot): Slot {
  let head = slot;
  for (let steps: u32 = 0; ; steps++) {
    assert(steps < MAX_CAPS, "I2: the derivation tree is acyclic");
    const before = prevOf(head);
    if (before === null) return head;
    head = before;
  }
}

function addList(head: Slot): void {
  let depth: u32 = 0;
  let before: Slot | null = null;
  let at: Slot | null = head;
  while (at !== null && !isFull()) {
    const slot: Slot = at;
    assert(!isNull(slot), "I1: a null slot is in the derivation tree");
    assert(isEnum<CapType>(u32(slot.word & 0x1fn)), "I1: a capability has a type");
    assert(prevOf(slot) === before, "I2: links of the derivation tree are symmetric");
    const start = startOf(slot);
    assert(start <= levelOf(slot), "I2: a slot starts no deeper than it is");
    assert(start <= (before === null ? 0 : levelOf(before) + 1), "I2: a slot starts one level deeper at most");
    while (depth > 0 && levelOf(capAt(walk.ancestors[depth - 1])) >= start) depth--;
    const parent = depth === 0 ? NOBODY : walk.ancestors[depth - 1];
    assert(note(slotKey(slot)), "I2: the derivation tree is acyclic");
    const index = addCap(slot, parent);
    if (keyOf(slot) !== 0n && isFirst(index)) {
      assert(note(keyOf(slot)), "I2: the capabilities to one object follow each other");
    }
    walk.ancestors[depth] = index;
    depth++;
    if (parent !== NOBODY) checkChild(capAt(parent), slot);
    before = slot;
    at = nextOf(slot);
  }
}

/** What may be derived from what, and with what rights. */
function checkChild(parent: Slot, child: Slot): void {
  const from = typeIn(parent.word);
  const to = typeIn(child.word);
  assert((child.word & ~parent.word & ALL_RIGHTS) === 0n, "I2: a child's rights are a subset of its parent's");
  if (from === CapType.Untyped) {
    const isDevice = (parent.word & FLAG_DEVICE) !== 0n;
    if (to === CapType.Untyped || to === CapType.Region) {
      assert(((child.word & FLAG_DEVICE) !== 0n) === isDevice, "I1: device memory stays device memory");
    } else {
      assert(!isDevice && keyOf(child) !== 0n, "I1: objects are made from memory");
    }
    return;
  }
  if (from === CapType.IrqControl && to === CapType.IrqHandler) return;
  assert(from === to && keyOf(parent) === keyOf(child), "I2: a copy refers to what its parent refers to");
  switch (u32(to)) {
    case u32(CapType.IoPort):
      assert(isWithin(child.data, parent.data), "I2: a range of ports is within its parent's");
      return;
    case u32(CapType.Endpoint):
      assert(!isCapWith(parent.word, CapType.Endpoint, FLAG_ONCE), "I2: a one-shot capability has no copies");
      assert(parent.data === 0n || parent.data === child.data, "I2: a badge is final");
      return;
    case u32(CapType.Notification):
      assert(parent.data === 0n || parent.data === child.data, "I2: a badge is final");
      return;
    case u32(CapType.Region):
      assert(((parent.word ^ child.word) & REGION_FLAGS) === 0n, "I2: a Region keeps its attributes");
      assert(((parent.prev ^ child.prev) & 0xffffn) === 0n, "I2: a Region keeps its pages");
      return;
    case u32(CapType.Reply):
    case u32(CapType.IrqHandler):
    case u32(CapType.Untyped):
      panic("I2: there is one capability to each of these");
      return;
    default:
      return;
  }
}
