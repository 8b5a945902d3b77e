/**
 * @unit O2
 * @unsafe reaches address spaces behind capabilities
 */
import { CapType, objectIn, typeIn } from "../../kernel/cap/capability";
import { capAt, census, isFirst } from "../../kernel/invariants/census";
import { checkInvariants } from "../../kernel/invariants/invariants";
import { MAX_WORDS } from "../../kernel/ipc/messageInfo";
import type { AddressSpace, MAX_SPACES } from "../../kernel/object/addressSpace";
import type { Endpoint } from "../../kernel/object/endpoint";
import { MAX_DEPTH } from "../../kernel/object/endpointPolicy";
import type { SchedContext } from "../../kernel/object/schedContext";

/**
 * I13: how much one call does, or one step of a long one, from the kernel's entry or a poll to the next poll or exit. Bytes
 * that it clears and copies are counted as it does; what it maps and what it makes is what the state has more or less
 * after it. The invariants are checked after every step, so that a path has one step at most.
 */

/** 128 KiB, and what a table and a message take besides. */
const MAX_BYTES = 0x2_2000n;
/** Of capabilities. */
const MAX_SLOTS = 256;
/** Of page tables: 256 pages, and the entries of tables that come or go with them. */
const MAX_ENTRIES = 264;
/** Ten microseconds, in counts of the simulated clocks, which are calibrated to a hundredth. */
const LEAST_BUDGET = 9_900n;
/** In the current space one by one: what is mapped, unmapped, or protected. */
const MAX_FLUSHES = 260;

interface Bounds extends Struct<"Bounds"> {
  /** Whether a step has been made on this path. */
  hasStepped: boolean;
  /** Translations that the processor was told to forget on this path. */
  flushes: u32;
  /** The states that were looked at: which one by its number, and in which census it was. */
  state: u64;
  census: u64;
  /** Of the last one: capabilities. */
  caps: u32;
  /** Of each identifier: whose space it was, in which state, and how many entries its tables had. */
  readonly holders: FixedArray<u64, typeof MAX_SPACES>;
  readonly states: FixedArray<u64, typeof MAX_SPACES>;
  readonly entries: FixedArray<u32, typeof MAX_SPACES>;
}

const bounds: Bounds = zeroed();

/** Bytes that were cleared or copied since it was asked last. @extern host_takeWritten */
declare function takeWritten(): u64;

/** Of the processor. */
export function noteFlush(): void {
  bounds.flushes++;
}

/** Another state is in memory: it is what comes before the next one. */
export function resetBounds(): void {
  checkInvariants();
  countState(false);
  beginPath();
}

/** The kernel is entered. */
export function enter(number: u32, info: u64): void {
  beginPath();
}

/** So it is by a poll, or goes on after one. */
export function beginPath(): void {
  bounds.hasStepped = false;
  bounds.flushes = 0;
  takeWritten();
}

export function endPath(): void {
  assert(takeWritten() <= MAX_BYTES, "I13: no path writes more than 128 KiB");
  assert(bounds.flushes <= MAX_FLUSHES, "I13: no path changes more than 256 pages");
}

/** A call was served, or a step of a long one: all invariants hold, and it was bounded. */
export function judgeStep(): void {
  const before = census.run;
  checkInvariants();
  assert(!bounds.hasStepped, "I13: a long operation lets interrupts in after every step");
  bounds.hasStepped = true;
  endPath();
  // Not every step is checked where there are many.
  if (census.run === before) return;
  countState(bounds.census === before);
}

/** Counts what there is now; `isNext` when the state before was looked at. */
function countState(isNext: boolean): void {
  const change = differenceOf(census.count, bounds.caps);
  assert(!isNext || change <= MAX_SLOTS, "I13: no step makes or ends more than 256 slots");
  if (!isNext) bounds.state += 1n;
  bounds.state += 1n;
  bounds.census = census.run;
  bounds.caps = census.count;
  for (let i: u32 = 0; i < census.count; i++) {
    const word = capAt(i).word;
    if (!isFirst(i)) continue;
    if (typeIn(word) === CapType.AddressSpace) countSpace(cast<AddressSpace>(objectIn(word)));
    else if (typeIn(word) === CapType.SchedContext) checkBudget(cast<SchedContext>(objectIn(word)));
    else if (typeIn(word) === CapType.Endpoint) checkPolicy(cast<Endpoint>(objectIn(word)));
  }
}

/** What a ring and a message can be. */
function checkPolicy(endpoint: Endpoint): void {
  const isPossible = endpoint.depth <= MAX_DEPTH && endpoint.maxWords <= u64(MAX_WORDS);
  assert(isPossible && endpoint.share <= endpoint.depth, "I9: an endpoint's policy is one that there is");
}

/** One that is shorter is used up by taking it up and away: nothing but interrupts goes on then. */
function checkBudget(context: SchedContext): void {
  const isUsable = context.budget === 0n || context.budget >= LEAST_BUDGET;
  assert(isUsable && context.period >= context.budget, "I13: a budget leaves time to run");
}

/** Compares it with the state before, if it was there. */
function countSpace(space: AddressSpace): void {
  const id = space.id;
  let count: u32 = 0;
  for (let frame: u32 = 0; frame <= space.poolPages; frame++) count += u32(space.used[frame]);
  const isSame = bounds.holders[id] === addressOf(space) && bounds.states[id] + 1n === bounds.state;
  const change = differenceOf(count, bounds.entries[id]);
  assert(!isSame || change <= MAX_ENTRIES, "I13: no step maps or unmaps more than 256 pages");
  bounds.holders[id] = addressOf(space);
  bounds.states[id] = bounds.state;
  bounds.entries[id] = count;
}

function differenceOf(a: u32, b: u32): u32 {
  return a > b ? a - b : b - a;
}
