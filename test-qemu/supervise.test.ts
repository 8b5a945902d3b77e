import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { type ArchiveFile, packArchive } from "../scripts/archive.ts";
import { buildImage, buildServicePackages } from "../scripts/build.ts";
import { signingKeys } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";
import { run } from "./console.ts";
import { programFolder, testModule, testService } from "./testPackages.ts";

/** Services that crash, do not answer, or are slow: init makes them again or gives them up, and nobody waits for ever. */

const FLAVOUR = "release";
const SLOW_BYTES = 4 << 20;
let archives = 0;

/** A machine with these packages, each in place of the service of its name, or beside them. */
async function start(arch: Arch, packages: readonly ArchiveFile[]): Promise<Machine> {
  const folder = await buildImage({ arch, flavour: FLAVOUR });
  const services = (await buildServicePackages({ arch, flavour: FLAVOUR })).map(
    (own) => packages.find(({ name }) => nameIn(name) === nameIn(own.name)) ?? own,
  );
  const others = packages.filter((each) => !services.includes(each));
  const hello = await testModule({ arch, folder: "modules/hello" });
  const trust = { name: "trust", contents: readFileSync(signingKeys().trust) };
  const initrd = `build/${arch}/supervise-${archives++}.cpio`;
  writeFileSync(initrd, packArchive([...services, hello, ...others, trust]));
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: 100 });
  onTestFinished(() => machine.stop());
  return machine;
}

/** Of `NAME-VERSION.sila`. */
const nameIn = (file: string): string => file.replace(/-\d+\..*/, "");

async function replaced(arch: Arch, service: string, program: string): Promise<Machine> {
  return await start(arch, [await testService({ arch, folder: programFolder(program), manifest: { name: service } })]);
}

async function fails(machine: Machine, command: string): Promise<string> {
  const result = await machine.run(command);
  if (result.kind !== "failed") throw new Error(`${command} did not fail: ${machine.output.slice(-2000)}`);
  return result.reason;
}

async function freeKib(machine: Machine): Promise<number> {
  return Number(/free +(\d+) KiB/.exec(await run(machine, "mem"))?.[1]);
}

/** Waits until as much is free as before. */
async function expectFree(machine: Machine, kib: number): Promise<void> {
  for (let tries = 0; (await freeKib(machine)) !== kib; tries++) {
    if (tries === 20) expect(await freeKib(machine)).toBe(kib);
    await run(machine, "sleep 1000");
  }
}

/** Letters, of which zstd makes Huffman codes: unpacking takes a while. */
function letters(bytes: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return 0x61 + ((state >>> 16) & 15);
  });
}

describe.each(ARCHES)("on %s", (arch) => {
  test("a service that crashes again and again is given up, and its callers are told", async () => {
    const machine = await replaced(arch, "sila.service-directory", "crash");
    await machine.prompt();
    for (let i = 0; i < 6; i++) await machine.expect("init: sila.service-directory has faulted");
    await machine.expect("init: sila.service-directory is not made again");
    expect(await fails(machine, "services")).toMatch(/^the service does not answer/);
    expect(await run(machine, "load hello")).toMatch(/^hello 1\.0\.0 is process \d+$/m);
    expect(await run(machine, "uptime")).toMatch(/up \d+/);
  });

  test("without its console the machine starts again", async () => {
    const machine = await replaced(arch, "sila.console", "crash");
    expect((await machine.exited).isTimeout).toBe(false);
    expect(machine.output).not.toMatch(/PANIC|skyscope>/);
  });

  test("a service that is not there is waited for by nobody", async () => {
    const wanted = { nothing: { kind: "Endpoint", rights: ["read"], required: true } } as const;
    const manifest = { name: "sila.module-repository", wanted };
    const machine = await start(arch, [await testService({ arch, folder: programFolder("crash"), manifest })]);
    await machine.prompt();
    await run(machine, "sleep 10");
    expect(machine.output).toContain("init: sila.module-repository is refused: ManifestPolicyError");
    expect(await fails(machine, "modules")).toMatch(/^the service does not answer/);
    expect(await fails(machine, "load hello")).toMatch(/^KernelInternalError/);
  });

  test("a load that ends while it is unpacked leaves the service in peace", async () => {
    const slow = await testModule({
      arch,
      folder: "modules/hello",
      manifest: { name: "slow" },
      tail: letters(SLOW_BYTES),
    });
    const machine = await start(arch, [slow]);
    await machine.prompt();
    await run(machine, "verify hello");
    const before = await freeKib(machine);
    const stages = await run(machine, "verify slow");
    const ms = (stage: string): number => Number(new RegExp(`^ +${stage} +(\\d+) ns`, "m").exec(stages)?.[1]) / 1e6;
    expect(ms("unpack")).toBeGreaterThan(20);
    // In the midst of it: with the certificate known the headers take no longer than they did.
    const timeout = ms("find") + ms("headers") + ms("payload") + ms("unpack") / 2;
    expect(await fails(machine, `load slow --timeout ${Math.round(timeout)}`)).toMatch(/^Timeout: /);
    expect(await run(machine, "verify hello")).toMatch(/is right/);
    await expectFree(machine, before);
    expect(machine.output).not.toContain("faulted");
    expect(machine.output).not.toContain("made again");
  });

  test("a service that does not end its request is made again", async () => {
    const machine = await replaced(arch, "sila.deep-compression", "holder");
    await machine.prompt();
    const hangs = async (): Promise<number> => {
      expect(await fails(machine, "load hello --timeout 100")).toMatch(/^Timeout: /);
      await machine.expect("init: sila.deep-compression does not answer, and is made again");
      await run(machine, "sleep 2000");
      return await freeKib(machine);
    };
    const free = await hangs();
    await hangs();
    await expectFree(machine, free);
  });
});
