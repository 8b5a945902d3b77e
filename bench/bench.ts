import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { $ } from "zx";
import { ARCHES, type Arch, isArch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { EXIT_USAGE, Failure, runScript } from "../scripts/failure.ts";
import { kernelSize } from "../scripts/sections.ts";
import { formatTable, grouped } from "../scripts/table.ts";
import { hostCryptoFigures, targetCryptoFigures } from "./crypto.ts";
import { besidePorffor, type Figure, figureOf, isKeptFigures, sortFigures } from "./figures.ts";
import { loadFigures } from "./load.ts";
import { longestPath, machineFigures } from "./machine.ts";
import { ROWS } from "./rows.ts";

/**
 * `make bench`: the figures of both machines and of the host beside their anchors. Instructions are counted by the
 * kernel itself under `-icount shift=0`, where its counter grows by one an instruction; a user program first shows that it
 * does (`calibration`: a thousand instructions are a thousand counts).
 */

const FIGURES = "build/bench.json";
const RESULTS = "bench/results";

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const options = { arch: text, keep: text, only: { ...text, multiple: true } } as const;
  const { arch, keep, only } = parseArgs({ options }).values;
  if (arch !== undefined && !isArch(arch)) throw new Failure(`there is no architecture ${arch}`, EXIT_USAGE);
  const figures: Figure[] = [];
  const isChosen = (group: string): boolean => only === undefined || only.includes(group);
  const places = arch === undefined ? ARCHES : [arch];
  for (const each of places) {
    const folder = await buildImage({ arch: each, flavour: "bench" });
    if (isChosen("kernel")) figures.push(...(await kernelFigures(each)));
    if (isChosen("kernel") || isChosen("crypto")) figures.push(...(await machineFigures(each)));
    if (isChosen("crypto")) figures.push(...(await targetCryptoFigures(each, folder)));
    if (isChosen("load")) figures.push(...(await loadFigures(each, folder)));
  }
  if (isChosen("crypto") && arch === undefined) figures.push(...(await hostCryptoFigures()));
  const others = isChosen("kernel") ? await Promise.all(places.map((each) => machineFigures(each, "porffor"))) : [];
  const chosen = besidePorffor(figures, others.flat()).filter(
    ({ id }) => only === undefined || only.some((group) => id.startsWith(`${group}.`)),
  );
  const sorted = sortFigures(chosen);
  mkdirSync("build", { recursive: true });
  writeFileSync(FIGURES, `${JSON.stringify(sorted, null, 2)}\n`);
  printTable(sorted);
  if (keep !== undefined) await keepFigures(keep, sorted);
  return 0;
}

/** What is not measured by a program of its own. */
async function kernelFigures(arch: Arch): Promise<Figure[]> {
  const release = await buildImage({ arch, flavour: "release" });
  const { text, rodata } = await kernelSize(`${release}/kernel.elf`);
  return [
    figureOf("kernel.text", arch, text + rodata, "bytes"),
    figureOf("kernel.longest-path", arch, await longestPath(arch), "instructions"),
  ];
}

function printTable(figures: readonly Figure[]): void {
  const rows = figures.map(({ id, arch, value, unit, anchor, goal, porffor }) => [
    id,
    arch,
    grouped(value),
    unit,
    anchor === null ? "–" : grouped(anchor),
    anchor === null ? "–" : (value / anchor).toFixed(2),
    goal === null ? "–" : `≤ ${grouped(goal)}`,
    goal === null ? "" : value <= goal ? "met" : "missed",
    porffor === undefined ? "–" : grouped(porffor),
  ]);
  console.log(formatTable(["", "on", "ours", "", "anchor", "ratio", "goal", "", "by Porffor"], rows));
  console.log("\nInstructions, not cycles: they repeat exactly, but a TLB flush counts as one.");
  for (const { id, against } of ROWS.filter((row) => figures.some(({ id }) => id === row.id))) {
    console.log(`${id}: against ${against}`);
  }
}

async function keepFigures(name: string, figures: readonly Figure[]): Promise<void> {
  mkdirSync(RESULTS, { recursive: true });
  const number = String(readdirSync(RESULTS).filter(isKeptFigures).length + 1).padStart(4, "0");
  const path = `${RESULTS}/${number}-${name}.json`;
  if (existsSync(path)) throw new Failure(`${path} exists`);
  const [emulator, compiler] = await Promise.all([$`qemu-system-x86_64 --version`, $`clang-19 --version`]);
  const tools = [emulator, compiler].map(({ stdout }) => stdout.split("\n", 1)[0]);
  writeFileSync(path, `${JSON.stringify({ tools, figures }, null, 2)}\n`);
  console.log(`kept in ${path}`);
}

await runScript(main);
