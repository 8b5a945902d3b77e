/** @unsafe reaches the threads and slots behind capabilities */
import { ARCH_NAME, readCounter } from "@arch/cpu";
import { calibrationCounts, nsOfTicks, uptimeNs } from "@arch/timer";
import { BUILD_NAME } from "@build/config";
import { bootInfo } from "../../boot/bootInfo";
import { CapType, FLAGS_MASK, FLAGS_SHIFT, rightsIn } from "../cap/capability";
import { slotOfCNode } from "../cap/cspace";
import { extraOf, isNull, levelOf, objectOf, type Slot, typeOf } from "../cap/slot";
import { timerCount } from "../interrupt";
import { ErrorCode } from "../ipc/messageInfo";
import { byteAt, oldestByte } from "../logRing";
import { freeBytes, usableBytes } from "../memory/frames";
import { logRing } from "../output";
import { answerRoom, answerWord, argument, capability, wrong } from "../syscall/request";
import { VERSION } from "../version";
import { MAX_SPACES, processOfSpace } from "./addressSpace";
import { interruptsOf, isClaimed, isLine } from "./irqHandler";
import type { Thread } from "./thread";

/**
 * The read-only view of the system. There is no object. Long answers are cut off where the caller has no message buffer.
 */

/** Slots that one call looks at (I13). */
const MAX_SCANNED = 256;
/** How Slots tells a capability: three words, the first one packed. */
const SLOT_WORDS = 3;
const EXTRA_SHIFT = 16n;
const TYPE_SHIFT = 32n;
const RIGHTS_SHIFT = 40n;
const CAP_FLAGS_SHIFT = 48n;
const LEVEL_SHIFT = 56n;
const OBJECT_MASK = 0xffff_ffff_ffffn;

/** Of a process. */
const NAME_WORDS = 4;

const TEXT_BYTES = 64;
type Text = FixedArray<u8, typeof TEXT_BYTES>;

/**
 * Inspect.System → uptime in nanoseconds; bytes of memory, and how many of them are free; timer interrupts; counts of the
 * processor's counter since the kernel's first instruction, without those that calibrating a clock has waited.
 */
export function inspectSystem(): ErrorCode {
  answerWord(0, uptimeNs());
  answerWord(1, usableBytes());
  answerWord(2, freeBytes());
  answerWord(3, timerCount());
  if (answerRoom() > 4) answerWord(4, readCounter() - bootInfo.entryCounter - calibrationCounts());
  return ErrorCode.None;
}

/** Inspect.Version → number of bytes; name, version, architecture and build as text. */
export function inspectVersion(): ErrorCode {
  const text = local<Text>();
  let length = append(text, 0, "Skyscope ");
  length = append(text, length, VERSION);
  length = append(text, length, " ");
  length = append(text, length, ARCH_NAME);
  length = append(text, length, " ");
  length = append(text, length, BUILD_NAME);
  const room = (answerRoom() - 1) * 8;
  const count = length < room ? length : room;
  answerWord(0, u64(count));
  for (let at: u32 = 0; at < count; at += 8) answerWord(1 + (at >>> 3), wordOfText(text, at, count));
  return ErrorCode.None;
}

function append(text: Text, at: u32, part: Bytes): u32 {
  let length = at;
  for (let i: u32 = 0; i < part.length && length < TEXT_BYTES; i++) {
    text[length] = part[i];
    length++;
  }
  return length;
}

function wordOfText(text: Text, from: u32, end: u32): u64 {
  let word: u64 = 0n;
  for (let i: u32 = 0; i < 8 && from + i < end; i++) word |= u64(u32(text[from + i])) << u64(i * 8);
  return word;
}

/** Inspect.Log: position, 0 at first → the next position, number of bytes; the bytes. What has been overwritten is left out. */
export function inspectLog(): ErrorCode {
  const oldest = oldestByte(logRing);
  const from = argument(0) < oldest ? oldest : argument(0);
  if (from > logRing.written) return wrong(ErrorCode.RangeError, 0);
  const left = logRing.written - from;
  const room = (answerRoom() - 2) * 8;
  const count = left < u64(room) ? u32(left) : room;
  answerWord(0, from + u64(count));
  answerWord(1, u64(count));
  for (let at: u32 = 0; at < count; at += 8) answerWord(2 + (at >>> 3), wordOfLog(from + u64(at), count - at));
  return ErrorCode.None;
}

function wordOfLog(from: u64, count: u32): u64 {
  let word: u64 = 0n;
  for (let i: u32 = 0; i < 8 && i < count; i++) word |= u64(u32(byteAt(logRing, from + u64(i)))) << u64(i * 8);
  return word;
}

