/** @unsafe begins at the first task's slots */
import { readCounter } from "@arch/cpu";
import { bootInfo, findOption, type Option } from "../../boot/bootInfo";
import { objectOf } from "../cap/slot";
import { beginRecord, endRecord, LogLevel } from "../log";
import { writeDecimal, writeText } from "../output";
import { cpu } from "../sched/cpu";
import { breakInvariant } from "./breakage";
import { beginCensus } from "./census";
import { checkEndpoints } from "./endpoints";
import { checkMemory } from "./memory";
import { checkSpaces } from "./spaces";
import { checkThreads } from "./threads";
import { checkTree } from "./tree";

/**
 * The invariants of docs/invariants.md that are properties of the kernel's state, checked over all of it: of debug
 * builds only. The command line says how many calls there are from one check to the next (`invariants=1` for every
 * one, `invariants=0` for none); without that word one follows each change of users' page tables (I5), and the others take a
 * fifth of the time, whatever they cost. What does not hold panics with the invariant's number.
 *
 *   tree I1 I2 ─▶ memory I3 I4 I11 ─▶ spaces I5 I6 I7 ─▶ threads I8 I10 ─▶ endpoints I9
 *
 * The others are no properties of a state: I12, I13 and I14 have tests.
 */

/** Time between two checks is this many times what the last one took. */
const REST = 4n;

interface Checker extends Struct<"Checker"> {
  hasBegun: boolean;
  /** Calls between two checks, if the command line says so. */
  isCounting: boolean;
  every: u32;
  left: u32;
  /** Otherwise: when the next one is due, in counts; at once when users' page tables have changed (I5). */
  dueAt: u64;
  checks: u64;
  counts: u64;
  /** The slots of the first task's root CNode. */
  base: u64;
  slots: u32;
}

const checker: Checker = zeroed();

/** Call when a system call has been served, or a step of a long one. */
export function checkInvariants(): void {
  if (!checker.hasBegun && !begin()) return;
  if (!isDue()) return;
  const start = readCounter();
  checkAll();
  if (breakInvariant()) checkAll();
  const end = readCounter();
  checker.checks += 1n;
  checker.counts += end - start;
  checker.dueAt = end + (end - start) * REST;
}

/** Users' page tables have changed: they are walked as soon as the call is served. */
export function expectTables(): void {
  checker.dueAt = 0n;
}

/** How many checks there were, and what they have cost. */
export function reportChecks(): void {
  beginRecord(LogLevel.Info);
  writeText("invariants: ");
  writeDecimal(checker.checks);
  writeText(" checks, in counts ");
  writeDecimal(checker.counts);
  endRecord();
}

function isDue(): boolean {
  if (!checker.isCounting) return readCounter() >= checker.dueAt;
  if (checker.every === 0) return false;
  checker.left--;
  if (checker.left !== 0) return false;
  checker.left = checker.every;
  return true;
}

function checkAll(): void {
  beginCensus();
  if (!checkTree(checker.base, checker.slots)) return;
  checkMemory();
  checkSpaces();
  checkThreads();
  checkEndpoints();
}

/** False while there is no task yet. */
function begin(): boolean {
  const root = cpu.current.cspace;
  if (root.word === 0n) return false;
  checker.hasBegun = true;
  checker.base = objectOf(root);
  checker.slots = u32(root.data);
  readEvery();
  checker.left = 1;
  return true;
}

function readEvery(): void {
  const option = local<Option>();
  findOption(bootInfo, "invariants", option);
  checker.isCounting = option.isFound;
  for (let i: u32 = 0; i < option.length; i++) {
    checker.every = checker.every * 10 + (u32(bootInfo.commandLine[option.start + i]) - 0x30);
  }
}
