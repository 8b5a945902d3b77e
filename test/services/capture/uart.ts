/** Where text goes in tests of the host: into a buffer that the test reads. */

const CAPACITY = 65536;

interface Captured extends Struct<"Captured"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof CAPACITY>;
}

const captured: Captured = zeroed();

let isPassed = false;

/** There is one output, the first. */
export function chooseOutputs(chosen: u32): void {
  isPassed = (chosen & 1) === 0;
}

export function putByte(byte: u8): void {
  if (isPassed || captured.length === CAPACITY) return;
  captured.bytes[captured.length] = byte;
  captured.length++;
}

/** What has been written since the last time. */
export function takeCaptured(to: Bytes): u32 {
  const length = captured.length;
  for (let i: u32 = 0; i < length; i++) to[i] = captured.bytes[i];
  captured.length = 0;
  return length;
}
