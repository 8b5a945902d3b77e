import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { buildIso } from "../scripts/iso.ts";
import { run, start } from "./console.ts";

/** The ISO boots by either firmware, from a CD and from a USB disk, through GRUB's menu to the console. */

let file = "";

beforeAll(async () => {
  file = await buildIso("release");
});

describe.each(["bios", "uefi"] as const)("%s", (firmware) => {
  test.each(["cd", "usb"] as const)("%s", async (kind) => {
    const machine = await start({
      arch: "x86_64",
      flavour: "release",
      memory: "256M",
      timeoutSeconds: 110,
      disc: { file, kind, firmware },
    });
    await machine.expect("loaded by multiboot2");
    await machine.prompt();
    expect(await run(machine, "version")).toContain("x86_64 release");
    expect(await machine.run("poweroff")).toMatchObject({ kind: "exited", exit: { isTimeout: false, errors: "" } });
  });
});

test("the digest beside it is its SHA-512", () => {
  const digest = createHash("sha512").update(readFileSync(file)).digest("hex");
  expect(readFileSync(`${file}.sha512`, "utf8")).toBe(`${digest}  skyscope-x86_64.iso\n`);
});
