/** Lines for programs on the host: a word, decimal numbers, and numbers of 16 hexadecimal digits, a space before each. */
export interface NumberLine extends Struct<"NumberLine"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof LINE_BYTES>;
}

const LINE_BYTES = 128;
const DIGITS = 16;

export function beginNumbers(line: NumberLine, word: Bytes): void {
  line.length = 0;
  for (let i: u32 = 0; i < word.length; i++) put(line, word[i]);
}

export function putHex(line: NumberLine, value: u64): void {
  put(line, 0x20);
  for (let i: u32 = DIGITS; i > 0; i--) {
    const digit = u8((value >> u64((i - 1) * 4)) & 15n);
    put(line, digit < 10 ? u8(digit + 0x30) : u8(digit + 0x57));
  }
}

/** Below 10,000. */
export function putDecimal(line: NumberLine, value: u32): void {
  put(line, 0x20);
  for (let unit: u32 = 1000; unit > 0; unit /= 10) {
    if (value >= unit || unit === 1) put(line, u8(0x30 + ((value / unit) % 10)));
  }
}

/** With its line feed. */
export function textOfNumbers(line: NumberLine): Bytes {
  put(line, 0x0a);
  return sliceOf(line.bytes, 0, line.length);
}

function put(line: NumberLine, byte: u8): void {
  if (line.length === LINE_BYTES) return;
  line.bytes[line.length] = byte;
  line.length++;
}
