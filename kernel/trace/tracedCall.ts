/** @unsafe reaches the receivers behind capabilities */
import { badgeOf, infoOf, wordOf } from "@arch/userFrame";
import { CapType, isCapWith, objectIn } from "../cap/capability";
import { lookupSlot } from "../cap/cspace";
import { typeOf } from "../cap/slot";
import { ERROR, labelIn } from "../ipc/messageInfo";
import { type Endpoint, EndpointState } from "../object/endpoint";
import type { Reply } from "../object/reply";
import { type Thread, ThreadState } from "../object/thread";
import { cpu } from "../sched/cpu";
import { Invocation, Syscall } from "../syscall/invocation";
import { handleCall, handleReplyRecv, handleSyscall, handleUnknown } from "../syscall/syscall";
import { TraceKind } from "./record";
import { nameOf, record, traceSwitch } from "./ring";

/**
 * System calls while there is a trace: the entry code then leads here, so that they cost nothing otherwise. What has
 * happened in one is told by what was before and what is after it.
 */

/** In the record of an entry. */
const CALL_BITS = 6;
const UNKNOWN_CALL = 63;

/**
 * System call `number` of `thread`, or a number that none has.
 *
 * @entry handle_traced
 * @scratch
 */
export function handleTraced(capabilities: u64, info: u64, thread: Thread, number: u32): void {
  const word0 = wordOf(thread.frame, 0);
  const rights = wordOf(thread.frame, 2);
  const receiver = receiverOf(thread, capabilities, number);
  const before = receiver === null ? ThreadState.Inactive : receiver.state;
  const isMap = isMapCall(thread, capabilities, info, number);
  record(TraceKind.Entry, thread, callDetail(thread, capabilities, number), capabilities, info);
  serve(capabilities, info, thread, number);
  if (receiver !== null && receiver.state !== before) {
    record(TraceKind.Ipc, thread, 0, nameOf(receiver), infoOf(receiver.frame));
  }
  if (isMap && (infoOf(thread.frame) & ERROR) === 0n) {
    record(TraceKind.Map, thread, u32(rights), word0, wordOf(thread.frame, 0));
  }
  traceSwitch(thread);
  record(TraceKind.Exit, cpu.current, 0, badgeOf(cpu.current.frame), infoOf(cpu.current.frame));
}

/** System call and type of the capability, as the record has them. */
function callDetail(thread: Thread, capabilities: u64, number: u32): u32 {
  const slot = lookupSlot(thread.cspace, u32(capabilities));
  const type = slot === null ? 0 : u32(typeOf(slot));
  return (number < UNKNOWN_CALL ? number : UNKNOWN_CALL) | (type << CALL_BITS);
}

/** @scratch */
function serve(capabilities: u64, info: u64, thread: Thread, number: u32): void {
  switch (number) {
    case u32(Syscall.Call):
      handleCall(capabilities, info, thread);
      return;
    case u32(Syscall.ReplyRecv):
      handleReplyRecv(capabilities, info, thread);
      return;
    default:
      if (isEnum<Syscall>(number)) handleSyscall(capabilities, info, thread, number);
      else handleUnknown(capabilities, info, thread);
  }
}

/** Who gets a message by this call if it goes through: the first who waits, or the caller that it answers. */
function receiverOf(thread: Thread, capabilities: u64, number: u32): Thread | null {
  switch (number) {
    case u32(Syscall.Call):
    case u32(Syscall.Send):
    case u32(Syscall.NbSend): {
      const slot = lookupSlot(thread.cspace, u32(capabilities));
      if (slot === null || !isCapWith(slot.word, CapType.Endpoint, 0n)) return null;
      const endpoint = cast<Endpoint>(objectIn(slot.word));
      return endpoint.state === EndpointState.Receiving ? endpoint.waiters.head : null;
    }
    case u32(Syscall.Reply):
    case u32(Syscall.ReplyRecv): {
      const slot = lookupSlot(thread.cspace, u32(capabilities >> 32n));
      if (slot === null || !isCapWith(slot.word, CapType.Reply, 0n)) return null;
      return cast<Reply>(objectIn(slot.word)).caller;
    }
    default:
      return null;
  }
}

function isMapCall(thread: Thread, capabilities: u64, info: u64, number: u32): boolean {
  if (number !== u32(Syscall.Call) || labelIn(info) !== u64(u32(Invocation.AddressSpaceMap))) return false;
  const slot = lookupSlot(thread.cspace, u32(capabilities));
  return slot !== null && isCapWith(slot.word, CapType.AddressSpace, 0n);
}
