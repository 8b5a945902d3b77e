/** @unsafe copies whole runs of bytes whose bounds are checked once */

/**
 * Where decompressed bytes go, and the history that matches copy from: the caller's region, either all of the output or
 * a ring that the caller empties.
 *
 *   one lap     │ other frames │ frame … │ position …      │ end
 *               0              lapStart
 *   ring        │ frame, this lap … │ position … │ frame, the lap before … │ lapEnd  │ end
 *               0 = lapStart
 *
 * O1  lapStart ≤ position ≤ the region's length.
 * O2  In a ring the lap before reaches at least `window` + 64 bytes behind the start of the ring, so that what matches
 *     need of it is neither overwritten nor touched by copies that write up to 32 bytes too far.
 */

export interface Output extends Struct<"Output"> {
  bytes: Bytes;
  /** Where the next byte goes. */
  position: u32;
  /** Where the frame's bytes of this lap begin. */
  lapStart: u32;
  /** Where its bytes of the lap before end. */
  lapEnd: u32;
  /** How many bytes the frame had before this lap, as far as matches can reach them. */
  bytesBefore: u32;
  /** How far back matches may reach. */
  window: u32;
}

/** Begins with `bytes` empty. */
export function startOutput(output: Output, bytes: Bytes): void {
  output.bytes = bytes;
  output.position = 0;
  startHistory(output, 0);
}

/** A frame begins: nothing before it can be copied. */
export function startHistory(output: Output, window: u32): void {
  output.lapStart = output.position;
  output.lapEnd = 0;
  output.bytesBefore = 0;
  output.window = window;
}

/** The next byte goes to the start of the ring. */
export function startLap(output: Output): void {
  output.bytesBefore = reach(output);
  output.lapEnd = output.position;
  output.lapStart = 0;
  output.position = 0;
}

/** How many bytes a match can reach back from here. */
export function reach(output: Output): u32 {
  // Neither is above 2^31: no window is above 8 MiB, and a lap that long reaches back to all of it.
  const lap = output.position - output.lapStart;
  if (lap >= output.window) return output.window;
  const all = lap + output.bytesBefore;
  return all < output.window ? all : output.window;
}

/** Bytes that still fit. */
export function room(output: Output): u32 {
  return output.bytes.length - output.position;
}

/** Appends `bytes`, which fit. */
export function append(output: Output, bytes: Bytes): void {
  const to = subslice(output.bytes, output.position, bytes.length);
  copyMemory(addressOf(to), addressOf(bytes), u64(bytes.length));
  output.position += bytes.length;
}

/** Appends `count` times `byte`; they fit. */
export function appendRun(output: Output, byte: u8, count: u32): void {
  const to = subslice(output.bytes, output.position, count);
  fillMemory(addressOf(to), byte, u64(count));
  output.position += count;
}

/** Appends `count` bytes from `offset` behind, byte by byte; they fit, and 0 < `offset` ≤ reach. */
export function appendMatch(output: Output, offset: u32, count: u32): void {
  const bytes = output.bytes;
  const lap = output.position - output.lapStart;
  const isBefore = offset > lap;
  let from = isBefore ? output.lapEnd - (offset - lap) : output.position - offset;
  let to = output.position;
  for (let i: u32 = 0; i < count; i++) {
    if (isBefore && from === output.lapEnd) from = 0;
    bytes[to] = bytes[from];
    to++;
    from++;
  }
  output.position = to;
}
