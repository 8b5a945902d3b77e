/**
 * A proof of how deep the stack gets: frame sizes from clang (`-fstack-usage`), direct calls and tail jumps from the
 * object code, table calls from the program's tables. KTS has no recursion and no other indirect calls, so the worst
 * path from an entry is the longest one of an acyclic graph. Assembly counts with everything that it pushes.
 *
 * A failed check leaves that graph for good: calls of `kts_panic` are no edges, and its own bound, twice (a panic
 * inside a panic), is added to every other entry's.
 *
 * An indirect call may be of any table of the function itself or of functions that it calls, since those may be
 * inlined. That costs nothing: where they are not, the path through them is at least as long.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { errorText } from "./codes.ts";
import type { Facts } from "./facts.ts";

const run = promisify(execFile);
const PANIC = "kts_panic";
/** What clang calls of itself: the C prelude defines it, or on a host its library. */
const MEMORY = new Set(["memcmp", "memcpy", "memmove", "memset"]);

export interface StackBound {
  readonly entry: string;
  readonly bytes: number;
  /** The deepest chain of calls, from the entry. */
  readonly chain: readonly string[];
}

export function formatBound({ entry, bytes, chain }: StackBound): string {
  return `${String(bytes).padStart(6)}  ${entry}: ${chain.slice(1).join(" → ")}`;
}

export interface StackReport {
  /** The deepest entry first. */
  readonly bounds: readonly StackBound[];
  /** What the proof found wrong: recursion, a dynamic frame, an unknown callee. */
  readonly errors: string[];
}

interface Code {
  /** Bytes on the stack, with the return address where a call pushes one. */
  frame: number;
  readonly callees: Set<string>;
  /** A call through a register that is not known to be of a table; a jump through one may be that of a `switch`. */
  hasPointerCall: boolean;
  hasPointerJump: boolean;
}

export async function proveStack(
  objects: readonly string[],
  program: Pick<Facts, "tables" | "tableCalls" | "calls" | "entries">,
): Promise<StackReport> {
  const graph = new Map<string, Code>();
  const errors: string[] = [];
  for (const object of objects) await readObject(object, graph, errors);
  for (const [name, code] of graph) {
    const targets = code.hasPointerCall || code.hasPointerJump ? tableTargets(name, program) : [];
    code.hasPointerCall &&= targets.length === 0;
    // A function that no object has was in a table that clang has done away with.
    for (const target of targets) if (graph.has(target)) code.callees.add(target);
  }
  const panic = graph.has(PANIC) ? deepest(PANIC, graph, errors).bytes * 2 : 0;
  const bounds = program.entries
    .filter((entry) => graph.has(entry))
    .map((entry) => deepest(entry, graph, errors))
    .map((bound) => (bound.entry === PANIC ? bound : { ...bound, bytes: bound.bytes + panic }));
  return { bounds: bounds.sort((a, b) => b.bytes - a.bytes), errors: [...new Set(errors)] };
}

/** Functions of all tables that `caller`, or what may have been inlined into it, calls through. */
function tableTargets(caller: string, program: Pick<Facts, "tables" | "tableCalls" | "calls">): string[] {
  const inlined = new Set([caller]);
  const targets = new Set<string>();
  for (const name of inlined) {
    for (const table of program.tableCalls[name] ?? []) {
      for (const target of program.tables[table] ?? []) targets.add(target);
    }
    for (const callee of [...(program.calls[name] ?? []), ...targets]) inlined.add(callee);
  }
  return [...targets];
}

