import type { Machine } from "./machine.ts";

/** Loads a module at a machine's console, and waits for its end (services/console/modules.ts). */

/** Between two looks at what runs. */
const LOOK_MS = 300;

export interface Loading {
  /** `NAME VERSION`, as `load` takes it. */
  readonly module: string;
  /** Of a module that does not end, how long it runs. */
  readonly seconds: number;
}

/** False when it is refused, or faults. The console shows what happens. */
export async function loadModule(machine: Machine, { module, seconds }: Loading): Promise<boolean> {
  const result = await machine.run(`load ${module}`);
  if (result.kind !== "ok") return false;
  const pid = /is process (\d+)/.exec(result.output)?.[1] ?? "";
  const until = performance.now() + seconds * 1_000;
  for (;;) {
    const state = stateOf(await outputOf(machine, "ps"), pid);
    if (state !== "running") return state === "exited 0";
    if (performance.now() > until) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function outputOf(machine: Machine, command: string): Promise<string> {
  const result = await machine.run(command);
  return result.output;
}

/** `running`, `exited CODE` or `faulted`; `gone` when no such process is listed. */
function stateOf(list: string, pid: string): string {
  const row = new RegExp(`^ *${pid} +\\S+ +\\S+ +(\\w+) +\\d+ *(?:code (\\d+))?`, "m").exec(list);
  if (row === null) return "gone";
  return row[1] === "exited" ? `exited ${row[2] ?? "?"}` : (row[1] ?? "gone");
}
