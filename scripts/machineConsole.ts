import type { Machine } from "./machine.ts";

/** What campaigns at a machine's console have in common (services/console/modules.ts says the lines that are read here). */

/** Runs a command that has to say OK; answers what it printed. */
export async function demand(machine: Machine, command: string): Promise<string> {
  const result = await machine.run(command);
  if (result.kind !== "ok") throw new Error(`${command}: ${result.kind}\n${machine.output.slice(-4000)}`);
  return result.output;
}

/** The process that a load has made. */
export async function loadProcess(machine: Machine, what: string): Promise<number> {
  const pid = /^\S+ \S+ is process (\d+)$/m.exec(await demand(machine, `load ${what}`))?.[1];
  if (pid === undefined) throw new Error(`load ${what} tells no process\n${machine.output.slice(-4000)}`);
  return Number(pid);
}

/** Each is a question to another service, which has made its own objects when it answers. */
const QUESTIONS = ["ps", "services", "modules"];

/** Memory that nobody has, in the whole machine: the same again when everything is released. */
export async function freeBytes(machine: Machine): Promise<number> {
  for (const question of QUESTIONS) await demand(machine, question);
  return Number(/free to the byte: (\d+)/.exec(await demand(machine, "mem"))?.[1]);
}

/** `running`, `exited CODE` or `faulted …`, as `ps` has it; null when it has no such process. */
export async function stateOf(machine: Machine, pid: number): Promise<string | null> {
  const row = new RegExp(`^ *${pid} +\\S+ +\\S+ +(\\w+) +\\d+ *(.*?) *$`, "m").exec(await demand(machine, "ps"));
  return row === null ? null : `${row[1]} ${row[2]?.replace("code ", "") ?? ""}`.trim();
}

/** Its state once it does not run any more. */
export async function ended(machine: Machine, pid: number, tries = 100): Promise<string | null> {
  for (let left = tries; ; left--) {
    const state = await stateOf(machine, pid);
    if (state !== "running" || left === 0) return state;
    await demand(machine, "sleep 50");
  }
}
