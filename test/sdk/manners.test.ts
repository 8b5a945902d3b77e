import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { $ } from "zx";
import { packModule } from "../../sdk/format/pack.ts";
import { working } from "../../sdk/tool/console.ts";
import { CERTIFICATE, certificateOf, makeElf, packageOf, requestOf, TRUST, trustOf } from "../codec/package-inputs.ts";
import { sila } from "./sila.ts";

/** How `sila` answers people: help everywhere, errors that name what is wrong and the mend, never a stack. */

const folder = mkdtempSync(join(tmpdir(), "sila-manners-"));
const at = (...names: readonly string[]): string => join(folder, ...names);
const CEILING = { prefixes: ["hello"], kinds: {}, budget: 1, priority: 1 };
const PUBLISHER_KEYS = ["--key", "@publisher.key", "--cert", "@sound.cert"];
const PUBLISHER = { publisher: "example.org", lastEpoch: 9, ceiling: CEILING };

const trustJson = (change: object): object => ({
  ...{ version: 1, epoch: 1, threshold: 1, roots: ["root.pub"], policy: { ceiling: CEILING } },
  ...change,
});

function write(name: string, contents: string | Uint8Array | object): string {
  const isPlain = typeof contents === "string" || contents instanceof Uint8Array;
  writeFileSync(at(name), isPlain ? contents : JSON.stringify(contents));
  return at(name);
}

