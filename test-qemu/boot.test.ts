import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Machine } from "../scripts/machine.ts";
import { boot, run, start } from "./console.ts";
import { nameOf, VARIANTS } from "./variants.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
/** By the system itself: what is left of memory must not get lost. */
const MAX_USED_KIB = 24 * 1024;
const SLEEP_MS = 20;
const REAL_TIME_MS = 2_000;
const CLOCK_ERROR = 0.01;

describe.each(VARIANTS.map((variant) => ({ name: nameOf(variant), variant })))("$name", ({ variant }) => {
  const { arch, machine: machineName, cpu, memory } = variant;
  const options = { arch, machine: machineName, cpu, memory: `${memory}M` };

  test.each(["debug", "release"] as const)(
    "the %s image boots, knows its memory, hears its timer, and powers off",
    async (flavour) => {
      const machine = await boot({ ...options, flavour });
      expect(await run(machine, "version")).toBe(`Skyscope ${version} ${arch} ${flavour}\n`);

      const [usable = 0, used = 0] = [...(await run(machine, "mem")).matchAll(/(\d+) KiB/g)].map(([, n]) => Number(n));
      expect(usable).toBeGreaterThan(memory * 1024 * 0.9);
      expect(usable).toBeLessThanOrEqual(memory * 1024);
      expect(used).toBeLessThan(MAX_USED_KIB);

      const before = readUptime(await run(machine, "uptime"));
      await run(machine, `sleep ${SLEEP_MS}`);
      const after = readUptime(await run(machine, "uptime"));
      expect(after.seconds).toBeGreaterThanOrEqual(before.seconds + SLEEP_MS / 1_000);
      expect(after.ticks).toBeGreaterThan(before.ticks);

      expect(await machine.run("poweroff")).toMatchObject({ kind: "exited", exit: { status: 0, errors: "" } });
    },
  );
});

/** The kernel's clock, and the host's before and after it was asked. */
async function readBetween(machine: Machine): Promise<{ before: number; seconds: number; after: number }> {
  const before = performance.now();
  const { seconds } = readUptime(await run(machine, "uptime"));
  return { before, seconds, after: performance.now() };
}

function readUptime(output: string): { seconds: number; ticks: number } {
  const [, seconds, ticks] = /up (\d+\.\d{3}) s, (\d+) timer interrupts/.exec(output) ?? [];
  return { seconds: Number(seconds), ticks: Number(ticks) };
}

test("a CPU without the features that the kernel needs is refused by name", async () => {
  const machine = await start({ arch: "x86_64", cpu: "qemu64" });
  await machine.expect(/^PANIC: .*\b(?:smep|smap|umip|fsgsbase)\b/im);
  expect((await machine.exited).status).toBe(2);
});

describe.each(["x86_64", "aarch64"] as const)("%s", (arch) => {
  test("the timer keeps to virtual time", async () => {
    const machine = await boot({ arch, icount: true });
    const start = readUptime(await run(machine, "uptime"));
    await run(machine, "sleep 1000");
    const end = readUptime(await run(machine, "uptime"));
    // Printed in milliseconds.
    expect(end.seconds - start.seconds).toBeGreaterThan(0.9995);
    // Nothing else is to be done: alarms for the console, and at most one a second to sleep on, however long QEMU took
    // to hand the typed command over.
    const ticks = end.ticks - start.ticks;
    expect(ticks).toBeGreaterThanOrEqual(1);
    expect(ticks, `in ${end.seconds - start.seconds} s`).toBeLessThan(10 + end.seconds - start.seconds);
  });

  test("the clock keeps real time", async () => {
    const machine = await boot({ arch });
    const first = await readBetween(machine);
    await setTimeout(REAL_TIME_MS);
    const last = await readBetween(machine);
    const passed = (last.seconds - first.seconds) * 1_000;
    expect(passed).toBeGreaterThan((last.before - first.after) * (1 - CLOCK_ERROR));
    expect(passed).toBeLessThan((last.after - first.before) * (1 + CLOCK_ERROR));
  });

  test("the same machine boots the same way twice", async () => {
    const logs = [];
    for (let i = 0; i < 2; i++) {
      const machine = await boot({ arch, icount: true });
      // When QEMU's 16550 is ready for the next byte is a matter of the host: the way to the prompt varies by some of these.
      logs.push(machine.output.replace(/^boot: \d+ counts/m, "boot: … counts"));
    }
    expect(logs[1]).toBe(logs[0]);
  });

  test("reboot starts the kernel again", async () => {
    const machine = await boot({ arch, survivesReset: true });
    machine.type("reboot\r");
    await machine.expect(`Skyscope ${version}`);
    await machine.prompt();
    expect(await run(machine, "version")).toContain(version);
  });

  test("poweroff without an emulator's exit device switches the machine off", async () => {
    const machine = await boot({ arch, endsEmulator: false });
    const result = await machine.run("poweroff");
    expect(result).toMatchObject({ kind: "exited", exit: { isTimeout: false } });
  });

  test("a panic without an emulator's exit device halts", async () => {
    const machine = await start({ arch, endsEmulator: false, words: ["selftest=panic"] });
    await machine.expect("system halted");
  });
});
