import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { BOOT_ARCHIVE } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import { demand, ended, freeBytes, loadProcess } from "../scripts/machineConsole.ts";
import { readEnum } from "../scripts/syscalls/model.ts";
import { DEEDS, KERNEL_ATTEMPTS, SERVICE_ATTEMPTS } from "../test/modules/hostileNames.ts";

/** modules/hostile is refused everywhere, and nobody beside it notices anything. */

const FLAVOUR = "release";
const TIMEOUT_SECONDS = 300;
const TIMEOUT = TIMEOUT_SECONDS * 1000;
const KINDS = readEnum("kernel/fault/faultKind.ts", "FaultKind").map(({ name }) => name);

/** What a process dies of, by the deed's name; those of which the processor makes one or the other. */
const ENDS: Readonly<Record<string, string | readonly string[]>> = {
  "read-nothing": "Read",
  "read-kernel": "Read",
  "write-kernel": "Write",
  "write-text": "Write",
  "write-constants": "Write",
  "leave-stack": "Write",
  "run-kernel": "Execute",
  "run-data": "Execute",
  "run-stack": "Execute",
  "run-memory": "Execute",
  privileged: ["Privileged", "IllegalInstruction"],
  "mask-interrupts": ["Privileged", "IllegalInstruction"],
  "reach-device": ["Privileged", "IllegalInstruction"],
};

async function start(arch: Arch): Promise<Machine> {
  const folder = await buildImage({ arch, flavour: FLAVOUR });
  const initrd = join(folder, BOOT_ARCHIVE);
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: TIMEOUT_SECONDS });
  onTestFinished(() => machine.stop());
  await machine.prompt();
  return machine;
}

describe.each(ARCHES)("on %s", (arch) => {
  test("all that it tries is refused, and kv, logging, requester and hello go on beside it", {
    timeout: TIMEOUT,
  }, async () => {
    const machine = await start(arch);
    const before = await freeBytes(machine);
    const kv = await loadProcess(machine, "kv");
    const logging = await loadProcess(machine, "logging --param echo=off");
    const requester = await loadProcess(machine, "requester --param count=20000");
    const hostile = await loadProcess(machine, "hostile");
    const hello = await loadProcess(machine, "hello");
    expect(await ended(machine, hello)).toBe("exited 0");
    expect(await ended(machine, hostile), machine.output.slice(-4000)).toBe("exited 0");
    const attempts = [...SERVICE_ATTEMPTS, ...KERNEL_ATTEMPTS];
    expect(machine.output).toContain(`hostile: ${attempts.length} attempts, 0 let through`);
    const refused = [...machine.output.matchAll(/hostile: (.*): refused$/gm)].map(([, name]) => name);
    expect(refused).toEqual(attempts);
    expect(await ended(machine, requester, 1000)).toBe("exited 0");
    expect(machine.output).toMatch(/requester: .* 0 gone, 0 refused, balanced/);
    expect(await demand(machine, "services")).toMatch(new RegExp(`^kv .* ${kv} *\\nlogging .* ${logging} *$`, "m"));
    for (const pid of [kv, logging]) await demand(machine, `kill ${pid}`);
    expect(await freeBytes(machine)).toBe(before);
  });

  test("what a process dies of ends this process alone", { timeout: TIMEOUT }, async () => {
    const machine = await start(arch);
    const before = await freeBytes(machine);
    const kv = await loadProcess(machine, "kv");
    expect(Object.keys(ENDS)).toEqual(DEEDS);
    for (const [deed, kinds] of Object.entries(ENDS)) {
      const hostile = await loadProcess(machine, `hostile --param try=${deed}`);
      const end = (await ended(machine, hostile)) ?? "gone";
      const kind = KINDS[Number(/^faulted fault (\d+) at /.exec(end)?.[1])];
      expect([kinds].flat(), `${deed}: ${end}`).toContain(kind);
    }
    expect(await ended(machine, await loadProcess(machine, "hostile --param try=nothing"))).toBe("exited 255");
    expect(await ended(machine, await loadProcess(machine, "hello"))).toBe("exited 0");
    expect(await demand(machine, "services")).toMatch(/^kv /m);
    await demand(machine, `kill ${kv}`);
    expect(await freeBytes(machine)).toBe(before);
  });
});
