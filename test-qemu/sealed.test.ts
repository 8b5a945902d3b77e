import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { type ArchiveFile, packArchive } from "../scripts/archive.ts";
import { buildArchive, buildImage, buildServicePackages } from "../scripts/build.ts";
import { packProgram, signingKeys } from "../scripts/build-package.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { Machine } from "../scripts/machine.ts";
import { KINDS, RIGHTS } from "../sdk/format/kinds.ts";
import { main as sila } from "../sdk/main.ts";
import { readInput } from "../sdk/tool/files.ts";

/** There is no code in user mode but what was verified: what boots, what is refused, and what is said of it. */

const trust = (): ArchiveFile => ({ name: "trust", contents: readFileSync(signingKeys().trust) });

async function crashPackage(arch: Arch): Promise<ArchiveFile> {
  const out = `build/${arch}/crash`;
  const entry = "test-qemu/programs/crash/main.ts";
  return await packProgram(
    "test-qemu/programs/crash",
    arch,
    await buildProgram({ arch, entry, optimization: "O2", out }),
  );
}

/** With one bit of its last byte turned, which is in the binary. */
function tampered({ name, contents }: ArchiveFile): ArchiveFile {
  const bytes = Uint8Array.from(contents);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return { name, contents: bytes };
}

let archives = 0;

async function start(arch: Arch, files: readonly ArchiveFile[]): Promise<Machine> {
  const folder = await buildImage({ arch, flavour: "debug" });
  const initrd = `build/${arch}/sealed-${archives++}.cpio`;
  writeFileSync(initrd, packArchive(files));
  const machine = new Machine({ arch, folder, initrd, icount: true });
  onTestFinished(() => machine.stop());
  return machine;
}

