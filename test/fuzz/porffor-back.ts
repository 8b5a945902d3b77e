import vm from "node:vm";
import { complaintsAbout } from "../porfforSubset.ts";
import { WasmInstance } from "../wasm.ts";
import type { Back, Compiler } from "./back.ts";
import { FAULTED, NO_PANIC, type ObservedStep, TIMED_OUT } from "./compare.ts";

/** Programs through Porffor and Binaryen, run as Wasm in this process. */

const MEMORY = 1 << 24;
const CONSTANTS = 0x1_0000;
const STATICS = 0x40_0000;
const STACK = { start: 0x80_0000, bytes: 0x10_0000 };
/** Higher ones cost more than Porffor itself, for a part of the chain that is not on trial. */
const LEVEL = 1;
/** Longer than any step takes. */
const MILLISECONDS_A_STEP = 5000;

type Panic = Omit<ObservedStep, "bits" | "hash">;

const NONE: Panic = { kind: NO_PANIC, line: 0, a: 0n, b: 0n, text: 0n, file: 0n };

export class PorfforBack implements Back {
  readonly name = "Porffor";
  readonly #compiler: Compiler;

  readonly #limit: number;

  /** `limit`: of a step, in milliseconds. */
  constructor(compiler: Compiler, limit = MILLISECONDS_A_STEP) {
    this.#compiler = compiler;
    this.#limit = limit;
  }

  async observe(program: unknown, stepCounts: readonly number[]): Promise<Map<string, ObservedStep[][]>> {
    const module = this.#compiler.emitPorffor(program, { constants: CONSTANTS, statics: STATICS, windowHigh: 0 });
    const complaints = complaintsAbout(module.source);
    if (complaints.length > 0) throw new Error(`outside of the safe subset: ${complaints.join("\n")}`);
    const wasm = await this.#compiler.compileWasm(module, { memory: MEMORY, level: LEVEL });
    const execution = new Execution(this.#limit, (panicked) => {
      const handlers = { fuzz_panicked: panicked };
      return new WasmInstance(new WebAssembly.Module(wasm), module, handlers, STACK);
    });
    return new Map([["Wasm", stepCounts.map((count, index) => execution.stepsOf(index, count))]]);
  }
}

/** What harness.c is for C: every step of a program, on the state that the step before left. */
class Execution {
  readonly #limit: number;
  readonly #instance: WasmInstance;
  #panic = NONE;

  constructor(limit: number, start: (panicked: (...words: number[]) => never) => WasmInstance) {
    this.#limit = limit;
    this.#instance = start((kind = 0, text = 0, textHigh = 0, a = 0, aHigh = 0, b = 0, bHigh = 0, ...place) => {
      const [file = 0, fileHigh = 0, line = 0] = place;
      const [hashed, first, second] = [joined(text, textHigh), joined(a, aHigh), joined(b, bHigh)];
      this.#panic = { kind, line, a: first, b: second, text: hashed, file: joined(file, fileHigh) };
      throw new Error("the program panicked");
    });
  }

  stepsOf(program: number, count: number): ObservedStep[] {
    return Array.from({ length: count }, (_, step) => {
      this.#panic = NONE;
      const bits = this.#call("fuzz_run", program, step);
      // A program whose pointers went wild may fault here, too.
      const hash = this.#call("fuzz_hash", program);
      return { ...this.#panic, bits, hash };
    });
  }

  #call(entry: string, ...values: number[]): bigint {
    try {
      return within(this.#limit, () => this.#instance.call(entry, ...values)) ?? 0n;
    } catch (error) {
      if (this.#panic === NONE) this.#panic = { ...NONE, kind: isTimeOut(error) ? TIMED_OUT : FAULTED };
      this.#instance.resetStack();
      return 0n;
    }
  }
}

const SCRIPT = new vm.Script("work()");

/** Ends `work` after so many milliseconds, loops in Wasm, too. */
function within<T>(limit: number, work: () => T): T {
  const context = globalThis as unknown as { work?: () => T };
  context.work = work;
  try {
    return SCRIPT.runInThisContext({ timeout: limit }) as T;
  } finally {
    delete context.work;
  }
}

function isTimeOut(error: unknown): boolean {
  return (error as { code?: string }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}

function joined(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
