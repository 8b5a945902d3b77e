/** @unsafe drives the interrupt controller */
import type { BootInfo } from "../../boot/bootInfo";
import { GicVersion } from "../../boot/deviceTree";
import { onTimer } from "../../kernel/interrupt";
import { withhold } from "../../kernel/memory/frames";
import { mapDevice } from "../../kernel/memory/kernelSpace";
import { signalLine } from "../../kernel/object/irqHandler";
import { platform } from "./platform";

/**
 * Interrupts: GIC version 2 (IHI 0048) or 3 (IHI 0069), for the one processor.
 *
 *   0 – 15 software   16 – 31 of this processor (27: virtual timer)   from 32 on shared
 */

export const TIMER_LINE = 27;
const SPURIOUS = 1020;
const FIRST_SHARED = 32;
/** Lines that users may claim. */
export const FIRST_LINE = 32;
export const LINES = 256;
const LOWEST_PRIORITY = 0xffn;
const PRIORITY = 0x80;

const DISTRIBUTOR_BYTES = 0x1_0000n;
const SECOND_BYTES = 0x2_0000n;
const DISTRIBUTOR_CONTROL = 0n;
const GROUP = 0x80n;
const SET_ENABLE = 0x100n;
const CLEAR_ENABLE = 0x180n;
const PRIORITIES = 0x400n;
const TARGETS = 0x800n;
const ROUTES = 0x6000n;
const DISTRIBUTOR_TYPE = 4n;

/** Version 2: both groups forwarded. */
const V2_FORWARD = 3;
const V2_CONTROL = 0n;
const V2_PRIORITY_MASK = 4n;
const V2_ACKNOWLEDGE = 0xcn;
const V2_END = 0x10n;
const V2_INTERRUPT_MASK = 0x3ff;

/** Version 3: group 1 forwarded, affinity routing. */
const V3_FORWARD = 0x12;
const V3_WAKER = 0x14n;
const V3_SLEEP = 2;
const V3_CHILDREN_ASLEEP = 4;
const V3_PRIVATE_FRAME = 0x1_0000n;
const V3_SYSTEM_REGISTERS = 7n;
const V3_INTERRUPT_MASK = 0xff_ffffn;

/** @extern cpu_read_icc_iar1 */
declare function acknowledgeV3(): u64;
/** @extern cpu_write_icc_eoir1 */
declare function endV3(line: u64): void;
/** @extern cpu_write_icc_sre */
declare function enableRegistersV3(value: u64): void;
/** @extern cpu_write_icc_igrpen1 */
declare function enableGroup1V3(value: u64): void;
/** @extern cpu_write_icc_pmr */
declare function setPriorityMaskV3(value: u64): void;

let distributor: u64 = 0n;
/** Version 2: the CPU interface; version 3: this processor's redistributor. */
let second: u64 = 0n;

/** Turns the controller on with everything masked, then lets the timer through. */
export function initInterrupts(info: BootInfo): void {
  assert(platform.gicVersion !== GicVersion.None, "the device tree names a GIC of version 2 or 3");
  distributor = mapDevice(platform.gicDistributor, DISTRIBUTOR_BYTES);
  second = mapDevice(platform.gicSecond, SECOND_BYTES);
  maskShared();
  if (platform.gicVersion === GicVersion.V3) initV3();
  else initV2();
  enableLine(TIMER_LINE);
}

/** No user gets the interrupt controller. */
export function withholdControllers(): void {
  withhold(platform.gicDistributor, DISTRIBUTOR_BYTES);
  withhold(platform.gicSecond, SECOND_BYTES);
}

/** Lets interrupts of a line through to this processor. */
export function enableLine(line: u32): void {
  const isPrivate = line < FIRST_SHARED;
  const isV3 = platform.gicVersion === GicVersion.V3;
  const base = isPrivate && isV3 ? second + V3_PRIVATE_FRAME : distributor;
  const word = u64(line >>> 5) * 4n;
  const bit: u32 = 1 << (line & 31);
  volatileStore8(base + PRIORITIES + u64(line), PRIORITY);
  if (isV3) {
    volatileStore32(base + GROUP + word, volatileLoad32(base + GROUP + word) | bit);
    if (!isPrivate) volatileStore64(distributor + ROUTES + u64(line) * 8n, 0n);
  } else if (!isPrivate) {
    volatileStore8(distributor + TARGETS + u64(line), 1);
  }
  volatileStore32(base + SET_ENABLE + word, bit);
}

/** Shuts a line out. */
export function disableLine(line: u32): void {
  const isPrivate = line < FIRST_SHARED && platform.gicVersion === GicVersion.V3;
  const base = isPrivate ? second + V3_PRIVATE_FRAME : distributor;
  volatileStore32(base + CLEAR_ENABLE + u64(line >>> 5) * 4n, u32(1) << (line & 31));
}

/** Whether a line interrupts again and again until its device has been served: all are used so. */
export function isLevel(line: u32): boolean {
  return line >= FIRST_SHARED;
}

/** Called for every IRQ, with interrupts off. @hot */
export function handleInterrupt(): void {
  const isV3 = platform.gicVersion === GicVersion.V3;
  const token = isV3 ? u32(acknowledgeV3() & V3_INTERRUPT_MASK) : volatileLoad32(second + V2_ACKNOWLEDGE);
  const line = isV3 ? token : token & V2_INTERRUPT_MASK;
  if (line >= SPURIOUS) return;
  if (line === TIMER_LINE) onTimer();
  else signalLine(line);
  if (isV3) endV3(u64(token));
  else volatileStore32(second + V2_END, token);
}

function maskShared(): void {
  const words = (volatileLoad32(distributor + DISTRIBUTOR_TYPE) & 31) + 1;
  for (let i: u32 = 1; i < words; i++) volatileStore32(distributor + CLEAR_ENABLE + u64(i) * 4n, 0xffff_ffff);
}

function initV2(): void {
  volatileStore32(distributor + DISTRIBUTOR_CONTROL, V2_FORWARD);
  volatileStore32(second + V2_PRIORITY_MASK, u32(LOWEST_PRIORITY));
  volatileStore32(second + V2_CONTROL, V2_FORWARD);
}

function initV3(): void {
  enableRegistersV3(V3_SYSTEM_REGISTERS);
  volatileStore32(distributor + DISTRIBUTOR_CONTROL, V3_FORWARD);
  volatileStore32(second + V3_WAKER, volatileLoad32(second + V3_WAKER) & ~V3_SLEEP);
  while ((volatileLoad32(second + V3_WAKER) & V3_CHILDREN_ASLEEP) !== 0) {}
  setPriorityMaskV3(LOWEST_PRIORITY);
  enableGroup1V3(1n);
}
