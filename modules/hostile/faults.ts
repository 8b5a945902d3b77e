/** @unsafe faults on purpose */
import { SLOT_CNODE, SLOT_PROCESS, SLOT_SPACE, STACK_TOP } from "../../kernel/object/processSlots";
import { isEqual } from "../../kernel/text";
import { mapAll, zero } from "../../user/calls";
import type { Message } from "../../user/message";
import { processAllocateMemoryRegion } from "../../user/stubs/process";
import { FREE } from "./slots";

/**
 * What a module dies of: each is tried by a process of its own (`--param try=NAME`), which the kernel has to end with a fault.
 * Who gets through ends by itself.
 */

/** Where the program's text lies (user/program.ld). */
const TEXT = 0x40_0000n;
/** Of the kernel, as it maps itself. */
const KERNEL = 0xffff_ffff_8020_0000n;
const NOTHING = 0x10n;
const REGION = 0x5000_0000_0000n;
const PAGE = 4096n;
const READ_WRITE = 3n;
const ONE_PAGE = 1n;
/** Further than any stack that a manifest can ask for. */
const BELOW_STACK = STACK_TOP - 0x100_0000n;

type Try = () => void;
interface Deed extends Struct<"Deed"> {
  name: Bytes;
  run: Try;
}

/** @extern hostile_privileged */
declare function privileged(): void;
/** @extern hostile_mask */
declare function mask(): void;
/** @extern hostile_port */
declare function port(): void;
/** @extern hostile_jump */
declare function jump(address: u64): void;

interface Cell extends Struct<"Cell"> {
  value: u64;
}

const cell: Cell = { value: 0xc3n };
const constants: FixedArray<u64, 2> = [1n, 2n];

const DEEDS = 13;
const deeds: FixedArray<Inline<Deed>, typeof DEEDS> = [
  { name: "read-nothing", run: readNothing },
  { name: "read-kernel", run: readKernel },
  { name: "write-kernel", run: writeKernel },
  { name: "write-text", run: writeText },
  { name: "write-constants", run: writeConstants },
  { name: "leave-stack", run: leaveStack },
  { name: "run-kernel", run: runKernel },
  { name: "run-data", run: runData },
  { name: "run-stack", run: runStack },
  { name: "run-memory", run: runMemory },
  { name: "privileged", run: privilegedOne },
  { name: "mask-interrupts", run: maskInterrupts },
  { name: "reach-device", run: reachDevice },
];

/** Does the deed of this name; false when there is none. */
export function doDeed(name: Bytes): boolean {
  for (let i: u32 = 0; i < DEEDS; i++) {
    const deed = deeds[i];
    if (!isEqual(deed.name, name)) continue;
    deeds[i].run();
    return true;
  }
  return false;
}

function readNothing(): void {
  volatileLoad64(valueBarrier64(NOTHING));
}

function readKernel(): void {
  volatileLoad64(valueBarrier64(KERNEL));
}

function writeKernel(): void {
  volatileStore64(valueBarrier64(KERNEL), 0n);
}

function writeText(): void {
  volatileStore64(valueBarrier64(TEXT), 0n);
}

function writeConstants(): void {
  volatileStore64(valueBarrier64(addressOf(constants)), 0n);
}

function leaveStack(): void {
  volatileStore64(valueBarrier64(BELOW_STACK), 0n);
}

function runKernel(): void {
  jump(valueBarrier64(KERNEL));
}

function runData(): void {
  jump(valueBarrier64(addressOf(cell)));
}

function runStack(): void {
  const here = local<Cell>();
  jump(valueBarrier64(addressOf(here)));
}

/** A Region that it has written itself. */
function runMemory(): void {
  const message = local<Message>();
  processAllocateMemoryRegion(message, SLOT_PROCESS, PAGE, 0n, u64(FREE), SLOT_CNODE);
  zero(FREE);
  mapAll(SLOT_SPACE, FREE, REGION, ONE_PAGE, READ_WRITE);
  volatileStore64(valueBarrier64(REGION), cell.value);
  jump(valueBarrier64(REGION));
}

function privilegedOne(): void {
  privileged();
}

function maskInterrupts(): void {
  mask();
}

function reachDevice(): void {
  port();
}
