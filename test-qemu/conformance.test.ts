import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { Machine } from "../scripts/machine.ts";
import { buildConformance, CONFORMANCE_FOLDER } from "./conformanceProgram.ts";
import { VARIANTS } from "./variants.ts";

/**
 * The kernel's conformance tests: a user program that is the first task and asks the kernel for everything. In virtual
 * time, so that no slow day fails it. Each of its tests, by the names in its sources, is one here.
 */

const MIN_TESTS = 230;
const NAMES = readdirSync(CONFORMANCE_FOLDER).flatMap((file) =>
  namesIn(readFileSync(join(CONFORMANCE_FOLDER, file), "utf8")),
);

const programs = new Map<Arch, string>();

beforeAll(async () => {
  for (const arch of ARCHES) {
    programs.set(arch, await buildConformance(arch));
  }
});

function namesIn(source: string): string[] {
  return [...source.matchAll(/\{ name: "([^"]+)", run: /g)].map(([, name]) => name ?? "");
}

async function start(variant: { arch: Arch; machine?: string; cpu?: string }): Promise<Machine> {
  const folder = await buildImage({ arch: variant.arch, flavour: "debug" });
  const initrd = programs.get(variant.arch);
  return new Machine({ ...variant, folder, initrd, icount: true, timeoutSeconds: 100 });
}

/** What the program says of each test: `ok`, or which of its checks have failed. */
function resultsIn(output: string): Map<string, string> {
  const results = new Map<string, string>();
  for (const [, notes, verdict, name] of output.matchAll(/((?:^ {2,}.*\n)*)^(ok|FAILED) (.*)$/gm)) {
    results.set(name ?? "", verdict === "ok" ? "ok" : (notes ?? ""));
  }
  return results;
}

describe.each(ARCHES)("conformance on %s", (arch) => {
  let output = "";
  let results = new Map<string, string>();
  let status: number | null = null;

  beforeAll(async () => {
    const machine = await start({ arch });
    status = (await machine.exited).status;
    output = machine.output;
    results = resultsIn(output);
  });

  test.each(NAMES)("%s", (name) => {
    expect(results.get(name)).toBe("ok");
  });

  test(`there are at least ${MIN_TESTS} tests, and all have passed`, () => {
    expect(new Set(NAMES).size).toBe(NAMES.length);
    expect(NAMES.length).toBeGreaterThanOrEqual(MIN_TESTS);
    expect(output).toContain(`\n${NAMES.length} passed, 0 failed`);
    expect(output).not.toContain("PANIC");
    expect(status).toBe(0);
  });
});

test.each(
  VARIANTS.filter(({ memory, cpu, machine }) => memory === 128 && (cpu !== "max" || !/^q35|=3$/.test(machine))),
)("conformance on $arch, $machine, $cpu", async ({ arch, machine: board, cpu }) => {
  const machine = await start({ arch, machine: board, cpu });
  onTestFinished(() => machine.stop());
  await machine.expect(`\n${NAMES.length} passed, 0 failed`);
});

/** The program's own counts: it switches the machine off with status 1 when memory was not whole. */
test.each(ARCHES)("a hostile task makes 200,000 random system calls and disturbs nobody on %s", async (arch) => {
  const out = `build/${arch}/hostile`;
  const initrd = await buildProgram({ arch, entry: "test-qemu/hostile/main.ts", optimization: "O2", out });
  const folder = await buildImage({ arch, flavour: "debug" });
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: 100 });
  onTestFinished(() => machine.stop());
  const [, calls, counted, operations] = await machine.expect(
    /(\d+) calls in \d+ lives, counted (\d+), (\d+) operations went through\r?\n/,
  );
  expect(Number(calls)).toBeGreaterThanOrEqual(200_000);
  expect(Number(counted)).toBeGreaterThan(1_000_000);
  // Of the 27 that its objects have.
  expect(Number(operations)).toBeGreaterThanOrEqual(25);
  expect(machine.output).not.toContain("PANIC");
  expect((await machine.exited).status).toBe(0);
});
