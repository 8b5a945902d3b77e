import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Arch } from "../scripts/architecture.ts";
import type { ArchiveFile } from "../scripts/archive.ts";
import { packModule } from "../scripts/build-package.ts";
import type { Machine } from "../scripts/machine.ts";
import { demand, freeBytes, loadProcess } from "../scripts/machineConsole.ts";

/** Loads in numbers: what loads.test.ts and loads.long.ts share. */

/** The program in `elf` with the `module.json` of `folder`, but for the name. */
export async function packAs(name: string, folder: string, arch: Arch, elf: string): Promise<ArchiveFile> {
  const copy = mkdtempSync(join(tmpdir(), "named-"));
  try {
    const module = JSON.parse(readFileSync(join(folder, "module.json"), "utf8")) as object;
    writeFileSync(join(copy, "module.json"), JSON.stringify({ ...module, name }));
    return await packModule(copy, arch, elf);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Between two looks at the memory. */
const LOOK = 50;

/** Loads and kills a service `count` times; answers the free memory before, now and then meanwhile, and afterwards. */
export async function loadAndKill(machine: Machine, count: number): Promise<number[]> {
  const free = [await freeBytes(machine)];
  for (let done = 1; done <= count; done++) {
    await demand(machine, `kill ${await loadProcess(machine, done % 2 === 0 ? "kv" : "logging")}`);
    if (done % LOOK === 0 || done === count) free.push(await freeBytes(machine));
  }
  return free;
}
