import { describe, expect, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { boot, run } from "./console.ts";

/** The console's help, its tables, what it says of mistakes, and colour for those who see it. */

const COMMANDS = [
  ...["help", "modules", "load", "verify", "ps", "kill", "services", "ledger", "caps", "version", "mem", "irq"],
  ...["uptime", "sleep", "log", "trace", "fault", "reboot", "poweroff"],
];
const FAILURES: readonly (readonly [command: string, why: RegExp])[] = [
  ["nonsense", /no command nonsense; type help$/],
  ["help nonsense", /no such command; help alone lists them$/],
  ["load", /which module\? modules lists them$/],
  ["load nobody", /^NotFound: .*; modules lists them$/],
  ["load hello --nonsense", /the options are --param/],
  ["load hello --param x", /--param takes KEY=VALUE$/],
  ["load hello --timeout 0", /--timeout takes milliseconds, up to ten minutes$/],
  ["verify hello ^7", /^NoMatchingVersion: .*; modules lists them$/],
  ["kill", /takes the PID of a module; ps lists them$/],
  ["kill 4000", /no module has this PID; ps lists them$/],
  ["caps x", /takes a PID, a number; caps alone lists all processes$/],
  ["caps 1 --nonsense", /the only option is --tree$/],
  ["caps 4095", /no process has this PID; caps alone lists them$/],
  ["sleep", /number of milliseconds, up to an hour$/],
  ["sleep 3600001", /number of milliseconds, up to an hour$/],
  ["trace now", /trace takes on, messages, off or dump$/],
  ["fault nonsense", /no such kind; the kinds are listed above$/],
];

/** Below the head of a table numbers end where its words do, and other cells, which match a pattern, begin there. */
function expectAligned(table: string, columns: readonly (RegExp | "number")[]): void {
  const [head = "", ...rows] = table.trimEnd().split("\n");
  const words = [...head.matchAll(/\S+/g)];
  expect(words).toHaveLength(columns.length);
  expect(rows.length, table).toBeGreaterThan(0);
  for (const row of rows) {
    for (const [i, column] of columns.entries()) {
      const start = words[i]?.index ?? 0;
      const end = start + (words[i]?.[0].length ?? 0);
      if (column === "number")
        expect([row.slice(0, end), row.slice(end)], table).toEqual([/\d$/, /^(?: |$)/].map(matching));
      else expect(row.slice(start), table).toMatch(column);
    }
  }
}

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

describe.each(ARCHES)("on %s", (arch) => {
  test("every command has its help, and every mistake its mend; tables are aligned", async () => {
    const machine = await boot({ arch, icount: true });
    const list = await run(machine, "help");
    const names = list.trimEnd().split("\n");
    expect(names.map((line) => line.trim().split(" ")[0])).toEqual(COMMANDS);
    expect(new Set(names.map((line) => line.slice(0, 42).endsWith("  ")))).toEqual(new Set([true]));
    for (const name of COMMANDS.slice(1)) {
      const help = await run(machine, `help ${name}`);
      expect(help, name).toMatch(new RegExp(`^${name} .*\\n {2}does {5}\\S[\\s\\S]*\\n {2}example {2}${name}`));
    }
    for (const [command, why] of FAILURES) {
      expect(await machine.run(command)).toMatchObject({ kind: "failed", reason: expect.stringMatching(why) });
    }
    expectAligned(await run(machine, "modules"), [/^\S/, /^\d+\.\d+\.\d+ /, "number"]);
    expectAligned(await run(machine, "caps"), ["number", /^\S/, "number"]);
    expectAligned(await run(machine, "caps 2"), ["number", /^[A-Z]/, /^[-rwp]{3} /, /^0x/, /^0x/]);
    expectAligned(await run(machine, "irq"), ["number", /^(claimed|free) /, "number"]);
    expectAligned(await run(machine, "ledger"), ["number", /^\S/, /^[\d ]/, "number", /^[A-Z]\w+$/]);
    // The serial line is the driver's, and every typed character interrupts.
    expect(await run(machine, "irq")).toMatch(/^ *\d+ claimed +[1-9]\d*$/m);
    const [usable = 0, used = 0, free = 0] = [...(await run(machine, "mem")).matchAll(/(\d+) KiB/g)].map(([, n]) =>
      Number(n),
    );
    expect(Math.abs(usable - used - free)).toBeLessThanOrEqual(1);
    // Nobody has said that there is a terminal.
    expect(machine.output).not.toContain("\x1b");
  });

  test("what answers as a terminal gets colours", async () => {
    const machine = await boot({ arch, icount: true });
    machine.type("\x1b[?64;1;22cversion\r");
    await machine.expect("\x1b[32mOK\x1b[m\n\x1b[1;36mskyscope>\x1b[m ");
    machine.type("modules\r");
    await machine.expect("\x1b[1mNAME ");
    machine.type("nonsense\r");
    await machine.expect("\x1b[1;31mFAILED:\x1b[m there is no command nonsense");
  });
});
