import { readModel } from "../../scripts/syscalls/model.ts";

/**
 * What processes hold, from the lines that the console's `caps --tree` writes:
 *
 *   process: PID NAME
 *   cap: PID WORD WORD WORD        as Inspect.Slots tells a capability (kernel/object/inspect.ts), in hexadecimal
 */

export interface Capability {
  readonly slot: number;
  readonly type: string;
  /** `read`, `write`, `pass`. */
  readonly rights: readonly string[];
  /** How deep it lies in the tree of derivations. */
  readonly level: number;
  /** The object, or the first address of memory. */
  readonly object: bigint;
  /** A badge, a size, or another word of its type's. */
  readonly data: bigint;
}

export interface Holder {
  readonly pid: number;
  readonly name: string;
  readonly capabilities: readonly Capability[];
}

const PROCESS = /^process: (\d+) (\S+)$/gm;
const CAPABILITY = /^cap: (\d+) ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16})$/gm;
const RIGHTS = ["read", "write", "pass"];

/** All trees of a console's output: of a slot that stands in several, as the last one has it. */
export function readHolders(text: string): Holder[] {
  const types = readModel().capTypes;
  const plain = text.replaceAll("\r", "");
  const holders = new Map<number, Holder & { capabilities: Capability[] }>();
  for (const [, pid, name = ""] of plain.matchAll(PROCESS)) {
    holders.set(Number(pid), { pid: Number(pid), name, capabilities: [] });
  }
  for (const [, pid, ...words] of plain.matchAll(CAPABILITY)) {
    const [word, object, data] = words.map((each) => BigInt(`0x${each}`)) as [bigint, bigint, bigint];
    const bits = (shift: bigint, count: bigint): number => Number((word >> shift) & ((1n << count) - 1n));
    const capability: Capability = {
      slot: bits(0n, 16n),
      type: types[bits(32n, 8n)]?.name ?? `type ${bits(32n, 8n)}`,
      rights: RIGHTS.filter((_, i) => (bits(40n, 8n) & (1 << i)) !== 0),
      level: bits(56n, 8n),
      object,
      data,
    };
    const held = holders.get(Number(pid))?.capabilities;
    // A tree that was written twice counts once.
    const index = held?.findIndex(({ slot }) => slot === capability.slot) ?? -1;
    if (index >= 0) held?.splice(index, 1, capability);
    else held?.push(capability);
  }
  return [...holders.values()];
}

/** Threads by the number that a trace has for them, with the name of whoever holds them. */
export function threadNames(holders: readonly Holder[]): Map<bigint, string> {
  const names = new Map<bigint, string>();
  for (const { name, capabilities } of holders) {
    const threads = capabilities.filter(({ type }) => type === "Thread");
    for (const [i, { object }] of threads.entries()) names.set(object, i === 0 ? name : `${name} ${i + 1}`);
  }
  return names;
}
