import { beforeAll, describe, expect, test } from "vitest";
import { buildIso } from "../scripts/iso.ts";
import { type Disc, type Machine, PROMPT } from "../scripts/machine.ts";
import { run, start, type TestMachine } from "./console.ts";
import { testRelease } from "./releaseTests.ts";
import { monitorSocket, Screen } from "./screen.ts";

/**
 * The ISO boots by either firmware, from a CD and from a USB disk, through GRUB's menu to the console; on a machine with a
 * serial port, on one with screen and keyboard alone, and on one with both.
 */

const ARCH = "x86_64";
const FLAVOUR = "release";
/** UEFI takes its time, on a busy host above all. */
const TIMEOUT_SECONDS = 230;

let file = "";

beforeAll(async () => {
  file = await buildIso(FLAVOUR);
});

type Boot = Pick<Disc, "kind" | "firmware">;

async function startDisc(boot: Boot, options: Partial<TestMachine>): Promise<Machine> {
  const disc = { ...boot, file };
  return await start({
    arch: ARCH,
    flavour: FLAVOUR,
    memory: "256M",
    timeoutSeconds: TIMEOUT_SECONDS,
    disc,
    ...options,
  });
}

async function startWithScreen(boot: Boot, hasSerial: boolean): Promise<{ machine: Machine; screen: Screen }> {
  const monitor = monitorSocket();
  const machine = await startDisc(boot, { hasScreen: true, hasSerial, monitor });
  return { machine, screen: await Screen.open(machine, monitor) };
}

const ENDED = { isTimeout: false, errors: "" };

describe.each(["bios", "uefi"] as const)("%s", { timeout: TIMEOUT_SECONDS * 1_000 + 10_000 }, (firmware) => {
  test("cd, with a serial port alone", async () => {
    const machine = await startDisc({ kind: "cd", firmware }, {});
    await machine.expect("loaded by multiboot2");
    await machine.prompt();
    expect(machine.output).not.toContain("sila.screen");
    expect(await run(machine, "version")).toContain("x86_64 release");
    expect(await run(machine, "load hello")).toContain("is process");
    await machine.expect("hello, world");
    expect(await machine.run("poweroff")).toMatchObject({ kind: "exited", exit: ENDED });
  });

  test("usb, with serial port and screen: they show the same, and either types", async () => {
    const { machine, screen } = await startWithScreen({ kind: "usb", firmware }, true);
    await machine.expect("loaded by multiboot2");
    await machine.prompt();
    expect(await run(machine, "load hello")).toContain("is process");
    await machine.expect("hello, world");
    const shown = await screen.expect("hello, world");
    const said = machine.output.slice(machine.output.indexOf("[    0.000000]"), machine.output.indexOf("  binary "));
    for (const line of said.trimEnd().split("\n")) expect(shown.split("\n")).toContain(line);
    await screen.type("Version\b\b\b\b\b\b\bversion\r");
    await machine.expect(/^Skyscope .* x86_64 release\nOK\n/m);
    await machine.expect("skyscope> ");
    // Only the screen has answered that it is a terminal.
    expect(machine.output.slice(machine.output.indexOf("init: "))).not.toContain("\x1b");
    await screen.interrupt();
    await machine.expect("PANIC: non-maskable interrupt");
    const end = await screen.expect("system halted");
    expect(end.split("\n").slice(1, 4)).toEqual([
      expect.stringContaining("PANIC: non-maskable interrupt"),
      "registers:",
      expect.stringMatching(/rax 0x[0-9a-f]{16} +rbx/),
    ]);
    expect(end).toMatch(/^backtrace:$[\s\S]*^epitaph at 0x[0-9a-f]{16}$/m);
    expect(end).not.toContain("skyscope>");
  });

  test.each(["cd", "usb"] as const)("%s, with screen and keyboard alone", async (kind) => {
    const { machine, screen } = await startWithScreen({ kind, firmware }, false);
    const first = await screen.expect(PROMPT.trimEnd());
    expect(first).toContain("loaded by multiboot2");
    await screen.type("load hello >=1.0.0 <2.0.0\r");
    const shown = await screen.expect(/hello, world\nskyscope>$/m);
    expect(shown).toMatch(/^skyscope> load hello >=1\.0\.0 <2\.0\.0\nhello 1\.0\.0 is process \d+$/m);
    await screen.type("poweroff\r");
    expect(await machine.exited).toMatchObject(ENDED);
  });
});

testRelease("skyscope-x86_64.iso", () => file);
