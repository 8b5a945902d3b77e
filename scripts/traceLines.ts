import { readProtocol } from "./protocol/model.ts";
import { type Member, type Model, readEnum, readModel } from "./syscalls/model.ts";

/** Turns the records of a trace (kernel/trace/record.ts), as user/traceDump.ts writes them, into lines. */

const LINE = /^trace: ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16})$/gm;
const THREAD_MASK = 0xffff_ffff_ffffn;
const CALL_BITS = 6n;

/** How a thread is called, by its number in the trace. */
export type NameOfThread = (thread: bigint) => string;

interface Names {
  readonly model: Model;
  readonly kinds: readonly Member[];
  readonly faults: readonly Member[];
  readonly nameOf: NameOfThread;
}

export interface TraceEvent {
  /** Nanoseconds since boot; with `-icount` as many instructions. */
  readonly time: bigint;
  readonly thread: bigint;
  /** The member of TraceKind. */
  readonly kind: string;
  /** Of a message its receiver, of a switch the thread that goes on; null of others. */
  readonly to: bigint | null;
  /** What happened, for people. */
  readonly text: string;
}

/** One line a record: seconds since boot, thread, and what happened. */
export function decodeTrace(text: string): string[] {
  const nameOf = numbered();
  return readTrace(text, nameOf).map((event) => {
    const seconds = `${event.time / 1_000_000_000n}.${String(event.time % 1_000_000_000n).padStart(9, "0")}`;
    return `${seconds.padStart(14)} ${nameOf(event.thread).padEnd(3)} ${event.text}`;
  });
}

/** The events of all records in a console's output. */
export function readTrace(text: string, nameOf: NameOfThread): TraceEvent[] {
  const names: Names = {
    model: readModel(),
    kinds: readEnum("kernel/trace/record.ts", "TraceKind"),
    faults: readEnum("kernel/fault/faultKind.ts", "FaultKind"),
    nameOf,
  };
  return [...text.replaceAll("\r", "").matchAll(LINE)].map(([, ...words]) => {
    const [time, head, word0, word1] = words.map((word) => BigInt(`0x${word}`)) as [bigint, bigint, bigint, bigint];
    const thread = head & THREAD_MASK;
    // Named as they come: the one that does something before the one to which it is done.
    nameOf(thread);
    const kind = nameIn(names.kinds, head >> 60n);
    const to = kind === "Ipc" || kind === "Switch" ? word0 : null;
    return { time, thread, kind, to, text: what(kind, (head >> 48n) & 0xfffn, word0, word1, names) };
  });
}

function what(kind: string, detail: bigint, word0: bigint, word1: bigint, names: Names): string {
  switch (kind) {
    case "Entry":
      return entry(detail, word0, word1, names.model);
    case "Exit":
      return `  returns ${answer(word0, word1, names.model)}`;
    case "Ipc":
      return `  message to ${names.nameOf(word0)}: ${message(word1)}`;
    case "Switch":
      return `  gives way to ${names.nameOf(word0)}`;
    case "Fault":
      return `fault ${nameIn(names.faults, detail)}, address ${hex(word0)}, program counter ${hex(word1)}`;
    case "Irq":
      return detail === 1n ? "timer interrupt" : `interrupt of line ${word0}`;
    case "Map":
      return `  maps ${word1} pages at ${hex(word0)}, rights ${detail}`;
    default:
      return `${kind} ${detail} ${hex(word0)} ${hex(word1)}`;
  }
}

/** A Call on a capability of the kernel has an operation for a label. */
function entry(detail: bigint, capabilities: bigint, info: bigint, { systemCalls, calls, capTypes }: Model): string {
  const number = Number(detail & ((1n << CALL_BITS) - 1n));
  const call = systemCalls[number]?.name ?? "unknown call";
  const type = nameIn(capTypes, detail >> CALL_BITS);
  const [capability, reply] = [capabilities & 0xffff_ffffn, capabilities >> 32n];
  const operation = calls[Number(label(info))];
  const to = `${type} ${hex(capability)}${reply === 0n ? "" : `, Reply ${hex(reply)}`}`;
  if (call === "Call" && operation?.object === type) return `Call ${to}: ${operation.operation.name}, ${counts(info)}`;
  return `${call} ${to}: ${message(info)}`;
}

function answer(badge: bigint, info: bigint, { errors }: Model): string {
  if (info >> 63n === 0n) return `badge ${hex(badge)}, ${message(info)}`;
  return `${nameIn(errors, (info >> 16n) & 0xffffn)}, detail ${(info >> 32n) & 0xffffn}`;
}

/** Records by the labels of their messages. */
const records: ReadonlyMap<bigint, string> = new Map(
  readProtocol().flatMap(({ name, message }) => (message === null ? [] : [[BigInt(message.label), name]])),
);

function message(info: bigint): string {
  return `${records.get(label(info)) ?? `label ${label(info)}`}, ${counts(info)}`;
}

function counts(info: bigint): string {
  return `${info & 0xffn} words, ${(info >> 8n) & 0xffn} capabilities`;
}

function label(info: bigint): bigint {
  return (info >> 16n) & 0x7fff_ffff_ffffn;
}

/** Threads are numbered as they come, but those that `known` has. */
export function numbered(known: ReadonlyMap<bigint, string> = new Map()): NameOfThread {
  const threads = new Map<bigint, string>();
  return (thread) => {
    const name = known.get(thread) ?? threads.get(thread) ?? `T${threads.size + 1}`;
    if (!known.has(thread)) threads.set(thread, name);
    return name;
  };
}

function nameIn(members: readonly Member[], value: bigint): string {
  return members[Number(value)]?.name ?? `number ${value}`;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
