import { beforeAll, expect, test } from "vitest";
import type { NativeLibrary } from "../native.ts";
import { LOAD_ACTIONS, LOAD_EVENTS, LOAD_STATES, loadLogic, STAGES, text, WISHES } from "./logic-host.ts";

/** The ModuleManager's decisions: who may ask, what comes next in a load, receipts. */

const CONSOLE = 1n;
const MODULE = 0x1_0000_0007n;
let library: NativeLibrary;
let next: (state: string, event: string) => { action: string; state: string };

beforeAll(async () => {
  library = await loadLogic("module-manager");
  const transition = library.call("transition_of", "uint32_t", ["uint32_t", "uint32_t"]);
  next = (state, event) => {
    const word = transition(LOAD_STATES.indexOf(state), LOAD_EVENTS.indexOf(event)) as number;
    return { action: LOAD_ACTIONS[word & 0xff] ?? "?", state: LOAD_STATES[word >> 8] ?? "?" };
  };
});

test.each([
  ["the console", CONSOLE, "", "anything.at.all", 7, true],
  ["the console with too many", CONSOLE, "", "hello", 8, false],
  ["the console for no name", CONSOLE, "", "no name", 0, false],
  ["a module under its name", MODULE, "kv", "kv.client", 0, true],
  ["a module by its name", MODULE, "kv", "kv", 0, true],
  ["a module beside its name", MODULE, "kv", "kvs", 0, false],
  ["a module above its name", MODULE, "kv.client", "kv", 0, false],
  ["a module with too many", MODULE, "kv", "kv.client", 2, false],
  ["a module that is none", MODULE, "", "kv", 0, false],
  ["a stranger", 2n, "", "hello", 0, false],
  ["a stranger with a name", 5n, "hello", "hello", 0, false],
  ["somebody without a badge", 0n, "", "hello", 0, false],
  ["a badge beyond the modules'", 0x2_0000_0000n, "hello", "hello", 0, false],
])("%s", (_who, badge, own, name, inFlight, isAdmitted) => {
  const mayLoad = library.call("may_load", "bool", ["uint64_t", "Slice", "Slice", "uint32_t"]);
  expect(mayLoad(badge, text(own), text(name), inFlight)).toBe(isAdmitted);
});

test.each([
  [CONSOLE, ["Load", "Terminate", "List"]],
  [MODULE, ["Load"]],
  [0n, []],
  [3n, []],
])("badge %d may %j", (badge, wishes) => {
  const mayAsk = library.call("may_ask", "bool", ["uint64_t", "uint32_t"]);
  expect(WISHES.filter((_, index) => mayAsk(badge, index))).toEqual(wishes);
});

const IN_FLIGHT = LOAD_STATES.filter((state) => state !== "Free");
/** Nobody waits for these any more. */
const AFTERWARDS = ["Draining", "Stopping"];
const WAITED_FOR = IN_FLIGHT.filter((state) => !AFTERWARDS.includes(state));

test("no state has two rows for one event", () => {
  const row = library.call("transition_row", "uint32_t", ["uint32_t"]);
  const rows: number[] = [];
  for (let i = 0; row(i) !== 0xffff; i++) rows.push(row(i) as number);
  expect(rows.length).toBeGreaterThan(15);
  expect(new Set(rows).size).toBe(rows.length);
});

test.each(WAITED_FOR)("%s can be reached, goes on, and can end in each of three ways", (state) => {
  const reached = new Set(["Free"]);
  for (const from of reached) {
    for (const event of LOAD_EVENTS) reached.add(next(from, event).state);
  }
  expect(reached).toContain(state);
  const going = LOAD_EVENTS.map((event) => next(state, event)).filter(
    (step) => step.state !== state && !["Conclude", "NoteTimeout", "Release", "NoteLoss"].includes(step.action),
  );
  expect(going.length).toBeGreaterThan(0);
  expect(next(state, "Fault")).toEqual({ action: "Conclude", state: "Free" });
  const [timeout, abandoned] = [next(state, "Deadline"), next(state, "Abandoned")];
  if (state === "Unpacking") {
    expect([timeout.action, timeout.state]).toEqual(["GiveUp", "Draining"]);
    expect([abandoned.action, abandoned.state]).toEqual(["Drain", "Draining"]);
  } else {
    expect(timeout).toEqual({ action: "NoteTimeout", state: "Free" });
    expect(abandoned).toEqual({ action: "Release", state: "Free" });
  }
});

