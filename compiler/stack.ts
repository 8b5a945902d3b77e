import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { errorText } from "./diagnostic.ts";
import type { Facts } from "./facts.ts";

/**
 * A proof of how deep the stack gets: frame sizes from clang (`-fstack-usage`), direct calls and tail jumps from
 * the object code, table calls from the program's tables. KTS has no recursion and no other indirect calls, so the
 * worst path from each entry is the longest one of an acyclic graph. A failed check leaves that graph for good:
 * `kts_panic` counts as a leaf where it is called, and its own bound, twice (a panic inside a panic), is added to
 * every entry's.
 */

const run = promisify(execFile);
const PANIC = "kts_panic";

export type StackProgram = Pick<Facts, "tables" | "tableCalls" | "calls" | "entries">;

export interface StackBound {
  readonly entry: string;
  readonly bytes: number;
  /** The deepest chain of calls, from the entry. */
  readonly chain: readonly string[];
}

export interface StackReport {
  readonly bounds: readonly StackBound[];
  /** What the proof found wrong: recursion, a dynamic frame, an indirect call without a table. */
  readonly errors: string[];
}

interface CallGraph {
  readonly frames: Map<string, number>;
  readonly calls: Map<string, Set<string>>;
  /** Functions with a call or jump through a register; a jump may also be that of a switch. */
  readonly indirect: Set<string>;
  readonly pointerCalls: Set<string>;
}

export async function proveStack(objects: readonly string[], program: StackProgram): Promise<StackReport> {
  const graph: CallGraph = { frames: new Map(), calls: new Map(), indirect: new Set(), pointerCalls: new Set() };
  const errors: string[] = [];
  for (const object of objects) {
    const isArm = await readCalls(object, graph);
    readFrames(object.replace(/\.o$/, ".su"), isArm ? 0 : 8, graph, errors);
  }
  for (const caller of graph.indirect) {
    const tables = reachable(caller, program).flatMap((name) => program.tableCalls[name] ?? []);
    if (tables.length === 0 && graph.pointerCalls.has(caller)) errors.push(errorText("KTS4004", caller));
    for (const callee of tables.flatMap((table) => program.tables[table] ?? [])) graph.calls.get(caller)?.add(callee);
  }
  const panic = graph.calls.has(PANIC) ? deepest(PANIC, graph, errors).bytes * 2 : 0;
  const bounds = program.entries
    .filter((entry) => graph.calls.has(entry))
    .map((entry) => {
      const bound = deepest(entry, graph, errors);
      return entry === PANIC ? bound : { ...bound, bytes: bound.bytes + panic };
    });
  return { bounds: bounds.sort((a, b) => b.bytes - a.bytes), errors };
}

/** What `caller` calls directly and so may have inlined, itself included. */
function reachable(caller: string, program: StackProgram): string[] {
  const found = new Set([caller]);
  for (const name of found) for (const callee of program.calls[name] ?? []) found.add(callee);
  return [...found];
}

/** One function a line: `file:line:name bytes static`. `extra`: what a call pushes besides the frame. */
function readFrames(file: string, extra: number, graph: CallGraph, errors: string[]): void {
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const match = /^(.*):(\w+)\t(\d+)\t(\S+)$/.exec(line);
    if (match === null) continue;
    const [, place, name, bytes, kind] = match as unknown as [string, string, string, string, string];
    if (kind !== "static") errors.push(`${place} - ${errorText("KTS4003", name, kind)}`);
    graph.frames.set(name, Number(bytes) + extra);
  }
}

const CALL = /^\s+[0-9a-f]+:\s+(?:[0-9a-f]{2} )*(?:[0-9a-f]{8} )?\s*(call[ql]?|jmp[ql]?|bl|b|blr|br)\s+(\S.*)?$/;
const RELOCATION = /R_(?:X86_64_(?:PLT32|PC32)|AARCH64_(?:CALL26|JUMP26))\s+([\w.$]+)/;

async function readCalls(object: string, graph: CallGraph): Promise<boolean> {
  const { stdout } = await run("llvm-objdump-19", ["-dr", "--no-show-raw-insn", object], { maxBuffer: 1 << 28 });
  let caller = "";
  let pending = "";
  for (const line of stdout.split("\n")) {
    const start = /^[0-9a-f]+ <([\w.$]+)>:$/.exec(line)?.[1];
    if (start !== undefined) {
      caller = start;
      if (!graph.calls.has(caller)) graph.calls.set(caller, new Set());
      continue;
    }
    const target = RELOCATION.exec(line)?.[1];
    if (target !== undefined) {
      if (pending !== "") graph.calls.get(caller)?.add(target.replace(/^\.text\.(?:\w+\.)?(?=\w+$)/, ""));
      continue;
    }
    const call = CALL.exec(line);
    pending = call?.[1] ?? "";
    const operand = call?.[2] ?? "";
    if (pending === "") continue;
    if (pending === "blr" || pending === "br" || operand.startsWith("*")) graph.indirect.add(caller);
    if (pending === "blr" || (pending.startsWith("call") && operand.startsWith("*"))) graph.pointerCalls.add(caller);
    const local = /<([\w.$]+)(?:\+0x[0-9a-f]+)?>/.exec(operand);
    if (local !== null && !operand.includes("+0x") && local[1] !== caller)
      graph.calls.get(caller)?.add(local[1] as string);
  }
  return stdout.includes("aarch64");
}

function deepest(entry: string, graph: CallGraph, errors: string[]): StackBound {
  const known = new Map<string, { bytes: number; chain: readonly string[] }>();
  const path: string[] = [];
  const visit = (name: string): { bytes: number; chain: readonly string[] } => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (path.includes(name)) {
      errors.push(errorText("KTS4002", [...path.slice(path.indexOf(name)), name].join(" → ")));
      return { bytes: 0, chain: [] };
    }
    path.push(name);
    let worst: { bytes: number; chain: readonly string[] } = { bytes: 0, chain: [] };
    for (const callee of graph.calls.get(name) ?? []) {
      if (callee === PANIC) continue;
      const below = visit(callee);
      if (below.bytes > worst.bytes) worst = below;
    }
    path.pop();
    const result = { bytes: (graph.frames.get(name) ?? 0) + worst.bytes, chain: [name, ...worst.chain] };
    known.set(name, result);
    return result;
  };
  return { entry, ...visit(entry) };
}
