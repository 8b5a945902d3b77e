import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";
import { decodeTrace } from "../scripts/traceLines.ts";

/** From the kernel's ring by way of a user program and the console to lines with the table's names. */
test.each(ARCHES)("a trace is told in the table's names on %s", async (arch) => {
  const entry = "test-qemu/programs/trace/main.ts";
  const initrd = await buildFirstTask({ arch, entry, optimization: "O2", out: `build/${arch}/trace` });
  const folder = await buildImage({ arch, flavour: "debug" });
  const machine = new Machine({ arch, folder, initrd, icount: true });
  onTestFinished(() => machine.stop());
  expect((await machine.exited).status).toBe(0);
  const lines = decodeTrace(machine.output).map((line) => line.replace(/^ *[\d.]+ /, "").replace(/0x\w+/g, "…"));
  expect(lines).toEqual([
    "T1  Call Untyped …: Retype, 5 words, 1 capabilities",
    expect.stringMatching(/^T1 {4}returns badge …, label 0, 0 words/),
    "T1  Call CNode …: Copy, 2 words, 1 capabilities",
    "T1    returns DeleteFirst, detail 0",
    "T1  Call Inspect …: System, 0 words, 0 capabilities",
    expect.stringMatching(/^T1 {4}returns badge …, label 0, 5 words/),
    "T1  Call TraceControl …: Stop, 0 words, 0 capabilities",
  ]);
});
