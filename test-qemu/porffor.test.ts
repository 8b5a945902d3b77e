import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { programsOf } from "../scripts/image.ts";
import { buildConformance } from "./conformanceProgram.ts";
import { boot, placeOf, run, start } from "./console.ts";

/** The kernel that went through Porffor, Wasm and wasm2c: the same console, the same tests, the same faults. */

/** Two kernels, each of them compiled four times on its way. */
const BUILD_TIMEOUT = 400_000;
const SPEC = { flavour: "release", compiler: "porffor" } as const;

describe.each(ARCHES)("%s", (arch) => {
  let folder = "";

  beforeAll(async () => {
    folder = await buildImage({ arch, ...SPEC });
    await buildImage({ arch, ...SPEC, flavour: "debug" });
  }, BUILD_TIMEOUT);

  test("its code comes of Porffor's Wasm", () => {
    const symbols = execFileSync("llvm-nm-19", [`${folder}/kernel.elf`], { encoding: "utf8" });
    expect(symbols).toMatch(/ t w2c_k_transfer$/m);
    expect(symbols).not.toMatch(/ [tT] transfer$/m);
  });

  test("boots to the console and loads a module", async () => {
    const machine = await boot({ arch, ...SPEC, timeoutSeconds: 110 });
    expect(await run(machine, "version")).toContain(`${arch} release`);
    const receipt = await run(machine, "load hello");
    const binary = readFileSync(join(programsOf({ arch, ...SPEC }), "modules/hello/program.elf"));
    expect(receipt).toContain(createHash("sha512").update(binary).digest("hex"));
    await machine.expect("hello, world");
    expect(await run(machine, "ps")).toMatch(/hello +1\.0\.0 +(?:running|exited)/);
  });

  test("passes every test of conformance, with the invariants looked at after each call", async () => {
    const initrd = await buildConformance(arch);
    const machine = await start({ arch, ...SPEC, flavour: "debug", initrd, icount: true, timeoutSeconds: 110 });
    expect((await machine.exited).status, machine.output).toBe(0);
    expect(machine.output).toMatch(/\n\d{3,} passed, 0 failed/);
  });

  test("a failed check names its place in TypeScript", async () => {
    const machine = await start({ arch, ...SPEC, flavour: "debug", words: ["selftest=panic"], timeoutSeconds: 60 });
    expect((await machine.exited).status).toBe(2);
    expect(machine.output).toContain(placeOf("kernel/selfTest.ts", "panic("));
  });
});
