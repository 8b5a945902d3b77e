import { expect, test } from "vitest";
import { readEnum, readModel } from "./syscalls/model.ts";
import { decodeTrace } from "./traceLines.ts";

const { calls, capTypes, errors } = readModel();
const KINDS = readEnum("kernel/trace/record.ts", "TraceKind").map(({ name }) => name);

function record(kind: string, detail: number, thread: bigint, word0: bigint, word1: bigint): string {
  const head = (BigInt(KINDS.indexOf(kind)) << 60n) | (BigInt(detail) << 48n) | thread;
  const words = [1_500_000_042n, head, word0, word1].map((word) => word.toString(16).padStart(16, "0"));
  return `trace: ${words.join(" ")}\r\n`;
}

function typeOf(name: string): number {
  return capTypes.findIndex((type) => type.name === name);
}

const COPY = BigInt(calls.findIndex(({ id }) => id === "CNodeCopy"));
const DELETE_FIRST = BigInt(errors.findIndex(({ name }) => name === "DeleteFirst"));

test.each([
  [
    "a call of the kernel has its operation's name",
    record("Entry", typeOf("CNode") << 6, 0x1000n, 1n, (COPY << 16n) | 0x102n),
    "   1.500000042 T1  Call CNode 0x1: Copy, 2 words, 1 capabilities",
  ],
  [
    "a message to an endpoint has a label of its own",
    record("Entry", typeOf("Endpoint") << 6, 0x1000n, 5n, (COPY << 16n) | 2n),
    `   1.500000042 T1  Call Endpoint 0x5: label ${COPY}, 2 words, 0 capabilities`,
  ],
  [
    "a record of the protocol is named",
    record("Entry", typeOf("Endpoint") << 6, 0x1000n, 5n, (257n << 16n) | 0x11en),
    "   1.500000042 T1  Call Endpoint 0x5: LoadModuleRequest, 30 words, 1 capabilities",
  ],
  [
    "an error is named",
    record("Exit", 0, 0x1000n, 0n, (1n << 63n) | (3n << 32n) | (DELETE_FIRST << 16n)),
    "   1.500000042 T1    returns DeleteFirst, detail 3",
  ],
  [
    "a fault is named",
    record("Fault", 1, 0x1000n, 8n, 0x40_0000n),
    "   1.500000042 T1  fault Write, address 0x8, program counter 0x400000",
  ],
  ["the timer has no line", record("Irq", 1, 0x1000n, 0n, 0n), "   1.500000042 T1  timer interrupt"],
  ["a line has its number", record("Irq", 0, 0x1000n, 4n, 0n), "   1.500000042 T1  interrupt of line 4"],
  [
    "a mapping has its place",
    record("Map", 3, 0x1000n, 0x5000n, 2n),
    "   1.500000042 T1    maps 2 pages at 0x5000, rights 3",
  ],
])("%s", (_what, dump, line) => {
  expect(decodeTrace(`a line before\r\n${dump}a line behind\r\n`)).toEqual([line]);
});

test("threads are numbered as they come", () => {
  const dump = record("Switch", 0, 0x2000n, 0x1000n, 0n) + record("Switch", 0, 0x1000n, 0x2000n, 0n);
  const lines = decodeTrace(dump).map((line) => line.trim().replace(/^\S+ /, ""));
  expect(lines).toEqual(["T1    gives way to T2", "T2    gives way to T1"]);
});
