/** @unsafe reads a boot module */

import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_INSPECT, SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { mapModule, moduleNamed, NO_MODULE } from "../../user/bootModule";
import {
  addMemory,
  allocate,
  freeBytes,
  freeRest,
  initPool,
  isWhole,
  type Kept,
  keep,
  type Pool,
  release,
} from "../../user/buddy";
import { retype } from "../../user/calls";
import { initInfo, largestUntyped } from "../../user/initInfo";
import { answerAt, debugDecimal, debugWrite, type Message } from "../../user/message";
import { nextRandom } from "../../user/random";
import { inspectSlots } from "../../user/stubs/inspect";
import { powerControlPowerOff } from "../../user/stubs/powerControl";

/**
 * Random sequences of allocations and releases of the buddy allocator against a model: a map of the pool's smallest
 * blocks. Where a block lies the kernel tells. A block is as large as it was asked for, at a multiple of its size, and
 * of nobody else; there is none only if no such place is free; in the end the pool is whole. Now and then the owner ends
 * in the midst of a change, of which any part of what it has written is there. Switches the machine off with status 1 when
 * it is not so.
 */

/** What the host has put into the boot module `settings`. */
interface Settings extends Struct<"Settings"> {
  steps: u64;
  seed: u64;
}

const settings: Settings = zeroed();
const SETTINGS_ADDRESS = 0x6000_0000_0000n;

/** The pool's memory, and the smallest block that is asked for, as powers of two. */
const POOL_SIZE = 20;
const LEAST_SIZE = 14;
const BLOCKS = 64;
const MEMORY = 90;
const USED = 91;
const FIRST_SLOT = 100;
const SLOTS_END = 400;
/** How a slot is told by Inspect.Slots. */
const WORDS_BEFORE = 2;
const SLOT_MASK = 0xffffn;
const SIZE_SHIFT = 16n;

interface Block extends Struct<"Block"> {
  /** 0: nothing is taken here. */
  slot: u32;
  size: u32;
}

const pool: Pool = zeroed();
/** The pool before a change. */
const before: Pool = zeroed();
/** Whose each of the smallest blocks is: a slot, or 0. */
const owners: FixedArray<u32, typeof BLOCKS> = zeroed();
const taken: FixedArray<Inline<Block>, typeof BLOCKS> = zeroed();

interface State extends Struct<"State"> {
  random: u64;
  failures: u32;
  allocated: u32;
  refused: u32;
  /** Physical address of the pool's memory. */
  base: u64;
}
const state: State = zeroed();

function random(below: u64): u64 {
  state.random = nextRandom(state.random);
  return (state.random >> 8n) % below;
}

function check(isSo: boolean, what: Bytes): void {
  if (isSo) return;
  state.failures++;
  debugWrite("FAILED: ");
  debugWrite(what);
  debugWrite("\n");
}

/** What the kernel says of the Untyped in `slot`. */
interface Extent extends Struct<"Extent"> {
  start: u64;
  size: u32;
}

function look(slot: u32, extent: Extent): void {
  const message = local<Message>();
  extent.start = 0n;
  extent.size = 0;
  inspectSlots(message, SLOT_INSPECT, u64(slot), SLOT_CNODE);
  const identity = answerAt(message, WORDS_BEFORE);
  check((identity & SLOT_MASK) === u64(slot), "the slot holds something");
  extent.size = u32((identity >> SIZE_SHIFT) & 0xffffn);
  extent.start = answerAt(message, WORDS_BEFORE + 1);
}

/** Whether the model has a free place for a block of 2^size bytes. */
function hasRoom(size: u32): boolean {
  const length: u32 = 1 << (size - LEAST_SIZE);
  for (let first: u32 = 0; first < BLOCKS; first += length) {
    let count: u32 = 0;
    while (count < length && owners[first + count] === 0) count++;
    if (count === length) return true;
  }
  return false;
}

