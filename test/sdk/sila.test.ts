import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { $ } from "zx";
import { developmentKeys, readKey, readPublicKey } from "../../sdk/tool/keys.ts";
import { Packages } from "../codec/package-host.ts";
import { makeElf } from "../codec/package-inputs.ts";
import { sila } from "./sila.ts";

/** The `sila` command, as people call it: what it prints, what it writes, how it ends. */

const folder = mkdtempSync(join(tmpdir(), "sila-"));
const at = (...names: readonly string[]): string => join(folder, ...names);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function done(...words: readonly string[]): Promise<string> {
  const { status, out, errors } = await sila(...words);
  expect({ words, status, errors }).toEqual({ words, status: 0, errors: "" });
  return out.trim();
}

const CEILING = { prefixes: ["hello"], kinds: { Endpoint: ["read", "write"] }, budget: 2 ** 24, priority: 100 };
const MODULE = {
  name: "hello",
  version: "1.2.3",
  capabilities: { log: { kind: "Endpoint", rights: ["write"] } },
  offers: { greeting: "sila.greeting.1" },
  dependencies: { logging: "^1.0.0" },
};

function writeJson(file: string, value: unknown): string {
  writeFileSync(file, JSON.stringify(value));
  return file;
}

function writeModule(value: unknown): string {
  mkdirSync(at("module"), { recursive: true });
  writeJson(at("module", "module.json"), value);
  return at("module");
}

/** Three roots, two of which have to sign, and a publisher; the trust set and the certificate are signed by two. */
beforeAll(async () => {
  for (const name of ["root-1", "root-2", "root-3", "publisher"]) {
    await done("keygen", "--production", name, "--out", folder);
  }
  const roots = [1, 2, 3].map((n) => at(`root-${n}.pub`));
  const policy = { ceiling: { ...CEILING, prefixes: [""] } };
  writeJson(at("trust.json"), { version: 1, epoch: 3, threshold: 2, roots, policy });
  writeJson(at("publisher.json"), { publisher: "example.org", firstEpoch: 1, lastEpoch: 9, ceiling: CEILING });
  const [first, second] = [at("root-1.key"), at("root-2.key")];
  await done("certify", "trust", at("trust.json"), "--by", first, "--by", second, "--out", at("trust"));
  const key = at("publisher.pub");
  await done("certify", "publisher", at("publisher.json"), "--key", key, "--by", first, "--out", at("cert"));
  await done("sign", at("cert"), "--by", second);
  writeFileSync(at("program.elf"), makeElf());
}, 60_000);

const signing = (): string[] => ["--key", at("publisher.key"), "--cert", at("cert"), "--trust", at("trust")];

async function packed(...more: readonly string[]): Promise<string> {
  const out = at("hello.sila");
  expect(await done("pack", writeModule(MODULE), "--elf", at("program.elf"), "--out", out, ...signing(), ...more)).toBe(
    out,
  );
  return out;
}

