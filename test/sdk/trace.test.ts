import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readEnum, readModel } from "../../scripts/syscalls/model.ts";
import { numbered, readTrace } from "../../scripts/traceLines.ts";
import { readHolders, threadNames } from "../../sdk/trace/capabilities.ts";
import { graphOf } from "../../sdk/trace/graph.ts";
import { spansOf } from "../../sdk/trace/timeline.ts";
import { sila } from "./sila.ts";

/** `sila trace`: from a console's output to one page. */

const folder = mkdtempSync(join(tmpdir(), "sila-trace-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KINDS = readEnum("kernel/trace/record.ts", "TraceKind").map(({ name }) => name);
const { capTypes } = readModel();
const typeOf = (name: string): number => capTypes.findIndex((type) => type.name === name);
const hex = (...words: readonly (bigint | number)[]): string =>
  words.map((word) => word.toString(16).padStart(16, "0")).join(" ");

const [CLIENT, SERVER, ENDPOINT] = [0x1000n, 0x2000n, 0x7000n];
const CALL = typeOf("Endpoint") << 6;

function record(time: number, kind: string, thread: bigint, word0: bigint, word1: bigint, detail = 0): string {
  const head = (BigInt(KINDS.indexOf(kind)) << 60n) | (BigInt(detail) << 48n) | thread;
  return `trace: ${hex(BigInt(time), head, word0, word1)}\r\n`;
}

function capability(pid: number, slot: number, type: string, rights: number, object: bigint, data: bigint): string {
  const word = (BigInt(rights) << 40n) | (BigInt(typeOf(type)) << 32n) | BigInt(slot) | (2n << 56n);
  return `cap: ${pid} ${hex(word, object, data)}\r\n`;
}

const LOAD = 257n << 16n;
const TRACE = [
  record(1000, "Entry", CLIENT, 16n, LOAD | 4n, CALL),
  record(1200, "Ipc", CLIENT, SERVER, LOAD | 4n),
  record(1210, "Switch", CLIENT, SERVER, 0n),
  record(1300, "Exit", SERVER, 3n, LOAD | 4n),
  record(9300, "Fault", SERVER, 0n, 0x40_0000n),
].join("");
const CAPS = [
  "process: 1 client\r\nprocess: 2 <b>&\"server'\r\n",
  capability(1, 3, "Thread", 7, CLIENT, 0n),
  capability(1, 16, "Endpoint", 2, ENDPOINT, 3n),
  capability(2, 3, "Thread", 7, SERVER, 0n),
  capability(2, 16, "Endpoint", 1, ENDPOINT, 0n),
].join("");
const CONSOLE = `skyscope> trace dump\r\n${TRACE}OK\r\nskyscope> caps --tree\r\n${CAPS}OK\r\n`;

test("threads have the names of those who hold them", () => {
  const names = threadNames(readHolders(CONSOLE));
  expect([...names]).toEqual([
    [CLIENT, "client"],
    [SERVER, "<b>&\"server'"],
  ]);
  const events = readTrace(CONSOLE, numbered(names));
  expect(events.map(({ kind }) => kind)).toEqual(["Entry", "Ipc", "Switch", "Exit", "Fault"]);
  expect(events[1]?.text).toBe("  message to <b>&\"server': LoadModuleRequest, 4 words, 0 capabilities");
});

test("the kernel works from an entry to the exit, and then the thread that goes on runs", () => {
  const spans = spansOf(readTrace(CONSOLE, numbered()));
  expect(spans.map(({ thread, isKernel, from, to }) => [thread, isKernel, Number(to - from)])).toEqual([
    [CLIENT, true, 300],
    [SERVER, false, 8000],
  ]);
});

test("the graph has who holds what, by which rights; what is one's own is counted", () => {
  const graph = graphOf(readHolders(CONSOLE));
  expect(graph).toContain('p1 [shape=box, fillcolor="#dbe9f6", label="client\\npid 1, 1 of its own"]');
  expect(graph).toContain('o0 [shape=ellipse, label="Endpoint\\n0x7000"]');
  expect(graph).toContain('p1 -> o0 [label="write, badge 3, slot 16"]');
  expect(graph).toContain('p2 -> o0 [label="read, slot 16"]');
  expect(graph).not.toContain("Thread");
});

test("a tree that was written twice counts once", () => {
  expect(readHolders(CAPS + CAPS)).toEqual(readHolders(CAPS));
});

test("of several trees the last one counts, without what is gone by then", () => {
  const last = `process: 1 client\r\n${capability(1, 17, "Timer", 2, 0x8000n, 0n)}`;
  const [client, ...others] = readHolders(`${CAPS}skyscope> caps --tree\r\n${last}`);
  expect(others).toEqual([]);
  expect(client?.capabilities.map(({ slot, type }) => [slot, type])).toEqual([[17, "Timer"]]);
});

test("the page has timeline, messages and graph, and needs nothing else", async () => {
  writeFileSync(at("console.txt"), CONSOLE);
  const made = await sila("trace", at("console.txt"), "--out", at("page.html"));
  expect(made).toEqual({ status: 0, out: `${at("page.html")}\n`, errors: "" });
  const page = readFileSync(at("page.html"), "utf8");
  expect(page.match(/<svg/g)).toHaveLength(2);
  expect(page).toContain("LoadModuleRequest");
  expect(page).toContain('<path class="message"');
  expect(page).toContain('<circle class="fault"');
  expect(page).toContain("8,000");
  expect(page).not.toMatch(/<script|<link|src=|href="http|<b>/);
  expect(page).toContain("&lt;b&gt;&amp;&quot;server&#39;");
});

test("what has no trace in it is refused", async () => {
  writeFileSync(at("nothing.txt"), "skyscope> version\r\nOK\r\n");
  const { status, errors } = await sila("trace", at("nothing.txt"), "--out", at("never.html"));
  expect({ status, errors }).toEqual({
    status: 65,
    errors: expect.stringContaining("trace dump and caps --tree write"),
  });
});
