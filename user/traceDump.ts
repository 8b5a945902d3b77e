import { answerAt, debugWrite, type Message } from "./message";
import { traceControlRead } from "./stubs/traceControl";

/** Writes what a trace has recorded to the console, a line a record, for scripts/trace.ts: `trace:` and four numbers. */

const RECORD_WORDS = 4;

export function dumpTrace(traceControl: u32): void {
  const message = local<Message>();
  let at: u64 = 0n;
  while (traceControlRead(message, traceControl, at) === 0 && message.words[1] !== 0n) {
    at = message.words[0];
    for (let i: u32 = 0; i < u32(message.words[1]); i++) {
      debugWrite("trace:");
      for (let j: u32 = 0; j < RECORD_WORDS; j++) writeWord(answerAt(message, 2 + i * RECORD_WORDS + j));
      debugWrite("\n");
    }
  }
}

function writeWord(value: u64): void {
  const text = local<FixedArray<u8, 17>>();
  text[0] = 0x20;
  for (let i: u32 = 0; i < 16; i++) {
    const digit = u8((value >> u64((15 - i) * 4)) & 15n);
    text[i + 1] = digit < 10 ? u8(digit + 0x30) : u8(digit + 0x57);
  }
  debugWrite(sliceOf(text, 0, 17));
}
