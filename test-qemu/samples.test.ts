import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { packArchive, readArchive } from "../scripts/archive.ts";
import { buildImage } from "../scripts/build.ts";
import { packModule } from "../scripts/build-package.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { BOOT_ARCHIVE } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import { demand, ended, loadProcess, stateOf } from "../scripts/machineConsole.ts";
import { complaintsOf, soak, soakArchive } from "../scripts/soakRun.ts";
import { describe as inspect } from "../sdk/commands/inspect.ts";
import { seedOf } from "../test/random.ts";

/** The samples of modules/ from the console: found, used, killed and loaded again. */

const FLAVOUR = "release";
const TIMEOUT_SECONDS = 240;
const TIMEOUT = TIMEOUT_SECONDS * 1000;
const SOAK_SECONDS = 30;
const CUSTOMER = "test-qemu/programs/customer";

/** The image's own archive, and a customer of the services. */
async function archiveOf(arch: Arch, folder: string): Promise<string> {
  const out = `build/${arch}/customer`;
  const elf = await buildProgram({ arch, entry: `${CUSTOMER}/main.ts`, optimization: "O2", out });
  const own = readArchive(readFileSync(join(folder, BOOT_ARCHIVE)));
  const file = join(out, "samples.cpio");
  writeFileSync(file, packArchive([...own, await packModule(CUSTOMER, arch, elf)]));
  return file;
}

async function start(arch: Arch, initrd: string, icount: boolean): Promise<Machine> {
  const folder = await buildImage({ arch, flavour: FLAVOUR });
  const machine = new Machine({ arch, folder, initrd, icount, timeoutSeconds: TIMEOUT_SECONDS });
  onTestFinished(() => machine.stop());
  await machine.prompt();
  return machine;
}

/** What `sila inspect` says of a package in an archive, as a receipt has it. */
function inspected(file: string, name: string): { binary: string; manifest: string; key: string } {
  const entry = readArchive(readFileSync(file)).find((each) => each.name.startsWith(`modules/${name}-`));
  const shown = inspect(name, entry?.contents ?? new Uint8Array()) as {
    readonly manifest: { readonly binaryDigest: Uint8Array };
    readonly manifestDigest: Uint8Array;
    readonly signedBy: { readonly binary: Uint8Array };
  };
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  return {
    binary: hex(shown.manifest.binaryDigest),
    manifest: hex(shown.manifestDigest),
    key: hex(shown.signedBy.binary),
  };
}

describe.each(ARCHES)("on %s", (arch) => {
  test("kv and logging are loaded, found, used as they have to be, killed, and loaded again", {
    timeout: TIMEOUT,
  }, async () => {
    const folder = await buildImage({ arch, flavour: FLAVOUR });
    const archive = await archiveOf(arch, folder);
    const machine = await start(arch, archive, true);
    const pids: Record<string, number> = {};
    for (const [name, command] of [
      ["hello", "load hello"],
      ["kv", "load kv"],
      ["logging", "load logging >=1.0.0 <2.0.0 --param echo=off"],
    ] as const) {
      const receipt = await demand(machine, command);
      pids[name] = Number(new RegExp(`^${name} 1\\.0\\.0 is process (\\d+)$`, "m").exec(receipt)?.[1]);
      expect(receipt).toMatch(/granted {2}\d, refused 0$/m);
      for (const [what, hex] of Object.entries(inspected(archive, name))) {
        expect(receipt, what).toMatch(new RegExp(`^ +${what} +${hex}$`, "m"));
      }
    }
    const rows = ["kv", "logging"].map((name) => `${name} +${name}\\.1 +1\\.0\\.0 +${pids[name]} *`);
    expect(await demand(machine, "services")).toMatch(new RegExp(`^${rows.join("\n")}$`, "m"));
    expect(await machine.run("load kv")).toMatchObject({ kind: "failed" });

    const customer = await loadProcess(machine, "test.customer");
    expect(await ended(machine, customer)).toBe("exited 0");
    expect(machine.output).toContain("customer: 0 wrong");
    const requester = await loadProcess(machine, "requester --param count=5000 --param seed=3");
    expect(await ended(machine, requester)).toBe("exited 0");
    expect(machine.output).toMatch(/requester: 5\d{3} sent, 5\d{3} answered, 0 gone, 0 refused, balanced/);

    await demand(machine, `kill ${pids.kv}`);
    expect(await demand(machine, "services")).not.toMatch(/^kv /m);
    expect(await machine.run(`kill ${pids.kv}`)).toMatchObject({ kind: "failed" });
    expect(await stateOf(machine, await loadProcess(machine, "kv"))).toBe("running");
    expect(await demand(machine, "services")).toMatch(/^kv /m);
  });

  const seed = seedOf();
  test(`no request is lost while its receivers are killed (seed ${seed})`, {
    timeout: 2 * TIMEOUT_SECONDS * 1000,
  }, async () => {
    const machine = await start(arch, await soakArchive({ arch, flavour: FLAVOUR }), false);
    const figures = await soak(machine, { seconds: SOAK_SECONDS, seed });
    expect(complaintsOf(figures), machine.output.slice(-4000)).toEqual([]);
    expect(figures.sent).toBe(figures.answered + figures.gone + figures.refused);
    expect(figures.kills).toBeGreaterThan(2);
    expect(figures.answered).toBeGreaterThan(1000);
  });

  test("logging shows whose lines it keeps", { timeout: TIMEOUT }, async () => {
    const machine = await start(arch, join(await buildImage({ arch, flavour: FLAVOUR }), BOOT_ARCHIVE), true);
    await demand(machine, "load logging");
    await loadProcess(machine, "requester --param count=40 --param loads=off");
    await machine.expect(/requester\[2\] a line/);
  });
});
