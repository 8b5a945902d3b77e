/** @unsafe copies the parameters from where it has mapped them */
import { SLOT_PARAMETERS, SLOT_SPACE } from "../kernel/object/processSlots";
import { isEqual } from "../kernel/text";
import { mapAll, unmapAll } from "./calls";

/**
 * What a module was told by whoever has loaded it: lines `KEY=VALUE`, behind their length in a Region
 * (protocol/parameters.ts). They are copied once: the Region's giver can still write to it.
 *
 *   openParameters();
 *   const seed = numberParameter("seed", 1n);
 */

const PARAMETERS_ADDRESS = 0x6000_0000_0000n;
const READ = 1n;
const MAX_BYTES = 4088;
const LINE_FEED = 0x0a;
const EQUALS = 0x3d;
const ZERO = 0x30;
const NINE = 0x39;

interface Parameters extends Struct<"Parameters"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof MAX_BYTES>;
}

const parameters: Parameters = zeroed();

/** Before any of the others; without parameters every key is without a value. */
export function openParameters(): void {
  if (mapAll(SLOT_SPACE, SLOT_PARAMETERS, PARAMETERS_ADDRESS, 1n, READ) !== 0) return;
  const claimed = volatileLoad64(PARAMETERS_ADDRESS);
  parameters.length = claimed < u64(MAX_BYTES) ? u32(claimed) : MAX_BYTES;
  for (let i: u32 = 0; i < parameters.length; i++) {
    parameters.bytes[i] = volatileLoad8(PARAMETERS_ADDRESS + 8n + u64(i));
  }
  unmapAll(SLOT_SPACE, SLOT_PARAMETERS);
}

/** The value of the first line with this key; nothing when there is none. */
export function parameter(key: Bytes): Bytes {
  for (let at: u32 = 0; at < parameters.length; ) {
    const line = restOfLine(at);
    const isKey = line.length > key.length && line[key.length] === EQUALS;
    if (isKey && isEqual(subslice(line, 0, key.length), key)) {
      return subslice(line, key.length + 1, line.length - key.length - 1);
    }
    at += line.length + 1;
  }
  return "";
}

function restOfLine(from: u32): Bytes {
  let end = from;
  while (end < parameters.length && parameters.bytes[end] !== LINE_FEED) end++;
  return sliceOf(parameters.bytes, from, end - from);
}

/** The same as a decimal number; `otherwise` when it is none. */
export function numberParameter(key: Bytes, otherwise: u64): u64 {
  const digits = parameter(key);
  let value: u64 = 0n;
  for (let i: u32 = 0; i < digits.length; i++) {
    if (digits[i] < ZERO || digits[i] > NINE) return otherwise;
    value = value * 10n + u64(u32(digits[i]) - ZERO);
  }
  return digits.length === 0 ? otherwise : value;
}
