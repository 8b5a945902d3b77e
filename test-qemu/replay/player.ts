/** @unsafe reads a trace's records by their addresses */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_INSPECT } from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, retype } from "../../user/calls";
import { answerAt, infoWord, invoke, type Message, ownBuffer } from "../../user/message";

/**
 * Plays a trace: calls on the capabilities of one CNode, which a model of the kernel has thought up (test/kernel/model).
 * The hash of all errors, answers, and states of the CNode's slots is the same on the host, on both machines, and in the
 * model. What the machines do not share is left out: addresses, and identifiers of address spaces.
 *
 *   record: label 4, object 4, capability 4, 0 4, four words of 8
 */

/** The player's own slots. */
const MEMORY = 120;
const CNODE = 121;
const MEMORY_SIZE = 20n;
const OWN_SIZE = 18n;
const RADIX = 5n;
const RECORD_BYTES = 48;
/** Calls from one look at the slots to the next. */
const LOOK_EVERY = 16;
/** Of the CNode, at first. */
const OWN_MEMORY = 1;
const SPACE = 2;

const START = 0x811c_9dc5;
const PRIME = 0x0100_0193;

/** FNV-1a of 32 bits, by 32 bits at a time. */
function fold(hash: u32, value: u64): u32 {
  const low = (hash ^ u32(value & 0xffff_ffffn)) * PRIME;
  return (low ^ u32(value >> 32n)) * PRIME;
}

/** Answers the trace's hash; 0 when its world could not be made. `pool` is an Untyped of the player's with room. */
export function playTrace(trace: Bytes, pool: u32): u32 {
  if (!prepare(pool)) return 0;
  const message = local<Message>();
  let hash: u32 = START;
  const count = trace.length / RECORD_BYTES;
  for (let i: u32 = 0; i < count; i++) {
    const at = addressOf(trace) + u64(i * RECORD_BYTES);
    const label = load32(at);
    for (let word: u32 = 0; word < 4; word++) message.words[word] = load64(at + 16n + u64(word) * 8n);
    ownBuffer().words[4] = 0n;
    ownBuffer().sent[0] = load32(at + 8n);
    const error = invoke(message, load32(at + 4n), label, 5, 1);
    hash = fold(hash, u64(error));
    if (error === 0 && hasAnswer(label)) hash = fold(hash, message.words[0]);
    if ((i + 1) % LOOK_EVERY === 0 || i + 1 === count) hash = look(hash);
  }
  ask(SLOT_CNODE, Invocation.CNodeRevoke, u64(MEMORY), 0n, 0);
  ask(SLOT_CNODE, Invocation.CNodeDelete, u64(MEMORY), 0n, 0);
  return hash;
}

function hasAnswer(label: u32): boolean {
  return (
    label === u32(Invocation.AddressSpaceMap) ||
    label === u32(Invocation.AddressSpaceUnmap) ||
    label === u32(Invocation.AddressSpaceTranslate) ||
    label === u32(Invocation.RegionZero)
  );
}

function prepare(pool: u32): boolean {
  if (retype(pool, CapType.Untyped, MEMORY_SIZE, 1, MEMORY) !== 0) return false;
  if (retype(MEMORY, CapType.CNode, RADIX, 1, CNODE) !== 0) return false;
  return retypeIn(CapType.Untyped, OWN_SIZE, OWN_MEMORY) === 0 && retypeIn(CapType.AddressSpace, 8n, SPACE) === 0;
}

function retypeIn(type: CapType, size: u64, slot: u32): u32 {
  const message = local<Message>();
  message.words[0] = u64(u32(type));
  message.words[1] = size;
  message.words[2] = 1n;
  message.words[3] = u64(slot);
  ownBuffer().words[4] = 0n;
  ownBuffer().sent[0] = CNODE;
  return invoke(message, MEMORY, u32(Invocation.UntypedRetype), 5, 1);
}

/** Every slot of the CNode, and what is in it. */
function look(before: u32): u32 {
  const message = local<Message>();
  let hash = before;
  let next: u64 = 1n;
  while (next !== 0n) {
    message.words[0] = next;
    message.info = infoWord(0, 0, 0);
    ownBuffer().sent[0] = CNODE;
    if (invoke(message, SLOT_INSPECT, u32(Invocation.InspectSlots), 1, 1) !== 0) return 0;
    next = message.words[0];
    const found = u32(message.words[1]);
    for (let i: u32 = 0; i < found; i++) {
      const identity = answerAt(message, 2 + 3 * i);
      hash = fold(fold(hash, identity), shared(identity, answerAt(message, 4 + 3 * i)));
    }
  }
  return hash;
}

/** What of a capability's data is the same everywhere: of a mapping not the address space's identifier. */
function shared(identity: u64, data: u64): u64 {
  const isRegion = ((identity >> 32n) & 0xffn) === u64(u32(CapType.Region));
  return isRegion ? (data & ~0xfff_ffffn) | (data & 0xffffn) : data;
}
