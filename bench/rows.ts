import type { Arch } from "../scripts/architecture.ts";

/** What is measured, in the order of the tables, with whom it is compared and what is to be reached. */

export type Place = Arch | "host";

export interface BenchRow {
  readonly id: string;
  readonly title: string;
  readonly unit: "instructions" | "bytes";
  /** Whose figures the anchors are, with where they come from in bench/README.md. */
  readonly against: string;
  readonly anchor: Readonly<Partial<Record<Place, number>>>;
  /** The most that it may be. */
  readonly goal: Readonly<Partial<Record<Place, number>>>;
}

export const ROWS: readonly BenchRow[] = [
  {
    id: "kernel.boot",
    title: "kernel entry to the prompt, without calibration waits",
    unit: "instructions",
    against: "seL4, kernel entry to first user instruction",
    anchor: { x86_64: 22_459_189, aarch64: 2_716_804 },
    goal: { x86_64: 6_000_000, aarch64: 6_000_000 },
  },
  {
    id: "kernel.text",
    title: "kernel text and read-only data",
    unit: "bytes",
    against: "seL4, release",
    anchor: { x86_64: 97_402, aarch64: 101_680 },
    goal: { x86_64: 81_920, aarch64: 81_920 },
  },
  {
    id: "crypto.keccak-f1600",
    title: "Keccak-f[1600]",
    unit: "instructions",
    against: "unrolled C, general registers only, BMI2",
    anchor: { x86_64: 4_666, aarch64: 3_618 },
    goal: { x86_64: 4_900, aarch64: 3_800 },
  },
];
