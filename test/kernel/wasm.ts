import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Outside } from "../../compiler/emit-porffor.ts";
import type { Arch } from "../../scripts/architecture.ts";
import { compileToWasm, type Handlers, WasmInstance } from "../wasm.ts";
import { hostKernelProgram, ROOT } from "./build.ts";

/**
 * The kernel over the simulated machine, through Porffor, in this process. Wasm's memory is the machine's, address for
 * address; what belongs to the module stands where the machine has neither memory nor devices.
 *
 *   RAM ── constants ── statics ── stack ── input ── linker's marks (IMAGE)
 */
const MEMORY = 2 ** 32;
const CONSTANTS = 0x1000_0000;
const STATICS = 0x1100_0000;
const STACK = { start: 0x1200_0000, bytes: 0x10_0000 };
const INPUT = 0x1300_0000;
/** Physical address 0, seen through the image. */
const IMAGE = 0x8000_0000;
const IMAGE_END = IMAGE + 0x20_0000;
const MARK_BYTES = 4096;
/** RAM begins with the keeper's message buffer. No two addresses have the same memory: the keeper has it here, too. */
const BUFFER = 0x20_0000;
/** What the simulated machine and the linker's marks take. */
const RAM_END = 0x80_0000;
const MARKS_END = IMAGE + 64 * MARK_BYTES;

export class WasmKernel {
  readonly #instance: WasmInstance;
  /** What it has said since it started. */
  #output = "";

  constructor(start: (handlers: Handlers) => WasmInstance) {
    this.#instance = start({
      host_map: () => undefined,
      host_alias: (address, _high, from) => must(address === from, "two addresses for one memory"),
      host_takeWritten: () => 0,
      host_putByte: (byte = 0) => {
        this.#output += String.fromCharCode(byte);
        return undefined;
      },
      host_abort: () => must(false, this.#output),
    });
  }

  /** The machine is off and on again. */
  restart(): void {
    const memory = new Uint8Array(this.#instance.memory.buffer);
    memory.fill(0, BUFFER, RAM_END);
    memory.fill(0, IMAGE, MARKS_END);
    this.#instance.restart();
    this.#output = "";
  }

  /** An entry of the harness's. A panic throws with what the kernel has said. */
  call(entry: string, ...values: readonly (number | Uint8Array)[]): number {
    let at = INPUT;
    const words = values.flatMap((value) => {
      if (typeof value === "number") return [value];
      new Uint8Array(this.#instance.memory.buffer).set(value, at);
      const address = at;
      at += value.length;
      return [address, value.length];
    });
    return Number(this.#instance.call(entry, ...words));
  }
}

/** `entries`: KTS files of the harness, from the project's root. */
export async function loadWasmKernel(arch: Arch, entries: readonly string[]): Promise<WasmKernel> {
  const program = hostKernelProgram(arch, entries, placed(arch));
  const { wasm, module } = await compileToWasm({ program, constants: CONSTANTS, statics: STATICS, memory: MEMORY });
  const marks = marksOf(module.outside);
  return new WasmKernel((handlers) => new WasmInstance(wasm, module, { ...marks, ...handlers }, STACK));
}

/** Addresses for what the linker would place. */
function marksOf(outside: readonly Outside[]): Handlers {
  const marks = outside.filter(({ kind }) => kind === "static").map(({ name }) => name);
  const places = marks.map((name, index): [string, number] => [name, IMAGE + MARK_BYTES * index]);
  return Object.fromEntries([...places, ["kernel_end", IMAGE_END] as const].map(([name, at]) => [name, () => at]));
}

/** Files that say where things are. */
function placed(arch: Arch): Map<string, string> {
  const layout = `arch/${arch}/layout.ts`;
  const info = "kernel/initInfo.ts";
  return new Map([
    [layout, withConstant(withConstant(read(layout), "WINDOW_BASE", 0), "KERNEL_BASE", IMAGE)],
    [info, withConstant(read(info), "BUFFER_ADDRESS", BUFFER)],
  ]);
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

function withConstant(text: string, name: string, value: number): string {
  const result = text.replace(new RegExp(`(\\b${name} = )0x[0-9a-f_]+n`), `$1${value}n`);
  must(result !== text, `${name} is no constant any more`);
  return result;
}

function must(holds: boolean, text: string): undefined {
  if (!holds) throw new Error(text);
}
