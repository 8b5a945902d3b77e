/** @unsafe libFuzzer passes addresses */
import { CborMajor } from "../../../codec/cbor/head";
import {
  type CborReader,
  isAtEnd,
  nextMajor,
  openCbor,
  readArray,
  readBytes,
  readItem,
  readMap,
  readTag,
  readText,
} from "../../../codec/cbor/reader";
import { CborStatus } from "../../../codec/cbor/status";
import { makeItem } from "./cbor-items.kts";
import { type Maker, startMaker } from "./random.kts";

/**
 * The CBOR reader: what it accepts can be read to its end in two ways, and an error names a place in the bytes. Half of
 * the mutations make sound items, as they are or damaged.
 */

const reader: CborReader = zeroed();

/** @extern LLVMFuzzerMutate */
declare function mutateBytes(data: u64, size: u64, maxSize: u64): u64;

/** @entry LLVMFuzzerCustomMutator */
export function mutate(data: u64, size: u64, maxSize: u64, seed: u32): u64 {
  if ((seed & 1) === 0) return mutateBytes(data, size, maxSize);
  const maker = local<Maker>();
  startMaker(maker, seed, castSlice<u8>(data, u32(maxSize)), 0);
  makeItem(maker);
  return (seed & 2) === 0 ? u64(maker.position) : mutateBytes(data, u64(maker.position), maxSize);
}

/** @entry LLVMFuzzerTestOneInput */
export function testOneInput(data: u64, size: u64): i32 {
  const bytes = castSlice<u8>(data, u32(size));
  const status = openCbor(reader, bytes);
  if (status !== CborStatus.Ok) {
    assert(reader.faultAt <= bytes.length, "a fault is in the bytes, or at their end");
    readItem(reader);
    assert(reader.status === status, "an error stays");
    return 0;
  }
  readItem(reader);
  assert(isAtEnd(reader), "the item is all of the bytes");
  openCbor(reader, bytes);
  while (reader.at < bytes.length) readNext();
  assert(isAtEnd(reader), "its items are all of the bytes");
  return 0;
}

function readNext(): void {
  switch (u32(nextMajor(reader))) {
    case u32(CborMajor.Bytes):
      readBytes(reader);
      break;
    case u32(CborMajor.Text):
      readText(reader);
      break;
    case u32(CborMajor.Array):
      readArray(reader);
      break;
    case u32(CborMajor.Map):
      readMap(reader);
      break;
    case u32(CborMajor.Tag):
      readTag(reader);
      break;
    default:
      readItem(reader);
      break;
  }
  assert(reader.status === CborStatus.Ok, "validated bytes can be read by their types");
}
