import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TRUST } from "../test/codec/package-inputs.ts";
import { encodeCases } from "./caseFile.ts";
import { KERNELS, runProcessProgram } from "./processRun.ts";
import { attackCases, managerCase } from "./tamperCases.ts";

/** A taken-over ModuleManager and its attacks (test-qemu/process/manager.ts): all fail, and the threat model lists each. */

test.each(KERNELS)(
  "a taken-over manager runs nothing unsigned and gains no right on $arch, $flavour",
  async ({ arch, flavour }) => {
    const modules = [{ ...encodeCases(await attackCases(arch)), name: "attacks" }];
    const cases = [await managerCase(arch)];
    const output = await runProcessProgram({ arch, flavour, program: "tamper", cases, modules, trust: TRUST });
    expect(output).not.toMatch(/^succeeded/m);
    const resisted = [...output.matchAll(/^resisted: (.*)$/gm)].map(([, name]) => name);
    expect(resisted.length).toBeGreaterThanOrEqual(20);
    expect(resisted).toEqual(attacksOfSource());
  },
  400_000,
);

/** By the table in the manager's source. */
function attacksOfSource(): string[] {
  const source = readFileSync("test-qemu/process/manager.ts", "utf8");
  return [...source.matchAll(/^ {2}\{ name: "(.*)", run: /gm)].map(([, name = ""]) => name);
}

test("the threat model lists every attack of the manager", () => {
  const page = readFileSync("docs/threat-model.md", "utf8");
  const listed = [...page.matchAll(/^\| \d+ \| (.*?) \|/gm)].map(([, name]) => name);
  expect(listed).toEqual(attacksOfSource());
});
