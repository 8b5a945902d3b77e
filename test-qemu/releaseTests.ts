import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sila } from "../test/sdk/sila.ts";

/** What has to hold of the files beside each file that leaves the project. `file` answers it once it is built. */
export function testRelease(name: string, file: () => string): void {
  test("the digest beside it is its SHA-512", () => {
    const digest = createHash("sha512").update(readFileSync(file())).digest("hex");
    expect(readFileSync(`${file()}.sha512`, "utf8")).toBe(`${digest}  ${name}\n`);
  });

  test("the signature beside it is the development root's, and holds for these bytes alone", async () => {
    expect(await sila("verify", file())).toEqual({ status: 0, out: `${file()}: accepted\n`, errors: "" });
    const other = join(temporaryFolder(), basename(file()));
    const bytes = readFileSync(file());
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(other, bytes);
    copyFileSync(`${file()}.sig`, `${other}.sig`);
    expect(await sila("verify", other)).toMatchObject({ status: 1, out: expect.stringContaining("PayloadDigest") });
  });
}

/** Gone when the test has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "skyscope-release-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