test("what the DeepCompressionService may hold is released when it has answered or ended, and only then", () => {
  for (const state of AFTERWARDS) {
    for (const event of ["Answered", "Lost"]) expect(next(state, event)).toEqual({ action: "Release", state: "Free" });
    for (const event of ["Abandoned", "Fault", "Done"]) expect(next(state, event)).toEqual({ action: "Ignore", state });
  }
  expect(next("Draining", "Deadline")).toEqual({ action: "StopUnpacker", state: "Stopping" });
  expect(next("Stopping", "Deadline")).toEqual({ action: "Release", state: "Free" });
  const releasing = ["Conclude", "NoteTimeout", "Release"];
  for (const event of LOAD_EVENTS.filter((each) => !["Fault", "LostAgain"].includes(each))) {
    expect(releasing, event).not.toContain(next("Unpacking", event).action);
  }
});

test("unpacking is asked for a second time, and not for a third", () => {
  expect(next("Unpacking", "Lost")).toEqual({ action: "UnpackAgain", state: "Unpacking" });
  expect(next("Unpacking", "LostAgain")).toEqual({ action: "NoteLoss", state: "Free" });
});

test("what is not expected changes nothing", () => {
  for (const event of LOAD_EVENTS.filter((each) => each !== "Admitted")) {
    expect(next("Free", event), event).toEqual({ action: "Ignore", state: "Free" });
  }
  for (const state of IN_FLIGHT) {
    expect(next(state, "None")).toEqual({ action: "Ignore", state });
    expect(next(state, "Admitted")).toEqual({ action: "Ignore", state });
    if (!["Unpacking", ...AFTERWARDS].includes(state))
      expect(next(state, "Answered"), state).toEqual({ action: "Ignore", state });
  }
});

test("every action stands in some row", () => {
  const actions = new Set(LOAD_STATES.flatMap((state) => LOAD_EVENTS.map((event) => next(state, event).action)));
  expect([...actions].sort()).toEqual([...LOAD_ACTIONS].sort());
});

/** The way of a load on which everything is right. */
function follow(events: readonly string[]): string[] {
  let state = "Free";
  return events.map((event) => {
    const step = next(state, event);
    state = step.state;
    return step.action;
  });
}

test("a packed module runs after all of its stages, a stored one without unpacking", () => {
  const before = ["Admitted", "Done", "More", "Done", "More"];
  const after = ["More", "Done", "More", "Done", "Done", "More", "Done", "Done"];
  const packed = [
    "Find",
    "CopyHeaders",
    "StepHeaders",
    "BeginPayload",
    "StepPayload",
    "BeginUnpacking",
    "TakeBack",
    "BeginBinary",
  ];
  const rest = ["StepBinary", "BeginSealing", "StepSealing", "Endow", "Create", "Fill", "Start", "Settle"];
  expect(follow([...before, "Packed", "Answered", "Done", ...after])).toEqual([...packed, ...rest]);
  const stored = packed.filter((action) => !["BeginUnpacking", "TakeBack"].includes(action));
  expect(follow([...before, "Stored", ...after])).toEqual([...stored, ...rest]);
});

test("the last 32 receipts are known, each with the time of its stages", () => {
  const newReceipt = library.call("new_receipt", "uint32_t", []);
  const count = library.call("count_stage", "bool", ["uint32_t", "uint32_t", "uint64_t"]);
  const total = library.call("total_of", "uint64_t", ["uint32_t"]);
  const first = newReceipt() as number;
  expect(total(first)).toBe(0);
  STAGES.forEach((_, stage) => {
    expect(count(first, stage, 10 + stage)).toBe(true);
  });
  expect(total(first)).toBe(10 * STAGES.length + (STAGES.length * (STAGES.length - 1)) / 2);
  for (let i = 1; i < 32; i++) expect(newReceipt()).toBe(first + i);
  expect(total(first)).not.toBe(0xffff_ffff);
  newReceipt();
  expect(total(first)).toBe(0xffff_ffff);
  expect(total(first + 32)).toBe(0);
  // Number 0 stands for the last one.
  expect(total(0)).toBe(0);
  expect(count(0, 0, 5)).toBe(true);
  expect(total(first + 32)).toBe(5);
  expect(count(first + 100, 0, 1)).toBe(false);
});

test("a load on its way keeps its receipt, however many others end meanwhile", () => {
  const newReceipt = library.call("new_receipt", "uint32_t", []);
  const begin = library.call("begin_receipt", "uint32_t", []);
  const end = library.call("end_receipt", "void", ["uint64_t"]);
  const total = library.call("total_of", "uint64_t", ["uint32_t"]);
  const own = begin() as number;
  expect(total(own)).toBe(0xffff_ffff);
  for (let i = 0; i < 40; i++) newReceipt();
  end(77);
  expect(total(own)).toBe(77);
});
