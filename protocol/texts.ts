/** Texts in records: their length, and as many bytes in place as the longest has. Printable ASCII, zero behind the end. */

export const NAME_BYTES = 64;
export const VERSION_BYTES = 64;
export const RANGE_BYTES = 128;
export const LINE_BYTES = 192;

/** Of a module, a service or a protocol (codec/package/name.ts), or nothing. */
export interface Name extends Struct<"Name"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof NAME_BYTES>;
}

/** A semantic version, or nothing. */
export interface VersionText extends Struct<"VersionText"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof VERSION_BYTES>;
}

/** A range of versions in node-semver's grammar, or nothing. */
export interface RangeText extends Struct<"RangeText"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof RANGE_BYTES>;
}

/** A line for people, or a value, or nothing. */
export interface LineText extends Struct<"LineText"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof LINE_BYTES>;
}

/** SHA-512 of something. */
export interface Digest extends Struct<"Digest"> {
  readonly bytes: FixedArray<u8, 64>;
}

export function textOfName(name: Name): Bytes {
  return sliceOf(name.bytes, 0, name.length);
}

export function textOfVersion(version: VersionText): Bytes {
  return sliceOf(version.bytes, 0, version.length);
}

export function textOfRange(range: RangeText): Bytes {
  return sliceOf(range.bytes, 0, range.length);
}

export function textOfLine(line: LineText): Bytes {
  return sliceOf(line.bytes, 0, line.length);
}

/** False when `text` is too long. */
export function setName(name: Name, text: Bytes): boolean {
  const length = setText(sliceOf(name.bytes, 0, NAME_BYTES), text);
  name.length = length;
  return length === text.length;
}

/** False when `text` is too long. */
export function setVersion(version: VersionText, text: Bytes): boolean {
  const length = setText(sliceOf(version.bytes, 0, VERSION_BYTES), text);
  version.length = length;
  return length === text.length;
}

/** False when `text` is too long. */
export function setRange(range: RangeText, text: Bytes): boolean {
  const length = setText(sliceOf(range.bytes, 0, RANGE_BYTES), text);
  range.length = length;
  return length === text.length;
}

/** False when `text` is too long. */
export function setLine(line: LineText, text: Bytes): boolean {
  const length = setText(sliceOf(line.bytes, 0, LINE_BYTES), text);
  line.length = length;
  return length === text.length;
}

/** Copies `text` and clears what is behind it; one that is too long becomes nothing. Answers the length. */
function setText(to: Bytes, text: Bytes): u32 {
  const length: u32 = text.length <= to.length ? text.length : 0;
  for (let i: u32 = 0; i < to.length; i++) to[i] = i < length ? text[i] : 0;
  return length;
}
