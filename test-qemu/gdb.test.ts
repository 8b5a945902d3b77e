import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { gdbCommand } from "../scripts/gdb.ts";
import { placeOf, start } from "./console.ts";

/** Runs gdb's commands on a machine with `word` on its command line; answers what gdb printed. */
async function debug(arch: Arch, word: string, commands: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "skyscope-gdb-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, "socket");
  await start({ arch, words: [word], debugServer: `unix:${socket}` });
  const image = await buildImage({ arch, flavour: "debug" });
  await vi.waitUntil(() => existsSync(socket), { timeout: 10_000 });
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

const LOADER = placeOf("kernel/main.ts", "writeText(loaderName(info.loader))");
const RAISE = placeOf("kernel/selfTest.ts", "raise(i)");

describe.each(ARCHES)("%s", (arch) => {
  test("breakpoint on a TypeScript line with a condition, callers, variables", async () => {
    const commands = [`break ${RAISE} if i == 1`, "continue", "backtrace", "print kind"];
    const output = await debug(arch, "selftest=fault:write-text", commands);
    expect(output).toContain(`Breakpoint 1, raiseKind (kind=...) at ${RAISE}`);
    expect(output).toMatch(/^#1 .*\bbreakAsAsked \(test=\.\.\.\) at kernel\/selfTest\.ts:\d+$/m);
    expect(output).toMatch(/^#3 .*\bkernelMain \(.*\) at kernel\/main\.ts:\d+$/m);
    expect(output).toMatch(new RegExp(`^#4 .*\\barch_start \\(.*\\) at arch/${arch}/start\\.ts:\\d+$`, "m"));
    expect(output).toMatch(/^\$1 = \{\n {2}data = 0xf+[0-9a-f]+ <bootInfo\+\d+> "write-text"/m);
  });

  test("a struct with enums through a pointer, from the first TypeScript line on", async () => {
    const output = await debug(arch, "", ["break kernelMain", "continue", "print *info", "next", "next", "next"]);
    expect(output).toMatch(/^Breakpoint 1, kernelMain \(info=0xf+[0-9a-f]+ <bootInfo>\) at kernel\/main\.ts:\d+$/m);
    expect(output).toMatch(arch === "x86_64" ? /^ {2}loader = Loader_Pvh,$/m : /^ {2}loader = Loader_LinuxImage,$/m);
    expect(output).toMatch(/^ {6}kind = MemoryKind_Usable$/m);
    expect(output).toMatch(/^\d+\t {2}initLog\(info\);$/m);
    expect(output).toMatch(/^\d+\t {2}logBanner\(info\);$/m);
  });

  test("step goes into a call, finish comes back", async () => {
    const output = await debug(arch, "", [`break ${LOADER}`, "continue", "step", "backtrace 2", "finish"]);
    expect(output).toContain(`Breakpoint 1, logBanner (info=`);
    expect(output).toMatch(/^#0 .*\bloaderName \(loader=Loader_\w+\) at kernel\/main\.ts:\d+$/m);
    expect(output).toMatch(new RegExp(`^#1 .*\\blogBanner \\(info=.*\\) at ${LOADER}$`, "m"));
    expect(output).toMatch(new RegExp(`^0x[0-9a-f]+ in logBanner \\(info=.*\\) at ${LOADER}$`, "m"));
  });

  test("an exception is caught with its registers", async () => {
    // The frame's own variables are there once its first line has run.
    const output = await debug(arch, "selftest=fault:page", [
      "break panicTrap",
      "continue",
      "next",
      "print *frame",
      "next",
      "next",
    ]);
    expect(output).toMatch(/^Breakpoint 1, panicTrap \(frame=.*\) at kernel\/fault\/panic\.ts:\d+$/m);
    expect(output).toMatch(arch === "x86_64" ? /^ {2}rip = \d+,$/m : /^ {2}elr = \d+,$/m);
    expect(output).toMatch(/^\d+\t {2}beginReport\(PanicKind\.Trap, /m);
  });

  test("objects: a thread, its capabilities, an endpoint, an address space", async () => {
    const output = await debug(arch, "", [
      "break startProcess",
      "continue",
      "continue",
      "thread-info current",
      "cap &current->cspace",
      "cspace &current->cspace",
      "endpoint ((long)$k_rootbase[100].word>>16)",
      "captree &$k_rootbase[100]",
      "space &current->space",
    ]);
    expect(output).toMatch(/^thread 0x\w+: ThreadState_Running, priority \d+ of at most \d+, pc 0x4\w+$/m);
    expect(output).toMatch(/^CapType_CNode: object 0x\w+, rights 7, flags 0, data 0x400, level 1$/m);
    expect(output).toMatch(/^ {4}10 {2}CapType_Region: object 0x\w+, rights 7, flags 0x10, data 0x\w+, level 0$/m);
    expect(output).toMatch(/^in \d+:\n {5}\d {2}CapType_/m);
    expect(output).toMatch(/^endpoint 0x\w+: EndpointState_Idle, 0 of 0 places used$/m);
    expect(output).toMatch(/^CapType_Endpoint: .* level 1\n {2}CapType_Endpoint: .* level 2$/m);
    expect(output).toMatch(/^ +0x400000 to +0x\w+ at 0x\w+: read, execute$/m);
    expect(output).not.toMatch(/: read, write, execute$/m);
  });

  test("a task's own lines and names", async () => {
    const program = `build/${arch}/programs-O0/services/init/program.elf`;
    const output = await debug(arch, "", [`add-symbol-file ${program}`, "break startService", "continue", "backtrace"]);
    expect(output).toMatch(/^Breakpoint 1, startService \(.*\) at services\/init\/service\.ts:\d+$/m);
    expect(output).toMatch(/^#1 .* at services\/init\/\w+\.ts:\d+$/m);
  });
});
