import { CapType } from "../../kernel/cap/capability";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import {
  SLOT_BUFFER,
  SLOT_CNODE,
  SLOT_CONTEXT,
  SLOT_PROCESS,
  SLOT_SPACE,
  SLOT_STACK,
  SLOT_THREAD,
} from "../../kernel/object/processSlots";
import { INVOCATIONS, Invocation, Syscall } from "../../kernel/syscall/invocation";
import { remove, retype, zero } from "../../user/calls";
import { errorOf, infoWord, invoke, type Message, ownBuffer, systemCall, unknownCall } from "../../user/message";
import { addressSpaceMap, addressSpaceProtect } from "../../user/stubs/addressSpace";
import { cnodeCopy, cnodeMint } from "../../user/stubs/cnode";
import { powerControlPowerOff } from "../../user/stubs/powerControl";
import {
  processAllocateMemoryRegion,
  processCreateEndpoint,
  processStart,
  processStep,
  processTerminate,
} from "../../user/stubs/process";
import { regionAddress } from "../../user/stubs/region";
import { threadSetPriority, threadSetTls, threadWriteRegisters } from "../../user/stubs/thread";
import { type Attempt, isRefused } from "./attempt";
import { FIRST_PIECE, FREE, LOG, MEMORY, MODULES, OTHER, POWER, SLOTS } from "./slots";

/** What the kernel has to refuse to a module, with the error that says why. */

const ALL = 7n;
const READ = 1n;
const READ_WRITE = 3n;
const PAGE = 4096n;
const PIECE = 0x1_0000n;
/** Of the manifest. */
const BUDGET = 0x10_0000n;
const EXECUTABLE = 1n;
const FREE_VA = 0x5100_0000_0000n;
const TEXT_VA = 0x40_0000n;
const KERNEL_VA = 0xffff_ffff_8020_0000n;
const KERNEL_HALF = 0xffff_8000_0000_0000n;
/** Of the manifest, and above it. */
const PRIORITY = 80n;
const MORE_URGENT = 81n;
const LONG_RING = 256n;
const ANOTHER_BADGE = 5n;
const LAST_INNER = 0xffff;

export const KERNEL_ATTEMPTS = 27;
export const kernelAttempts: FixedArray<Inline<Attempt>, typeof KERNEL_ATTEMPTS> = [
  { name: "capabilities that it has not", run: forged },
  { name: "operations of other objects", run: misused },
  { name: "system calls that there are not", run: unknownCalls },
  { name: "messages from where it has no capability", run: waitForNothing },
  { name: "switching the machine off", run: powerOff },
  { name: "memory beside its budget", run: makeOfNothing },
  { name: "receiving what is for the console", run: receiveFromLog },
  { name: "more rights by a copy", run: widen },
  { name: "another badge", run: rebadge },
  { name: "a badge of its own", run: rebadgeModules },
  { name: "memory to execute", run: allocateExecutable },
  { name: "memory before it is zero", run: mapUnzeroed },
  { name: "memory at the kernel's addresses", run: mapKernel },
  { name: "memory over its own text", run: mapOverText },
  { name: "the right to write by Protect", run: unprotect },
  { name: "writing through a capability to read", run: mapReadOnly },
  { name: "where its memory is", run: physicalAddress },
  { name: "a second message buffer", run: configureAgain },
  { name: "its own registers while it runs", run: writeRegisters },
  { name: "a thread pointer into the kernel", run: tlsInKernel },
  { name: "being more urgent", run: raise },
  { name: "more time for itself", run: bindAgain },
  { name: "ending itself as its creator would", run: terminateItself },
  { name: "starting itself again", run: startItself },
  { name: "filling itself again", run: stepItself },
  { name: "a ring that is too long", run: longRing },
  { name: "more memory than its budget", run: exhaust },
];

/** Calls with a capability and no more than this; answers the error. */
function callWith(capability: u32, label: u32): u32 {
  const message = local<Message>();
  message.info = infoWord(label, 0, 0);
  systemCall(Syscall.Call, capability, 0, message);
  return errorOf(message);
}

/** Every operation on every slot that is empty, and on addresses that lead beyond the root CNode. */
function forged(): boolean {
  let failed: u32 = 0;
  for (let slot: u32 = FREE; slot < SLOTS; slot++) {
    for (let label: u32 = 0; label < INVOCATIONS; label++) {
      if (callWith(slot, label) !== u32(ErrorCode.IllegalOperation)) failed++;
    }
  }
  for (let label: u32 = 0; label < INVOCATIONS; label++) {
    if (callWith(0, label) !== u32(ErrorCode.IllegalOperation)) failed++;
    if (callWith(SLOTS, label) !== u32(ErrorCode.FailedLookup)) failed++;
    if (callWith(LAST_INNER, label) !== u32(ErrorCode.FailedLookup)) failed++;
    if (callWith((1 << 16) | FREE, label) !== u32(ErrorCode.FailedLookup)) failed++;
    if (callWith(0xffff_ffff, label) !== u32(ErrorCode.FailedLookup)) failed++;
  }
  return failed === 0;
}

