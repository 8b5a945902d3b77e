import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { $ } from "zx";
import { ARCHES } from "../scripts/architecture.ts";
import { numbered, readTrace } from "../scripts/traceLines.ts";
import { readHolders, threadNames } from "../sdk/trace/capabilities.ts";
import { boot, run } from "./console.ts";

/** The console's `caps` and `trace`, and the page that the host makes of them. */

const TIMEOUT = 300_000;

test.each(ARCHES)(
  "who holds what, and what happens, can be told and drawn on %s",
  async (arch) => {
    const machine = await boot({ arch, icount: true });
    onTestFinished(() => machine.stop());
    const list = await run(machine, "caps");
    const pid = /^ *(\d+) sila\.console +\d+ *$/m.exec(list)?.[1];
    expect(list).toMatch(/^ *\d+ sila\.serial +\d+ *$/m);
    const table = await run(machine, `caps ${pid}`);
    expect(table).toMatch(/^ +3 Thread +rwp {4}0x[0-9a-f]{12} {2}0x\w+$/m);
    expect(table).toMatch(/^ +23 Endpoint +r-- {4}0x[0-9a-f]{12} {2}0x\w+$/m);
    expect(await machine.run("caps 4095")).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("no process has this PID"),
    });
    expect(await machine.run("caps x")).toMatchObject({ kind: "failed", reason: expect.stringContaining("number") });
    expect(await machine.run("trace now")).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("on, messages"),
    });
    await run(machine, "trace on");
    await run(machine, "version");
    await run(machine, "trace off");
    const dump = await run(machine, "trace dump");
    const tree = await run(machine, "caps --tree");
    const holders = readHolders(tree);
    const names = holders.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["sila.serial", "sila.console"]));
    const console = holders.find(({ name }) => name === "sila.console");
    const serial = holders.find(({ name }) => name === "sila.serial");
    const wanted = console?.capabilities.filter(({ slot }) => slot >= 16 && slot < 26).map(({ type }) => type);
    expect(wanted).toEqual([
      "PowerControl",
      "TraceControl",
      "Untyped",
      "Endpoint",
      "Inspect",
      ...Array(4).fill("Endpoint"),
    ]);
    // What the console receives from is what the driver sends to.
    const requests = console?.capabilities.find(({ slot }) => slot === 23);
    expect(requests?.rights).toEqual(["read"]);
    const shared = serial?.capabilities.find(({ object, type }) => type === "Endpoint" && object === requests?.object);
    expect(shared).toMatchObject({ rights: ["write"], data: 1n });
    const nameOf = numbered(threadNames(holders));
    const events = readTrace(dump, nameOf);
    expect(events.length).toBeGreaterThan(20);
    const spoken = events
      .filter(({ kind }) => kind === "Ipc")
      .map(({ thread, to }) => `${nameOf(thread)} to ${nameOf(to ?? 0n)}`);
    expect(spoken).toContain("sila.console to sila.serial");
    const times = events.map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    await page(dump + tree);
  },
  TIMEOUT,
);

async function page(console: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sila-page-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "console.txt"), console);
  await $`node sdk/bin/sila.mjs trace ${folder}/console.txt --out ${folder}/page.html`;
  const text = readFileSync(join(folder, "page.html"), "utf8");
  expect(text).toContain("sila.console");
  expect(text.match(/<svg/g)).toHaveLength(2);
}
