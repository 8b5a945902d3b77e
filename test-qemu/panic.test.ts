import { describe, expect, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { boot, placeOf, run } from "./console.ts";

/** Every way to a panic from the console: how the panic is told, and the file whose line it names. */
interface Fault {
  readonly kind: string;
  readonly text: RegExp;
  /** Null where the processor was no longer in TypeScript. */
  readonly file: string | null;
}

const SELF_FAULT = "kernel/console/selfFault.ts";

const SELF_FAULTS: readonly Fault[] = [
  { kind: "divide", text: /division by zero/, file: SELF_FAULT },
  { kind: "index", text: /index 9 is out of bounds: the length is 4/, file: SELF_FAULT },
  { kind: "null", text: /null is not an object/, file: SELF_FAULT },
  { kind: "assert", text: /assertion failed: /, file: SELF_FAULT },
  { kind: "enum", text: /no member of the enum has the value \d+/, file: SELF_FAULT },
  { kind: "overflow", text: /arithmetic overflow/, file: SELF_FAULT },
];

/** Protections that both processors have, and the words in which either tells of their breach. */
function processorFaults(arch: Arch): Fault[] {
  const file = `arch/${arch}/raise.ts`;
  return [
    { kind: "page", text: /page fault: read of unmapped memory, access of address 0x10 at/, file },
    { kind: "page-zero", text: /page fault: read of unmapped memory, access of address 0x/, file },
    {
      kind: "write-text",
      text: /page fault: write to read-only memory, access of address 0xffffffff80202000 at/,
      file,
    },
    { kind: "execute-data", text: /page fault: execution of non-executable memory/, file: null },
    { kind: "opcode", text: /invalid opcode/, file },
    { kind: "stack", text: /kernel stack overflow, touching the guard page: access of address 0xffffffff80/, file },
    { kind: "breakpoint", text: /breakpoint/, file },
  ];
}

const FAULTS: Readonly<Record<Arch, readonly Fault[]>> = {
  x86_64: [
    ...SELF_FAULTS,
    ...processorFaults("x86_64"),
    { kind: "protection", text: /general protection fault/, file: "arch/x86_64/raise.ts" },
    { kind: "cpu-divide", text: /divide error/, file: "arch/x86_64/raise.ts" },
    { kind: "debug", text: /debug exception/, file: "arch/x86_64/raise.ts" },
    { kind: "segment", text: /general protection fault: bad segment selector/, file: "arch/x86_64/raise.ts" },
  ],
  aarch64: [
    ...SELF_FAULTS,
    ...processorFaults("aarch64"),
    { kind: "alignment", text: /alignment fault: access of address 0x[0-9a-f]+1 at/, file: "arch/aarch64/raise.ts" },
    { kind: "pc-alignment", text: /alignment fault: program counter/, file: null },
  ],
};

describe.each(ARCHES)("%s", (arch) => {
  test("the console lists exactly the faults that are tested", async () => {
    const machine = await boot({ arch });
    const kinds = /^kinds: (.*)$/m.exec(await run(machine, "fault"))?.[1];
    expect(kinds?.split(" ").sort()).toEqual(FAULTS[arch].map(({ kind }) => kind).sort());
  });

  test.each(FAULTS[arch])("fault $kind", async ({ kind, text, file }) => {
    const machine = await boot({ arch });
    const result = await machine.run(`fault ${kind}`);
    expect(result).toMatchObject({ kind: "exited", exit: { status: 2, isTimeout: false } });
    const panic = /^PANIC: (.*)$/m.exec(result.output)?.[1];
    expect(panic).toMatch(text);
    expect(panic).toMatch(new RegExp(file === null ? "at 0x[0-9a-f]{16}$" : `at (?:\\S+ )?${file}:\\d+$`));
    expect(result.output).toMatch(
      /^registers:\n[\s\S]+^backtrace:\n(?: {2}#\d+ 0x[0-9a-f]{16} .*\n)+epitaph at 0x[0-9a-f]{16}\n/m,
    );
  });

  test.each(["debug", "release"] as const)(
    "a panic of the %s image names the line and its callers",
    async (flavour) => {
      const machine = await boot({ arch, flavour });
      const { output } = await machine.run("panic");
      const place = placeOf("kernel/console/commands.ts", 'panic("asked for at the console")');
      expect(output).toContain(`PANIC: asked for at the console at ${place}\n`);
      const frames = [...output.matchAll(/^ {2}#\d+ 0x[0-9a-f]{16} (\S+) (\S+):\d+$/gm)];
      const functions = frames.map(([, name, file]) => `${name} ${file}`);
      expect(functions).toContain("panicOnPurpose kernel/console/commands.ts");
      expect(functions).toContain("kernelMain kernel/main.ts");
    },
  );

  test("an unknown kind is an error that lists the kinds", async () => {
    const machine = await boot({ arch });
    expect(await machine.run("fault nonsense")).toMatchObject({ kind: "failed" });
    expect(machine.output).toMatch(/^kinds: /m);
  });
});
