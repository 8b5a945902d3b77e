import { compileProgram } from "../compiler/compile.ts";
import { formatDiagnostic } from "../compiler/diagnostic.ts";
import type { MemoryImage } from "../compiler/emit-porffor/memory.ts";
import { integerOf, isWide, wordsOf } from "../compiler/emit-porffor/words.ts";
import { type Entry, emitPorffor, type Outside, type PorfforModule } from "../compiler/emit-porffor.ts";
import { compileWasm } from "../compiler/porffor.ts";
import type { ProgramOptions } from "../compiler/program.ts";

/**
 * A program through Porffor, in this process: its Wasm over memory that starts as the module says.
 *
 *   0 … constants, statics … stack … whatever the program's own machine puts there
 */

/**
 * By their names; words come as they are, two for 64 bits. The module's own entries answer what has no handler, as a linker
 * would have it; what is neither cannot be asked.
 */
export type Handlers = Readonly<Record<string, (...words: number[]) => number | bigint | boolean | undefined>>;

/** Where the stack is, and its bytes. */
export interface StackPlace {
  readonly start: number;
  readonly bytes: number;
}

/** What Wasm is made of, and where things are in its memory. */
interface Placed {
  readonly program: ProgramOptions;
  readonly constants: number;
  readonly statics: number;
  /** As in PorfforOptions; 0 unless said. */
  readonly windowHigh?: number;
  readonly memory: number;
}

/** A program through Porffor and Binaryen; throws what the compiler has against it. */
export async function compileToWasm({
  program: options,
  constants,
  statics,
  windowHigh = 0,
  memory,
}: Placed): Promise<{ readonly wasm: WebAssembly.Module; readonly module: PorfforModule }> {
  const { diagnostics, program } = compileProgram(options);
  if (program === null) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  const module = emitPorffor(program, { constants, statics, windowHigh });
  return { wasm: new WebAssembly.Module(await compileWasm(module, { memory })), module };
}

type Exports = Readonly<Record<string, (...words: number[]) => number>>;

export class WasmInstance {
  readonly memory: DataView;
  readonly #exports: Exports;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #images: readonly MemoryImage[];
  readonly #stack: StackPlace;

  constructor(wasm: WebAssembly.Module, module: PorfforModule, handlers: Handlers, stack: StackPlace) {
    const own = module.entries.map(
      ({ symbol, name }) => [symbol, (words) => this.#words(name, words)] as [string, Asked],
    );
    const given = Object.entries({ ...devices(() => this.memory), ...handlers }).map(
      ([name, handler]) => [name, asked(handler)] as [string, Asked],
    );
    const machine = outsideOf(module.outside, new Map([...own, ...given]));
    const { exports } = new WebAssembly.Instance(wasm, importsOf(wasm, machine));
    this.#exports = exports as Exports;
    const { buffer } = exports.memory as { readonly buffer: ArrayBuffer };
    this.memory = new DataView(buffer);
    this.#entries = new Map(module.entries.map((entry) => [entry.symbol, entry]));
    this.#images = [module.constants, module.statics];
    this.#stack = stack;
    this.restart();
  }

  /** The module's own memory is as it was at first. */
  restart(): void {
    for (const { address, bytes } of this.#images) new Uint8Array(this.memory.buffer).set(bytes, address);
    this.resetStack();
  }

  /** After a panic that left the program's functions where they were. */
  resetStack(): void {
    this.#exports.setStack?.(this.#stack.start, this.#stack.start + this.#stack.bytes);
  }

  /** Calls an entry with one number a parameter, two for a slice. Answers the result extended by its type; null for none. */
  call(symbol: string, ...values: (number | bigint)[]): bigint | null {
    const entry = this.#entries.get(symbol);
    if (entry === undefined) throw new Error(`the module has no entry ${symbol}`);
    const kinds = entry.parameters.flatMap((type) =>
      type.kind === "slice" ? ["word", "word"] : [isWide(type) ? "wide" : "word"],
    );
    if (kinds.length !== values.length) throw new Error(`${symbol} takes ${kinds.length} values`);
    const words = kinds.flatMap((kind, i) => wordsFrom(BigInt(values[i] ?? 0), kind === "wide" ? 2 : 1));
    const result = this.#words(entry.name, words);
    const count = wordsOf(entry.result);
    if (count === 0) return null;
    const bits = joined(result.slice(0, count));
    return integerOf(entry.result).signed ? BigInt.asIntN(32 * count, bits) : bits;
  }

  /** Calls an export; answers the result's word, and what is its upper one if it has one. */
  #words(name: string, words: readonly number[]): Answer {
    const run = this.#exports[name];
    if (run === undefined) throw new Error(`the module has no export ${name}`);
    return [run(...words) ?? 0, this.#exports.highWord?.() ?? 0];
  }
}

/** The lower and the upper word. */
type Answer = readonly [number, number];
type Asked = (words: readonly number[]) => Answer;

function asked(handler: Handlers[string]): Asked {
  return (words) => {
    const answer = handler(...words) ?? 0;
    return wordsFrom(BigInt(answer), 2) as [number, number];
  };
}

function wordsFrom(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, word) => Number(BigInt.asIntN(32, value >> BigInt(32 * word))));
}

