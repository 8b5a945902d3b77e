/**
 * @unit O2
 * @unsafe reaches objects behind capabilities
 */
import { REGISTER_COUNT, REGISTER_PC } from "@arch/registers";
import { infoOf, registerOf, wordOf } from "@arch/userFrame";
import { mayWrite, type Walk, walk } from "@machine/processor.kts";
import { CapType, isCapWith } from "../../kernel/cap/capability";
import { lookupSlot } from "../../kernel/cap/cspace";
import { objectOf, slotAt, typeOf } from "../../kernel/cap/slot";
import { lengthIn } from "../../kernel/ipc/messageInfo";
import { addressSpaceIn } from "../../kernel/object/addressSpace";
import { type Thread, ThreadState } from "../../kernel/object/thread";
import { Invocation } from "../../kernel/syscall/invocation";
import { RAM_END } from "./boot.kts";
import type { Words } from "./calls.kts";

/**
 * Operations that have gone through: they have done what was asked for, and nothing else. That a rule is missing shows
 * here when it leaves all invariants whole.
 */

/** Of Map. */
const WANT_WRITE = 2n;
/** The flags stand behind the program counter; not all of them are the user's. */
const REGISTER_FLAGS = REGISTER_PC + 1;

interface Effects extends Struct<"Effects"> {
  /** Registers of the thread that is called, before the call. */
  readonly registers: FixedArray<u64, typeof REGISTER_COUNT>;
}

const effects: Effects = zeroed();

/** Before `thread` makes a call. */
export function noteBefore(thread: Thread, address: u32, label: u32): void {
  if (label !== u32(Invocation.ThreadWriteRegisters)) return;
  const slot = lookupSlot(thread.cspace, address);
  if (slot === null || !isCapWith(slot.word, CapType.Thread, 0n)) return;
  const of = cast<Thread>(objectOf(slot));
  for (let i: u32 = 0; i < REGISTER_COUNT; i++) effects.registers[i] = registerOf(of.frame, i);
}

/** Whether the operation changes nothing but its answer and, perhaps, registers of the thread that it is about. */
export function isNarrow(label: u32): boolean {
  switch (label) {
    case u32(Invocation.ThreadReadRegisters):
    case u32(Invocation.ThreadWriteRegisters):
    case u32(Invocation.ThreadSetAffinity):
    case u32(Invocation.AddressSpaceTranslate):
    case u32(Invocation.RegionAddress):
    case u32(Invocation.TimerNow):
    case u32(Invocation.InspectSystem):
    case u32(Invocation.InspectVersion):
    case u32(Invocation.InspectLog):
    case u32(Invocation.InspectLine):
    case u32(Invocation.InspectSlots):
    case u32(Invocation.InspectProcess):
    case u32(Invocation.InspectProcessSlots):
    case u32(Invocation.InspectThread):
    case u32(Invocation.ProcessStatus):
    case u32(Invocation.ProcessReadEpitaph):
      return true;
    default:
      return false;
  }
}

/** The thread that an operation of a thread is about; of any other, its caller. */
export function targetOf(thread: Thread, address: u32): Thread {
  const slot = lookupSlot(thread.cspace, address)!;
  return isCapWith(slot.word, CapType.Thread, 0n) ? cast<Thread>(objectOf(slot)) : thread;
}

/** The call of `thread` with `words` has gone through. */
export function judgeEffect(thread: Thread, address: u32, label: u32, words: Words): void {
  if (label === u32(Invocation.AddressSpaceMap)) checkMap(thread, address, words);
  else if (label === u32(Invocation.ThreadWriteRegisters)) checkWrite(targetOf(thread, address), words);
  else if (label === u32(Invocation.ThreadReadRegisters)) checkRead(thread, targetOf(thread, address), words);
  else if (label === u32(Invocation.CNodeMint)) checkMint(thread, address, words);
}

/** What was asked for is what has been mapped: to be written or not. */
function checkMap(thread: Thread, address: u32, words: Words): void {
  const slot = lookupSlot(thread.cspace, address)!;
  const found = local<Walk>();
  const isWrite = (words[2] & WANT_WRITE) !== 0n;
  assert(walk(addressSpaceIn(slot).register, words[0], RAM_END, found), "I7: what was mapped is mapped");
  assert(mayWrite(found.entry) === isWrite, "I7: what was mapped has the rights that were asked for");
}

/** Only the register that was named, of a thread that has stopped. */
function checkWrite(of: Thread, words: Words): void {
  assert(of.state === ThreadState.Inactive || of.isFaulted, "I8: registers are written of a thread that has stopped");
  for (let i: u32 = 0; i < REGISTER_COUNT; i++) {
    if (u64(i) === words[0] && i === REGISTER_FLAGS) continue;
    const wanted = u64(i) === words[0] ? words[1] : effects.registers[i];
    assert(registerOf(of.frame, i) === wanted, "I14: no register is written but the one that was named");
  }
}

/** Registers that there are. Of one's own some are the answer's by then. */
function checkRead(thread: Thread, of: Thread, words: Words): void {
  const length = lengthIn(infoOf(thread.frame));
  assert(length > 0 && words[0] < u64(REGISTER_COUNT), "I14: what is read are registers");
  for (let i: u32 = 0; i < length && of !== thread; i++) {
    assert(wordOf(thread.frame, i) === registerOf(of.frame, u32(words[0]) + i), "I14: what is read are registers");
  }
}

/** What has a badge, or ports, and now those that were asked for. */
function checkMint(thread: Thread, address: u32, words: Words): void {
  const slot = slotAt(objectOf(lookupSlot(thread.cspace, address)!), u32(words[0]));
  const type = typeOf(slot);
  const hasBadge = type === CapType.Endpoint || type === CapType.Notification || type === CapType.IoPort;
  assert(hasBadge && slot.data === words[2], "I2: what is minted has a badge");
}
