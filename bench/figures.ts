import type { Arch } from "../scripts/architecture.ts";
import { Failure } from "../scripts/failure.ts";
import { type Place, ROWS } from "./rows.ts";

/** Measured rows: read from the console, put in order, compared with kept ones. */

const WORSE = 1.03;

/** One line of build/bench.json. */
export interface Figure {
  readonly id: string;
  readonly arch: Place;
  readonly value: number;
  readonly unit: string;
  readonly anchor: number | null;
  readonly goal: number | null;
  /** The same of the kernel that went through Porffor, where it was measured. */
  readonly porffor?: number;
}

/** The figures with what the same rows are in `others`, of the kernel that went through Porffor. */
export function besidePorffor(figures: readonly Figure[], others: readonly Figure[]): Figure[] {
  return figures.map((figure) => {
    const other = others.find(({ id, arch }) => id === figure.id && arch === figure.arch);
    return other === undefined ? figure : { ...figure, porffor: other.value };
  });
}

/** The figure for `value` at `place`; throws when no row has this id and unit. */
export function figureOf(id: string, place: Place, value: number, unit: string): Figure {
  const row = ROWS.find((each) => each.id === id);
  if (row === undefined) throw new Error(`bench/rows.ts has no row ${id}`);
  if (row.unit !== unit) throw new Error(`${id} is measured in ${row.unit}, not in ${unit}`);
  return { id, arch: place, value, unit, anchor: row.anchor[place] ?? null, goal: row.goal[place] ?? null };
}

/** By the rows' order, then by place. */
export function sortFigures(figures: readonly Figure[]): Figure[] {
  const order = new Map(ROWS.map((row, index) => [row.id, index]));
  const rank = (figure: Figure) => order.get(figure.id) ?? ROWS.length;
  return [...figures].sort((a, b) => rank(a) - rank(b) || b.arch.localeCompare(a.arch));
}

/** Reads the console's lines `bench ID VALUE UNIT`. */
export function readFigures(arch: Arch, console: string): Figure[] {
  const lines = [...console.matchAll(/^bench (\S+) (\d+) (\S+)$/gm)];
  const rows = lines.map(([, id = "", value, unit = ""]) => ({ id, value: Number(value), unit }));
  const calibration = rows.find(({ id }) => id === "calibration")?.value;
  if (calibration !== 1_000) {
    throw new Failure(`the counter of ${arch} does not count instructions: a thousand of them gave ${calibration}`);
  }
  return rows.filter(({ id }) => id !== "calibration").map(({ id, value, unit }) => figureOf(id, arch, value, unit));
}

/** Of each row and place the figure that was kept last: a file may hold some of the rows only. */
export function lastKept(files: readonly (readonly Figure[])[]): Figure[] {
  const last = new Map(files.flat().map((figure) => [`${figure.id} ${figure.arch}`, figure]));
  return [...last.values()];
}

export interface Change {
  readonly figure: Figure;
  readonly before: number;
}

/** The figures that are more than 3 % above the kept ones. */
export function worseThan(kept: readonly Figure[], now: readonly Figure[]): Change[] {
  return now.flatMap((figure) => {
    const before = kept.find(({ id, arch }) => id === figure.id && arch === figure.arch)?.value;
    return before !== undefined && figure.value > before * WORSE ? [{ figure, before }] : [];
  });
}

/** By its name in bench/results, where the fuzzers keep their counters, too. */
export function isKeptFigures(file: string): boolean {
  return /^\d{4}-.*\.json$/.test(file);
}