/** The import's name is Porffor's; there is one at most. */
function importsOf(
  wasm: WebAssembly.Module,
  machine: (...words: number[]) => number,
): Record<string, Record<string, unknown>> {
  const imports = WebAssembly.Module.imports(wasm);
  if (imports.length > 1) throw new Error(`the module asks for ${imports.map(({ name }) => name).join(", ")}`);
  return Object.fromEntries(imports.map(({ module, name }) => [module, { [name]: machine }]));
}

/** The import, whose first argument is the number of what is asked. */
function outsideOf(outside: readonly Outside[], answers: ReadonlyMap<string, Asked>): (...words: number[]) => number {
  let high = 0;
  const all = outside.map(({ name }) => answers.get(name));
  return (number = 0, ...words) => {
    if (number === 0) return high;
    const answer = all[number]?.(words);
    if (answer === undefined) throw new Error(`nobody answers ${outside[number]?.name}`);
    high = answer[1];
    return answer[0];
  };
}

const BARRIERS = ["compilerBarrier", "memoryBarrier", "deviceBarrier", "dmaBarrier"];

/** One processor: what is atomic is done at once. Addresses take two words, of which memory has the lower. */
function devices(memory: () => DataView): Handlers {
  const all: Record<string, (...words: number[]) => bigint | undefined> = {};
  for (const name of BARRIERS) all[name] = () => undefined;
  for (const width of [8, 16, 32, 64]) {
    const load = (address: number): bigint => read(memory(), address >>> 0, width);
    const store = (address: number, value: bigint): undefined => write(memory(), address >>> 0, width, value);
    const exchange = (address: number, value: (old: bigint) => bigint): bigint => {
      const old = load(address);
      store(address, value(old));
      return old;
    };
    for (const kind of ["volatile", "atomic"]) {
      all[`${kind}Load${width}`] = (address = 0) => load(address);
      all[`${kind}Store${width}`] = (address = 0, _high, ...value) => store(address, joined(value));
    }
    all[`atomicAdd${width}`] = (address = 0, _high, ...value) => exchange(address, (old) => old + joined(value));
    all[`atomicExchange${width}`] = (address = 0, _high, ...value) => exchange(address, () => joined(value));
    const words = width / 32;
    all[`atomicCompareExchange${width}`] = (address = 0, _high, ...values) =>
      exchange(address, (old) =>
        old === joined(values.slice(0, words)) ? joined(values.slice(words, 2 * words)) : old,
      );
  }
  return all;
}

function joined([low = 0, high = 0]: readonly number[]): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function read(memory: DataView, address: number, width: number): bigint {
  if (width === 8) return BigInt(memory.getUint8(address));
  if (width === 16) return BigInt(memory.getUint16(address, true));
  return width === 32 ? BigInt(memory.getUint32(address, true)) : memory.getBigUint64(address, true);
}

function write(memory: DataView, address: number, width: number, value: bigint): undefined {
  const low = Number(BigInt.asUintN(32, value));
  if (width === 8) memory.setUint8(address, low & 255);
  else if (width === 16) memory.setUint16(address, low & 65535, true);
  else if (width === 32) memory.setUint32(address, low, true);
  else memory.setBigUint64(address, BigInt.asUintN(64, value), true);
}
