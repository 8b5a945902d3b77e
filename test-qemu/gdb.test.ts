import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { gdbCommand } from "../scripts/gdb.ts";
import { placeOf, start } from "./console.ts";

/** Runs gdb's commands on a machine that waits for it; answers what gdb printed. */
async function debug(arch: Arch, commands: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "skyscope-gdb-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, "socket");
  const machine = await start({ arch, debugServer: `unix:${socket}` });
  // The debugger's commands stop at the prompt's command: type it as soon as the prompt is there.
  void machine.prompt().then(
    () => machine.type("mem\r"),
    () => {},
  );
  const image = await buildImage({ arch, flavour: "debug" });
  await vi.waitUntil(() => existsSync(socket), { timeout: 10_000 });
  const [file = "", ...argv] = gdbCommand(arch, image, socket, [...commands, "kill", "quit"]);
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

describe.each(ARCHES)("%s", (arch) => {
  test("breakpoint on a TypeScript line, step, backtrace, print a struct", async () => {
    const line = placeOf("kernel/main.ts", "  initLog(info);");
    const output = await debug(arch, [`break ${line}`, "continue", "backtrace", "print *info", "next", "info line"]);
    expect(output).toMatch(new RegExp(`^Breakpoint 1, .*kernelMain \\(.*\\) at ${line}$`, "m"));
    expect(output).toMatch(/^#0 .*kernelMain .*kernel\/main\.ts:\d+$/m);
    expect(output).toMatch(new RegExp(`^#1 .*arch_?start.* arch/${arch}/start\\.ts:\\d+$`, "im"));
    expect(output).toMatch(arch === "x86_64" ? /loader = Loader_Pvh/ : /loader = Loader_LinuxImage/);
    expect(output).toMatch(/memoryRangeCount = [1-9]/);
    expect(output).toMatch(/logBanner\(info\);/);
  });

  test("breakpoint in a console command, up to its callers, finish", async () => {
    const stops = ["tbreak mem", "continue", "break usableBytes", "continue"];
    const output = await debug(arch, [...stops, "backtrace", "finish"]);
    expect(output).toMatch(/^#0 .*usableBytes .*kernel\/memory\/frames\.ts:\d+$/m);
    expect(output).toMatch(/^#\d+ .*\bmem .*kernel\/console\/commands\.ts:\d+$/m);
    expect(output).toMatch(/^#\d+ .*\bkernelMain .*kernel\/main\.ts:\d+$/m);
  });
});