beforeAll(async () => {
  for (const name of ["root", "publisher"]) await sila("keygen", "--production", name, "--out", folder);
  write("sound.sila", packageOf());
  write("sound.trust", trustOf(TRUST));
  write("sound.cert", certificateOf(CERTIFICATE));
  write("empty", "");
  write("program.elf", makeElf());
  const frame = { method: "zstd", bytes: new Uint8Array(64), windowBytes: 65_536 } as const;
  write("packed.sila", packModule({ ...requestOf(), packed: frame }));
  mkdirSync(at("foreign"));
  write("foreign/publisher.cert", certificateOf(CERTIFICATE));
  write("no.json", "{");
  write("null.json", "null");
  write("number.key", "5");
  write("publisher.json", PUBLISHER);
  write("trust-1.json", trustJson({}));
  mkdirSync(at("folder"));
  mkdirSync(at("hello"));
  write("hello/module.json", { name: "hello", version: "1.0.0" });
  write("hello/main.ts", "export const x = 1;\n");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["build", "certify", "init", "inspect", "keygen", "pack", "repo", "sign", "verify"])(
  "sila %s has help in three ways, and says where it is when the command line is wrong",
  async (name) => {
    const { status, out, errors } = await sila(name, "--help");
    expect({ status, errors }).toEqual({ status: 0, errors: "" });
    expect(out).toMatch(new RegExp(`^sila ${name}: [a-z]`));
    expect(out).toMatch(/^Examples?:\n {2}sila /m);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(120);
    expect((await sila("help", name)).out).toBe(out);
    expect((await sila(name, "-h")).out).toBe(out);
    const wrong = await sila(name, "--frobnicate");
    expect(wrong).toEqual({ status: 64, out: "", errors: expect.stringContaining(`Try sila ${name} --help`) });
    expect(wrong.errors).toMatch(/^sila: Unknown option '--frobnicate'\. Try/);
  },
);

test("without a command it says so; with a misspelt one it names the one that is meant", async () => {
  expect(await sila()).toMatchObject({
    status: 64,
    out: "",
    errors: expect.stringMatching(/command is missing\n\nsila:/),
  });
  expect(await sila("verfy")).toMatchObject({ status: 64, errors: expect.stringContaining("Is sila verify meant?") });
  expect(await sila("xyzzy")).toMatchObject({
    status: 64,
    errors: "sila: there is no command xyzzy. sila --help lists them\n",
  });
  expect((await sila("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each<[string, readonly string[], number, RegExp]>([
  ["an argument too many", ["build", "a", "b"], 64, /b: that is one argument too many/],
  ["an option without its value", ["build", "--arch"], 64, /--arch.* argument missing/],
  ["a module that is not there", ["build", "nowhere"], 66, /nowhere\/main\.ts: there is no such file\. sila init/],
  [
    "no program",
    ["pack", "@hello"],
    66,
    /program\.elf: there is no such file\. Run sila build .*hello --arch x86_64 first/,
  ],
  ["a level beyond zstd's", ["pack", "@hello", "--level", "23"], 64, /--level 23: a number from 1 to 22/],
  [
    "a trust set that is not there",
    ["pack", "@hello", "--elf", "@program.elf", "--stored", ...PUBLISHER_KEYS, "--trust", "@nowhere.trust"],
    66,
    /nowhere\.trust: there is no such file\. sila certify trust makes trust sets/,
  ],
  [
    "a key without its certificate",
    ["pack", "@hello", "--elf", "@program.elf", "--key", "@publisher.key"],
    65,
    /--cert is missing/,
  ],
  ["seconds that are none", ["run", "@hello", "--seconds", "soon"], 64, /--seconds soon: a number from 0 to 3600/],
  ["seconds beyond an hour", ["run", "@hello", "--seconds", "3601"], 64, /--seconds 3601: a number from 0 to 3600/],
  ["a program that is none", ["pack", "@hello", "--elf", "@empty"], 65, /empty: ElfTruncated at byte 0/],
  ["a folder for a file", ["inspect", "@folder"], 66, /folder: it is a folder, and a file is needed/],
  ["no file at all", ["inspect"], 64, /FILE is missing/],
  ["an empty file", ["inspect", "@empty"], 65, /empty: no package .* no trust set .* no certificate/],
  [
    "a package to a trust set",
    ["verify", "@sound.sila", "--trust", "@sound.sila"],
    65,
    /sound\.sila: \w+ at byte \d+\./,
  ],
  ["a trust set as package", ["verify", "@sound.trust", "--trust", "@sound.trust"], 1, /^$/],
  ["no key", ["sign", "@sound.cert"], 64, /--by is missing, as in --by root-2\.key/],
  [
    "a key that is not there",
    ["sign", "@sound.cert", "--by", "@x.key"],
    66,
    /x\.key: there is no such file\. sila keygen/,
  ],
  ["a key that is none", ["sign", "@sound.cert", "--by", "@number.key"], 65, /number\.key: seed is missing or no hexa/],
  ["a public key to sign with", ["sign", "@sound.cert", "--by", "@root.pub"], 65, /root\.pub: seed is missing/],
  [
    "a package to sign",
    ["sign", "@sound.sila", "--by", "@root.key"],
    65,
    /neither a certificate, a trust set nor a release/,
  ],
  ["half a JSON file", ["certify", "trust", "@no.json"], 65, /no\.json: .*JSON.*\. sila certify --help shows one/],
  ["JSON that is no object", ["certify", "trust", "@null.json"], 65, /null\.json: the file has to be an object/],
  [
    "nothing to certify",
    ["certify", "root", "@publisher.json"],
    64,
    /root: publisher, trust or release can be certified/,
  ],
  ["a certificate without key", ["certify", "publisher", "@publisher.json"], 64, /--key is missing/],
  [
    "a trust set that nobody signs",
    ["certify", "trust", "@trust-1.json", "--out", "@never"],
    64,
    /--by is missing, as in/,
  ],
  [
    "a trust set that one signs twice",
    ["certify", "trust", "@trust-1.json", "--by", "@root.key", "--by", "@root.key", "--out", "@never"],
    65,
    /root\.key has signed already/,
  ],
  ["a name for the development keys", ["keygen", "root-1"], 64, /have no name: --production makes a key that has one/],
  [
    "others' certificate among development keys",
    ["keygen", "--out", "@foreign"],
    65,
    /publisher\.cert is there without .*root\.key: it was signed elsewhere/,
  ],
  ["an unknown action", ["repo", "frob"], 64, /frob: add, list, remove or verify/],
  ["no action", ["repo"], 64, /add, list, remove or verify is missing/],
  ["no package to add", ["repo", "add"], 64, /FILE is missing/],
  ["what is no package", ["repo", "add", "@empty", "--repo", "@repo"], 65, /empty: .*: this is no package/],
  ["a module that is not in", ["repo", "remove", "hello", "--repo", "@repo"], 65, /has no hello\. sila repo list/],
  ["a key without a name", ["keygen", "--production", "--out", "@folder"], 64, /the key's name is missing/],
  ["a key without a folder", ["keygen", "--production", "x"], 64, /--out is missing/],
  ["a key's name that is a path", ["keygen", "--production", "a/b", "--out", "@folder"], 64, /a\/b: a key's name is/],
  ["a module's name that is none", ["init", "@hello world"], 64, /hello world: a module's name is/],
  ["a folder with something in it", ["init", "@hello"], 73, /exists already, and has files in it\. Choose another/],
  ["a file where a folder is", ["init", "@empty"], 73, /empty exists already, and is a file/],
])("%s", async (_, words, status, text) => {
  const answer = await sila(...words.map((word) => (word.startsWith("@") ? at(word.slice(1)) : word)));
  expect(answer.errors).toMatch(text);
  expect(answer.errors).not.toMatch(/fault of sila itself|\n {4}at /);
  expect(answer.status).toBe(status);
});

test.each<[string, object, RegExp]>([
  ["no roots", { roots: [] }, /trust\.json: roots: public keys of roots are needed/],
  ["a root twice", { roots: ["root.pub", "root.pub"] }, /trust\.json: roots: root\.pub stands there twice/],
  ["a threshold beyond them", { threshold: 2 }, /trust\.json: threshold: a whole number from 1 to 1/],
  ["a version that is none", { minimums: { hello: "1.2" } }, /trust\.json: minimums\.hello: "1\.2" is no version/],
  [
    "a prefix that is none",
    { policy: { ceiling: { ...CEILING, prefixes: ["a..b"] } } },
    /ceiling\.prefixes: "a\.\.b" is no prefix/,
  ],
  [
    "no prefix",
    { policy: { ceiling: { ...CEILING, prefixes: [] } } },
    /ceiling\.prefixes: a list of prefixes is needed/,
  ],
  [
    "an unknown kind",
    { policy: { ceiling: { ...CEILING, kinds: { Pipe: [] } } } },
    /kinds\.Pipe: there is no such kind/,
  ],
  [
    "a budget of minus one",
    { policy: { ceiling: { ...CEILING, budget: -1 } } },
    /ceiling\.budget: a whole number from 0/,
  ],
  [
    "a rule for no name",
    { policy: { ceiling: CEILING, rules: { "a b": CEILING } } },
    /policy\.rules\.a b: this is no name/,
  ],
  ["a list for an object", { policy: [] }, /trust\.json: policy has to be an object/],
  ["a text for a list", { revoked: "x.pub" }, /trust\.json: revoked: a list/],
  ["a misspelt field", { thresholds: 1 }, /trust\.json: thresholds: there is no such field\. Known are version/],
])("a trust set with %s is not written", async (_, change, text) => {
  const file = write("trust.json", trustJson(change));
  const answer = await sila("certify", "trust", file, "--by", at("root.key"), "--out", at("never.trust"));
  expect(answer).toEqual({ status: 65, out: "", errors: expect.stringMatching(text) });
  expect((await sila("inspect", at("never.trust"))).status).toBe(66);
});

test("what cannot be written says so", async () => {
  const words = [at("trust-1.json"), "--by", at("root.key"), "--out", at("empty", "x.trust")];
  const answer = await sila("certify", "trust", ...words);
  expect(answer).toMatchObject({ status: 73, errors: expect.stringMatching(/x\.trust cannot be written: /) });
});

test.skipIf(process.getuid?.() === 0)("what cannot be read says so", async () => {
  chmodSync(write("secret.sila", packageOf()), 0);
  const answer = await sila("verify", at("secret.sila"), "--trust", at("sound.trust"));
  expect(answer).toMatchObject({ status: 66, errors: expect.stringContaining("permission denied") });
});

test.each([
  ["pack", [], /Install Debian's package zstd, or pack with --stored/],
  ["verify", ["--trust", "@sound.trust"], /Install Debian's package zstd$/m],
])("sila %s without zstd says what to install, and judges nothing", async (name, more, text) => {
  const path = process.env.PATH;
  process.env.PATH = folder;
  try {
    const what = name === "pack" ? ["@hello", "--elf", "@program.elf", ...PUBLISHER_KEYS] : ["@packed.sila"];
    const words = [...what, ...more].map((word) => (word.startsWith("@") ? at(word.slice(1)) : word));
    const answer = await sila(name, ...words);
    expect(answer).toEqual({ status: 69, out: "", errors: expect.stringMatching(text) });
  } finally {
    process.env.PATH = path;
  }
});

test("whoever reads only the beginning ends it without a word", async () => {
  const inspect = $({ nothrow: true })`node sdk/bin/sila.mjs inspect --json ${at("sound.trust")} | head -c 1`;
  expect(await inspect).toMatchObject({ stdout: "{", stderr: "" });
});

test("results go to standard output, what goes wrong to the other, and nothing is coloured in a pipe", async () => {
  const verify = $({ nothrow: true })`node sdk/bin/sila.mjs verify ${at("sound.trust")} --trust ${at("sound.trust")}`;
  const { stdout, stderr, exitCode } = await verify;
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
  expect(stdout).toMatch(/sound\.trust: PackageFormatError: /);
  expect(stdout).not.toContain("\u001b");
});

test("what is worked at together shows one line at a terminal, which goes away at the end", async () => {
  const { isTTY } = process.stderr;
  let shown = "";
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    shown += String(text);
    return true;
  });
  try {
    process.stderr.isTTY = true;
    await Promise.all([1, 2, 3].map((n) => working(`packing ${n}`, () => Promise.resolve(n))));
    await working("verifying", () => 4);
  } finally {
    process.stderr.isTTY = isTTY;
    write.mockRestore();
  }
  expect(shown).toBe("packing 1 …\r\u001b[Kverifying …\r\u001b[K");
});
