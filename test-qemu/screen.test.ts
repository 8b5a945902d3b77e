import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { packArchive } from "../scripts/archive.ts";
import { buildImage, buildServicePackages } from "../scripts/build.ts";
import { packProgram, signingKeys } from "../scripts/build-package.ts";
import { buildIso, writeIso } from "../scripts/iso.ts";
import { run, start } from "./console.ts";
import { monitorSocket, Screen } from "./screen.ts";
import { programFolder, testProgram } from "./testPackages.ts";

/** Screen and keyboard in debug builds, whose invariants are checked: what test-qemu/iso.test.ts does not get to see. */

const ARCH = "x86_64";
const FLAVOUR = "debug";
const MACHINE = { arch: ARCH, flavour: FLAVOUR, memory: "256M", timeoutSeconds: 110, hasScreen: true } as const;

test("a text mode does as well, and the keys of a terminal edit the line", async () => {
  const monitor = monitorSocket();
  const file = await buildIso(FLAVOUR);
  const disc = { file, kind: "cd", firmware: "bios" } as const;
  const machine = await start({ ...MACHINE, disc, hasSerial: false, monitor });
  const screen = await Screen.open(machine, monitor);
  const read = () => screen.readTextMode();
  await screen.expect("in text mode", read);
  await screen.press(["down"]);
  await screen.press(["ret"]);
  const first = await screen.expect("skyscope>", read);
  expect(first).toContain("type help for the commands");
  await screen.type("oad ell");
  await screen.press(["home"]);
  await screen.type("l");
  for (let i = 0; i < 4; i++) await screen.press(["right"]);
  await screen.type("h");
  await screen.press(["end"]);
  await screen.type("o\r");
  const shown = await screen.expect(/hello, world\nskyscope>$/m, read);
  expect(shown).toMatch(/^OK$/m);
  await screen.press(["up"]);
  await screen.expect(/^skyscope> load hello$/m, read);
  await screen.press(["ctrl", "c"]);
  await screen.type("poweroff\r");
  expect(await machine.exited).toMatchObject({ isTimeout: false, errors: "" });
});

test("the screen's driver is made again when it has ended, shows what the kernel has shown, and goes on", async () => {
  const monitor = monitorSocket();
  const disc = { file: await blinkingIso(), kind: "cd", firmware: "bios" } as const;
  const machine = await start({ ...MACHINE, disc, monitor });
  const screen = await Screen.open(machine, monitor);
  await machine.prompt();
  await machine.expect("sila.screen has been ended often enough");
  const pid = /^ *(\d+) sila\.screen +\d+ *$/m.exec(await run(machine, "caps"))?.[1];
  const held = await run(machine, `caps ${pid}`);
  const granted = [...held.matchAll(/^ +(?:1[6-9]|2\d) (\w+) +(\S+) +\S+ +(\S+)$/gm)].map((row) =>
    row.slice(1).join(" "),
  );
  expect(granted.map((row) => row.replace(/0x\S+$/, ""))).toEqual([
    "IrqHandler rwp ",
    "IoPort rwp ",
    "Untyped rwp ",
    "Endpoint -w- ",
    "Endpoint r-- ",
    "Region rw- ",
    "Region r-- ",
    "IoPort rwp ",
  ]);
  // The keyboard's data and its controller, and no port between them.
  expect(granted.filter((row) => row.startsWith("IoPort"))).toEqual(["IoPort rwp 0x600060", "IoPort rwp 0x640064"]);
  await run(machine, "uptime");
  const shown = await screen.expect(/^skyscope> uptime\n[\s\S]*\nOK\nskyscope>$/m);
  expect(shown).toMatch(/^\[ +\d+\.\d{6}\] info {2}Skyscope .* loaded by multiboot2$/m);
  await screen.type("version\r");
  await machine.expect(/^Skyscope .* x86_64 debug\nOK\n/m);
  expect(machine.output).not.toMatch(/has faulted|PANIC|is not made again/);
});

/** Of an init that ends the screen's driver again and again. */
async function blinkingIso(): Promise<string> {
  const image = await buildImage({ arch: ARCH, flavour: FLAVOUR });
  const blink = programFolder("blink");
  const [, ...services] = await buildServicePackages({ arch: ARCH, flavour: FLAVOUR });
  const archive = `${dirname(image)}/blink.cpio`;
  const trust = { name: "trust", contents: readFileSync(signingKeys().trust) };
  writeFileSync(
    archive,
    packArchive([await packProgram(blink, ARCH, await testProgram(ARCH, blink)), ...services, trust]),
  );
  const iso = `${dirname(image)}/blink.iso`;
  await writeIso(iso, image, archive);
  return iso;
}