test("the overview and each command's help show usage and an example", async () => {
  const overview = await done("--help");
  const names = [...overview.matchAll(/^ {2}sila (\w+)/gm)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThanOrEqual(9);
  for (const name of names) expect(await done(name, "--help")).toMatch(/^Examples?:\n {2}sila /m);
});

test("it can be run by its file", async () => {
  const { stdout } = await $`node sdk/bin/sila.mjs --help`;
  expect(stdout).toContain("sila pack");
}, 120_000);

test.each<[string, readonly string[], RegExp]>([
  ["an unknown command", ["frobnicate"], /there is no command frobnicate/],
  ["an unknown option", ["pack", "--frobnicate"], /--frobnicate/],
  ["an option that is missing", ["repo", "list", "--repo"], /--repo.* argument missing/],
  ["a machine that is none", ["build", "--arch", "vax"], /x86_64 or aarch64/],
  ["a level that is none", ["pack", "--level", "high"], /a number from 1 to 22/],
])("%s is a wrong command line", async (_, words, text) => {
  const { status, errors } = await sila(...words);
  expect(status).toBe(64);
  expect(errors).toMatch(text);
});

test("secret keys are their owner's alone, are never overwritten, and are not made in a work tree", async () => {
  expect(statSync(at("root-1.key")).mode & 0o777).toBe(0o600);
  const again = await sila("keygen", "--production", "root-1", "--out", folder);
  expect(again).toMatchObject({ status: 73, errors: expect.stringContaining("never overwritten") });
  const inside = await sila("keygen", "--production", "x", "--out", "build/never");
  expect(inside).toMatchObject({ status: 73, errors: expect.stringContaining("git work tree") });
  expect(existsSync("build/never")).toBe(false);
  chmodSync(at("root-3.key"), 0o644);
  const open = await sila("sign", at("cert"), "--by", at("root-3.key"));
  expect(open).toMatchObject({ status: 65, errors: expect.stringContaining("chmod 600") });
  chmodSync(at("root-3.key"), 0o600);
});

test("development keys are made once, and trust themselves", async () => {
  const keys = developmentKeys(at("development"));
  const secret = readFileSync(keys.publisher, "utf8");
  expect(statSync(keys.root).mode & 0o777).toBe(0o600);
  expect(developmentKeys(at("development"))).toEqual(keys);
  expect(readFileSync(keys.publisher, "utf8")).toBe(secret);
  const words = ["--key", keys.publisher, "--cert", keys.certificate, "--trust", keys.trust];
  const out = at("development.sila");
  await done("pack", writeModule(MODULE), "--elf", at("program.elf"), "--out", out, ...words);
  expect(await done("verify", out, "--trust", keys.trust)).toBe(`${out}: accepted`);
});

test("development keys that are made at once are the same", async () => {
  const out = at("at-once");
  const listed = await Promise.all([1, 2, 3].map(() => $`node sdk/bin/sila.mjs keygen --out ${out}`));
  expect(new Set(listed.map(({ stdout }) => stdout)).size).toBe(1);
  expect(readdirSync(folder).filter((name) => name.startsWith("at-once"))).toEqual(["at-once"]);
  expect(readKey(join(out, "publisher.key")).publicKey).toEqual(readPublicKey(join(out, "publisher.pub")));
});

test("a root signs once", async () => {
  const { status, errors } = await sila("sign", at("cert"), "--by", at("root-2.key"));
  expect({ status, errors }).toEqual({ status: 65, errors: expect.stringContaining("signed already") });
});

test("a file is signed as it is, root after root, and judged by what lies beside it", async () => {
  const file = at("image.iso");
  writeFileSync(file, "all that is in it");
  const verified = () => sila("verify", file, "--trust", at("trust"));
  expect(await verified()).toMatchObject({
    status: 66,
    errors: expect.stringContaining("sila certify release makes it"),
  });
  await done("certify", "release", file, "--by", at("root-1.key"));
  expect(await verified()).toMatchObject({ status: 1, out: expect.stringMatching(/ThresholdNotMet.*sila sign/) });
  await done("sign", `${file}.sig`, "--by", at("root-2.key"));
  expect(await done("verify", file, "--trust", at("trust"))).toBe(`${file}: accepted`);
  copyFileSync(file, at("other.iso"));
  copyFileSync(`${file}.sig`, at("other.iso.sig"));
  const renamed = await sila("verify", at("other.iso"), "--trust", at("trust"));
  expect(renamed).toMatchObject({ status: 1, out: expect.stringContaining("BadName") });
  writeFileSync(file, "all that is in if");
  expect(await verified()).toMatchObject({ status: 1, out: expect.stringContaining("PayloadDigest in Payload") });
  writeFileSync(`${file}.sig`, readFileSync(at("trust")));
  expect(await verified()).toMatchObject({ status: 1, out: expect.stringContaining("SignPurpose") });
  await done("certify", "release", file, "--by", at("publisher.key"), "--out", `${file}.sig`);
  expect(await verified()).toMatchObject({ status: 1, out: expect.stringContaining("UnknownSigner") });
});

test.each([["--stored"], ["--level", "3"], ["--level", "19"]])(
  "what pack %s %s writes is accepted here and by the target's code",
  async (...how) => {
    const file = await packed(...how);
    expect(await done("verify", file, "--trust", at("trust"))).toBe(`${file}: accepted`);
    const packages = await Packages.load();
    expect(packages.readTrust(Uint8Array.from(readFileSync(at("trust")))).fault).toBe("None");
    const verdict = packages.verify({ bytes: Uint8Array.from(readFileSync(file)), binary: makeElf() });
    expect(verdict.fault).toBe("None");
  },
  120_000,
);

test("verify says why, with the status and the code of the target, and ends with 1", async () => {
  const bytes = readFileSync(await packed());
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
  writeFileSync(at("damaged.sila"), bytes);
  const human = await sila("verify", at("damaged.sila"), "--trust", at("trust"));
  expect(human.status).toBe(1);
  expect(human.out).toMatch(/PackageSignatureError: PayloadDigest in Payload at byte 0\. The payload is not the one/);
  const json = await sila("verify", "--json", at("damaged.sila"), "--trust", at("trust"));
  expect(JSON.parse(json.out)).toMatchObject({ status: "PackageSignatureError", fault: "PayloadDigest" });
});

test("what the target would reject is not written", async () => {
  const words = ["--elf", at("program.elf"), "--out", at("never.sila"), ...signing()];
  const { status, errors } = await sila("pack", writeModule({ ...MODULE, name: "other" }), ...words);
  expect({ status, errors }).toEqual({ status: 1, errors: expect.stringMatching(/NameOutsideCeiling.*Rename it/) });
  expect(readdirSync(folder)).not.toContain("never.sila");
});

test.each<[string, unknown, RegExp]>([
  ["a name with spaces", { ...MODULE, name: "hello world" }, /module\.json: name: "hello world" is no name/],
  ["no version", { ...MODULE, version: undefined }, /module\.json: version: a text is needed, such as "0\.1\.0"/],
  ["half a version", { ...MODULE, version: "1.2" }, /module\.json: version: "1\.2" is no version/],
  ["a misspelt field", { ...MODULE, offer: {} }, /module\.json: offer: there is no such field/],
  [
    "an unknown kind",
    { ...MODULE, capabilities: { log: { kind: "Pipe" } } },
    /module\.json: capabilities\.log\.kind: one of/,
  ],
  [
    "an unknown right",
    { ...MODULE, capabilities: { log: { kind: "Endpoint", rights: ["all"] } } },
    /log\.rights: all is no right/,
  ],
  [
    "a range that is none",
    { ...MODULE, dependencies: { logging: "newest" } },
    /dependencies\.logging: "newest" is no range/,
  ],
  ["a list", [], /has to be an object/],
])("an error in module.json names file, field and mend: %s", async (_, value, text) => {
  const { status, errors } = await sila("pack", writeModule(value), "--elf", at("program.elf"), ...signing());
  expect(status).toBe(65);
  expect(errors).toMatch(text);
});

test("inspect shows all that a package says, for people and as JSON", async () => {
  const file = await packed("--stored");
  expect(await done("inspect", file)).toMatch(/name: hello\n {2}version: 1\.2\.3/);
  const described = JSON.parse(await done("inspect", "--json", file));
  expect(described.manifest).toMatchObject({ name: "hello", entry: "0x400000", offers: MODULE.offers });
  expect(described.certificates[0]).toMatchObject({ publisher: "example.org", mayCertify: false });
  expect(JSON.parse(await done("inspect", "--json", at("trust"))).body).toMatchObject({ threshold: 2, epoch: 3 });
  expect(JSON.parse(await done("inspect", "--json", at("cert"))).signedBy).toHaveLength(2);
  expect(await sila("inspect", at("program.elf"))).toMatchObject({ status: 65 });
});

test("nothing is coloured when it does not go to a terminal", async () => {
  expect(await done("verify", await packed(), "--trust", at("trust"))).not.toContain("\u001b");
});

test("a repository adds, lists, verifies and removes", async () => {
  const repository = ["--repo", at("repository")];
  const file = await packed();
  const added = await done("repo", "add", file, ...repository);
  expect(readFileSync(added)).toEqual(readFileSync(file));
  await done("repo", "add", await packed("--stored"), ...repository);
  expect(await done("repo", "list", ...repository)).toMatch(/^hello 1\.2\.3 x86_64 {2}\d+ bytes {2}[0-9a-f]{16}…$/);
  expect(await done("repo", "verify", "--trust", at("trust"), ...repository)).toBe("hello 1.2.3 x86_64: accepted");
  expect(await sila("repo", "remove", "hello", "9.9.9", ...repository)).toMatchObject({ status: 65 });
  expect(await done("repo", "remove", "hello", "1.2.3", ...repository)).toBe("1 removed");
  expect(await done("repo", "list", ...repository)).toBe("");
  expect(await sila("repo", "add", at("program.elf"), ...repository)).toMatchObject({ status: 65 });
});

test("a repository's file whose bytes have changed is refused by its name", async () => {
  const repository = ["--repo", at("changed")];
  const added = await done("repo", "add", await packed(), ...repository);
  writeFileSync(added, "x");
  const { status, errors } = await sila("repo", "list", ...repository);
  expect({ status, errors }).toEqual({ status: 65, errors: expect.stringContaining("not those of its name") });
});

test.each(["x86_64", "aarch64"])(
  "a new module builds and packs for %s",
  async (machine) => {
    const module = at(`made-${machine}`);
    await done("init", module, "--no-install");
    expect(await sila("init", module)).toMatchObject({ status: 73 });
    const program = await done("build", module, "--arch", machine);
    const keys = developmentKeys(at("development"));
    const words = ["--key", keys.publisher, "--cert", keys.certificate, "--trust", keys.trust];
    const file = await done("pack", module, "--arch", machine, ...words);
    expect(file).toBe(join(module, `build/${machine}/made-${machine}-0.1.0.sila`));
    expect(await done("verify", file, "--trust", keys.trust, "--arch", machine)).toBe(`${file}: accepted`);
    expect(readFileSync(program).subarray(0, 4).toString("latin1")).toBe("\u007fELF");
  },
  180_000,
);

test("a module asks a service through its client, for its editor and for the compiler", async () => {
  const module = at("asking");
  await done("init", module, "--no-install");
  const wanted = { log: { kind: "Endpoint", rights: ["write"] }, directory: { kind: "Endpoint", rights: ["write"] } };
  const description = JSON.parse(readFileSync(join(module, "module.json"), "utf8"));
  writeFileSync(join(module, "module.json"), JSON.stringify({ ...description, capabilities: wanted }));
  const main = `import { KV_PROTOCOL, KV_SERVICE, type Kv, putValue } from "@modules/kv/client";
import { Lookup, lookUp } from "@services/service-directory/client";
import { exit } from "@user/exit";
import type { Message } from "@user/message";
import { DIRECTORY } from "./grants";

const KV = 100;
const kv: Kv = zeroed();

/** @entry program_start */
export function start(): void {
  const message = local<Message>();
  kv.endpoint = KV;
  if (lookUp(message, DIRECTORY, KV_SERVICE, KV_PROTOCOL, KV) === Lookup.Found) putValue(kv, "color", "blue");
  exit(0n);
}
`;
  writeFileSync(join(module, "main.ts"), main);
  await done("build", module);
  const tsc = spawnSync("node_modules/.bin/tsc", ["-p", module], { encoding: "utf8" });
  expect(tsc.stdout).toBe("");
}, 60_000);

test("a module that does not compile says where", async () => {
  const module = at("wrong");
  await done("init", module, "--no-install");
  writeFileSync(join(module, "main.ts"), "export function start(): u32 {\n  return 1n;\n}\n");
  const { status, errors } = await sila("build", module);
  expect({ status, errors }).toEqual({ status: 70, errors: expect.stringMatching(/main\.ts:2:\d+ - error KTS/) });
}, 60_000);
