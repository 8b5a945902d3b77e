/** @unsafe begins at the first task's slots */
import { bootInfo, findOption, type Option } from "../../boot/bootInfo";
import { objectOf } from "../cap/slot";
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
 * builds only. The command line says how often the kernel is left between two checks (`invariants=16`, the default;
 * `invariants=1` for every time, `invariants=0` for never). What does not hold panics with the invariant's number.
 *
 *   tree I1 I2 ─▶ memory I3 I4 I11 ─▶ spaces I5 I6 I7 ─▶ threads I8 I10 ─▶ endpoints I9
 *
 * The others are no properties of a state: I12, I13 and I14 have tests.
 */

const DEFAULT_EVERY = 16;

interface Checker extends Struct<"Checker"> {
  hasBegun: boolean;
  every: u32;
  left: u32;
  /** The slots of the first task's root CNode. */
  base: u64;
  slots: u32;
}

const checker: Checker = zeroed();

/** Call whenever the kernel is about to be left, or lets interrupts in. */
export function checkInvariants(): void {
  if (!checker.hasBegun && !begin()) return;
  if (checker.every === 0) return;
  checker.left--;
  if (checker.left !== 0) return;
  checker.left = checker.every;
  checkAll();
  if (breakInvariant()) checkAll();
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
  checker.every = readEvery();
  checker.left = 1;
  return true;
}

function readEvery(): u32 {
  const option = local<Option>();
  findOption(bootInfo, "invariants", option);
  if (!option.isFound) return DEFAULT_EVERY;
  let value: u32 = 0;
  for (let i: u32 = 0; i < option.length; i++)
    value = value * 10 + (u32(bootInfo.commandLine[option.start + i]) - 0x30);
  return value;
}
