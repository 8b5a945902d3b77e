import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { $ } from "zx";
import { buildEfiDisk } from "../scripts/efiDisk.ts";
import type { Disc } from "../scripts/machine.ts";
import { run, start } from "./console.ts";
import { temporaryFolder, testRelease } from "./releaseTests.ts";

/** The disk for aarch64 boots by UEFI to the console, whether the firmware has ACPI or a device tree, and says what is wrong. */

const MEMORY_KIB = 128 * 1024;
/** The system's own, and what was left out because it was in too small pieces. */
const MAX_USED_KIB = 16 * 1024;
const VOLUME_START = 1 << 20;

let file = "";

beforeAll(async () => {
  file = await buildEfiDisk("release");
});

function startFrom(disk: string, kind: Disc["kind"], machine?: string, cpu?: string) {
  const disc = { file: disk, kind, firmware: "uefi" } as const;
  return start({ arch: "aarch64", flavour: "release", machine, cpu, memory: "128M", timeoutSeconds: 110, disc });
}

/** A copy of the disk on which mtools did `command` in `/skyscope`. */
async function changedDisk(...command: readonly string[]): Promise<string> {
  const disk = join(temporaryFolder(), "changed.img");
  copyFileSync(file, disk);
  const [tool = "", ...rest] = command;
  await $({ quiet: true })`${tool} -i ${disk}@@${VOLUME_START} ${rest}`;
  return disk;
}

/** A copy of the disk on which the first of these lines is the kernel's command line. */
async function diskWith(options: string): Promise<string> {
  const text = join(temporaryFolder(), "options.txt");
  writeFileSync(text, options);
  return await changedDisk("mcopy", "-o", text, "::/skyscope/options.txt");
}

test.each([
  { machine: "virt", cpu: "max", kind: "usb", devices: "ACPI", options: "" },
  { machine: "virt,gic-version=3,virtualization=on", cpu: "max", kind: "virtio", devices: "ACPI", options: "" },
  {
    machine: "virt,gic-version=3,acpi=off",
    cpu: "cortex-a53",
    kind: "virtio",
    devices: "the device tree",
    options: "loglevel=debug\r\nloglevel=error\n",
  },
] as const)("$machine, $cpu, $kind", async ({ machine: name, cpu, kind, devices, options }) => {
  const machine = await startFrom(options === "" ? file : await diskWith(options), kind, name, cpu);
  await machine.expect(`devices by ${devices}\n`);
  if (options !== "") await machine.expect(/debug page tables: kernel W\^X/);
  await machine.prompt();
  expect(await run(machine, "version")).toContain("aarch64 release");
  const [usable = 0, used = 0] = [...(await run(machine, "mem")).matchAll(/(\d+) KiB/g)].map(([, n]) => Number(n));
  expect(usable).toBeLessThan(MEMORY_KIB);
  expect(usable).toBeGreaterThan(MEMORY_KIB * 0.9);
  expect(used).toBeLessThan(MAX_USED_KIB);
  expect(await run(machine, "load hello")).toContain("hello 1.0.0 is process");
  expect(await machine.run("poweroff")).toMatchObject({ kind: "exited", exit: { status: 0, errors: "" } });
});

test.each([
  ["no kernel", ["mdel", "::/skyscope/kernel.img"], "kernel.img is not on the loader's volume (not found)"],
  [
    "another kernel",
    ["mcopy", "-o", "LICENSE", "::/skyscope/kernel.img"],
    "kernel.img is no kernel for this machine (load error)",
  ],
])("%s: the firmware's console tells what is wrong, and the mend", async (_name, command, problem) => {
  const machine = await startFrom(await changedDisk(...command), "virtio");
  await machine.expect(`Skyscope cannot start: \\skyscope\\${problem}.\nWrite the image to the disk again.\n`);
});

describe("the file", () => {
  testRelease("skyscope-aarch64.img", () => file);

  test("is the same when it is built again", async () => {
    const before = readFileSync(file);
    expect(readFileSync(await buildEfiDisk("release")).equals(before)).toBe(true);
  });
});
