import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
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
