import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { type ArchiveFile, packArchive } from "../scripts/archive.ts";
import { buildImage, buildServicePackages } from "../scripts/build.ts";
import { signingKeys } from "../scripts/build-package.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { programsOf } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import { readElf } from "../sdk/format/elf.ts";
import {
  encodeCertificateBody,
  encodePackage,
  encodeSigned,
  encodeTrustBody,
  type Parts,
} from "../sdk/format/encode.ts";
import { makeParts, type PackRequest } from "../sdk/format/pack.ts";
import { digest, keyPairOf, signBody } from "../sdk/format/sign.ts";
import { MACHINES } from "../sdk/format/types.ts";
import { DEVELOPMENT_CEILING, developmentKeys, readCertificateFile, readKey } from "../sdk/tool/keys.ts";
import { readModule } from "../sdk/tool/module.ts";
import { compress } from "../sdk/tool/zstd.ts";

/**
 * The load protocol from the console: what is sound runs, each kind of failure has its own status, and none leaves
 * anything behind. All packages of one machine are in one repository.
 */

const FLAVOUR = "release";
const TIMEOUT_SECONDS = 600;

interface Variant {
  readonly name: string;
  readonly manifest?: Partial<PackRequest["manifest"]>;
  readonly packed?: PackRequest["packed"];
  /** Signed by a publisher whose key the trust set has revoked. */
  readonly isRevoked?: boolean;
  /** After signing. */
  readonly damage?: (parts: Parts) => Parts;
  /** Stands in the answer to `load NAME`; null when it runs. */
  readonly fails: string | null;
}

function flipped(bytes: Uint8Array, at: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

const VARIANTS: readonly Variant[] = [
  {
    name: "bad.payload",
    damage: (parts) => ({ ...parts, payload: flipped(parts.payload, 40) }),
    fails: "PackageSignatureError",
  },
  {
    name: "bad.package",
    damage: (parts) => ({ ...parts, packageSignature: flipped(parts.packageSignature, -9) }),
    fails: "PackageSignatureError",
  },
  {
    name: "bad.manifest",
    damage: (parts) => ({ ...parts, manifest: flipped(parts.manifest, -9) }),
    fails: "PackageSignatureError",
  },
  {
    name: "bad.binary",
    damage: (parts) => ({ ...parts, binarySignature: flipped(parts.binarySignature, -9) }),
    fails: "BinarySignatureError",
  },
  { name: "bad.chain", damage: (parts) => ({ ...parts, chain: flipped(parts.chain, -9) }), fails: "CertificateError" },
  {
    name: "bad.form",
    damage: (parts) => ({ ...parts, chain: flipped(parts.chain, 0) }),
    fails: "PackageFormatError",
  },
  {
    name: "bad.frame",
    packed: { method: "zstd", bytes: new Uint8Array(5000).fill(0x5a), windowBytes: 65536 },
    fails: "DecompressionError",
  },
  {
    name: "wants.power",
    manifest: { wanted: { power: { kind: "PowerControl", rights: ["write"], required: true } } },
    fails: "ManifestPolicyError",
  },
  {
    name: "wants.service",
    manifest: { wanted: { nobody: { kind: "Endpoint", rights: ["write"], required: true } } },
    fails: "MissingDependency",
  },
  { name: "signed.by.revoked", isRevoked: true, fails: "Revoked" },
  { name: "too.old", manifest: { version: "1.9.9" }, fails: "RolledBack" },
  { name: "wants.module", manifest: { dependencies: { "test.nobody": "^1.0.0" } }, fails: "MissingDependency" },
  { name: "wants.memory", manifest: { budgetBytes: 2 ** 30 }, fails: "InsufficientResourcesError" },
  { name: "offers.nothing", manifest: { offers: { wait: "test.wait" }, wanted: {} }, fails: "ManifestPolicyError" },
  { name: "test.loader.a", fails: null },
  { name: "test.loader.b", fails: null },
  { name: "test.loader.d", fails: null },
  { name: "versions", manifest: { version: "1.0.0" }, fails: null },
  { name: "versions", manifest: { version: "1.10.0" }, fails: null },
  { name: "versions", manifest: { version: "1.9.0" }, fails: null },
  { name: "versions", manifest: { version: "2.0.0-rc.1" }, fails: null },
];

const REVOKED = keyPairOf(new Uint8Array(32).fill(7));

function revokedCertificate(): Uint8Array {
  const body = encodeCertificateBody({
    publisher: "revoked",
    key: REVOKED.publicKey,
    ceiling: DEVELOPMENT_CEILING,
    firstEpoch: 0,
    lastEpoch: 9,
    mayCertify: false,
  });
  return encodeSigned(body, [signBody(readKey(developmentKeys().root), "certificate", body)]);
}

/** The development root's, which revokes a key and has a least version. */
function trustSet(): Uint8Array {
  const root = readKey(developmentKeys().root);
  const body = encodeTrustBody({
    version: 2,
    epoch: 1,
    threshold: 1,
    roots: [root.publicKey],
    revoked: [digest(REVOKED.publicKey)],
    minimums: { "too.old": "2.0.0" },
    policy: { ceiling: DEVELOPMENT_CEILING, rules: {}, grants: [] },
  });
  return encodeSigned(body, [signBody(root, "trust", body)]);
}

/** A folder's program under other names, signed with the development keys. */
async function packagesOf(arch: Arch): Promise<readonly ArchiveFile[]> {
  await buildImage({ arch, flavour: FLAVOUR });
  const hello = join(programsOf({ arch, flavour: FLAVOUR }), "modules/hello/program.elf");
  const waiter = await buildProgram({
    arch,
    entry: "test-qemu/programs/waiter/main.ts",
    optimization: "O2",
    out: `build/${arch}/waiter`,
  });
  const loader = await buildProgram({
    arch,
    entry: "test-qemu/programs/loader/main.ts",
    optimization: "O2",
    out: `build/${arch}/loader`,
  });
  const sound = [
    packed(arch, "test-qemu/programs/loader", loader, { name: "test.loader", fails: null }),
    packed(arch, "modules/hello", hello, { name: "hello", fails: null }),
    packed(arch, "test-qemu/programs/waiter", waiter, { name: "test.waiter", fails: null }),
  ];
  return [...sound, ...VARIANTS.map((variant) => packed(arch, "modules/hello", hello, variant))];
}

function packed(
  arch: Arch,
  folder: string,
  elf: string,
  { name, manifest, packed, damage, isRevoked }: Variant,
): ArchiveFile {
  const keys = signingKeys();
  const binary = Uint8Array.from(readFileSync(elf));
  const whole = {
    ...readModule(folder),
    name,
    ...manifest,
    machine: arch,
    entry: readElf(binary, MACHINES[arch]).entry,
  };
  const parts = makeParts({
    chain: [isRevoked ? revokedCertificate() : readCertificateFile(keys.certificate)],
    key: isRevoked ? REVOKED : readKey(keys.publisher),
    manifest: whole,
    binary,
    packed: packed ?? { method: "zstd", ...compress(binary, 3) },
  });
  const contents = encodePackage(damage === undefined ? parts : damage(parts));
  return { name: `modules/${name}-${whole.version}.sila`, contents };
}

async function start(arch: Arch): Promise<Machine> {
  const folder = await buildImage({ arch, flavour: FLAVOUR });
  const services = await buildServicePackages({ arch, flavour: FLAVOUR });
  const initrd = `build/${arch}/load.cpio`;
  const trust = { name: "trust", contents: trustSet() };
  writeFileSync(initrd, packArchive([...services, ...(await packagesOf(arch)), trust]));
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: TIMEOUT_SECONDS });
  onTestFinished(() => machine.stop());
  await machine.prompt();
  return machine;
}

