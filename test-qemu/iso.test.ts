import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { buildIso } from "../scripts/iso.ts";
import { sila } from "../test/sdk/sila.ts";
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

test("the signature beside it is the development root's, and holds for these bytes alone", async () => {
  expect(await sila("verify", file)).toEqual({ status: 0, out: `${file}: accepted\n`, errors: "" });
  const folder = mkdtempSync(join(tmpdir(), "sila-iso-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const other = join(folder, basename(file));
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(other, bytes);
  copyFileSync(`${file}.sig`, `${other}.sig`);
  expect(await sila("verify", other)).toMatchObject({ status: 1, out: expect.stringContaining("PayloadDigest") });
});
