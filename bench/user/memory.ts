import { CapType, FLAG_ZEROED } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_CONTEXT, SLOT_SPACE } from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, copyTo, FIRST, POOL, remove, retype, revoke } from "../../test-qemu/conformance/harness";
import { invoke, type Message, ownBuffer } from "../../user/message";
import { untypedRetype } from "../../user/stubs/untyped";
import { report, used } from "./measure";

/** What memory costs: mapping, unmapping, making and zeroing pages, and taking capabilities back. */

const PAGE = FIRST + 30;
const LARGE = FIRST + 31;
const SOURCE = FIRST + 32;
const BESIDE = FIRST + 33;
const COPIES = FIRST + 40;
const COPY_COUNT = 100;
const LARGE_PAGES = 2048n;
const STEP = 256n;
const STEPS: u32 = 8;
const PAGE_ROUNDS = 100;
/** Not at a multiple of 2 MiB: pages of 4 KiB are what is measured. */
const VA = 0x6000_1000n;

/** AddressSpace.Map in this task's own address space. */
export function map(space: u32, region: u32, va: u64, pages: u64, rights: u64): u32 {
  const message = local<Message>();
  message.words[0] = va;
  message.words[1] = pages;
  message.words[2] = rights;
  ownBuffer().sent[0] = region;
  return invoke(message, space, u32(Invocation.AddressSpaceMap), 3, 1);
}

export function zero(region: u32): void {
  const message = local<Message>();
  do {
    invoke(message, region, u32(Invocation.RegionZero), 0, 0);
  } while (message.words[0] !== 0n);
}

/** `empty`: what reading the clock takes. */
export function measureMemory(empty: u64): void {
  measureOnePage(empty);
  measureManyPages(empty);
  measureRevoke(empty);
}

function measureOnePage(empty: u64): void {
  // Beside it another page stays, so that the tables are there.
  retype(CapType.Region, 1n, BESIDE);
  zero(BESIDE);
  map(SLOT_SPACE, BESIDE, VA + 4096n, 1n, 1n);
  const message = local<Message>();
  let making: u64 = 0n;
  let mapping: u64 = 0n;
  for (let i: u32 = 0; i < PAGE_ROUNDS; i++) {
    const start = used(SLOT_CONTEXT);
    untypedRetype(message, POOL, CapType.Region, 1n, 1n, u64(PAGE), FLAG_ZEROED, SLOT_CNODE);
    const made = used(SLOT_CONTEXT);
    map(SLOT_SPACE, PAGE, VA, 1n, 3n);
    const mapped = used(SLOT_CONTEXT);
    making += made - start - empty;
    mapping += mapped - made - empty;
    remove(PAGE);
  }
  remove(BESIDE);
  report("kernel.retype-1", making, u64(PAGE_ROUNDS));
  report("kernel.map-1", mapping, u64(PAGE_ROUNDS));
}

function measureManyPages(empty: u64): void {
  const before = used(SLOT_CONTEXT);
  retype(CapType.Region, LARGE_PAGES, LARGE);
  report("kernel.retype-region", used(SLOT_CONTEXT) - before - empty, 1n);
  zero(LARGE);
  const start = used(SLOT_CONTEXT);
  for (let i: u32 = 0; i < STEPS; i++) map(SLOT_SPACE, LARGE, VA + u64(i) * STEP * 4096n, STEP, 3n);
  const mapped = used(SLOT_CONTEXT);
  for (let i: u32 = 0; i < STEPS; i++) ask(SLOT_SPACE, Invocation.AddressSpaceUnmap, 0n, 0n, LARGE);
  const unmapped = used(SLOT_CONTEXT);
  report("kernel.map-2048", mapped - start - empty, LARGE_PAGES);
  report("kernel.unmap-2048", unmapped - mapped - empty, LARGE_PAGES);
  remove(LARGE);
}

function measureRevoke(empty: u64): void {
  retype(CapType.Notification, 0n, SOURCE);
  for (let i: u32 = 0; i < COPY_COUNT; i++) copyTo(SOURCE, COPIES + i, 7n);
  const start = used(SLOT_CONTEXT);
  revoke(SOURCE);
  report("kernel.revoke", used(SLOT_CONTEXT) - start - empty, u64(COPY_COUNT));
}
