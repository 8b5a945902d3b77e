/**
 * @unit O2
 * @unsafe looks into the kernel's memory
 */

import { CapType, typeIn } from "../../kernel/cap/capability";
import { isNull, objectOf, slotAt } from "../../kernel/cap/slot";
import { SLOT_CNODE } from "../../kernel/initSlots";
import { capAt, census, NOBODY, parentOf } from "../../kernel/invariants/census";
import { Sink, setSink, writeByte, writeDecimal, writeText } from "../../kernel/output";
import { cpu } from "../../kernel/sched/cpu";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { SLOT_POOL } from "../../test-qemu/script/world";
import { ask, copyInto, mintInto, retype, retypeInto, slotIn } from "../../user/calls";
import { infoWord, ownBuffer } from "../../user/message";
import { nextRandom } from "../../user/random";
import { boot, bootWorld, mapMemory } from "./boot.kts";
import { enter, enterAgain, isRestarted, prepareCall, type Words } from "./calls.kts";
import { machine } from "./machine/machine.kts";
import { keepWorld, noteMemory, restoreWorld } from "./snapshot.kts";

/**
 * Forests of capabilities at random: one of them is revoked, with an interrupt at the first, the second, … the last
 * poll. No descendant survives, nothing else is gone, and the invariants hold at every step.
 */

const CNODE = 20;
const RADIX = 7n;
const SLOTS = 128;
/** Beyond it capabilities are no longer copied one from the other. */
const DEEPEST = 255;

interface Forest extends Struct<"Forest"> {
  random: u64;
  base: u64;
  revokes: u64;
  restarts: u64;
}

const forest: Forest = zeroed();
const words: Words = zeroed();

const KINDS = 7;
const kinds: FixedArray<CapType, typeof KINDS> = [
  CapType.Untyped,
  CapType.CNode,
  CapType.Endpoint,
  CapType.Notification,
  CapType.Thread,
  CapType.Region,
  CapType.AddressSpace,
];
const sizes: FixedArray<u64, typeof KINDS> = [13n, 2n, 2n, 0n, 0n, 1n, 1n];

function random(bound: u32): u32 {
  forest.random = nextRandom(forest.random);
  return u32((forest.random >> 16n) % u64(bound));
}

/** @entry harness_run */
export function run(seed: u64, rounds: u64): u32 {
  mapMemory();
  bootWorld("invariants=1");
  for (let round: u64 = 0n; round < rounds; round += 1n) {
    forest.random = (seed + round) * 0x9e37_79b9_7f4a_7c15n + 1n;
    plant(round % 4n === 3n);
    revokeAtEveryPoll();
    must(ask(SLOT_CNODE, Invocation.CNodeRevoke, u64(SLOT_POOL), 0n, 0));
    assert(slotAt(boot.root, SLOT_POOL).data === 0n, "all memory is whole again");
  }
  setSink(Sink.Console);
  writeDecimal(forest.revokes);
  writeText(" revokes, ");
  writeDecimal(forest.restarts);
  writeText(" restarts, 0 survivors");
  writeByte(0x0a);
  return 0;
}

/** A chain as long as the tree is deep, or a forest as it comes. */
function plant(isChain: boolean): void {
  must(retype(SLOT_POOL, CapType.CNode, isChain ? 9n : RADIX, 1, CNODE));
  forest.base = objectOf(slotAt(boot.root, CNODE));
  must(retypeInto(CNODE, SLOT_POOL, CapType.Untyped, 16n, 1));
  if (isChain) {
    must(retypeInto(CNODE, slotIn(CNODE, 1), CapType.Notification, 0n, 2));
    for (let i: u32 = 3; i <= DEEPEST; i++) copyInto(CNODE, slotIn(CNODE, i - 1), i);
    return;
  }
  const count = 40 + random(60);
  for (let i: u32 = 0; i < count; i++) grow(2 + random(SLOTS - 2), 1 + random(SLOTS - 1));
}

/** One step, which may fail. */
function grow(to: u32, from: u32): void {
  const source = slotIn(CNODE, from);
  const kind = random(KINDS);
  switch (random(8)) {
    case 0:
    case 1:
    case 2:
      retypeInto(CNODE, anUntyped(), kinds[kind], sizes[kind], to);
      break;
    case 3:
      mintInto(CNODE, source, to, 7n, u64(random(9)));
      break;
    case 4:
      ask(CNODE, Invocation.CNodeMove, u64(to), 0n, source);
      break;
    case 5:
      // Into a CNode of the forest, out of sight.
      if (typeIn(slotAt(forest.base, from).word) !== CapType.CNode) return;
      ask(source, Invocation.CNodeCopy, 1n, 7n, slotIn(CNODE, 1 + random(SLOTS - 1)));
      break;
    default:
      copyInto(CNODE, source, to);
      break;
  }
}

/** One of the forest's; the first one at least is there. */
function anUntyped(): u32 {
  const start = random(SLOTS);
  for (let i: u32 = 0; i < SLOTS; i++) {
    const index = (start + i) % SLOTS;
    if (typeIn(slotAt(forest.base, index).word) === CapType.Untyped) return slotIn(CNODE, index);
  }
  return slotIn(CNODE, 1);
}

function revokeAtEveryPoll(): void {
  const victim = pickVictim();
  keepWorld(0);
  let isInterrupted = true;
  for (let poll: u64 = 0n; isInterrupted; poll += 1n) {
    restoreWorld(0);
    const before = machine.pollCount;
    isInterrupted = revoke(victim, poll);
    noteMemory();
    forest.revokes += 1n;
    assert(isInterrupted || machine.pollCount - before <= poll, "every poll has had its interrupt");
    checkSurvivors(victim);
  }
}

/** A slot of the forest that has something in it. */
function pickVictim(): u32 {
  for (;;) {
    const index = 1 + random(SLOTS - 1);
    if (!isNull(slotAt(forest.base, index))) return index;
  }
}

/** Answers whether the interrupt came. */
function revoke(victim: u32, poll: u64): boolean {
  const thread = cpu.current;
  machine.pollsToSkip = poll;
  machine.polls = 1n;
  ownBuffer().sent[0] = SLOT_CNODE;
  words[0] = u64(victim);
  prepareCall(u32(Syscall.Call), u64(CNODE), infoWord(u32(Invocation.CNodeRevoke), 1, 0), words);
  enter();
  const isInterrupted = isRestarted(thread);
  for (let again: u32 = 0; isRestarted(thread); again++) {
    assert(again < 3, "one interrupt restarts it once");
    forest.restarts += 1n;
    enterAgain();
  }
  machine.polls = 0n;
  machine.pollsToSkip = 0n;
  return isInterrupted;
}

/** By the census that was taken after the call. */
function checkSurvivors(victim: u32): void {
  const slot = slotAt(forest.base, victim);
  assert(!isNull(slot), "what was revoked is still there itself");
  for (let i: u32 = 0; i < census.count; i++) {
    for (let at = parentOf(i); at !== NOBODY; at = parentOf(at)) {
      assert(capAt(at) !== slot, "no descendant survives");
    }
  }
}

function must(error: u32): void {
  assert(error === 0, "a forest has its ground");
}
