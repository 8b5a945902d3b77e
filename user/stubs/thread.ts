import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of a Thread's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** Thread.Configure: gives it what it may name and see, and its message buffer: `offset` bytes into the Region. */
export function threadConfigure(message: Message, thread: u32, offset: u64, cspace: u32, space: u32, region: u32): u32 {
  const buffer = bufferFor(message);
  message.words[0] = offset;
  buffer.sent[0] = cspace;
  buffer.sent[1] = space;
  buffer.sent[2] = region;
  return invoke(message, thread, u32(Invocation.ThreadConfigure), 1, 3);
}

/** Thread.ReadRegisters: up to four registers → register0, register1, register2, register3. */
export function threadReadRegisters(message: Message, thread: u32, first: u64): u32 {
  message.words[0] = first;
  return invoke(message, thread, u32(Invocation.ThreadReadRegisters), 1, 0);
}

/** Thread.WriteRegisters: one register of a thread that is stopped. */
export function threadWriteRegisters(message: Message, thread: u32, index: u64, value: u64): u32 {
  message.words[0] = index;
  message.words[1] = value;
  return invoke(message, thread, u32(Invocation.ThreadWriteRegisters), 2, 0);
}

/** Thread.SetPriority: neither above the caller's ceiling. */
export function threadSetPriority(message: Message, thread: u32, priority: u64, ceiling: u64): u32 {
  message.words[0] = priority;
  message.words[1] = ceiling;
  return invoke(message, thread, u32(Invocation.ThreadSetPriority), 2, 0);
}

/** Thread.SetAffinity: the processor that it runs on. */
export function threadSetAffinity(message: Message, thread: u32, cpu: u64): u32 {
  message.words[0] = cpu;
  return invoke(message, thread, u32(Invocation.ThreadSetAffinity), 1, 0);
}

/** Thread.Resume: a stopped thread goes on. */
export function threadResume(message: Message, thread: u32): u32 {
  return invoke(message, thread, u32(Invocation.ThreadResume), 0, 0);
}

/** Thread.Suspend: stops it; what it waited for is given up. */
export function threadSuspend(message: Message, thread: u32): u32 {
  return invoke(message, thread, u32(Invocation.ThreadSuspend), 0, 0);
}

/** Thread.BindNotification: signals end its Recv. */
export function threadBindNotification(message: Message, thread: u32, notification: u32): u32 {
  const buffer = bufferFor(message);
  buffer.sent[0] = notification;
  return invoke(message, thread, u32(Invocation.ThreadBindNotification), 0, 1);
}

/** Thread.SetFaultHandler: its faults are calls to this endpoint. */
export function threadSetFaultHandler(message: Message, thread: u32, endpoint: u32): u32 {
  const buffer = bufferFor(message);
  buffer.sent[0] = endpoint;
  return invoke(message, thread, u32(Invocation.ThreadSetFaultHandler), 0, 1);
}

/** Thread.SetTls: the thread pointer. */
export function threadSetTls(message: Message, thread: u32, address: u64): u32 {
  message.words[0] = address;
  return invoke(message, thread, u32(Invocation.ThreadSetTls), 1, 0);
}
