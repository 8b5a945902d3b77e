/** @unit O2 */
import { infoOf, wordOf } from "@arch/userFrame";
import { CapType } from "../../kernel/cap/capability";
import { bufferOf } from "../../kernel/ipc/buffer";
import { ERROR } from "../../kernel/ipc/messageInfo";
import { Outcome } from "../../kernel/object/outcome";
import { cpu } from "../../kernel/sched/cpu";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import {
  BINARY,
  BUDGET,
  HEADERS,
  IMAGE,
  IMAGE_MEMORY,
  INNER,
  NEXT_TRUST,
  OWN_CNODE,
  PROCESS,
  PROCESS_CONTROL,
  REVOKING_TRUST,
  RING,
  SCHED_CONTROL,
  THREADS,
  TRUST_CONTROL,
  VERIFIER,
  workerSlot,
} from "../../test-qemu/script/world";
import { enter, prepareCall, type Words } from "./calls.kts";
import { Parcel, parcelBytes } from "./parcel.kts";
import { keepWorld, noteMemory, restoreWorld } from "./snapshot.kts";

/**
 * What takes more calls than chance makes: worlds in which it is under way, each of which an input may begin with.
 *
 *   0  the world as it is made
 *   1  a package is being verified: a quarter is done     2  … all but the last steps
 *   3  a trust set that revokes the publisher, all but the last steps
 *   4  a process is being filled                          5  it runs                6  and nobody else does
 *   7  a package and the next trust set, each by a Verifier of its own
 *   8  a worker receives where one-shot capabilities send, and all workers have budgets
 */
export const STAGES = 9;

/** How many steps before the end inputs begin. */
const LAST_STEPS = 24;
const SEALED = 44;
const SECOND_VERIFIER = 45;
const FIRST_ONCE = 46;
const ONCE_COUNT = 2;
const ALL_RIGHTS = 7n;
const MINT_ONCE = 1n;
const BUDGET_NS = 20_000n;
const PERIOD_NS = 100_000n;
/** The worker that does it all: of the highest priority. */
const CURRENT = 1;

const words: Words = zeroed();

export function tellStory(): void {
  keepWorld(0);
  beginPackage();
  const steps = countSteps();
  restoreWorld(0);
  beginPackage();
  makeSteps(steps / 4);
  keepWorld(1);
  makeSteps(steps - steps / 4 - LAST_STEPS);
  keepWorld(2);
  restoreWorld(0);
  beginTrust(REVOKING_TRUST, Parcel.RevokingTrust, VERIFIER);
  const trustSteps = countSteps();
  restoreWorld(0);
  beginTrust(REVOKING_TRUST, Parcel.RevokingTrust, VERIFIER);
  makeSteps(trustSteps - LAST_STEPS);
  keepWorld(3);
  restoreWorld(0);
  act(PROCESS_CONTROL, Invocation.ProcessControlCreate, 8, PROCESS, IMAGE, BUDGET, INNER);
  keepWorld(4);
  do {
    act(PROCESS, Invocation.ProcessStep, 0, 0, 0, 0, 0);
  } while (words[0] !== 0n);
  act(PROCESS, Invocation.ProcessStart, 0, 0, 0, 0, 0);
  keepWorld(5);
  for (let i: u32 = 0; i < THREADS; i++) suspend(i);
  keepWorld(6);
  restoreWorld(0);
  beginPackage();
  makeSteps(steps - LAST_STEPS);
  makeVerifier();
  beginTrust(NEXT_TRUST, Parcel.NextTrust, SECOND_VERIFIER);
  for (let i: u32 = 0; i < trustSteps - LAST_STEPS; i++) stepWith(SECOND_VERIFIER);
  keepWorld(7);
  restoreWorld(0);
  for (let i: u32 = 0; i < THREADS; i++) limit(i);
  for (let i: u32 = 0; i < ONCE_COUNT; i++) mintOnce(FIRST_ONCE + i);
  prepareCall(u32(Syscall.Recv), u64(RING), 0n, words);
  enter();
  noteMemory();
  keepWorld(8);
}

/** Gives a worker a budget. */
function limit(index: u32): void {
  words[0] = BUDGET_NS;
  words[1] = PERIOD_NS;
  act(SCHED_CONTROL, Invocation.SchedControlConfigure, 2, workerSlot(index) + 1, 0, 0, 0);
}

function mintOnce(slot: u32): void {
  words[0] = u64(slot);
  words[1] = ALL_RIGHTS;
  words[2] = u64(slot);
  words[3] = MINT_ONCE;
  act(OWN_CNODE, Invocation.CNodeMint, 4, RING, 0, 0, 0);
}

function makeVerifier(): void {
  words[0] = u64(u32(CapType.Verifier));
  words[1] = 0n;
  words[2] = 1n;
  words[3] = u64(SECOND_VERIFIER);
  bufferOf(cpu.current)!.words[4] = 0n;
  act(BUDGET, Invocation.UntypedRetype, 5, OWN_CNODE, 0, 0, 0);
}

function beginPackage(): void {
  words[0] = parcelBytes(Parcel.Headers);
  words[1] = parcelBytes(Parcel.Binary);
  act(VERIFIER, Invocation.VerifierBegin, 2, HEADERS, BINARY, IMAGE_MEMORY, 0);
}

function beginTrust(region: u32, parcel: Parcel, verifier: u32): void {
  words[0] = parcelBytes(parcel);
  act(TRUST_CONTROL, Invocation.TrustControlBegin, 1, region, verifier, 0, 0);
}

/** Not the worker that does it, at first. */
function suspend(index: u32): void {
  if (index !== CURRENT) act(workerSlot(index), Invocation.ThreadSuspend, 0, 0, 0, 0, 0);
  if (index === THREADS - 1) act(workerSlot(CURRENT), Invocation.ThreadSuspend, 0, 0, 0, 0, 0);
}

/** To the end, which is a good one. */
function countSteps(): u32 {
  for (let count: u32 = 1; ; count++) {
    const outcome = makeStep();
    if (outcome === u64(u32(Outcome.More))) continue;
    const isSound = outcome === u64(u32(Outcome.Sealed)) || outcome === u64(u32(Outcome.Adopted));
    assert(isSound && count > LAST_STEPS, "what the world verifies is sound");
    return count;
  }
}

function makeSteps(count: u32): void {
  for (let i: u32 = 0; i < count; i++) makeStep();
}

function makeStep(): u64 {
  return stepWith(VERIFIER);
}

function stepWith(verifier: u32): u64 {
  words[0] = u64(SEALED);
  act(verifier, Invocation.VerifierStep, 1, OWN_CNODE, 0, 0, 0);
  return words[0];
}

/** A call of the thread that runs, with `words` and up to four capabilities; it goes through, and its answer is there. */
function act(object: u32, label: Invocation, length: u32, a: u32, b: u32, c: u32, d: u32): void {
  const thread = cpu.current;
  const buffer = bufferOf(thread)!;
  buffer.sent[0] = a;
  buffer.sent[1] = b;
  buffer.sent[2] = c;
  buffer.sent[3] = d;
  prepareCall(u32(Syscall.Call), u64(object), (u64(u32(label)) << 16n) | 0x400n | u64(length), words);
  enter();
  noteMemory();
  assert((infoOf(thread.frame) & ERROR) === 0n, "a stage of the story goes through");
  for (let i: u32 = 0; i < 4; i++) words[i] = wordOf(thread.frame, i);
}
