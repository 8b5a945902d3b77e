import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readSchema } from "./cddl.ts";
import { format, show } from "./cddl-dump.ts";
import { CERTIFICATE, certificateOf, OTHER_PUBLISHER, packageOf, TRUST, trustOf, WIDEST } from "./package-inputs.ts";

/** docs/module-format.md: its schema fits what is packed, and its dump is that of a package. `vitest run -u` writes it. */

const PAGE = "docs/module-format.md";
const page = readFileSync(PAGE, "utf8");
const schema = readSchema(blockOf("cddl"));
const sound = packageOf();

function blockOf(language: string): string {
  const [, block] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (block === undefined) throw new Error(`${PAGE} has no block of ${language}`);
  return block;
}

test("the page's dump is that of a package with fixed keys", async () => {
  const dump = `\`\`\`text\n${format(sound, show(sound, schema, "package"))}\n\`\`\``;
  await expect(page.replace(/```text\n[\s\S]*?```/, () => dump)).toMatchFileSnapshot(`../../${PAGE}`);
});

test("every byte of the package is shown once", () => {
  let next = 0;
  for (const { at, end } of show(sound, schema, "package")) {
    expect(at).toBe(next);
    next = end;
  }
  expect(next).toBe(sound.length);
});

test("the schema fits chains of two and trust sets", () => {
  const issuer = { ...CERTIFICATE, key: OTHER_PUBLISHER.publicKey, mayCertify: true };
  const chain = [certificateOf(issuer), certificateOf(CERTIFICATE, [OTHER_PUBLISHER])];
  const grants = [{ prefix: "", kind: "Timer", rights: [], name: "clock" } as const];
  const policy = { ceiling: WIDEST, rules: { "example.org": WIDEST }, grants };
  const trust = trustOf({ ...TRUST, revoked: [new Uint8Array(64)], policy });
  expect(show(packageOf({ chain }), schema, "package").length).toBeGreaterThan(100);
  expect(show(packageOf({ manifest: { contract: null } }), schema, "package").length).toBeGreaterThan(100);
  expect(show(trust, schema, "trust-set").length).toBeGreaterThan(40);
});

test.each<[string, number, readonly number[], RegExp]>([
  ["another magic", 5, [0x62], /byte 1: magic is not sila/],
  ["another format", 6, [2], /byte 6: format is not 1/],
  ["an array of seven", 0, [0x87], /byte 0/],
  ["a length that lies", 8, [0x20], /byte \d+: chain ends at \d+, not at \d+|the bytes end early/],
])("the schema does not fit %s", (_, at, to, message) => {
  const bytes = Uint8Array.from(sound);
  bytes.set(to, at);
  expect(() => show(bytes, schema, "package")).toThrow(message);
});

test("every rule of the schema is reached from package or trust set", () => {
  const source = blockOf("cddl");
  for (const name of schema.keys()) {
    const uses = [...source.matchAll(new RegExp(`(?<![\\w-])${name}(?![\\w-])`, "g"))].length;
    expect({ name, isUsed: uses > 1 || name === "package" || name === "trust-set" }).toEqual({ name, isUsed: true });
  }
});
