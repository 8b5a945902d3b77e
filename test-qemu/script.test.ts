import { mkdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { buildFuzzer } from "../test/kernel/fuzzer.ts";
import { scriptOf } from "../test/kernel/script.ts";
import { Random, seedOf } from "../test/random.ts";
import { startScripts } from "./scriptRun.ts";

const SEED = seedOf();
const SCRIPTS = 20;
const INPUT_BYTES = 3000;
const RECORD_BYTES = 128;

/** What hostile threads do on the host they do on the machines: the same turns, and the same answers. */
test.each(ARCHES)(
  `${SCRIPTS} scripts of the fuzzer's on %s`,
  async (arch) => {
    console.log(`seed ${SEED}`);
    const folder = `build/kernel-host/script-${arch}`;
    mkdirSync(folder, { recursive: true });
    const program = await buildFuzzer(arch, { out: folder, sanitize: false, isQuick: true });
    const random = new Random(SEED);
    const scripts: Uint8Array[] = [];
    for (let i = 0; i < SCRIPTS; i++) scripts.push(await scriptOf(program, folder, random.bytes(INPUT_BYTES)));
    for (const script of scripts) expect(script.length).toBeGreaterThan(20 * RECORD_BYTES);
    const machine = await startScripts(arch, "bench", scripts);
    onTestFinished(() => machine.stop());
    await machine.expect(/\d+ agreed, \d+ differed/);
    expect(machine.output).toMatch(new RegExp(`^${SCRIPTS} agreed, 0 differed`, "m"));
    expect((await machine.exited).status).toBe(0);
  },
  600_000,
);
