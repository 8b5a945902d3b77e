import { integerOf, isWide, wordsOf } from "../compiler/emit-porffor/words.ts";
import type { Entry, Outside, PorfforModule } from "../compiler/emit-porffor.ts";

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

type Exports = Readonly<Record<string, (...words: number[]) => number>>;

export class WasmInstance {
  readonly memory: DataView;
  readonly #exports: Exports;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #stack: StackPlace;

  constructor(wasm: WebAssembly.Module, module: PorfforModule, handlers: Handlers, stack: StackPlace) {
    const own = module.entries.map((entry) => [entry.symbol, (...words: number[]) => this.#run(entry, words)]);
    const machine = outsideOf(module.outside, { ...Object.fromEntries(own), ...handlers }, () => this.memory);
    const { exports } = new WebAssembly.Instance(wasm, importsOf(wasm, machine));
    this.#exports = exports as Exports;
    const { buffer } = exports.memory as { readonly buffer: ArrayBuffer };
    this.memory = new DataView(buffer);
    this.#entries = new Map(module.entries.map((entry) => [entry.symbol, entry]));
    this.#stack = stack;
    for (const { address, bytes } of [module.constants, module.statics]) new Uint8Array(buffer).set(bytes, address);
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
    return this.#run(entry, words) ?? null;
  }

  #run({ name, result: type }: Entry, words: readonly number[]): bigint | undefined {
    const low = this.#exports[name]?.(...words) ?? 0;
    const count = wordsOf(type);
    if (count === 0) return undefined;
    if (count === 1) return integerOf(type).signed ? BigInt(low) : BigInt(low >>> 0);
    const high = this.#exports.highWord?.() ?? 0;
    const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    return integerOf(type).signed ? BigInt.asIntN(64, bits) : bits;
  }
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

/** What the module asks of the outside: devices are memory, barriers nothing, the rest has handlers. */
function outsideOf(
  outside: readonly Outside[],
  handlers: Handlers,
  memory: () => DataView,
): (...words: number[]) => number {
  let high = 0;
  const all = { ...devices(memory), ...handlers };
  const asked = outside.map(({ name }) => all[name]);
  return (number = 0, ...words) => {
    if (number === 0) return high;
    const handler = asked[number];
    if (handler === undefined) throw new Error(`nobody answers ${outside[number]?.name}`);
    const [low, upper = 0] = wordsFrom(BigInt(handler(...words) ?? 0), 2);
    high = upper;
    return low ?? 0;
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