async function ok(machine: Machine, command: string): Promise<string> {
  const result = await machine.run(command);
  if (result.kind !== "ok") throw new Error(`${command}: ${machine.output.slice(-2000)}`);
  return result.output;
}

async function fails(machine: Machine, command: string): Promise<string> {
  const result = await machine.run(command);
  if (result.kind !== "failed") throw new Error(`${command} did not fail: ${machine.output.slice(-2000)}`);
  return result.reason;
}

/** Asks `ps` until it says so: a module's end is known a little after its last word. */
async function psShows(machine: Machine, line: RegExp): Promise<string> {
  for (let tries = 0; ; tries++) {
    const list = await ok(machine, "ps");
    if (line.test(list)) return list;
    if (tries === 50) throw new Error(`ps never showed ${line}: ${list}`);
    await ok(machine, "sleep 20");
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Free memory of the kernel, which is the same again when everything is released. */
async function freeKib(machine: Machine): Promise<number> {
  return Number(/free +(\d+) KiB/.exec(await ok(machine, "mem"))?.[1]);
}

describe.each(ARCHES)("on %s", (arch) => {
  test(
    "sound modules run, and every failure has its status and leaves nothing behind",
    async () => {
      const machine = await start(arch);
      expect(await ok(machine, "modules")).toMatch(/^hello +1\.0\.0 +\d+ *$/m);
      expect(await ok(machine, "ps")).not.toContain("hello");

      const receipt = await ok(machine, "load hello");
      const elf = readFileSync(join(programsOf({ arch, flavour: FLAVOUR }), "modules/hello/program.elf"));
      const hello = /^hello 1\.0\.0 is process (\d+)$/m.exec(receipt)?.[1];
      expect(receipt).toContain(`binary   ${hex(digest(elf))}`);
      expect(receipt).toContain("granted  1, refused 0");
      for (const stage of ["find", "headers", "payload", "unpack", "binary", "seal", "create"]) {
        expect(Number(new RegExp(`${stage} +(\\d+) ns`).exec(receipt)?.[1]), stage).toBeGreaterThan(0);
      }
      await machine.expect("hello, world");
      await psShows(machine, new RegExp(`^ +${hello} hello +1\\.0\\.0 +exited +0 code 0$`, "m"));

      const before = await freeKib(machine);
      for (const { name, fails: status } of VARIANTS) {
        if (status !== null) expect(await fails(machine, `load ${name}`), name).toMatch(new RegExp(`^${status}: `));
      }
      expect(await fails(machine, "load nobody")).toMatch(/^NotFound: /);
      expect(await fails(machine, "load hello ^2")).toMatch(/^NoMatchingVersion: /);
      expect(await fails(machine, "load hello --timeout 1")).toMatch(/^Timeout: /);
      expect(await fails(machine, "verify bad.binary")).toMatch(/^BinarySignatureError: /);
      expect(await ok(machine, "verify hello")).toMatch(/^hello 1\.0\.0 is right/m);
      expect(await freeKib(machine)).toBe(before);
      const ledger = (await ok(machine, "ledger")).trimEnd().split("\n");
      expect(ledger[1]).toMatch(/^ +\d+ hello +1\.0\.0 +\d+ Success$/);
      expect(ledger[2]).toMatch(/^ +\d+ bad\.binary +1\.0\.0 +\d+ BinarySignatureError$/);
      expect(ledger.at(-1)).toMatch(
        new RegExp(`^ +1 hello +1\\.0\\.0 +${/total +(\d+) ns/.exec(receipt)?.[1]} Success$`),
      );

      expect(await ok(machine, "load versions")).toMatch(/^versions 1\.10\.0 is/m);
      expect(await ok(machine, "load versions >=1.0.0 <1.10.0")).toMatch(/^versions 1\.9\.0 is/m);
      expect(await ok(machine, "load versions >=2.0.0-rc.0")).toMatch(/^versions 2\.0\.0-rc\.1 is/m);
      expect(await ok(machine, "load versions 1.0.0 --param a=b --param c=d")).toMatch(/^versions 1\.0\.0 is/m);

      const process = /process (\d+)/.exec(await ok(machine, "load test.waiter"))?.[1];
      expect(await ok(machine, "services")).toMatch(new RegExp(`^wait +test\\.wait +1\\.2\\.3 +${process} *$`, "m"));
      expect(await fails(machine, "load test.waiter")).toMatch(/^Refused: /);
      // One number for one process, whoever tells it.
      expect(await ok(machine, "caps")).toMatch(new RegExp(`^ +${process} test\\.waiter +\\d+$`, "m"));
      expect(await ok(machine, `caps ${process}`)).toMatch(/^ +16 Endpoint +r--/m);
      expect(await ok(machine, "ps")).toMatch(new RegExp(`^ +${process} test\\.waiter +1\\.2\\.3 +running `, "m"));
      await ok(machine, `kill ${process}`);
      expect(await ok(machine, "services")).not.toContain("wait ");
      expect(await fails(machine, `kill ${process}`)).toMatch(/no module has this PID/);
      expect(await ok(machine, "load test.waiter")).toMatch(/granted {2}1, refused 1$/m);

      // A module asks for modules: two at once, a third while these are on their way, names that are not its own.
      await ok(machine, "load test.loader");
      const said = ["request 1 status 0", "request 2 status 0"];
      said.push(...["request 3 status 3", "request 4 status 3", "request 5 status 3"]);
      // What is answered elsewhere, or not at all, does not keep a caller waiting: an empty message is no error record.
      said.push("load by call, fault 999", "nothing by call, fault 999");
      said.push("unknown label, fault 1", "not allowed, fault 5", "short, fault 2");
      await machine.expect(/loader: short, fault \d+\n/);
      for (const line of said) expect(machine.output).toContain(`loader: ${line}`);
      const list = await psShows(machine, / test\.loader +1\.0\.0 +exited +0 code 7$/m);
      for (const name of ["test.loader.a", "test.loader.b"]) expect(list).toContain(`${name} `);
      // Its requester was gone before it could run.
      expect(list).not.toContain("test.loader.d ");
      expect(await ok(machine, "load test.loader.d")).toMatch(/^test\.loader\.d 1\.0\.0 is process/m);
      expect((await machine.run("poweroff")).kind).toBe("exited");
      expect((await machine.exited).status).toBe(1);
    },
    TIMEOUT_SECONDS * 1000,
  );
});
