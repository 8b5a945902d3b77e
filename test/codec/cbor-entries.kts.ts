import {
  type CborReader,
  isAtEnd,
  nextMajor,
  openCbor,
  readArray,
  readBoolean,
  readBytes,
  readInt,
  readItem,
  readMap,
  readTag,
  readText,
  readUint,
  readUintUpTo,
  skipNull,
  startCbor,
} from "../../codec/cbor/reader";
import { CborStatus } from "../../codec/cbor/status";

/** What test/codec/cbor.test.ts calls: koffi passes numbers and pointers. */

const reader: CborReader = zeroed();

/** Status, and the offset at fault in the upper half. */
function verdict(): u64 {
  return u64(u32(reader.status)) | (u64(reader.faultAt) << 32n);
}

/** @entry open_cbor */
export function open(bytes: Bytes): u64 {
  openCbor(reader, bytes);
  return verdict();
}

/**
 * One read of the kind that `what` numbers; the value, of a string its place, and the reader's position.
 *
 * @entry read_cbor
 */
export function read(what: u32, most: u64, value: FixedArray<u64, 2>): u64 {
  value[0] = 0n;
  value[1] = 0n;
  switch (what) {
    case 0:
      value[0] = readUint(reader);
      break;
    case 1:
      value[0] = u64(readInt(reader));
      break;
    case 2:
      noteString(readBytes(reader), value);
      break;
    case 3:
      noteString(readText(reader), value);
      break;
    case 4:
      value[0] = u64(readArray(reader));
      break;
    case 5:
      value[0] = u64(readMap(reader));
      break;
    case 6:
      value[0] = readTag(reader);
      break;
    case 7:
      value[0] = readBoolean(reader) ? 1n : 0n;
      break;
    case 8:
      value[0] = skipNull(reader) ? 1n : 0n;
      break;
    case 9:
      value[0] = readUintUpTo(reader, most);
      break;
    case 10:
      noteString(readItem(reader), value);
      break;
    case 11:
      value[0] = u64(u32(nextMajor(reader)));
      break;
    default:
      value[0] = isAtEnd(reader) ? 1n : 0n;
      break;
  }
  return verdict();
}

/** @entry start_cbor */
export function start(bytes: Bytes): void {
  startCbor(reader, bytes);
}

/** As if nothing had failed. @entry resume_cbor */
export function resume(): void {
  reader.status = CborStatus.Ok;
}

/** Where it ends, and how long it is. */
function noteString(string: Bytes, value: FixedArray<u64, 2>): void {
  value[0] = u64(reader.at);
  value[1] = u64(string.length);
}
