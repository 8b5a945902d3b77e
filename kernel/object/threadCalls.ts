/** @unsafe reaches the thread behind a capability */
import { REGISTER_COUNT, REGISTER_PC } from "@arch/registers";
import { isUserAddress, registerOf, setRegister } from "@arch/userFrame";
import { CapType, FLAG_DEVICE, FLAG_ZEROED, isCapWith, RIGHT_READ, RIGHT_WRITE } from "../cap/capability";
import { stopThread } from "../cap/delete";
import { derive, whyNoCopy } from "../cap/derive";
import { isNull, objectOf, type Slot } from "../cap/slot";
import { BUFFER_BYTES } from "../ipc/buffer";
import { ErrorCode } from "../ipc/messageInfo";
import { PAGE_BYTES } from "../memory/address";
import { CPUS, cpu } from "../sched/cpu";
import { loadThread, makeReady, setPriority as schedule } from "../sched/scheduler";
import { answerWord, argument, caller, capability, target, wrong } from "../syscall/request";
import type { Notification } from "./notification";
import { ProcessState } from "./processState";
import { pagesOf } from "./region";
import { type Thread, ThreadState } from "./thread";

/** What a Thread's capability can be asked for. All need the right to write. */

function thread(): Thread {
  return cast<Thread>(objectOf(target()));
}

/** Thread.Configure: offset of the message buffer; CNode, AddressSpace, Region of the buffer. */
export function configure(): ErrorCode {
  const offset = argument(0);
  const cspace = capability(0, CapType.CNode);
  const space = capability(1, CapType.AddressSpace);
  const buffer = capability(2, CapType.Region);
  if (cspace === null) return wrong(ErrorCode.InvalidCapability, 0);
  if (space === null) return wrong(ErrorCode.InvalidCapability, 1);
  if (buffer === null || !isCapWith(buffer.word, CapType.Region, RIGHT_READ | RIGHT_WRITE | FLAG_ZEROED)) {
    return wrong(ErrorCode.InvalidCapability, 2);
  }
  // The kernel itself reads and writes the buffer: never a device's memory.
  if (isCapWith(buffer.word, CapType.Region, FLAG_DEVICE)) return wrong(ErrorCode.Policy, 2);
  if (offset % BUFFER_BYTES !== 0n) return wrong(ErrorCode.AlignmentError, 0);
  if (offset >= u64(pagesOf(buffer)) * PAGE_BYTES || offset > 0xffff_ffffn) return wrong(ErrorCode.RangeError, 0);
  if (whyNoCopy(cspace) !== ErrorCode.None) return wrong(ErrorCode.NotEnoughMemory, 0);
  if (whyNoCopy(space) !== ErrorCode.None) return wrong(ErrorCode.NotEnoughMemory, 1);
  if (whyNoCopy(buffer) !== ErrorCode.None) return wrong(ErrorCode.NotEnoughMemory, 2);
  const to = thread();
  if (!isNull(to.cspace) || !isNull(to.space) || !isNull(to.buffer)) return ErrorCode.DeleteFirst;
  derive(cspace, to.cspace, cspace.word, cspace.data);
  derive(space, to.space, space.word, 0n);
  derive(buffer, to.buffer, buffer.word, 0n);
  to.bufferOffset = u32(offset);
  if (to === caller()) loadThread(to);
  return ErrorCode.None;
}

/** Thread.ReadRegisters: first register → up to four registers from it. */
export function readRegisters(): ErrorCode {
  const first = argument(0);
  if (first >= u64(REGISTER_COUNT)) return wrong(ErrorCode.RangeError, 0);
  const from = thread();
  for (let i: u32 = 0; i < 4 && u32(first) + i < REGISTER_COUNT; i++) {
    answerWord(i, registerOf(from.frame, u32(first) + i));
  }
  return ErrorCode.None;
}

/** Thread.WriteRegisters: register, value. Of a thread that is stopped. */
export function writeRegisters(): ErrorCode {
  const index = argument(0);
  const value = argument(1);
  if (index >= u64(REGISTER_COUNT)) return wrong(ErrorCode.RangeError, 0);
  if (index === u64(REGISTER_PC) && !isUserAddress(value)) return wrong(ErrorCode.RangeError, 1);
  const to = thread();
  if (to.state !== ThreadState.Inactive && !to.isFaulted) return ErrorCode.Busy;
  setRegister(to.frame, u32(index), value);
  return ErrorCode.None;
}

/** Thread.SetPriority: priority, ceiling; neither above the caller's ceiling. */
export function setPriority(): ErrorCode {
  const ceiling = u64(u32(caller().maxPriority));
  if (argument(0) > ceiling || argument(0) > argument(1)) return wrong(ErrorCode.RangeError, 0);
  if (argument(1) > ceiling) return wrong(ErrorCode.RangeError, 1);
  const to = thread();
  to.maxPriority = u8(argument(1));
  schedule(to, u8(argument(0)));
  return ErrorCode.None;
}

/** Thread.SetAffinity: the processor that it runs on. There is one. */
export function setAffinity(): ErrorCode {
  return argument(0) < u64(CPUS) ? ErrorCode.None : wrong(ErrorCode.RangeError, 0);
}

/** Thread.Resume. A process's first thread runs from Start to the process's end (K3). */
export function resume(): ErrorCode {
  const to = thread();
  const process = to.process;
  if (process !== null && process.state !== ProcessState.Running) return ErrorCode.IllegalOperation;
  if (to.state !== ThreadState.Inactive) return ErrorCode.Busy;
  to.isFaulted = false;
  makeReady(to);
  return ErrorCode.None;
}

/** Thread.Suspend. What it waited for is given up: a Call that it made is not answered any more. */
export function suspend(): ErrorCode {
  stopThread(thread());
  return ErrorCode.None;
}

/** Thread.BindNotification: Notification; its signals end the thread's Recv. */
export function bindNotification(): ErrorCode {
  const slot = capability(0, CapType.Notification);
  if (slot === null || !isCapWith(slot.word, CapType.Notification, RIGHT_READ)) {
    return wrong(ErrorCode.InvalidCapability, 0);
  }
  const notification = cast<Notification>(objectOf(slot));
  const to = thread();
  if (notification.bound !== null || to.bound !== null) return ErrorCode.DeleteFirst;
  notification.bound = to;
  to.bound = notification;
  return ErrorCode.None;
}

/** Thread.SetFaultHandler: Endpoint, to which faults are sent as calls. */
export function setFaultHandler(): ErrorCode {
  const slot = capability(0, CapType.Endpoint);
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 0);
  const problem = whyNoCopy(slot);
  if (problem !== ErrorCode.None) return wrong(problem, 0);
  const to: Slot = thread().handler;
  if (!isNull(to)) return ErrorCode.DeleteFirst;
  derive(slot, to, slot.word, slot.data);
  return ErrorCode.None;
}

/** Thread.SetTls: the thread pointer. */
export function setTls(): ErrorCode {
  if (!isUserAddress(argument(0))) return wrong(ErrorCode.RangeError, 0);
  const to = thread();
  to.tls = argument(0);
  if (cpu.current === to) loadThread(to);
  return ErrorCode.None;
}
