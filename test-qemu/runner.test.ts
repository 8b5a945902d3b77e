import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { $ } from "zx";
import { whyNoKvm } from "../scripts/accelerator.ts";
import { ARCHES } from "../scripts/architecture.ts";

/** The runner as a command: what it prints and its exit status. */
async function runner(...options: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await $({ nothrow: true })`npm run -s boot -- ${options}`;
  return { status: exitCode, stdout: stdout.replaceAll("\r", ""), stderr };
}

describe.each(ARCHES)("%s", (arch) => {
  test("0 when every command said OK", async () => {
    const { status, stdout } = await runner("--arch", arch, "--exec", "version; mem");
    expect(stdout).toMatch(/^skyscope> version\nSkyscope .*\nOK\nskyscope> mem\n[\s\S]*\nOK\nskyscope> poweroff\n/m);
    expect(status).toBe(0);
  });

  test("0 when a module was loaded", async () => {
    const { status, stdout } = await runner("--arch", arch, "--exec", "load hello; ps");
    expect(stdout).toMatch(/^skyscope> load hello\nhello \d+\.\d+\.\d+ is process \d+\n/m);
    expect(status).toBe(0);
  });

  test("1 when a command failed, and the rest is run", async () => {
    const { status, stdout } = await runner("--arch", arch, "--exec", "nonsense; version");
    expect(stdout).toMatch(/^FAILED: there is no command nonsense; type help\nskyscope> version\nSkyscope /m);
    expect(status).toBe(1);
  });

  test("2 on a panic", async () => {
    const { status, stdout } = await runner("--arch", arch, "--selftest", "panic", "--exec", "version");
    expect(stdout).toMatch(/^PANIC: /m);
    expect(stdout).not.toContain("> version");
    expect(status).toBe(2);
  });

  test("3 out of time", async () => {
    const { status, stderr } = await runner("--arch", arch, "--exec", "version", "--timeout", "0.01");
    expect(stderr).toContain("out of time");
    expect(status).toBe(3);
  });

  test("0 after a reboot that was asked for", async () => {
    expect((await runner("--arch", arch, "--exec", "version; reboot")).status).toBe(0);
  });

  test("counts instructions with --icount", async () => {
    const { status, stdout } = await runner("--arch", arch, "--icount", "--exec", "version");
    expect(stdout).toMatch(/boot: \d+ counts to the prompt/);
    expect(status).toBe(0);
  });

  test("69 with QEMU's own words when QEMU refuses", async () => {
    const { status, stderr } = await runner("--arch", arch, "--machine", "nonsense", "--exec", "version");
    expect(stderr).toContain("unsupported machine type");
    expect(status).toBe(69);
  });

  test.skipIf(whyNoKvm(arch) === null)("69 and the reason when KVM cannot be had", async () => {
    const { status, stderr } = await runner("--arch", arch, "--accel", "kvm", "--exec", "version");
    expect(stderr).toBe(`no KVM: ${whyNoKvm(arch)}\n`);
    expect(status).toBe(69);
  });

  test("no QEMU is left when the runner is killed", async () => {
    const mark = `mark=${arch}-${process.pid}`;
    const options = ["--arch", arch, "--exec", "version", "--append", mark, "--gdb"];
    const child = spawn("node", ["--import", "tsx", "scripts/boot.ts", ...options], { stdio: "ignore" });
    while (emulatorsWith(mark) === 0) await setTimeout(50);
    child.kill("SIGKILL");
    await once(child, "close");
    while (emulatorsWith(mark) > 0) await setTimeout(50);
  });
});

/** How many QEMU processes have `mark` on their command line. */
function emulatorsWith(mark: string): number {
  const commands = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine);
  return commands.filter((command) => command.startsWith("qemu-system") && command.includes(mark)).length;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

describe("options", () => {
  test.each([
    [["--nonsense"], "Unknown option '--nonsense'"],
    [["stray"], "stray"],
    [["--arch", "pdp11"], "there is no architecture pdp11; there are x86_64, aarch64"],
    [["--flavour", "sour"], "there is no flavour sour; there are debug, release, bench"],
    [["--accel", "magic"], "there is no accelerator magic; there are tcg, kvm"],
    [["--accel", "kvm", "--icount"], "--icount needs --accel tcg"],
    [["--timeout", "soon"], "--timeout takes a number of seconds, not soon"],
  ])("%j is refused with 64", async (options, message) => {
    const { status, stderr } = await runner(...options);
    expect(stderr).toContain(message);
    expect(stderr).toContain("--help lists the options");
    expect(status).toBe(64);
  });

  test("--help tells every option and status", async () => {
    const { status, stdout } = await runner("--help");
    for (const option of [
      "arch",
      "exec",
      "selftest",
      "cpu",
      "machine",
      "accel",
      "icount",
      "timeout",
      "memory",
      "gdb",
    ]) {
      expect(stdout).toContain(`--${option}`);
    }
    expect(status).toBe(0);
  });
});