/** Inspect.Line: interrupt line → 1 if it is claimed, interrupts that its claimers have had. */
export function inspectLine(): ErrorCode {
  if (!isLine(argument(0))) return wrong(ErrorCode.RangeError, 0);
  const line = u32(argument(0));
  answerWord(0, u64(isClaimed(line)));
  answerWord(1, interruptsOf(line));
  return ErrorCode.None;
}

/**
 * Inspect.Slots: first slot; CNode → the slot to go on from (0: none), number of capabilities; of each three words.
 *
 *   ┌───────┬───────┬────────┬──────┬───────┬──────┐
 *   │ level │ flags │ rights │ type │ extra │ slot │   object   data
 *   └───────┴───────┴────────┴──────┴───────┴──────┘
 *    63   56 55   48 47    40 39  32 31   16 15   0
 */
export function inspectSlots(): ErrorCode {
  const cnode = capability(0, CapType.CNode);
  return cnode === null ? wrong(ErrorCode.InvalidCapability, 0) : tellSlots(cnode, 0);
}

/** Inspect.ProcessSlots: first slot; number of a process → what Slots tells of its root CNode. */
export function inspectProcessSlots(): ErrorCode {
  const process = argument(1) < u64(MAX_SPACES) ? processOfSpace(u32(argument(1))) : null;
  const thread = process === null ? null : process.thread;
  if (thread === null || isNull(thread.cspace)) return wrong(ErrorCode.RangeError, 1);
  return tellSlots(thread.cspace, 0);
}

/** From the slot in argument `at` on. */
function tellSlots(cnode: Slot, at: u32): ErrorCode {
  const first = argument(at);
  if (first === 0n || first >= cnode.data) return wrong(ErrorCode.RangeError, at);
  const end = cnode.data - first < u64(MAX_SCANNED) ? u32(cnode.data) : u32(first) + MAX_SCANNED;
  const room = answerRoom();
  let index = u32(first);
  let found: u32 = 0;
  for (; index < end && 2 + (found + 1) * SLOT_WORDS <= room; index++) {
    const slot = slotOfCNode(cnode, u64(index));
    if (slot === null || isNull(slot)) continue;
    tellSlot(slot, index, 2 + found * SLOT_WORDS);
    found++;
  }
  answerWord(0, u64(index) < cnode.data ? u64(index) : 0n);
  answerWord(1, u64(found));
  return ErrorCode.None;
}

function tellSlot(slot: Slot, index: u32, at: u32): void {
  const identity = u64(index) | (u64(extraOf(slot)) << EXTRA_SHIFT) | (u64(u32(typeOf(slot))) << TYPE_SHIFT);
  const rights = rightsIn(slot.word) << RIGHTS_SHIFT;
  const flags = ((slot.word >> FLAGS_SHIFT) & FLAGS_MASK) << CAP_FLAGS_SHIFT;
  answerWord(at, identity | rights | flags | (u64(levelOf(slot)) << LEVEL_SHIFT));
  answerWord(at + 1, objectOf(slot) & OBJECT_MASK);
  answerWord(at + 2, slot.data);
}

/**
 * Inspect.Process: number to begin at, 0 at first → the number of the next process (0: none is here), the number to go on
 * from (0: the end); its name, and its state. A process has the number of its address space.
 */
export function inspectProcess(): ErrorCode {
  const first = argument(0);
  if (first >= u64(MAX_SPACES)) return wrong(ErrorCode.RangeError, 0);
  const end = u64(MAX_SPACES) - first < u64(MAX_SCANNED) ? MAX_SPACES : u32(first) + MAX_SCANNED;
  let id = u32(first);
  let process = processOfSpace(id);
  while (process === null && id + 1 < end) {
    id++;
    process = processOfSpace(id);
  }
  answerWord(0, process === null ? 0n : u64(id));
  answerWord(1, id + 1 < MAX_SPACES ? u64(id + 1) : 0n);
  const room = answerRoom();
  for (let i: u32 = 0; i < NAME_WORDS && 2 + i < room; i++) answerWord(2 + i, process === null ? 0n : process.name[i]);
  if (2 + NAME_WORDS < room) answerWord(2 + NAME_WORDS, process === null ? 0n : u64(u32(process.state)));
  return ErrorCode.None;
}

/** Inspect.Thread: ; Thread → state, priority, ceiling, nanoseconds used by its SchedContext. */
export function inspectThread(): ErrorCode {
  const slot = capability(0, CapType.Thread);
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 0);
  const thread = cast<Thread>(objectOf(slot));
  const context = thread.schedContext;
  answerWord(0, u64(u32(thread.state)));
  answerWord(1, u64(u32(thread.priority)));
  answerWord(2, u64(u32(thread.maxPriority)));
  answerWord(3, context === null ? 0n : nsOfTicks(context.consumed));
  return ErrorCode.None;
}
