import { describe, expect, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { boot, placeOf, run } from "./console.ts";

/** A way to a panic from the console: how the panic is told, and the place that it names. */
interface Fault {
  readonly kind: string;
  readonly text: string;
  readonly place: RegExp;
}

const ADDRESS = /0x[0-9a-f]{16}/;

function selfFault(kind: string, text: string): Fault {
  return { kind, text, place: /kernel\/console\/selfFault\.ts:\d+/ };
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

describe.each(ARCHES)("%s", (arch) => {
  test("the console lists exactly the faults that are tested", async () => {
    const machine = await boot({ arch });
    const kinds = /^kinds: (.*)$/m.exec(await run(machine, "fault"))?.[1];
    expect(kinds?.split(" ").sort()).toEqual(FAULTS[arch].map(({ kind }) => kind).sort());
  });

  test("an unknown kind is an error that lists the kinds", async () => {
    const machine = await boot({ arch });
    expect(await machine.run("fault nonsense")).toMatchObject({ kind: "failed" });
    expect(machine.output).toMatch(/^kinds: /m);
  });

  describe.each(["debug", "release"] as const)("%s", (flavour) => {
    test.each(FAULTS[arch])("fault $kind", async ({ kind, text, place }) => {
      const machine = await boot({ arch, flavour });
      const result = await machine.run(`fault ${kind}`);
      expect(result).toMatchObject({ kind: "exited", exit: { status: 2, isTimeout: false } });
      const panic = /^PANIC: (.*)$/m.exec(result.output)?.[1];
      expect(panic?.startsWith(text), panic).toBe(true);
      expect(panic).toMatch(new RegExp(` at (?:${place.source})$`));
      expect(result.output).toMatch(
        /^registers:\n[\s\S]+^backtrace:\n(?: {2}#\d+ 0x[0-9a-f]{16}.*\n)+epitaph at 0x[0-9a-f]{16}\n/m,
      );
    });

    test("a panic names its line and its callers", async () => {
      const machine = await boot({ arch, flavour });
      const { output } = await machine.run("panic");
      const place = placeOf("kernel/console/commands.ts", 'panic("asked for at the console")');
      expect(output).toContain(`PANIC: asked for at the console at ${place}\n`);
      const frames = [...output.matchAll(/^ {2}#\d+ 0x[0-9a-f]{16} (.+) (\S+:\d+)$/gm)].map(
        ([, name, at]) => `${name} ${at}`,
      );
      expect(frames).toContain(`panicOnPurpose ${place}`);
      expect(frames).toContainEqual(expect.stringMatching(/\brunMonitor\b.* kernel\/console\/monitor\.ts:\d+$/));
      expect(frames).toContainEqual(expect.stringMatching(/\bkernelMain\b.* kernel\/main\.ts:\d+$/));
    });
  });
});