function take(): void {
  const size = LEAST_SIZE + u32(random(u64(POOL_SIZE - LEAST_SIZE + 1)));
  const isPossible = hasRoom(size);
  const slot = allocate(pool, size);
  check((slot !== 0) === isPossible, "there is a block exactly if there is room");
  if (slot === 0) {
    state.refused++;
    return;
  }
  state.allocated++;
  const extent = local<Extent>();
  look(slot, extent);
  check(extent.size === size, "as large as asked for");
  const offset = extent.start - state.base;
  check(offset < 1n << u64(POOL_SIZE) && (offset & ((1n << u64(size)) - 1n)) === 0n, "at a multiple of its size");
  const first = u32(offset >> u64(LEAST_SIZE)) & (BLOCKS - 1);
  for (let i: u32 = 0; i < 1 << (size - LEAST_SIZE) && first + i < BLOCKS; i++) {
    check(owners[first + i] === 0, "nobody else's");
    owners[first + i] = slot;
  }
  taken[first].slot = slot;
  taken[first].size = size;
  if (random(4n) !== 0n) return;
  // Releasing takes back what was made of it.
  check(retype(slot, CapType.Notification, 0n, 1, USED) === 0, "it can be used");
  giveBack(first);
}

function giveBack(first: u32): void {
  const block = taken[first];
  check(release(pool, block.slot), "it is taken back");
  check(!release(pool, block.slot), "once");
  for (let i: u32 = 0; i < 1 << (block.size - LEAST_SIZE); i++) owners[first + i] = 0;
  block.slot = 0;
}

/** One of those that are taken, if there is any from a random place on. */
function giveOne(): void {
  const from = u32(random(u64(BLOCKS)));
  for (let i: u32 = 0; i < BLOCKS; i++) {
    const first = (from + i) & (BLOCKS - 1);
    if (taken[first].slot === 0) continue;
    giveBack(first);
    return;
  }
}

/** A change that was made, of which only a part was written; then the pool is put in order. */
function tear(): void {
  copyStruct(before, pool);
  if (random(2n) === 0n) giveOne();
  else allocate(pool, LEAST_SIZE + u32(random(u64(POOL_SIZE - LEAST_SIZE + 1))));
  for (let i: u32 = 0; i < pool.nodes.length; i++) {
    if (random(2n) === 0n) copyStruct(pool.nodes[i], before.nodes[i]);
  }
  const kept = local<Kept>();
  for (let i: u32 = 0; i < BLOCKS; i++) keep(pool, kept, taken[i].slot);
  freeRest(pool, kept);
}

function checkSum(): void {
  let free: u64 = 0n;
  for (let i: u32 = 0; i < BLOCKS; i++) {
    if (owners[i] === 0) free += 1n << u64(LEAST_SIZE);
  }
  check(freeBytes(pool) === free, "as many bytes are free as the model says");
}

function readSettings(address: u64): void {
  const info = initInfo(address);
  const index = moduleNamed(info, "settings");
  assert(index !== NO_MODULE, "the host has added the settings");
  copyStruct(settings, cast<Settings>(addressOf(mapModule(info, index, SETTINGS_ADDRESS))));
}

/** @entry program_start */
export function main(info: u64): void {
  readSettings(info);
  const message = local<Message>();
  const extent = local<Extent>();
  check(retype(largestUntyped(info), CapType.Untyped, u64(POOL_SIZE), 1, MEMORY) === 0, "memory");
  look(MEMORY, extent);
  state.base = extent.start;
  state.random = settings.seed | 1n;
  initPool(pool, FIRST_SLOT);
  check(addMemory(pool, MEMORY, POOL_SIZE), "a pool");
  for (let i: u64 = 0n; i < settings.steps && state.failures < 10; i += 1n) {
    if (random(20n) === 0n) tear();
    else if (random(5n) < 3n) take();
    else giveOne();
    checkSum();
  }
  for (let i: u32 = 0; i < BLOCKS; i++) {
    if (taken[i].slot !== 0) giveBack(i);
  }
  check(isWhole(pool), "the pool is whole");
  check(retype(MEMORY, CapType.Untyped, u64(POOL_SIZE), 1, SLOTS_END) === 0, "and its memory in one piece");
  debugDecimal(u64(state.allocated));
  debugWrite(" allocated, ");
  debugDecimal(u64(state.refused));
  debugWrite(" refused, ");
  debugDecimal(u64(state.failures));
  debugWrite(" failures\n");
  powerControlPowerOff(message, SLOT_POWER_CONTROL, state.failures === 0 ? 0n : 1n);
}