const LABEL = /^([0-9a-f]+) <([\w.$]+)>:$/;
const JUMP = /^\s+[0-9a-f]+:\s+(call[ql]?|j\w+|bl|b|b\.\w+|cbn?z|tbn?z|blr|br)\s+(.*)$/;
const RELOCATION = /^\s+[0-9a-f]+:\s+R_\w+\s+([\w.$]+?)(?:([-+])(0x[0-9a-f]+))?$/;
const END = /^\s+[0-9a-f]+:\s+(?:jmp|ret|iret|ud2|b|br|eret|brk)\w*(?:\s|$)/;
const PUSH =
  /^\s+[0-9a-f]+:\s+(?:(push)|sub[lq]?\s+\$(0x[0-9a-f]+), %[er]sp|sub\s+sp, sp, #(0x[0-9a-f]+)|st[rp]\s.*\[sp, #-(0x[0-9a-f]+)\]!)/;

/** Adds an object's functions; those with the same name in several objects are the same runtime function. */
async function readObject(object: string, graph: Map<string, Code>, errors: string[]): Promise<void> {
  const usage = object.replace(/\.o$/, ".su");
  const isCompiled = existsSync(usage);
  const { stdout } = await run("llvm-objdump-19", ["-dr", "--no-show-raw-insn", object], { maxBuffer: 1 << 28 });
  const lines = stdout.split("\n");
  const returnAddress = stdout.includes("elf64-x86-64") ? 8 : 0;
  const places = new Map<string, string>();
  let section = "";
  for (const line of lines) {
    section = /^Disassembly of section (.*):$/.exec(line)?.[1] ?? section;
    const [, address, name] = LABEL.exec(line) ?? [];
    if (address !== undefined && name !== undefined) places.set(`${section}+${Number.parseInt(address, 16)}`, name);
  }
  let caller = "";
  let code: Code = { frame: 0, callees: new Set(), hasPointerCall: false, hasPointerJump: false };
  let isEnded = true;
  for (const [i, line] of lines.entries()) {
    const label = LABEL.exec(line)?.[2];
    if (label !== undefined) {
      if (!isEnded && !isCompiled) code.callees.add(label);
      caller = label;
      const frame = isCompiled ? 0 : returnAddress;
      code = graph.get(label) ?? { frame, callees: new Set(), hasPointerCall: false, hasPointerJump: false };
      graph.set(label, code);
    }
    const pushed = isCompiled ? null : PUSH.exec(line);
    if (pushed) code.frame += pushed[1] ? 8 : Number(pushed[2] ?? pushed[3] ?? pushed[4]);
    if (/^\s+[0-9a-f]+:\s+[a-z]/.test(line)) isEnded = END.test(line);
    const [, mnemonic = "", operand = ""] = JUMP.exec(line) ?? [];
    if (mnemonic === "") continue;
    if (mnemonic === "blr" || mnemonic === "br" || operand.startsWith("*")) {
      if (mnemonic === "blr" || mnemonic.startsWith("call")) code.hasPointerCall = true;
      else code.hasPointerJump = true;
      continue;
    }
    const [, symbol, sign, distance] = RELOCATION.exec(lines[i + 1] ?? "") ?? [];
    const addend = Number(distance ?? 0) * (sign === "-" ? -1 : 1) + (returnAddress === 8 ? 4 : 0);
    const target = symbol ? (places.get(`${symbol}+${addend}`) ?? symbol) : /<([\w.$]+)>/.exec(operand)?.[1];
    const isCall = mnemonic === "bl" || mnemonic.startsWith("call");
    if (target !== undefined && (isCall || target !== caller)) code.callees.add(target);
  }
  if (isCompiled) readFrames(readFileSync(usage, "utf8"), returnAddress, graph, errors);
}

/** One function a line: `file:line:name bytes static`. */
function readFrames(usage: string, returnAddress: number, graph: Map<string, Code>, errors: string[]): void {
  for (const [, place = "", name = "", bytes, kind = ""] of usage.matchAll(/^(.*):([\w.$]+)\t(\d+)\t(\S+)$/gm)) {
    if (kind !== "static") errors.push(`${place} - ${errorText("KTS4003", name, kind)}`);
    const code = graph.get(name);
    if (code) code.frame = Math.max(code.frame, Number(bytes) + returnAddress);
  }
}

function deepest(entry: string, graph: ReadonlyMap<string, Code>, errors: string[]): StackBound {
  const known = new Map<string, Omit<StackBound, "entry">>();
  const path: string[] = [];
  const visit = (name: string): Omit<StackBound, "entry"> => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const code = graph.get(name);
    if (code?.hasPointerCall) errors.push(errorText("KTS4004", name));
    if (code === undefined && !MEMORY.has(name)) errors.push(errorText("KTS4006", name, path.at(-1) ?? ""));
    if (path.includes(name)) errors.push(errorText("KTS4002", [...path.slice(path.indexOf(name)), name].join(" → ")));
    if (code === undefined || path.includes(name)) return { bytes: 0, chain: [] };
    path.push(name);
    const below = [...code.callees].filter((callee) => callee !== PANIC).map(visit);
    path.pop();
    const worst = below.reduce((a, b) => (b.bytes > a.bytes ? b : a), { bytes: 0, chain: [] });
    const result = { bytes: code.frame + worst.bytes, chain: [name, ...worst.chain] };
    known.set(name, result);
    return result;
  };
  return { entry, ...visit(entry) };
}
