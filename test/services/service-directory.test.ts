import { beforeAll, expect, test } from "vitest";
import { slice } from "../native.ts";
import { DIRECTORY_STATUSES, loadLogic, text } from "./logic-host.ts";

/** The ServiceDirectory's entries. */

let enter: (name: string, processId?: number) => string;
let reopen: () => unknown;
let takeOut: (name: string) => boolean;
let list: () => string[];
let counts: () => { count: number; revision: number };

beforeAll(async () => {
  const library = await loadLogic("service-directory");
  const enterOne = library.call("enter_service", "uint32_t", ["Slice", "uint32_t"]);
  reopen = library.call("reopen_directory", "void", []);
  const takeOutOne = library.call("take_out_service", "bool", ["Slice"]);
  const nameAt = library.call("service_at", "uint32_t", ["uint32_t", "Slice"]);
  const both = library.call("directory_counts", "uint64_t", []);
  let processes = 0;
  enter = (name, processId = ++processes) => DIRECTORY_STATUSES[enterOne(text(name), processId) as number] ?? "?";
  takeOut = (name) => takeOutOne(text(name)) as boolean;
  counts = () => {
    const word = BigInt(both() as number | bigint);
    return { count: Number(word & 0xffff_ffffn), revision: Number(word >> 32n) };
  };
  list = () =>
    Array.from({ length: counts().count }, (_, index) => {
      const bytes = new Uint8Array(64);
      const length = nameAt(index, slice(bytes)) as number;
      return Buffer.from(bytes.subarray(0, length)).toString();
    });
});

test("names are unique, every change counts, and 64 are kept", () => {
  reopen();
  const before = counts().revision;
  expect(enter("kv")).toBe("Success");
  expect(enter("kv")).toBe("Taken");
  expect(enter("logging")).toBe("Success");
  expect(list()).toEqual(["kv", "logging"]);
  expect(counts().revision).toBe(before + 2);
  expect(takeOut("kv")).toBe(true);
  expect(takeOut("kv")).toBe(false);
  expect(list()).toEqual(["logging"]);
  expect(counts().revision).toBe(before + 3);
  for (let i = 1; i < 64; i++) expect(enter(`s${i}`)).toBe("Success");
  expect(enter("one-more")).toBe("Full");
  expect(list()).toHaveLength(64);
});

test("a process may enter its service again, which changes nothing, and another incarnation has all of them", () => {
  reopen();
  const name = list()[0] ?? "";
  expect(takeOut(name)).toBe(true);
  expect(enter(name, 1000)).toBe("Success");
  const before = counts();
  expect(enter(name, 1000)).toBe("Success");
  expect(enter(name, 1001)).toBe("Taken");
  expect(counts()).toEqual(before);
  const names = list();
  reopen();
  expect(list()).toEqual(names);
  expect(counts()).toEqual({ count: before.count, revision: before.revision + 1 });
});
