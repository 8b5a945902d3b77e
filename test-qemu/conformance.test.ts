import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { Machine } from "../scripts/machine.ts";
import { VARIANTS } from "./variants.ts";

/** The kernel's conformance tests: a user program that is the first task and asks the kernel for everything. In virtual time, so that no slow day fails it. */

const programs = new Map<Arch, string>();

beforeAll(async () => {
  for (const arch of ARCHES) {
    const out = `build/${arch}/conformance`;
    programs.set(arch, await buildProgram({ arch, entry: "test-qemu/conformance/main.ts", optimization: "O2", out }));
  }
});

async function start(variant: { arch: Arch; machine?: string; cpu?: string }): Promise<Machine> {
  const folder = await buildImage({ arch: variant.arch, flavour: "debug" });
  const initrd = programs.get(variant.arch);
  const machine = new Machine({ ...variant, folder, initrd, icount: true, timeoutSeconds: 100 });
  onTestFinished(() => machine.stop());
  return machine;
}

describe.each(ARCHES)("conformance on %s", (arch) => {
  test("every test passes, and all memory is whole after each", async () => {
    const machine = await start({ arch });
    const [, passed, failed] = await machine.expect(/(\d+) passed, (\d+) failed, \d+ checks/);
    expect(machine.output).not.toMatch(/^FAILED|PANIC/m);
    expect([Number(passed), Number(failed)]).toEqual([122, 0]);
    expect((await machine.exited).status).toBe(0);
  });

  test("a thread without fault handler is named in the log", async () => {
    const machine = await start({ arch });
    await machine.expect(/warn {2}a user thread without fault handler stopped: kind 0, address 0x8/);
  });
});

test.each(
  VARIANTS.filter(({ memory, cpu, machine }) => memory === 128 && (cpu !== "max" || !/^q35|=3$/.test(machine))),
)("conformance on $arch, $machine, $cpu", async ({ arch, machine: board, cpu }) => {
  const machine = await start({ arch, machine: board, cpu });
  await machine.expect("122 passed, 0 failed");
});

/** The program's own counts: it switches the machine off with status 1 when memory was not whole. */
test.each(ARCHES)("a hostile task makes 200,000 random system calls and disturbs nobody on %s", async (arch) => {
  const out = `build/${arch}/hostile`;
  const initrd = await buildProgram({ arch, entry: "test-qemu/hostile/main.ts", optimization: "O2", out });
  const folder = await buildImage({ arch, flavour: "debug" });
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: 100 });
  onTestFinished(() => machine.stop());
  const [, calls, counted] = await machine.expect(/(\d+) calls in \d+ lives, counted (\d+)\r?\n/);
  expect(Number(calls)).toBeGreaterThanOrEqual(200_000);
  expect(Number(counted)).toBeGreaterThan(1_000_000);
  expect(machine.output).not.toContain("PANIC");
  expect((await machine.exited).status).toBe(0);
});
