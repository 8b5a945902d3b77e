import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { ARCHES, type Arch, isArch } from "./architecture.ts";
import { buildImage } from "./build.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { Machine } from "./machine.ts";
import { complaintsOf, type SoakFigures, soak, soakArchive } from "./soakRun.ts";
import { formatTable, grouped } from "./table.ts";

/** `make soak SECONDS=3600`: a soak (soakRun.ts) of so many seconds on each machine. Exits 1 when anything is not as it has to be. */

const FLAVOUR = "release";

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const options = {
    arch: text,
    seconds: { ...text, default: "60" },
    seed: { ...text, default: String(randomInt(1, 2 ** 31)) },
  };
  const { arch, seconds, seed } = parseArgs({ options }).values;
  if (arch !== undefined && !isArch(arch)) throw new Failure(`there is no architecture ${arch}`, EXIT_USAGE);
  if (!(Number(seconds) >= 1)) throw new Failure(`SECONDS=${seconds}: a number of seconds`, EXIT_USAGE);
  console.log(`seed ${seed}`);
  const rows: [Arch, SoakFigures][] = [];
  for (const each of arch === undefined ? ARCHES : [arch]) {
    rows.push([each, await soakOne(each, Math.floor(Number(seconds)), Number(seed))]);
  }
  printTable(rows);
  const complaints = rows.flatMap(([each, figures]) => complaintsOf(figures).map((text) => `${each}: ${text}`));
  for (const complaint of complaints) console.log(complaint);
  return complaints.length === 0 ? 0 : 1;
}

async function soakOne(arch: Arch, seconds: number, seed: number): Promise<SoakFigures> {
  const spec = { arch, flavour: FLAVOUR } as const;
  const folder = await buildImage(spec);
  const machine = new Machine({ arch, folder, initrd: await soakArchive(spec), timeoutSeconds: 0 });
  try {
    await machine.prompt();
    return await soak(machine, { seconds, seed });
  } finally {
    await machine.stop();
  }
}

function printTable(rows: readonly [Arch, SoakFigures][]): void {
  const columns = [
    "sent",
    "answered",
    "gone",
    "refused",
    "loads",
    "kills",
    "freeBytesBefore",
    "freeBytesAfter",
  ] as const;
  const head = ["", "sent", "answered", "gone", "refused", "loads", "kills", "bytes free before", "after", "ledger"];
  const cells = rows.map(([arch, figures]) => [
    arch,
    ...columns.map((column) => grouped(figures[column])),
    figures.balance,
  ]);
  console.log(formatTable(head, cells));
}

await runScript(main);
