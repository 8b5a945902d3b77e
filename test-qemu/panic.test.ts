import { describe, expect, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import type { Exit } from "../scripts/machine.ts";
import { boot, placeOf, start, type TestMachine } from "./console.ts";

/** A way to a panic from the command line: how the panic is told, and the place that it names. */
interface Fault {
  readonly kind: string;
  readonly text: string;
  readonly place: RegExp;
}

const ADDRESS = /0x[0-9a-f]{16}/;

function selfFault(kind: string, text: string): Fault {
  return { kind, text, place: /kernel\/fault\/selfFault\.ts:\d+/ };
}

function cpuFault(kind: string, text: string, place = /raise\b.* arch\/\w+\/raise\.ts:\d+/): Fault {
  return { kind, text, place };
}

const ON_BOTH: readonly Fault[] = [
  selfFault("divide", "division by zero"),
  selfFault("index", "index 9 is out of bounds: the length is 4"),
  selfFault("null", "null is not an object"),
  selfFault("assert", "assertion failed: "),
  selfFault("enum", "no member of the enum has the value 9"),
  selfFault("overflow", "arithmetic overflow"),
  cpuFault("page", "page fault: read of unmapped memory, access of address 0x10 "),
  cpuFault("page-zero", "page fault: read of unmapped memory, access of address 0x"),
  cpuFault("write-text", "page fault: write to read-only memory, access of address 0xffffffff80202000 "),
  cpuFault("execute-data", "page fault: execution of non-executable memory, access of address 0xffff", ADDRESS),
  cpuFault("opcode", "invalid opcode"),
  cpuFault("stack", "kernel stack overflow, touching the guard page: access of address 0xffff"),
  cpuFault("breakpoint", "breakpoint"),
];

const FAULTS: Readonly<Record<Arch, readonly Fault[]>> = {
  x86_64: [
    ...ON_BOTH,
    cpuFault("protection", "general protection fault"),
    cpuFault("segment", "general protection fault: bad segment selector"),
    cpuFault("cpu-divide", "divide error"),
    cpuFault("debug", "debug exception"),
    cpuFault("nmi", "non-maskable interrupt", /.* arch\/x86_64\/(?:raise|interrupts)\.ts:\d+/),
  ],
  aarch64: [
    ...ON_BOTH,
    cpuFault("alignment", "alignment fault: access of address 0x"),
    cpuFault("pc-alignment", "alignment fault: program counter of address 0x", /\S+/),
  ],
};

/** How a machine ends that is asked to break. */
async function breakMachine(options: TestMachine, test: string): Promise<{ output: string; exit: Exit }> {
  const machine = await start({ ...options, words: [`selftest=${test}`] });
  const exit = await machine.exited;
  return { output: machine.output, exit };
}

describe.each(ARCHES)("%s", (arch) => {
  test("an unknown test is an error that lists exactly the faults that are tested, and the machine starts", async () => {
    const machine = await boot({ arch, words: ["selftest=fault:nonsense"] });
    const kinds = /error selftest: there is no fault:nonsense; there are panic, and fault: with (.*)$/m.exec(
      machine.output,
    )?.[1];
    expect(kinds?.split(" ").sort()).toEqual(FAULTS[arch].map(({ kind }) => kind).sort());
  });

  test.each(["panic", "fault:page"])("a release build does not obey selftest=%s, and says so", async (test) => {
    const machine = await boot({ arch, flavour: "release", words: [`selftest=${test}`] });
    expect(machine.output).toMatch(/warn {2}selftest: this build has none\n/);
  });

  describe.each(["debug", "bench"] as const)("%s", (flavour) => {
    test.each(FAULTS[arch])("fault $kind", async ({ kind, text, place }) => {
      const { output, exit } = await breakMachine({ arch, flavour }, `fault:${kind}`);
      expect(exit).toMatchObject({ status: 2, isTimeout: false });
      const panic = /^PANIC: (.*)$/m.exec(output)?.[1];
      expect(panic?.startsWith(text), panic).toBe(true);
      expect(panic).toMatch(new RegExp(` at (?:${place.source})$`));
      expect(output).toMatch(
        /^registers:\n[\s\S]+^backtrace:\n(?: {2}#\d+ 0x[0-9a-f]{16}.*\n)+epitaph at 0x[0-9a-f]{16}\n/m,
      );
    });

    test("a panic names its line and its callers", async () => {
      const { output } = await breakMachine({ arch, flavour }, "panic");
      const place = placeOf("kernel/selfTest.ts", 'panic("asked for on the command line")');
      expect(output).toContain(`PANIC: asked for on the command line at ${place}\n`);
      const frames = [...output.matchAll(/^ {2}#\d+ 0x[0-9a-f]{16} (.+) (\S+:\d+)$/gm)].map(
        ([, name, at]) => `${name} ${at}`,
      );
      expect(frames).toContain(`panicAsAsked ${place}`);
      expect(frames).toContainEqual(expect.stringMatching(/\bkernelMain\b.* kernel\/main\.ts:\d+$/));
      expect(frames).toContainEqual(expect.stringMatching(/\barch_start\b.* arch\/\w+\/start\.ts:\d+$/));
    });
  });
});
