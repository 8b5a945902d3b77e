import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Failure, runScript } from "../scripts/failure.ts";
import { formatTable, grouped } from "../scripts/table.ts";
import { type Figure, isKeptFigures, lastKept, worseThan } from "./figures.ts";

/** `make bench-check`: a report of what got worse against each row's last kept figure; it never fails because of one. */

const FIGURES = "build/bench.json";
const RESULTS = "bench/results";

async function main(): Promise<number> {
  if (!existsSync(FIGURES)) throw new Failure("there are no figures yet: make bench");
  // Beside the fuzzers' counters.
  const files = readdirSync(RESULTS).filter(isKeptFigures).sort();
  if (files.length === 0) throw new Failure("no figures have been kept yet: make bench KEEP=name");
  const now = JSON.parse(readFileSync(FIGURES, "utf8")) as Figure[];
  const kept = files.map((file) => JSON.parse(readFileSync(`${RESULTS}/${file}`, "utf8")) as { figures: Figure[] });
  const worse = worseThan(lastKept(kept.map(({ figures }) => figures)), now);
  if (worse.length === 0) {
    console.log("nothing is more than 3 % worse than what was kept last");
    return 0;
  }
  const rows = worse.map(({ figure, before }) => [
    figure.id,
    figure.arch,
    grouped(before),
    grouped(figure.value),
    `+${((figure.value / before - 1) * 100).toFixed(1)} %`,
  ]);
  console.log(formatTable(["worse than what was kept", "on", "before", "now", ""], rows));
  return 0;
}

await runScript(main);
