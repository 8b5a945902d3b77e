import { randomInt } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import type { Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { buildFirstTask } from "../scripts/build-package.ts";
import type { Flavour } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";

/** SEED= repeats a run. */
const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));

export interface HostileRun {
  readonly arch: Arch;
  readonly flavour: Flavour;
  readonly calls: number;
  /** Of which the hostile task may run half. */
  readonly periodNs: number;
  readonly words?: readonly string[];
  readonly timeoutSeconds: number;
}

/** Lets the hostile task (test-qemu/hostile) make its calls; its program checks the rest, and says so by its status. */
export async function runHostile({ arch, flavour, calls, periodNs, ...options }: HostileRun): Promise<void> {
  console.log(`seed ${SEED}`);
  const contents = Buffer.from(BigUint64Array.of(BigInt(calls), BigInt(SEED), BigInt(periodNs)).buffer);
  const modules = [{ name: "settings", contents }];
  const out = `build/${arch}/hostile-${flavour}`;
  const initrd = await buildFirstTask({ arch, entry: "test-qemu/hostile/main.ts", optimization: "O2", out, modules });
  const folder = await buildImage({ arch, flavour });
  const start = Date.now();
  const machine = new Machine({ arch, folder, initrd, icount: true, ...options });
  onTestFinished(() => machine.stop());
  const { status, isTimeout } = await machine.exited;
  // A release kernel lets nobody print.
  const said = /^(?:\d+ calls|FAILED|PANIC).*$/m.exec(machine.output)?.[0] ?? "";
  console.log(`${arch} ${flavour}: ${calls} calls, ${Math.round((Date.now() - start) / 1000)} s. ${said}`);
  expect({ status, isTimeout, said }).toEqual({
    status: 0,
    isTimeout: false,
    said: expect.not.stringMatching(/FAILED|PANIC/),
  });
}
