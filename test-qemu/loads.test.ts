import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { packArchive, readArchive } from "../scripts/archive.ts";
import { buildImage } from "../scripts/build.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { BOOT_ARCHIVE, programsOf } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import { demand, ended, freeBytes, loadProcess } from "../scripts/machineConsole.ts";
import { loadAndKill, packAs } from "./manyLoads.ts";

/** Several loads at a time, and many one after the other. */

const FLAVOUR = "release";
const TIMEOUT_SECONDS = 240;
const TIMEOUT = TIMEOUT_SECONDS * 1000;
const MANY = "test-qemu/programs/many";
const ASKERS = ["w", "x", "y", "z"].map((letter) => `test.many.${letter}`);
/** Of uptime: by then all that ask have been loaded. */
const AT_MS = 20_000;
const MOST_EARLY = 2;

async function start(arch: Arch, initrd: string): Promise<Machine> {
  const folder = await buildImage({ arch, flavour: FLAVOUR });
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: TIMEOUT_SECONDS });
  onTestFinished(() => machine.stop());
  await machine.prompt();
  return machine;
}

/** Four modules that ask for two others each, and these eight. */
async function archiveOf(arch: Arch): Promise<string> {
  const spec = { arch, flavour: FLAVOUR } as const;
  const own = readArchive(readFileSync(join(await buildImage(spec), BOOT_ARCHIVE)));
  const out = `build/${arch}/many`;
  const many = await buildProgram({ arch, entry: `${MANY}/main.ts`, optimization: "O2", out });
  const hello = join(programsOf(spec), "modules/hello/program.elf");
  const asked = ASKERS.flatMap((name) => [`${name}.a`, `${name}.b`]);
  const packages = await Promise.all([
    ...ASKERS.map((name) => packAs(name, MANY, arch, many)),
    ...asked.map((name) => packAs(name, "modules/hello", arch, hello)),
  ]);
  const file = join(out, "many.cpio");
  writeFileSync(file, packArchive([...own, ...packages]));
  return file;
}

describe.each(ARCHES)("on %s", (arch) => {
  test("eight modules are loaded at a time", { timeout: TIMEOUT }, async () => {
    const machine = await start(arch, await archiveOf(arch));
    const before = await freeBytes(machine);
    // Typed ahead: while the machine waits for a command, its time goes on to the alarm of whoever has one.
    machine.type(ASKERS.map((name) => `load ${name} --param name=${name} --param at=${AT_MS}\r`).join(""));
    const pids: number[] = [];
    for (const _ of ASKERS) {
      await machine.expect(/^(?:OK|FAILED: .*)\nskyscope> /m);
      const [, pid] = [...machine.output.matchAll(/ is process (\d+)$/gm)][pids.length] ?? [];
      expect(pid, machine.output.slice(-2000)).toBeDefined();
      pids.push(Number(pid));
    }
    await demand(machine, `sleep ${AT_MS}`);
    for (const pid of pids) expect(await ended(machine, pid), machine.output.slice(-4000)).toBe("exited 0");
    const times = (what: string): number[] =>
      [...machine.output.matchAll(new RegExp(`many: ${what} at (\\d+)`, "g"))].map((match) => Number(match[1]));
    const [asked, answered] = [times("asked"), times("answered")];
    expect([asked.length, answered.length]).toEqual([4, 8]);
    // Those that ask and the ModuleManager take turns: a load or two may be through when the last one asks.
    const early = answered.filter((time) => time < Math.max(...asked));
    expect(early.length, "answers before all have asked").toBeLessThanOrEqual(MOST_EARLY);
    const list = await demand(machine, "ps");
    for (const name of ASKERS) {
      for (const letter of ["a", "b"])
        expect(list).toMatch(new RegExp(` ${name}\\.${letter} +1\\.0\\.0 +exited +0 code 0`));
    }
    expect(machine.output.match(/hello, world/g)).toHaveLength(8);
    expect(await freeBytes(machine)).toBe(before);
  });

  test("memory for parameters comes back while a module that has some goes on", { timeout: TIMEOUT }, async () => {
    const machine = await start(arch, join(await buildImage({ arch, flavour: FLAVOUR }), BOOT_ARCHIVE));
    const logging = await loadProcess(machine, "logging --param echo=off");
    for (let i = 0; i < 20; i++) await demand(machine, `kill ${await loadProcess(machine, `kv --param round=${i}`)}`);
    await demand(machine, `kill ${logging}`);
  });

  test("twenty loads and kills leave the memory as it was", { timeout: TIMEOUT }, async () => {
    const machine = await start(arch, join(await buildImage({ arch, flavour: FLAVOUR }), BOOT_ARCHIVE));
    const free = await loadAndKill(machine, 20);
    expect(new Set(free).size, `${free}`).toBe(1);
  });
});
