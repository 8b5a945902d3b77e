import { readFileSync } from "node:fs";
import { ARCHITECTURES, type Arch } from "./architecture.ts";

/** How gdb is started for the kernel, by `make gdb` and by the tests. */

export const DEBUG_PORT = 1234;

/** `server` is what gdb's `target remote` takes; `commands` run once it is connected. */
export function gdbCommand(arch: Arch, folder: string, server: string, commands: readonly string[]): string[] {
  const before = ["-q", "-nx", "-x", "scripts/gdb/kernel.gdb", "-x", "scripts/gdb/objects.gdb"];
  const connect = [
    `set $is_arm = ${arch === "aarch64" ? 1 : 0}`,
    `set architecture ${ARCHITECTURES[arch].gdbName}`,
    `file ${folder}/kernel.elf`,
    `target remote ${server}`,
    ...commands,
  ];
  return ["gdb-multiarch", ...before, ...connect.flatMap((command) => ["-ex", command])];
}

/** Whether something listens on this port of this machine; a connection would disturb QEMU's debug server. */
export function isListening(port: number): boolean {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const listener = new RegExp(`^ *\\d+: [0-9A-F]+:${hexPort} [0-9A-F]+:0000 0A`, "m");
  return ["/proc/net/tcp", "/proc/net/tcp6"].some((table) => listener.test(readFileSync(table, "utf8")));
}
