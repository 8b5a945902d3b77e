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

const PROCESS = /^process: (\d+) (\S+)$/;
const CAPABILITY = /^cap: (\d+) ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16})$/;
const RIGHTS = ["read", "write", "pass"];

/** The tree that was written last: processes come in the order of their numbers, and a lower one begins another tree. */
export function readHolders(text: string): Holder[] {
  const types = readModel().capTypes;
  let holders: (Holder & { readonly capabilities: Capability[] })[] = [];
  for (const line of text.replaceAll("\r", "").split("\n")) {
    const [, pid, name = ""] = PROCESS.exec(line) ?? [];
    if (pid !== undefined) {
      if (Number(pid) <= (holders.at(-1)?.pid ?? 0)) holders = [];
      holders.push({ pid: Number(pid), name, capabilities: [] });
      continue;
    }
    const [, holder, ...words] = CAPABILITY.exec(line) ?? [];
    if (holder === undefined) continue;
    const capability = capabilityIn(
      words.map((word) => BigInt(`0x${word}`)),
      types,
    );
    holders.find((each) => each.pid === Number(holder))?.capabilities.push(capability);
  }
  return holders;
}

function capabilityIn(words: readonly bigint[], types: readonly { readonly name: string }[]): Capability {
  const [word = 0n, object = 0n, data = 0n] = words;
  const bits = (shift: bigint, count: bigint): number => Number((word >> shift) & ((1n << count) - 1n));
  return {
    slot: bits(0n, 16n),
    type: types[bits(32n, 8n)]?.name ?? `type ${bits(32n, 8n)}`,
    rights: RIGHTS.filter((_, i) => (bits(40n, 8n) & (1 << i)) !== 0),
    level: bits(56n, 8n),
    object,
    data,
  };
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
