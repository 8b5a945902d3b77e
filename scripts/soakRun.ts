import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../test/random.ts";
import { packArchive, readArchive } from "./archive.ts";
import { buildImage } from "./build.ts";
import { packModule } from "./build-package.ts";
import { BOOT_ARCHIVE, type ImageSpec, programsOf } from "./image.ts";
import type { Machine } from "./machine.ts";
import { demand, freeBytes, loadProcess, stateOf } from "./machineConsole.ts";

/**
 * A soak of one machine: the requester asks `kv` and `logging` for things and has modules loaded, while modules are loaded and
 * killed at random at the console. At the end every request has its answer or its exact fate, and all memory is back.
 *
 *   free memory ─▶ kv, logging, requester ─▶ random commands … ─▶ the requester's ledger ─▶ kills ─▶ free memory
 */

export interface Soak {
  /** For how long the requester asks, by the machine's clock. */
  readonly seconds: number;
  readonly seed: number;
}

export interface SoakFigures {
  readonly sent: number;
  readonly answered: number;
  readonly gone: number;
  readonly refused: number;
  /** What the requester says of its ledger. */
  readonly balance: string;
  readonly loads: number;
  readonly kills: number;
  readonly freeBytesBefore: number;
  readonly freeBytesAfter: number;
}

/** Services that are killed and loaded again, as `load` takes them. */
const SERVICES = { kv: "kv", logging: "logging >=1.0.0 <2.0.0 --param echo=off" } as const;
type ServiceName = keyof typeof SERVICES;
const NAMES = Object.keys(SERVICES) as readonly ServiceName[];
/** Of the machine's time, between two commands at most. */
const MOST_PAUSE_MS = 400;

/** A module under the requester's own name, which it may load. */
const GUEST = "test-qemu/programs/guest";

/** The boot archive of an image with a module for the requester to load; answers its file. */
export async function soakArchive(spec: ImageSpec): Promise<string> {
  const own = readArchive(readFileSync(join(await buildImage(spec), BOOT_ARCHIVE)));
  const guest = await packModule(GUEST, spec.arch, join(programsOf(spec), "modules/hello/program.elf"));
  const file = `build/${spec.arch}/soak.cpio`;
  writeFileSync(file, packArchive([...own, guest]));
  return file;
}

/** At the first prompt of a machine that has the sample modules. */
export async function soak(machine: Machine, { seconds, seed }: Soak): Promise<SoakFigures> {
  const random = new Random(seed);
  const counts = { loads: 0, kills: 0 };
  const load = async (what: string): Promise<number> => {
    counts.loads++;
    return await loadProcess(machine, what);
  };
  const kill = async (pid: number): Promise<void> => {
    counts.kills++;
    await demand(machine, `kill ${pid}`);
  };
  const freeBytesBefore = await freeBytes(machine);
  const pids = { kv: await load(SERVICES.kv), logging: await load(SERVICES.logging) };
  const requester = await load(`requester --param seconds=${seconds} --param seed=${seed}`);
  // Once it has ended, another module may soon have its row.
  while ((await stateOf(machine, requester)) === "running") {
    const choice = random.below(10);
    const name: ServiceName = choice < 4 ? "kv" : "logging";
    if (choice < 6) {
      await kill(pids[name]);
      // For a while there is none.
      await demand(machine, `sleep ${random.below(MOST_PAUSE_MS / 4)}`);
      pids[name] = await load(SERVICES[name]);
    } else if (choice < 8) await load("hello");
    else await demand(machine, ["services", "mem", "verify hello", "modules"][random.below(4)] ?? "mem");
    await demand(machine, `sleep ${random.below(MOST_PAUSE_MS)}`);
  }
  for (const name of NAMES) await kill(pids[name]);
  const line = /requester: (\d+) sent, (\d+) answered, (\d+) gone, (\d+) refused, (.*)/.exec(machine.output);
  const [sent = 0, answered = 0, gone = 0, refused = 0] = (line ?? []).slice(1, 5).map(Number);
  const freeBytesAfter = await freeBytes(machine);
  return {
    ...{ sent, answered, gone, refused, ...counts, freeBytesBefore, freeBytesAfter },
    balance: line?.[5] ?? "nothing",
  };
}

/** What is wrong with a soak; nothing when all is as it has to be. */
export function complaintsOf(figures: SoakFigures): string[] {
  const complaints: string[] = [];
  if (figures.balance !== "balanced") complaints.push(`the ledger: ${figures.balance}`);
  if (figures.freeBytesAfter !== figures.freeBytesBefore) {
    complaints.push(`free memory was ${figures.freeBytesBefore} bytes, and is ${figures.freeBytesAfter} bytes`);
  }
  return complaints;
}
