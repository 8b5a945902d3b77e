/**
 * @unit O2
 * @unsafe copies the kernel's variables and memory as bytes
 */
import { windowOf } from "@arch/mmu";
import type { TrapFrame } from "@arch/trap";
import { infoOf, setInfo } from "@arch/userFrame";
import { slotAt } from "../../kernel/cap/slot";
import { BUFFER_BYTES, bufferOf } from "../../kernel/ipc/buffer";
import type { PhysAddr } from "../../kernel/memory/address";
import type { Thread } from "../../kernel/object/thread";
import { Sink, setSink, writeByte, writeHex, writeText } from "../../kernel/output";
import { type Cpu, cpu } from "../../kernel/sched/cpu";
import { type Request, request } from "../../kernel/syscall/request";
import { POOL_SIZE, SLOT_POOL } from "../../test-qemu/script/world";
import { boot, POOL_START } from "./boot.kts";
import { resetBounds } from "./bounds.kts";
import { type Machine, machine, RAM_START } from "./machine/machine.kts";

/**
 * The whole state of the kernel: its variables, and the memory that it has given out. Kept, restored before every input,
 * and compared before and after calls that fail (I12). Several can be kept, if they have the same memory.
 */

const SHADOW = 0x3000_0000_0000n;
const KEPT = 0x3100_0000_0000n;
const ROOM = 0x100_0000n;
const WORLDS = 16n;
/** Parts, each with its place in the copies. */
const PARTS = 5;

interface Part extends Struct<"Part"> {
  start: u64;
  bytes: u64;
}

interface Snapshot extends Struct<"Snapshot"> {
  readonly parts: FixedArray<Inline<Part>, typeof PARTS>;
  /** The most of the pool that has been given out since the world was restored. */
  poolBytes: u64;
  keptPool: u64;
  /** Of the thread that calls. */
  isCall: boolean;
  canGrant: boolean;
}

const snapshot: Snapshot = zeroed();

/** @extern host_statics */
declare function statics(which: u32): u64;
/** @extern host_map */
declare function map(address: u64, bytes: u64): void;
/** @extern host_equal */
declare function isEqual(a: u64, b: u64, bytes: u64): boolean;
/** @extern host_word */
declare function wordAt(address: u64): u64;
/** @extern host_copy */
declare function copy(to: u64, from: u64, bytes: u64): void;

function watermark(): u64 {
  return slotAt(boot.root, SLOT_POOL).data;
}

function setPart(index: u32, start: u64, end: u64): void {
  snapshot.parts[index].start = start;
  snapshot.parts[index].bytes = end - start;
}

/** The world as it is now can be restored by this number. */
export function keepWorld(number: u32): void {
  if (snapshot.keptPool === 0n) {
    map(SHADOW, ROOM);
    map(KEPT, ROOM * WORLDS);
  }
  setPart(0, statics(0), statics(1));
  setPart(1, statics(2), statics(3));
  setPart(2, addressOf(cpu), addressOf(cpu) + sizeOf<Cpu>());
  setPart(3, windowOf(RAM_START as PhysAddr), windowOf(boot.next as PhysAddr));
  setPart(4, windowOf(POOL_START as PhysAddr), windowOf(POOL_START as PhysAddr) + watermark());
  snapshot.keptPool = watermark();
  snapshot.poolBytes = watermark();
  save(keptAt(number));
  spoil(snapshot.keptPool, 1n << u64(POOL_SIZE));
}

function save(to: u64): void {
  let at = to;
  for (let i: u32 = 0; i < PARTS; i++) {
    copy(at, snapshot.parts[i].start, snapshot.parts[i].bytes);
    at += snapshot.parts[i].bytes;
  }
}

function keptAt(number: u32): u64 {
  assert(u64(number) < WORLDS, "there is room for so many worlds");
  return KEPT + u64(number) * ROOM;
}

export function restoreWorld(number: u32): void {
  let at = keptAt(number);
  snapshot.parts[4].bytes = snapshot.keptPool;
  for (let i: u32 = 0; i < PARTS; i++) {
    copy(snapshot.parts[i].start, at, snapshot.parts[i].bytes);
    at += snapshot.parts[i].bytes;
  }
  spoil(snapshot.keptPool, snapshot.poolBytes);
  snapshot.poolBytes = snapshot.keptPool;
  resetBounds();
}

/** Memory that the pool has not given out yet. */
function spoil(from: u64, to: u64): void {
  if (to > from) fillMemory(snapshot.parts[4].start + from, 0xa5, to - from);
}

/** After every call. */
export function noteMemory(): void {
  const bytes = watermark();
  if (bytes > snapshot.poolBytes) snapshot.poolBytes = bytes;
}

/** Before a call that may fail. */
export function beginComparison(): void {
  snapshot.isCall = cpu.current.isCall;
  snapshot.canGrant = cpu.current.canGrant;
  snapshot.parts[4].bytes = watermark();
  save(SHADOW);
}

/** The call of `thread` has failed: nothing but its info register has changed, which was `info` before. */
export function endComparison(thread: Thread, info: u64): void {
  const after = infoOf(thread.frame);
  setInfo(thread.frame, info);
  compare(thread);
  setInfo(thread.frame, after);
}

/** The call of `thread` has gone through, and names nothing but its answer and the registers of `of`. */
export function endNarrowComparison(thread: Thread, of: Thread): void {
  mayDiffer(addressOf(thread.frame), sizeOf<TrapFrame>());
  mayDiffer(addressOf(of.frame), sizeOf<TrapFrame>());
  const buffer = bufferOf(thread);
  if (buffer !== null) mayDiffer(addressOf(buffer), BUFFER_BYTES);
  compare(thread);
}

function compare(thread: Thread): void {
  // Of what it sends, while it does: nobody looks at them otherwise.
  thread.isCall = snapshot.isCall;
  thread.canGrant = snapshot.canGrant;
  mayDiffer(addressOf(request), sizeOf<Request>());
  mayDiffer(addressOf(machine), sizeOf<Machine>());
  let at = SHADOW;
  for (let i: u32 = 0; i < PARTS; i++) {
    const part = snapshot.parts[i];
    if (!isEqual(at, part.start, part.bytes)) complain(at, part);
    at += part.bytes;
  }
}

/** What lies there is not compared. */
function mayDiffer(start: u64, bytes: u64): void {
  let at = SHADOW;
  for (let i: u32 = 0; i < PARTS; i++) {
    const part = snapshot.parts[i];
    if (start >= part.start && start < part.start + part.bytes) copy(at + (start - part.start), start, bytes);
    at += part.bytes;
  }
}

function complain(copyAt: u64, part: Part): void {
  setSink(Sink.Console);
  for (let i: u64 = 0n; i < part.bytes; i += 8n) {
    if (wordAt(copyAt + i) === wordAt(part.start + i)) continue;
    writeHex(part.start + i, 16);
    writeText(": ");
    writeHex(wordAt(copyAt + i), 16);
    writeText(" became ");
    writeHex(wordAt(part.start + i), 16);
    writeByte(0x0a);
  }
  panic("I12: a call changes nothing but what it names, and nothing when it fails");
}
