import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Arch } from "../scripts/architecture.ts";
import { packArchive, readArchive } from "../scripts/archive.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { Failure } from "../scripts/failure.ts";
import { BOOT_ARCHIVE, programsOf } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import { demand } from "../scripts/machineConsole.ts";
import { trustOf } from "../test/codec/package-inputs.ts";
import { encodeCases } from "../test-qemu/caseFile.ts";
import { packAs } from "../test-qemu/manyLoads.ts";
import { buildChild, childOf, FIRST_ROOT, firstTaskOf, headersOf, ONE_ROOT } from "../test-qemu/processInputs.ts";
import { type Figure, figureOf } from "./figures.ts";
import { LOAD_STAGES } from "./rows.ts";

/**
 * What it takes to load a module of 64 KiB, one certificate, signed by one root: the whole load, as its receipt tells it, and
 * the kernel's part alone, by test-qemu/process/load.ts.
 */

const MODULE = "bench.module";
const MODULE_BYTES = 65_536;
const TIMEOUT_SECONDS = 600;

/** On a machine whose kernel is in `folder`. */
export async function loadFigures(arch: Arch, folder: string): Promise<Figure[]> {
  return [...(await receiptFigures(arch, folder)), ...(await kernelFigures(arch, folder))];
}

/** From the console: the first load after boot, and a second one. */
async function receiptFigures(arch: Arch, folder: string): Promise<Figure[]> {
  const out = `build/${arch}/bench-load`;
  mkdirSync(out, { recursive: true });
  const spec = { arch, flavour: "bench" } as const;
  const hello = readFileSync(join(programsOf(spec), "modules/hello/program.elf"));
  const filler = readFileSync(join(programsOf(spec), "services/module-manager/program.elf"));
  const elf = join(out, "module.elf");
  writeFileSync(elf, grown(hello, MODULE_BYTES, filler));
  const own = readArchive(readFileSync(join(folder, BOOT_ARCHIVE)));
  const initrd = join(out, "receipt.cpio");
  writeFileSync(initrd, packArchive([...own, await packAs(MODULE, "modules/hello", arch, elf)]));
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds: TIMEOUT_SECONDS });
  try {
    await machine.prompt();
    const receipts = [await demand(machine, `load ${MODULE}`), await demand(machine, `load ${MODULE}`)];
    const [first = "", second = ""] = receipts;
    const figure = (id: string, receipt: string, stage: string): Figure => {
      const ns = new RegExp(`^ +${stage} +(\\d+) ns$`, "m").exec(receipt)?.[1];
      return figureOf(`load.${id}`, arch, Number(ns), "instructions");
    };
    return [
      figure("total", first, "total"),
      ...LOAD_STAGES.map(([stage]) => figure(stage, first, stage)),
      figure("again", second, "total"),
    ];
  } finally {
    await machine.stop();
  }
}

async function kernelFigures(arch: Arch, folder: string): Promise<Figure[]> {
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

/** The program with as much more in its data as makes a file of `bytes` bytes: bytes of `filler`, or zeros. */
export function grown(program: Uint8Array, bytes: number, filler = new Uint8Array()): Uint8Array {
  const file = new Uint8Array(bytes);
  const view = new DataView(file.buffer);
  const last = TABLE + ENTRY_BYTES * (new DataView(program.buffer, program.byteOffset).getUint16(56, true) - 1);
  const header = new DataView(program.buffer, program.byteOffset + last);
  const offset = Number(header.getBigUint64(8, true));
  const end = offset + Number(header.getBigUint64(32, true));
  file.set(filler.subarray(0, bytes - end), end);
  file.set(program.subarray(0, end));
  const size = BigInt(bytes - offset);
  const memory = header.getBigUint64(40, true);
  view.setBigUint64(last + 32, size, true);
  view.setBigUint64(last + 40, memory > size ? memory : size, true);
  return file;
}
