import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of an Inspect's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** Inspect.System: memory is free in Untypeds above their watermarks → uptime (ns), memory (bytes), free (bytes), timerInterrupts (count), bootCounts (count). */
export function inspectSystem(message: Message, inspect: u32): u32 {
  return invoke(message, inspect, u32(Invocation.InspectSystem), 0, 0);
}

/** Inspect.Version: name, version, architecture and build as text → length (bytes), text. */
export function inspectVersion(message: Message, inspect: u32): u32 {
  return invoke(message, inspect, u32(Invocation.InspectVersion), 0, 0);
}

/** Inspect.Log: the log from a position on, at first 0; what has been overwritten is left out → next (position), length (bytes), text. */
export function inspectLog(message: Message, inspect: u32, position: u64): u32 {
  message.words[0] = position;
  return invoke(message, inspect, u32(Invocation.InspectLog), 1, 0);
}

/** Inspect.Line: whether somebody has claimed it, and how many interrupts have come → claimed (flags), interrupts (count). */
export function inspectLine(message: Message, inspect: u32, line: u64): u32 {
  message.words[0] = line;
  return invoke(message, inspect, u32(Invocation.InspectLine), 1, 0);
}

/** Inspect.Slots: the capabilities of a CNode, three words each; `next` is 0 at the end → next (slot), found (count), capabilities. */
export function inspectSlots(message: Message, inspect: u32, first: u64, cnode: u32): u32 {
  const buffer = bufferFor(message);
  message.words[0] = first;
  buffer.sent[0] = cnode;
  return invoke(message, inspect, u32(Invocation.InspectSlots), 1, 1);
}

/** Inspect.Process: the next process from a number on, at first 0, with its name and state; numbers are those of address spaces → number (index), next (index), name, state. */
export function inspectProcess(message: Message, inspect: u32, first: u64): u32 {
  message.words[0] = first;
  return invoke(message, inspect, u32(Invocation.InspectProcess), 1, 0);
}

/** Inspect.ProcessSlots: the same as Slots, of a process's root CNode → next (slot), found (count), capabilities. */
export function inspectProcessSlots(message: Message, inspect: u32, first: u64, process: u64): u32 {
  message.words[0] = first;
  message.words[1] = process;
  return invoke(message, inspect, u32(Invocation.InspectProcessSlots), 2, 0);
}

/** Inspect.Thread: what a thread does, and has used → state, priority (priority), ceiling (priority), used (ns). */
export function inspectThread(message: Message, inspect: u32, thread: u32): u32 {
  const buffer = bufferFor(message);
  buffer.sent[0] = thread;
  return invoke(message, inspect, u32(Invocation.InspectThread), 0, 1);
}
