import { readFileSync, writeFileSync } from "node:fs";
import type { Arch } from "../scripts/architecture.ts";
import { packArchive } from "../scripts/archive.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { Failure } from "../scripts/failure.ts";
import { Machine } from "../scripts/machine.ts";
import { trustOf } from "../test/codec/package-inputs.ts";
import { encodeCases } from "../test-qemu/caseFile.ts";
import { buildChild, childOf, FIRST_ROOT, firstTaskOf, headersOf, ONE_ROOT } from "../test-qemu/processInputs.ts";
import { type Figure, figureOf } from "./figures.ts";

/**
 * What it takes the kernel to seal a module of 64 KiB and to make its process, by test-qemu/process/load.ts: one
 * certificate, signed by one root.
 */

const MODULE_BYTES = 65_536;
const TIMEOUT_SECONDS = 600;

/** On a machine whose kernel is in `folder`. */
export async function loadFigures(arch: Arch, folder: string): Promise<Figure[]> {
  const binary = grown(await buildChild(arch), MODULE_BYTES);
  const headers = headersOf(childOf(arch, binary, FIRST_ROOT));
  const cases = [{ kind: 0, name: "module", parts: [headers, binary], expected: 0, parameter: 0 }];
  const out = `build/${arch}/bench-load`;
  const program = await buildProgram({ arch, entry: "test-qemu/process/load.ts", optimization: "O2", out });
  const initrd = `${out}/archive.cpio`;
  const trust = { name: "trust", contents: trustOf(ONE_ROOT) };
  writeFileSync(initrd, packArchive([firstTaskOf(arch, readFileSync(program)), encodeCases(cases), trust]));
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: TIMEOUT_SECONDS });
  const { status } = await machine.exited;
  if (status !== 0) throw new Failure(`the benchmark of a load failed on ${arch}:\n${machine.output}`);
  return ["seal-create", "longest-call", "memory-peak"].map((name) => {
    const [, value, unit = ""] = new RegExp(`^load ${name} (\\d+) (\\w+)$`, "m").exec(machine.output) ?? [];
    return figureOf(`load.${name}`, arch, Number(value), unit);
  });
}

/** Of an ELF program's last header, and of the header of its sections. */
const TABLE = 64;
const ENTRY_BYTES = 56;

/** The program with as many zeros more in its data as make a file of `bytes` bytes. */
export function grown(program: Uint8Array, bytes: number): Uint8Array {
  const file = new Uint8Array(bytes);
  const view = new DataView(file.buffer);
  const last = TABLE + ENTRY_BYTES * (new DataView(program.buffer, program.byteOffset).getUint16(56, true) - 1);
  const header = new DataView(program.buffer, program.byteOffset + last);
  const offset = Number(header.getBigUint64(8, true));
  file.set(program.subarray(0, offset + Number(header.getBigUint64(32, true))));
  const size = BigInt(bytes - offset);
  const memory = header.getBigUint64(40, true);
  view.setBigUint64(last + 32, size, true);
  view.setBigUint64(last + 40, memory > size ? memory : size, true);
  return file;
}