const REFUSALS: readonly {
  readonly what: string;
  readonly files: (packages: readonly ArchiveFile[]) => readonly ArchiveFile[];
  /** In this order. */
  readonly says: readonly RegExp[];
}[] = [
  {
    what: "a package of init of which one bit is another",
    files: ([init, ...others]) => [...(init === undefined ? [] : [tampered(init)]), ...others, trust()],
    says: [
      /sila\.init-0\.1\.0\.sila is refused: BinarySignatureError, fault 106 .* --trust DIR/,
      /PANIC: the first package is refused/,
    ],
  },
  {
    what: "a first package that was not packed",
    files: (packages) => [{ name: "init", contents: new Uint8Array(4096).fill(0x7f) }, ...packages, trust()],
    says: [/init is refused: PackageFormatError,/, /PANIC: the first package is refused/],
  },
  {
    what: "a first package that is cut off",
    files: ([init, ...others]) => [
      { name: "init", contents: (init?.contents ?? new Uint8Array()).slice(0, -1) },
      ...others,
      trust(),
    ],
    says: [/init is refused: PackageFormatError, fault 1/, /PANIC: the first package is refused/],
  },
  {
    what: "an image without a trust set",
    files: (packages) => packages,
    says: [/PANIC: the boot image has no trust set: add the file `trust`/],
  },
  {
    what: "a trust set that is none",
    files: (packages) => [...packages, { name: "trust", contents: new Uint8Array([0x82]) }],
    says: [/trust: fault 1/, /PANIC: the boot image's trust set is broken/],
  },
  { what: "an image without packages", files: () => [trust()], says: [/PANIC: the boot image has no package/] },
];

test.each(ARCHES.flatMap((arch) => REFUSALS.map((refusal) => ({ arch, ...refusal }))))(
  "$what does not boot on $arch",
  async ({ arch, files, says }) => {
    const machine = await start(arch, files(await buildServicePackages({ arch, flavour: "debug" })));
    expect((await machine.exited).status).toBe(2);
    const places = says.map((text) => machine.output.search(text));
    expect(
      places.every((at, i) => at > (places[i - 1] ?? -1)),
      machine.output,
    ).toBe(true);
  },
);

test.each(ARCHES)("init lists the repository, starts what is sound, and refuses what is not, on %s", async (arch) => {
  const crash = await crashPackage(arch);
  const services = await buildServicePackages({ arch, flavour: "debug" });
  const machine = await start(arch, [
    ...services,
    { ...tampered(crash), name: "tampered" },
    { name: "notes", contents: Buffer.from("no package") },
    trust(),
  ]);
  await machine.prompt();
  const { output } = machine;
  expect(output).toContain("warn  trust: development keys: whoever can read keys/development can sign");
  expect(output).toMatch(
    /^init: sila\.console-0\.1\.0\.sila: sila\.console 0\.1\.0, \d+ bytes, binary 0x[0-9a-f]{16}$/m,
  );
  expect(output).toMatch(
    new RegExp(`^init: tampered: test.crash 1.2.3, ${crash.contents.length} bytes, binary 0x`, "m"),
  );
  expect(output).toMatch(/^init: test\.crash is refused: BinarySignatureError, fault 106 at 0$/m);
  expect(output).toMatch(/^init: notes is no package: fault \d+ at byte 0$/m);
  expect(output).toMatch(/^init: DMA: nobody$/m);
  expect(output).not.toContain("crash: here");
  expect(await machine.run("version")).toMatchObject({ kind: "ok" });
});

test.each(ARCHES)(
  "a module that faults is started again as its manifest says, five times in a minute, on %s",
  async (arch) => {
    const machine = await start(arch, [
      ...(await buildServicePackages({ arch, flavour: "debug" })),
      await crashPackage(arch),
      trust(),
    ]);
    await machine.expect("crash: here");
    for (let i = 0; i < 5; i++) {
      await machine.expect(/init: test\.crash has faulted: kind 0, address 0x8, program counter 0x4\w+/);
      await machine.expect("crash: here");
    }
    await machine.expect("init: test.crash has faulted");
    await machine.expect("init: test.crash is not made again");
    expect(await machine.run("sleep 1000")).toMatchObject({ kind: "ok" });
    expect(machine.output.split("crash: here")).toHaveLength(7);
  },
);

test("an image with production keys boots without a warning, and with another trust set not at all", async () => {
  const arch = "x86_64";
  const keys = mkdtempSync(join(tmpdir(), "skyscope-keys-"));
  onTestFinished(() => rmSync(keys, { recursive: true, force: true }));
  await production(keys);
  const archive = await buildArchive({ arch, flavour: "debug" }, keys);
  const folder = await buildImage({ arch, flavour: "debug" });
  const machine = new Machine({ arch, folder, initrd: archive, icount: true });
  onTestFinished(() => machine.stop());
  await machine.prompt();
  expect(machine.output).toContain("trust: version 3, epoch 2, 2 of 2 roots have to sign");
  expect(machine.output).not.toContain("development");
  const other = await start(arch, [
    ...(await buildServicePackages({ arch, flavour: "debug" })),
    { ...trust(), contents: readInput(`${keys}/image.trust`, "") },
  ]);
  expect((await other.exited).status).toBe(2);
  expect(other.output).toMatch(/is refused: CertificateError, fault 80 /);
});

/** Two roots and a publisher, as docs/sila.md has it. */
async function production(folder: string): Promise<void> {
  const at = (name: string): string => `${folder}/${name}`;
  for (const name of ["root-1", "root-2", "publisher"]) await sila(["keygen", "--production", name, "--out", folder]);
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, RIGHTS]));
  const ceiling = { prefixes: [""], kinds, budget: 2 ** 30, priority: 255 };
  writeFileSync(at("publisher.json"), JSON.stringify({ publisher: "skyscope", lastEpoch: 9, ceiling }));
  const trust = {
    version: 3,
    epoch: 2,
    threshold: 2,
    roots: [at("root-1.pub"), at("root-2.pub")],
    policy: { ceiling },
  };
  writeFileSync(at("trust.json"), JSON.stringify(trust));
  const by = ["--by", at("root-1.key"), "--by", at("root-2.key")];
  const publisher = ["--key", at("publisher.pub"), "--out", at("publisher.cert")];
  await sila(["certify", "publisher", at("publisher.json"), ...publisher, ...by]);
  await sila(["certify", "trust", at("trust.json"), ...by, "--out", at("image.trust")]);
}
