import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { gdbCommand } from "../scripts/gdb.ts";
import { placeOf, start } from "./console.ts";

/** Runs gdb's commands on a machine where `typed` is entered at the first prompt; answers what gdb printed. */
async function debug(arch: Arch, typed: string, commands: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "skyscope-gdb-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, "socket");
  const machine = await start({ arch, debugServer: `unix:${socket}` });
  void machine.prompt().then(
    () => machine.type(`${typed}\r`),
    () => {},
  );
  const image = await buildImage({ arch, flavour: "debug" });
  const [file = "", ...argv] = gdbCommand(arch, image, socket, [...commands, "kill"]);
  const gdb = spawn(file, ["-batch", ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [gdb.stdout, gdb.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  await new Promise((resolve) => gdb.on("close", resolve));
  return output;
}

const RUN = placeOf("kernel/console/monitor.ts", "return commands[i].run(argument)");
const MODULES = placeOf("kernel/console/commands.ts", "writeDecimal(u64(bootInfo.moduleCount))");

describe.each(ARCHES)("%s", (arch) => {
  test("breakpoint on a TypeScript line, callers, a struct with an enum", async () => {
    const commands = ["backtrace", "print line", "print bootInfo.memoryRangeCount", "print bootInfo.memoryRanges[0]"];
    const output = await debug(arch, "mem", [`break ${RUN}`, "continue", ...commands]);
    expect(output).toContain(`Breakpoint 1, runCommand (name=..., argument=...) at ${RUN}`);
    expect(output).toMatch(/^#1 .*\brunMonitor \(\) at kernel\/console\/monitor\.ts:\d+$/m);
    expect(output).toMatch(/^#2 .*\bkernelMain \(.*\) at kernel\/main\.ts:\d+$/m);
    expect(output).toMatch(new RegExp(`^#3 .*\\barch_start \\(.*\\) at arch/${arch}/start\\.ts:\\d+$`, "m"));
    expect(output).toMatch(/^\$1 = \{\n {2}length = 3,\n {2}bytes = "mem"/m);
    expect(output).toMatch(/^\$2 = [1-9]\d*$/m);
    expect(output).toMatch(/^\$3 = \{\n {2}start = \d+,\n {2}bytes = \d+,\n {2}kind = MemoryKind_\w+\n\}$/m);
  });

  test("step goes into a call, up shows the caller", async () => {
    const output = await debug(arch, "mem", [`break ${MODULES}`, "continue", "step", "backtrace 1", "up"]);
    expect(output).toContain(`Breakpoint 1, mem (argument=...) at ${MODULES}`);
    expect(output).toMatch(/^#0 .*\bwriteDecimal \(.*\) at kernel\/console\/output\.ts:\d+$/m);
    expect(output).toMatch(new RegExp(`^#1 .*\\bmem \\(argument=\\.\\.\\.\\) at ${MODULES}$`, "m"));
  });

  test("an exception is caught with its registers", async () => {
    const output = await debug(arch, "fault page", ["break panicTrap", "continue", "print *frame", "next", "next"]);
    expect(output).toMatch(/^Breakpoint 1, panicTrap \(frame=0xf+[0-9a-f]+, /m);
    expect(output).toMatch(arch === "x86_64" ? /^ {2}rip = \d+,$/m : /^ {2}elr = \d+,$/m);
    expect(output).toMatch(/^\d+\t {2}beginReport\(PanicKind\.Trap, /m);
  });
});
