import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readEnum } from "../../scripts/syscalls/model.ts";
import { loadNative, type NativeLibrary, slice } from "../native.ts";
import { Random, seedOf } from "../random.ts";

/** What the sample modules decide by themselves: the store of `kv`, the ring of `logging`, the ledger of `requester`. */

const namesOf = (file: string, name: string): string[] => readEnum(file, name).map((member) => member.name);
const STATUSES = namesOf("protocol/kv.ts", "KvStatus");
const FATES = namesOf("user/fate.ts", "Fate");
const PEERS = namesOf("modules/requester/ledger.ts", "Peer");
const seed = seedOf();
const MAX_VALUES = 128;
const MAX_LINES = 64n;
const MAX_OPEN = 32;

let library: NativeLibrary;
beforeAll(async () => {
  library = await loadNative("samples", ["test/modules/samples-entries.kts.ts"]);
});

const text = (value: string): ReturnType<typeof slice> => slice(Buffer.from(value));

describe("kv's store", () => {
  test(`does what a Map does, up to its bound (seed ${seed})`, () => {
    const put = library.call("put_pair", "uint32_t", ["Slice", "Slice"]);
    const get = library.call("get_pair", "uint32_t", ["Slice", "Slice"]);
    const remove = library.call("delete_pair", "uint32_t", ["Slice"]);
    const count = library.call("count_pairs", "uint32_t", []);
    const random = new Random(seed);
    const model = new Map<string, string>();
    const got = new Uint8Array(192);
    let fulls = 0;
    for (let i = 0; i < 20_000; i++) {
      // Now and then the empty key; more keys than there is room for.
      const key = random.below(50) === 0 ? "" : `key.${random.below(MAX_VALUES + 40)}`;
      const kind = random.below(8);
      if (kind < 4) {
        const value = "v".repeat(random.below(193));
        const isFull = !model.has(key) && model.size === MAX_VALUES;
        const expected = key === "" ? "NoKey" : isFull ? "Full" : "Success";
        expect(STATUSES[put(text(key), text(value)) as number]).toBe(expected);
        if (expected === "Success") model.set(key, value);
        if (expected === "Full") fulls++;
      } else if (kind < 7) {
        const answer = get(text(key), slice(got)) as number;
        const status = STATUSES[answer & 0xff];
        expect(status).toBe(key === "" ? "NoKey" : model.has(key) ? "Success" : "NotFound");
        if (status === "Success") expect(Buffer.from(got.subarray(0, answer >>> 8)).toString()).toBe(model.get(key));
      } else {
        const expected = key === "" ? "NoKey" : model.delete(key) ? "Success" : "NotFound";
        expect(STATUSES[remove(text(key)) as number]).toBe(expected);
      }
      expect(count()).toBe(model.size);
    }
    expect(fulls).toBeGreaterThan(0);
  });
});

describe("logging's ring", () => {
  test("keeps the newest lines, each under its number", () => {
    const keep = library.call("keep_line", "uint64_t", ["uint32_t", "Slice"]);
    const from = library.call("line_from", "uint64_t", ["uint64_t"]);
    const kept = library.call("kept_line", "uint32_t", ["uint64_t", "Slice"]);
    const got = new Uint8Array(192);
    const lineAt = (number: bigint): { line: string; process: number } => {
      const answer = kept(number, slice(got)) as number;
      return { line: Buffer.from(got.subarray(0, answer & 0xff)).toString(), process: answer >>> 8 };
    };
    const big = (value: unknown): bigint => BigInt(value as number | bigint);
    expect(big(from(0n))).toBe(0n);
    expect(big(from(1n))).toBe(0n);
    for (let number = 1n; number <= 3n * MAX_LINES; number++) {
      expect(big(keep(Number(number), text(`line ${number}`)))).toBe(number);
      const oldest = number < MAX_LINES ? 1n : number - MAX_LINES + 1n;
      for (const asked of [0n, 1n, oldest - 1n, oldest, number]) {
        const expected = asked < oldest ? oldest : asked;
        expect(big(from(asked))).toBe(expected);
        expect(lineAt(expected)).toEqual({ line: `line ${expected}`, process: Number(expected) });
      }
      expect(big(from(number + 1n))).toBe(0n);
    }
  });
});

describe("requester's ledger", () => {
  const call = (name: string, result: string, ...values: readonly unknown[]): unknown => {
    const types = values.map((value) => (typeof value === "bigint" ? "uint64_t" : "uint32_t"));
    return library.call(name, result, types)(...values);
  };
  const begin = (peer: string): bigint => BigInt(call("begin_request", "uint64_t", PEERS.indexOf(peer)) as number);
  const end = (id: bigint, fate: string): unknown => call("end_request", "void", id, FATES.indexOf(fate));
  const isBalanced = (): unknown => call("is_balanced", "bool");
  const sums = (): number[] => {
    const word = BigInt(call("sum_accounts", "uint64_t") as number);
    return Array.from({ length: 6 }, (_, i) => Number((word >> BigInt(8 * i)) & 0xffn));
  };
  beforeEach(() => {
    call("clear_ledger", "void");
  });

  test("balances when every request has one end", () => {
    const fates = ["Answered", "NeverReceived", "NotAnswered", "Refused"];
    const ids = fates.map((_, i) => begin(PEERS[i] ?? ""));
    expect(new Set(ids).size).toBe(fates.length);
    expect(isBalanced()).toBe(false);
    for (const [i, fate] of fates.entries()) end(ids[i] ?? 0n, fate);
    expect(isBalanced()).toBe(true);
    expect(sums()).toEqual([4, 1, 1, 1, 1, 0]);
  });

  test("a capability that is destroyed after the kernel's refusal is a refusal", () => {
    const id = begin("Logging");
    call("refuse_request", "void", id);
    end(id, "NeverReceived");
    expect(sums()).toEqual([1, 0, 0, 0, 1, 0]);
    expect(isBalanced()).toBe(true);
  });

  test("does not balance with an end too many, an unknown one, a wrong answer, a request without an end", () => {
    end(begin("Kv"), "Answered");
    end(1n, "Answered");
    expect(isBalanced()).toBe(false);
    call("clear_ledger", "void");
    end(7n, "Answered");
    expect(isBalanced()).toBe(false);
    call("clear_ledger", "void");
    end(0n, "Answered");
    expect(isBalanced()).toBe(false);
    call("clear_ledger", "void");
    end(begin("Kv"), "Garbled");
    expect(sums()).toEqual([1, 1, 0, 0, 0, 1]);
    expect(isBalanced()).toBe(false);
    call("clear_ledger", "void");
    end(begin("Kv"), "Answered");
    call("note_wrong", "void", PEERS.indexOf("Kv"));
    expect(isBalanced()).toBe(false);
    call("clear_ledger", "void");
    begin("Kv");
    expect(isBalanced()).toBe(false);
    expect(call("open_requests", "uint32_t", PEERS.indexOf("Kv"))).toBe(1);
  });

  test("holds so many open requests, and no more", () => {
    const ids = Array.from({ length: MAX_OPEN }, () => begin("Directory"));
    expect(begin("Directory")).toBe(0n);
    for (const id of ids) end(id, "Answered");
    expect(isBalanced()).toBe(true);
    expect(begin("Directory")).not.toBe(0n);
  });
});
