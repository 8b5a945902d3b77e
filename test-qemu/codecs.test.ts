import { beforeAll, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";
import { caseModule, type TargetCase } from "./caseFile.ts";
import { allCases, chainCases } from "./codecCases.ts";

/** Codecs and cryptography on the machines themselves, built as for the kernel: all vectors, and random cases. */

let cases: TargetCase[] = [];
beforeAll(() => {
  cases = allCases();
}, 300_000);

async function runOn(arch: Arch, name: string, cases: readonly TargetCase[]): Promise<void> {
  const out = `build/${arch}/${name}`;
  const entry = "test-qemu/codecs/main.ts";
  const modules = [caseModule(cases)];
  const initrd = await buildFirstTask({ arch, entry, optimization: "O2", out, modules });
  const folder = await buildImage({ arch, flavour: "debug" });
  // At this level the log shows why a first task ends early.
  const words = ["loglevel=debug"];
  const machine = new Machine({ arch, folder, initrd, words, icount: true, memory: "256M", timeoutSeconds: 250 });
  onTestFinished(() => machine.stop());
  const [, passed, failed] = await machine.expect(/(\d+) passed, (\d+) failed|user panic: .*\n/);
  expect(machine.output).not.toMatch(/^FAILED|PANIC|user panic/m);
  expect([Number(passed), Number(failed)]).toEqual([cases.length, 0]);
  expect((await machine.exited).status).toBe(0);
}

test.each(ARCHES)("vectors and random cases on %s", (arch) => runOn(arch, "codecs", cases), 300_000);

test.each(ARCHES)("ACVP's Monte Carlo chains on %s", (arch) => runOn(arch, "chains", chainCases()), 300_000);
