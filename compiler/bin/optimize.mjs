/**
 * Binaryen in a thread of its own: bytes of Wasm come with a port, which takes the optimized bytes or what is wrong. It is
 * JavaScript because a loader of TypeScript would read all of Binaryen first, for ten times as long as Binaryen takes to start.
 */
import { parentPort } from "node:worker_threads";
import binaryen from "binaryen";

function optimize({ wasm, pages, level }) {
  const module = binaryen.readBinary(wasm);
  try {
    const { BulkMemory, BulkMemoryOpt, MutableGlobals } = binaryen.Features;
    module.setFeatures(BulkMemory | BulkMemoryOpt | MutableGlobals);
    if (!module.validate()) throw new Error("Porffor's Wasm is not valid");
    binaryen.setOptimizeLevel(level);
    binaryen.setShrinkLevel(0);
    binaryen.setDebugInfo(true);
    module.setMemory(pages, pages, "memory");
    module.optimize();
    if (!module.validate()) throw new Error("Binaryen's Wasm is not valid");
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

parentPort.on("message", ({ port, ...request }) => {
  try {
    port.postMessage({ wasm: optimize(request) });
  } catch (error) {
    port.postMessage({ error: String(error?.message ?? error) });
  }
});
