import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { $ } from "zx";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { decodeContainer, type Place } from "../sdk/format/decode.ts";
import { FAULTS, type Verdict } from "../sdk/format/faults.ts";
import { developmentKeys } from "../sdk/tool/keys.ts";
import { addPackage } from "../sdk/tool/repository.ts";

/** `sila run`, as its users call it, and the same verdicts here and there. */

const folder = mkdtempSync(join(tmpdir(), "sila-run-"));
const at = (...names: readonly string[]): string => join(folder, ...names);
const TIMEOUT = 300_000;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function sila(...words: readonly string[]): Promise<Answer> {
  const { exitCode, stdout, stderr } = await $({ nothrow: true, stdio: "pipe" })`node sdk/bin/sila.mjs ${words}`;
  return { status: exitCode, stdout: stdout.replaceAll("\r", ""), stderr };
}

/** A module from the scaffold, with another program or other fields. */
async function scaffold(name: string, change: { main?: string; module?: object } = {}): Promise<string> {
  const module = at(name);
  expect(await sila("init", module, "--no-install")).toMatchObject({ status: 0 });
  if (change.main !== undefined) writeFileSync(join(module, "main.ts"), change.main);
  const file = join(module, "module.json");
  const fields = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...fields, ...change.module }));
  return module;
}

describe.each(ARCHES)("%s", (arch) => {
  test(
    "a new module says hello and ends",
    async () => {
      const words = ["--arch", arch, "--repo", at(`hello-${arch}`), "--exec", "version"];
      const { status, stdout, stderr } = await sila("run", await scaffold(`hello.${arch}`), ...words);
      const told = `skyscope> load hello\\.${arch} 0\\.1\\.0\nhello\\.${arch} 0\\.1\\.0 is process \\d+\n`;
      expect(stdout).toMatch(new RegExp(told));
      expect(stdout).toContain(`hello from hello.${arch}\n`);
      expect(stdout).toMatch(/ exited +0 code 0\nOK\nskyscope> version\nSkyscope .*\nOK\nskyscope> poweroff\n/);
      expect({ status, stderr }).toEqual({ status: 0, stderr: `booting hello.${arch} on ${arch}\n` });
    },
    TIMEOUT,
  );

  test(
    "the target refuses what sila verify refuses, with the same status, fault and place",
    async () => {
      const repository = at(`tampered-${arch}`);
      const trust = developmentKeys().trust;
      const files = await tampered(arch);
      for (const { file } of files) addPackage(repository, file);
      const loads = [...files.map(({ name }) => `load ${name} 1.0.0`), "version"].join("; ");
      const words = ["--arch", arch, "--repository", repository, "--exec", loads];
      const { stdout, exitCode } = await $({ nothrow: true })`npm run -s boot -- ${words}`;
      const verdicts = await sila("verify", "--json", "--trust", trust, ...files.map(({ file }) => file));
      expect({ host: verdicts.status, target: exitCode }).toEqual({ host: 1, target: 1 });
      for (const [i, line] of verdicts.stdout.trim().split("\n").entries()) {
        const { status, fault, at: place } = JSON.parse(line) as Verdict;
        const { name, expected } = files[i] as Tampered;
        expect({ name, fault }).toEqual({ name, fault: expected });
        const told = `load ${name} 1\\.0\\.0\\s+fault ${FAULTS[fault]} in part \\d+ at ${place}\\s+FAILED: ${status}: `;
        expect(stdout).toMatch(new RegExp(told));
      }
      expect(stdout).toContain("OK");
    },
    TIMEOUT,
  );
});

interface Tampered {
  readonly name: string;
  readonly file: string;
  readonly expected: string;
}

/** Packages of one program, each with something else that is wrong. */
async function tampered(arch: Arch): Promise<readonly Tampered[]> {
  const module = await scaffold(`tampered.${arch}`);
  expect(await sila("build", module, "--arch", arch)).toMatchObject({ status: 0 });
  const elf = join(module, "build", arch, "program.elf");
  const pack = async (name: string, ...more: readonly string[]): Promise<string> => {
    const described = at(`module-${name}-${arch}`);
    mkdirSync(described, { recursive: true });
    writeFileSync(join(described, "module.json"), JSON.stringify({ name, version: "1.0.0" }));
    const out = at(`${name}-${arch}.sila`);
    const words = ["--arch", arch, "--elf", elf, "--out", out, ...more];
    expect(await sila("pack", described, ...words)).toMatchObject({ status: 0 });
    return out;
  };
  const flipped = async (name: string, expected: string, choose: (bytes: Uint8Array) => number): Promise<Tampered> => {
    const file = await pack(name);
    const bytes = readFileSync(file);
    const place = choose(bytes);
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    return { name, file, expected };
  };
  const strangers = developmentKeys(at("strangers"));
  const own = ["--key", strangers.publisher, "--cert", strangers.certificate, "--trust", strangers.trust];
  const inPart = (part: "manifest" | "binarySignature" | "packageSignature") => (bytes: Uint8Array) =>
    nearEnd(decodeContainer(Uint8Array.from(bytes))[part]);
  return [
    { name: "stranger", file: await pack("stranger", ...own), expected: "UnknownSigner" },
    await flipped("certificate", "CertificateSignature", (bytes) =>
      nearEnd(decodeContainer(Uint8Array.from(bytes)).certificates),
    ),
    await flipped("manifest", "ManifestSignature", inPart("manifest")),
    await flipped("binary", "BinarySignature", inPart("binarySignature")),
    await flipped("package", "PackageSignature", inPart("packageSignature")),
    await flipped("compression", "OtherPart", (bytes) =>
      nearEnd(decodeContainer(Uint8Array.from(bytes)).compression, 4),
    ),
  ];
}

/** Within the part's last bytes: of a signature not its hint. */
const nearEnd = ({ at: start, bytes }: Place, back = 1000): number => start + bytes.length - back;

test(
  "1 when a module faults, and when it wants what it is not given",
  async () => {
    const main =
      '/** Where the module begins. @entry program_start */\nexport function start(): void {\n  assert(false, "never");\n}\n';
    const faulting = await scaffold("faulting", { main });
    const ran = await sila("run", faulting, "--repo", at("faulting-repository"));
    expect(ran.stdout).toMatch(/faulting +0\.1\.0 +faulted +\d+ fault \d+ at 0x/);
    expect(ran.status).toBe(1);
    const capabilities = {
      log: { kind: "Endpoint", rights: ["write"] },
      secret: { kind: "Endpoint", rights: ["read"] },
    };
    const greedy = await scaffold("greedy", { module: { capabilities } });
    const refused = await sila("run", greedy, "--repo", at("greedy-repository"), "--seconds", "0");
    expect(refused.stdout).toMatch(/load greedy 0\.1\.0\n(?:fault .*\n)?FAILED: ManifestPolicyError: /);
    expect(refused.status).toBe(1);
  },
  TIMEOUT,
);
