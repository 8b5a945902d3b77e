import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of a Process's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** Process.Step: maps and fills the next pages of one that was created → left (pages). */
export function processStep(message: Message, process: u32): u32 {
  return invoke(message, process, u32(Invocation.ProcessStep), 0, 0);
}

/** Process.Start: runs it, unless the trust set has an objection now → fault. */
export function processStart(message: Message, process: u32): u32 {
  return invoke(message, process, u32(Invocation.ProcessStart), 0, 0);
}

/** Process.Terminate: ends it and deletes all that was made from its budget; restarts. */
export function processTerminate(message: Message, process: u32): u32 {
  return invoke(message, process, u32(Invocation.ProcessTerminate), 0, 0);
}

/** Process.Exit: by its own capability: its first thread stops, and its creator is told. */
export function processExit(message: Message, process: u32, code: u64): u32 {
  message.words[0] = code;
  return invoke(message, process, u32(Invocation.ProcessExit), 1, 0);
}

/** Process.Status: its state, why it ended, its exit code or the kind of fault, and the fault's address → state, end, code, address (address). */
export function processStatus(message: Message, process: u32): u32 {
  return invoke(message, process, u32(Invocation.ProcessStatus), 0, 0);
}

/** Process.ReadEpitaph: up to four registers of the first thread, as they were at the end → registers. */
export function processReadEpitaph(message: Message, process: u32, first: u64): u32 {
  message.words[0] = first;
  return invoke(message, process, u32(Invocation.ProcessReadEpitaph), 1, 0);
}

/** Process.SetNotification: gets its badge's bits when the process ends. */
export function processSetNotification(message: Message, process: u32, notification: u32): u32 {
  const buffer = bufferFor(message);
  buffer.sent[0] = notification;
  return invoke(message, process, u32(Invocation.ProcessSetNotification), 0, 1);
}

/** Process.AllocateMemoryRegion: a Region from the process's budget, to be zeroed before it is mapped. */
export function processAllocateMemoryRegion(
  message: Message,
  process: u32,
  bytes: u64,
  attributes: u64,
  slot: u64,
  cnode: u32,
): u32 {
  const buffer = bufferFor(message);
  message.words[0] = bytes;
  message.words[1] = attributes;
  message.words[2] = slot;
  buffer.sent[0] = cnode;
  return invoke(message, process, u32(Invocation.ProcessAllocateMemoryRegion), 3, 1);
}

/** Process.CreateEndpoint: an Endpoint from the process's budget. */
export function processCreateEndpoint(message: Message, process: u32, policy: u64, slot: u64, cnode: u32): u32 {
  const buffer = bufferFor(message);
  message.words[0] = policy;
  message.words[1] = slot;
  buffer.sent[0] = cnode;
  return invoke(message, process, u32(Invocation.ProcessCreateEndpoint), 2, 1);
}