/** What its own objects are not for. */
function misused(): boolean {
  let failed: u32 = 0;
  failed += misusedSlot(SLOT_CNODE, Invocation.CNodeCopy, Invocation.CNodeRotate);
  failed += misusedSlot(SLOT_SPACE, Invocation.AddressSpaceMap, Invocation.AddressSpaceTranslate);
  failed += misusedSlot(SLOT_THREAD, Invocation.ThreadConfigure, Invocation.ThreadSetTls);
  failed += misusedSlot(SLOT_CONTEXT, Invocation.SchedContextBind, Invocation.SchedContextConsumed);
  failed += misusedSlot(SLOT_PROCESS, Invocation.ProcessStep, Invocation.ProcessCreateEndpoint);
  failed += misusedSlot(SLOT_STACK, Invocation.RegionZero, Invocation.RegionAddress);
  failed += misusedSlot(SLOT_BUFFER, Invocation.RegionZero, Invocation.RegionAddress);
  return failed === 0;
}

/** Of an object whose operations are those from `first` to `last`: how many others were not refused. */
function misusedSlot(slot: u32, first: Invocation, last: Invocation): u32 {
  let failed: u32 = 0;
  for (let label: u32 = 0; label <= INVOCATIONS; label++) {
    if (label >= u32(first) && label <= u32(last)) continue;
    if (callWith(slot, label) !== u32(ErrorCode.IllegalOperation)) failed++;
  }
  return failed;
}

function unknownCalls(): boolean {
  const message = local<Message>();
  unknownCall(message);
  return isRefused(errorOf(message), ErrorCode.IllegalOperation);
}

/** Messages and signals from where it has no capability. */
function waitForNothing(): boolean {
  const message = local<Message>();
  systemCall(Syscall.Recv, POWER, 0, message);
  if (!isRefused(errorOf(message), ErrorCode.IllegalOperation)) return false;
  systemCall(Syscall.Wait, MEMORY, 0, message);
  if (!isRefused(errorOf(message), ErrorCode.IllegalOperation)) return false;
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Reply, 0, FREE, message);
  return isRefused(errorOf(message), ErrorCode.InvalidCapability);
}

function powerOff(): boolean {
  const message = local<Message>();
  return isRefused(powerControlPowerOff(message, POWER, 0n), ErrorCode.IllegalOperation);
}

function makeOfNothing(): boolean {
  if (!isRefused(retype(MEMORY, CapType.Untyped, 12n, 1, FREE), ErrorCode.IllegalOperation)) return false;
  return isRefused(retype(SLOT_PROCESS, CapType.Untyped, 12n, 1, FREE), ErrorCode.IllegalOperation);
}

function receiveFromLog(): boolean {
  const message = local<Message>();
  systemCall(Syscall.NbRecv, LOG, 0, message);
  return isRefused(errorOf(message), ErrorCode.IllegalOperation);
}

/** A copy with all rights has no more of them than what it was copied from. */
function widen(): boolean {
  const message = local<Message>();
  if (cnodeCopy(message, SLOT_CNODE, u64(FREE), ALL, LOG) !== 0) return false;
  systemCall(Syscall.NbRecv, FREE, 0, message);
  const isNarrow = isRefused(errorOf(message), ErrorCode.IllegalOperation);
  remove(FREE);
  return isNarrow;
}

function rebadge(): boolean {
  const message = local<Message>();
  const error = cnodeMint(message, SLOT_CNODE, u64(FREE), ALL, ANOTHER_BADGE, 0n, LOG);
  return isRefused(error, ErrorCode.IllegalOperation);
}

/** Of the ModuleManager: with the console's it could load and end anything. */
function rebadgeModules(): boolean {
  const message = local<Message>();
  const error = cnodeMint(message, SLOT_CNODE, u64(FREE), ALL, READ, 0n, MODULES);
  return isRefused(error, ErrorCode.IllegalOperation);
}

function allocate(bytes: u64, attributes: u64, slot: u32): u32 {
  const message = local<Message>();
  return processAllocateMemoryRegion(message, SLOT_PROCESS, bytes, attributes, u64(slot), SLOT_CNODE);
}

function map(region: u32, va: u64, rights: u64): u32 {
  const message = local<Message>();
  return addressSpaceMap(message, SLOT_SPACE, va, 1n, rights, region);
}

