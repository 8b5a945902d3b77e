import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { Arch } from "../scripts/architecture.ts";
import { packArchive } from "../scripts/archive.ts";
import { buildImage, buildServicePackages } from "../scripts/build.ts";
import { packProgram, signingKeys } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";
import { run } from "./console.ts";
import { programFolder, testModule, testProgram } from "./testPackages.ts";

/**
 * Every service but init is terminated at random moments, again and again, while a module has others loaded:
 *
 *   programs/killer   init, which ends its own services while programs/churn runs
 *   programs/churn    requests loads, and keeps account of every answer
 *   modules/requester asks kv, logging and the ModuleManager, and keeps a ledger; these and programs/waiter live on
 */

const FLAVOUR = "release";
/** Between two strikes at most: about as long as a load takes. */
const STRIKE_NS = 24_000_000n;
const PRIORITY = 150;
/** Services that have to live on: the modules that offer them, in the order in which they are loaded. */
const LIVING = ["test.waiter", "kv", "logging"];
/** In the order of services/init/roles.ts, without the screen's driver, the last: these machines have no screen. */
const SERVICES = 6;

export interface Campaign {
  readonly arch: Arch;
  readonly seed: number;
  /** Of each service, at least. */
  readonly kills: number;
  readonly timeoutSeconds: number;
}

export async function killServices({ arch, seed, kills, timeoutSeconds }: Campaign): Promise<void> {
  const machine = await start(arch, seed, timeoutSeconds);
  await machine.prompt();
  const living: string[] = [];
  for (const name of LIVING)
    living.push(
      /process (\d+)/.exec(await run(machine, `load ${name}${name === "logging" ? " --param echo=off" : ""}`))?.[1] ??
        "",
    );
  let struck: readonly number[] = [0];
  let free: number | null = null;
  for (let round = 0; Math.min(...struck) < kills; round++) {
    await run(machine, `load requester --param seconds=1 --param seed=${seed + round}`);
    // It reads its parameters: they are the console's memory, and go with it.
    await run(machine, "sleep 5");
    machine.type("load test.churn\r");
    const [, counts = ""] = await machine.expect(/init: struck((?: \d+){6}) 0$/m);
    struck = counts.trim().split(" ").map(Number);
    expect(struck).toHaveLength(SERVICES);
    await settle(machine);
    await checkModules(machine, living);
    if (free === null) free = await freeKib(machine);
    await expectFree(machine, free);
  }
  console.log(`${arch}, seed ${seed}: terminated ${struck.join(", ")} times\n${ledgers(machine)}`);
  expect(machine.output).not.toMatch(/has faulted|PANIC|is not made again|is refused:/);
}

async function start(arch: Arch, seed: number, timeoutSeconds: number): Promise<Machine> {
  const folder = await buildImage({ arch, flavour: FLAVOUR });
  const killer = programFolder("killer");
  const [, ...services] = await buildServicePackages({ arch, flavour: FLAVOUR });
  // As urgent as what the services do for the loads, or they had no turn.
  const manifest = { priority: PRIORITY };
  const modules = [
    testModule({ arch, folder: programFolder("churn") }),
    testModule({ arch, folder: programFolder("waiter") }),
    ...["kv", "logging", "requester"].map((name) => testModule({ arch, folder: `modules/${name}`, manifest })),
    testModule({ arch, folder: programFolder("brief"), manifest: { name: "test.churn.brief" } }),
    testModule({ arch, folder: "modules/hello", manifest: { name: "test.churn.hello" } }),
  ];
  const settings = Buffer.from(BigUint64Array.of(BigInt(seed), STRIKE_NS).buffer);
  const initrd = `${dirname(folder)}/kills.cpio`;
  writeFileSync(
    initrd,
    packArchive([
      await packProgram(killer, arch, await testProgram(arch, killer)),
      ...services,
      ...(await Promise.all(modules)),
      { name: "settings", contents: settings },
      { name: "trust", contents: readFileSync(signingKeys().trust) },
    ]),
  );
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds });
  onTestFinished(() => machine.stop());
  return machine;
}

/** Whatever was typed or printed before: from here on the console is at its prompt. */
async function settle(machine: Machine): Promise<void> {
  machine.type("\rversion\r");
  await machine.expect(/^Skyscope .*\nOK\nskyscope> /m);
}

/** Modules live on; those of the load end with nothing left, and their accounts are balanced. */
async function checkModules(machine: Machine, living: readonly string[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    const rows = (await run(machine, "ps")).split("\n").slice(1, -1);
    const others = rows.filter((row) => !LIVING.some((name) => row.includes(` ${name} `)));
    expect(rows.filter((row) => / running /.test(row) && !others.includes(row))).toHaveLength(LIVING.length);
    if (others.every((row) => / exited +0 code 0 *$/.test(row))) break;
    if (tries === 100) throw new Error(`not all have ended well:\n${others.join("\n")}\n${ledgers(machine)}`);
    await run(machine, "sleep 200");
  }
  const services = (await run(machine, "services")).split("\n").slice(1, -1);
  expect(services.map((row) => / (\d+) *$/.exec(row)?.[1]).sort()).toEqual([...living].sort());
}

/** As much is free as before, once what drains has drained. */
async function expectFree(machine: Machine, kib: number): Promise<void> {
  for (let tries = 0; (await freeKib(machine)) !== kib; tries++) {
    if (tries === 15) expect(await freeKib(machine)).toBe(kib);
    await run(machine, "sleep 1000");
  }
}

async function freeKib(machine: Machine): Promise<number> {
  return Number(/free +(\d+) KiB/.exec(await run(machine, "mem"))?.[1]);
}

function ledgers(machine: Machine): string {
  return (machine.output.match(/(?:churn|requester): .*$/gm) ?? []).join("\n");
}
