import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Operation, SystemCall } from "../../kernel/syscall/operation.ts";
import { COMMON_ERRORS, OBJECTS, SYSTEM_CALLS } from "../../kernel/syscall/table.ts";

/** The table of system calls, each operation with its label, and the kernel's enums and slots that it speaks of. */

export interface Member {
  readonly name: string;
  readonly value: number;
  /** Its comment. */
  readonly means: string;
}

export interface Call {
  /** The member of `Invocation`. */
  readonly id: string;
  readonly label: number;
  readonly object: string;
  readonly file: string;
  readonly operation: Operation;
  readonly words: readonly (readonly [name: string, kind: string])[];
  readonly caps: readonly (readonly [name: string, type: string])[];
  readonly answers: readonly (readonly [name: string, kind: string])[];
  /** Its own, and what follows from the types of its capabilities. */
  readonly errors: Readonly<Record<string, string>>;
}

export interface Model {
  readonly systemCalls: readonly SystemCall[];
  readonly calls: readonly Call[];
  readonly capTypes: readonly Member[];
  readonly errors: readonly Member[];
  readonly slots: readonly Member[];
}

const ROOT = resolve(import.meta.dirname, "../..");

/** Any type of capability. */
export const ANY = "Any";

export function readModel(): Model {
  const calls = OBJECTS.flatMap(({ type, file, operations }) =>
    operations.map((operation) => ({ type, file, operation })),
  ).map(({ type, file, operation }, label) => toCall(type, file, operation, label));
  const model: Model = {
    systemCalls: SYSTEM_CALLS,
    calls,
    capTypes: readEnum("kernel/cap/capability.ts", "CapType"),
    errors: readEnum("kernel/ipc/messageInfo.ts", "ErrorCode"),
    slots: readConstants("kernel/initSlots.ts", "SLOT_"),
  };
  check(model);
  return model;
}

function toCall(object: string, file: string, operation: Operation, label: number): Call {
  const caps = Object.entries(operation.caps ?? {});
  const wrongCap = caps.length === 0 ? {} : { InvalidCapability: "a capability is missing, or of another type" };
  return {
    id: `${object}${operation.name}`,
    label,
    object,
    file,
    operation,
    words: Object.entries(operation.words ?? {}),
    caps,
    answers: Object.entries(operation.answers ?? {}),
    errors: { ...wrongCap, ...operation.errors },
  };
}

/** Every name is one that the kernel has, and every operation has its own. */
function check({ calls, capTypes, errors }: Model): void {
  const types = new Set([...capTypes.map(({ name }) => name), ANY]);
  const codes = new Set(errors.map(({ name }) => name));
  const ids = new Set<string>();
  for (const { id, object, caps, errors: own } of calls) {
    for (const type of [object, ...caps.map(([, type]) => type)]) {
      if (!types.has(type)) throw new Error(`${id}: there is no CapType ${type}`);
    }
    for (const code of Object.keys({ ...own, ...COMMON_ERRORS })) {
      if (!codes.has(code)) throw new Error(`${id}: there is no ErrorCode ${code}`);
    }
    if (ids.has(id)) throw new Error(`${id} stands twice in the table`);
    ids.add(id);
  }
}

/** The members of a const enum that counts, from 0 or from what its first one says. */
export function readEnum(file: string, name: string): Member[] {
  const body = new RegExp(`enum ${name} \\{\\n([^}]*)\\}`).exec(readFileSync(join(ROOT, file), "utf8"))?.[1];
  if (body === undefined) throw new Error(`${file} has no enum ${name}`);
  const members = [...body.matchAll(/(?:\/\*\* (.*) \*\/\s*)?^ {2}(\w+)(?: = (\d+))?,$/gm)];
  const first = Number(members[0]?.[3] ?? 0);
  return members.map(([, means = "", member = ""], index) => ({ name: member, value: first + index, means }));
}

function readConstants(file: string, prefix: string): Member[] {
  const constants = readFileSync(join(ROOT, file), "utf8").matchAll(
    new RegExp(`^export const (${prefix}\\w+) = (\\d+);`, "gm"),
  );
  return [...constants].map(([, name = "", value]) => ({ name, value: Number(value), means: "" }));
}

/** `CNodeCopy` → `cnodeCopy`: several capitals at the start are one word. */
export function camel(name: string): string {
  const capitals = /^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/.exec(name)?.[0] ?? "";
  const isLetter = /^[A-Z][A-Z][a-z]/.test(name) && capitals.length === 1;
  return isLetter
    ? name.slice(0, 2).toLowerCase() + name.slice(2)
    : capitals.toLowerCase() + name.slice(capitals.length);
}

/** `CNodeCopy` → `cnode_copy`. */
export function snake(name: string): string {
  return camel(name).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export const GENERATED = "Written by `make syscalls` from kernel/syscall/table.ts.";