function allocateExecutable(): boolean {
  return isRefused(allocate(PAGE, EXECUTABLE, FREE), ErrorCode.Policy);
}

/** The page of the following attempts stays in FREE. */
function mapUnzeroed(): boolean {
  if (allocate(PAGE, 0n, FREE) !== 0) return false;
  const isBusy = isRefused(map(FREE, FREE_VA, READ_WRITE), ErrorCode.Busy);
  return isBusy && zero(FREE) === 0;
}

function mapKernel(): boolean {
  const low = isRefused(map(FREE, KERNEL_HALF, READ_WRITE), ErrorCode.RangeError);
  return low && isRefused(map(FREE, KERNEL_VA & ~(PAGE - 1n), READ_WRITE), ErrorCode.RangeError);
}

function mapOverText(): boolean {
  return isRefused(map(FREE, TEXT_VA, READ_WRITE), ErrorCode.DeleteFirst);
}

function unprotect(): boolean {
  const message = local<Message>();
  if (map(FREE, FREE_VA, READ) !== 0) return false;
  const error = addressSpaceProtect(message, SLOT_SPACE, 0n, 1n, READ_WRITE, FREE);
  return isRefused(error, ErrorCode.IllegalOperation);
}

function mapReadOnly(): boolean {
  const message = local<Message>();
  if (cnodeCopy(message, SLOT_CNODE, u64(OTHER), READ, FREE) !== 0) return false;
  const error = map(OTHER, FREE_VA + PAGE, READ_WRITE);
  remove(OTHER);
  return isRefused(error, ErrorCode.IllegalOperation);
}

function physicalAddress(): boolean {
  const message = local<Message>();
  return isRefused(regionAddress(message, FREE), ErrorCode.IllegalOperation);
}

function configureAgain(): boolean {
  const message = local<Message>();
  ownBuffer().sent[0] = SLOT_CNODE;
  ownBuffer().sent[1] = SLOT_SPACE;
  ownBuffer().sent[2] = FREE;
  message.words[0] = 0n;
  return isRefused(invoke(message, SLOT_THREAD, u32(Invocation.ThreadConfigure), 1, 3), ErrorCode.DeleteFirst);
}

function writeRegisters(): boolean {
  const message = local<Message>();
  return isRefused(threadWriteRegisters(message, SLOT_THREAD, 0n, 0n), ErrorCode.Busy);
}

function tlsInKernel(): boolean {
  const message = local<Message>();
  return isRefused(threadSetTls(message, SLOT_THREAD, KERNEL_VA), ErrorCode.RangeError);
}

function raise(): boolean {
  const message = local<Message>();
  const isBelow = isRefused(threadSetPriority(message, SLOT_THREAD, MORE_URGENT, MORE_URGENT), ErrorCode.RangeError);
  return isBelow && isRefused(threadSetPriority(message, SLOT_THREAD, PRIORITY, MORE_URGENT), ErrorCode.RangeError);
}

function bindAgain(): boolean {
  const message = local<Message>();
  ownBuffer().sent[0] = SLOT_THREAD;
  return isRefused(invoke(message, SLOT_CONTEXT, u32(Invocation.SchedContextBind), 0, 1), ErrorCode.DeleteFirst);
}

function terminateItself(): boolean {
  const message = local<Message>();
  return isRefused(processTerminate(message, SLOT_PROCESS), ErrorCode.IllegalOperation);
}

function startItself(): boolean {
  const message = local<Message>();
  return isRefused(processStart(message, SLOT_PROCESS), ErrorCode.IllegalOperation);
}

function stepItself(): boolean {
  const message = local<Message>();
  return isRefused(processStep(message, SLOT_PROCESS), ErrorCode.IllegalOperation);
}

function longRing(): boolean {
  const message = local<Message>();
  const error = processCreateEndpoint(message, SLOT_PROCESS, LONG_RING, u64(OTHER), SLOT_CNODE);
  return isRefused(error, ErrorCode.RangeError);
}

/** As much as there is, in pieces: less than the budget, and then no page more. */
function exhaust(): boolean {
  let bytes: u64 = 0n;
  let slot: u32 = FIRST_PIECE;
  while (slot < SLOTS - 1 && allocate(PIECE, 0n, slot) === 0) {
    bytes += PIECE;
    slot++;
  }
  while (slot < SLOTS - 1 && allocate(PAGE, 0n, slot) === 0) {
    bytes += PAGE;
    slot++;
  }
  const isExhausted = isRefused(allocate(PAGE, 0n, slot), ErrorCode.NotEnoughMemory);
  for (let i: u32 = FIRST_PIECE; i < slot; i++) remove(i);
  return isExhausted && bytes > 0n && bytes < BUDGET;
}
