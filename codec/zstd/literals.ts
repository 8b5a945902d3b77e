import { littleEndian } from "../littleEndian";
import { type HuffmanScratch, type HuffmanTable, readTree } from "./huffman";
import { decodeFourStreams, decodeOneStream } from "./huffman-streams";
import { ZstdStatus } from "./status";

/**
 * The literals section of a compressed block (RFC 8878, section 3.1.1.3.1): its header and the bytes that it stands for.
 *
 *   bits 0, 1 of the first byte   Raw, RLE, Compressed (tree │ streams), Treeless (streams, with the tree before)
 *   bits 2, 3                     which of the header's lengths
 */

export const MAX_LITERALS = 131072;
/** With room behind them, into which copies of whole words may run. */
const LITERALS_BYTES = 131136;

const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;

export interface Literals extends Struct<"Literals"> {
  /** How many there are, and how many of them are in the output. */
  count: u32;
  taken: u32;
  /** Bytes that the section takes in its block. */
  sectionBytes: u32;
  /** What is at fault begins so far behind the start of the block. */
  faultAt: u32;
  readonly bytes: FixedArray<u8, typeof LITERALS_BYTES>;
  readonly tree: Inline<HuffmanTable>;
  readonly scratch: Inline<HuffmanScratch>;
}

/** Decodes the section at the start of `block` into at most `limit` literals. */
export function decodeLiterals(literals: Literals, block: Bytes, limit: u32): ZstdStatus {
  literals.faultAt = 0;
  literals.taken = 0;
  if (block.length === 0) return ZstdStatus.BadLiterals;
  const kind = u32(block[0]) & 3;
  const format = (u32(block[0]) >>> 2) & 3;
  if (kind === RAW || kind === RLE) return copyLiterals(literals, block, limit, kind, format);
  const headBytes: u32 = format < 2 ? 3 : format + 2;
  if (block.length < headBytes) return ZstdStatus.BadLiterals;
  const head = littleEndian(block, headBytes) >> 4n;
  const sizeBits: u64 = format < 2 ? 10n : format === 2 ? 14n : 18n;
  const count = u32(head & ((1n << sizeBits) - 1n));
  const size = u32(head >> sizeBits);
  if (count > limit || count > MAX_LITERALS || size > block.length - headBytes) return ZstdStatus.BadLiterals;
  literals.count = count;
  literals.sectionBytes = headBytes + size;
  literals.faultAt = headBytes;
  let content = subslice(block, headBytes, size);
  if (kind === COMPRESSED) {
    const tree = readTree(literals.tree, literals.scratch, content);
    if (tree === 0) return ZstdStatus.BadHuffmanTree;
    literals.faultAt += tree;
    content = subslice(content, tree, size - tree);
  } else if (literals.tree.log === 0) return ZstdStatus.NoHuffmanTree;
  const output = sliceOf(literals.bytes, 0, count);
  const isWhole =
    format === 0 ? decodeOneStream(literals.tree, content, output) : decodeFourStreams(literals.tree, content, output);
  return isWhole ? ZstdStatus.More : ZstdStatus.BadHuffmanStream;
}

/** Literals that stand in the block as they are, or one that is repeated. */
function copyLiterals(literals: Literals, block: Bytes, limit: u32, kind: u32, format: u32): ZstdStatus {
  const headBytes: u32 = format === 1 ? 2 : format === 3 ? 3 : 1;
  if (block.length < headBytes) return ZstdStatus.BadLiterals;
  const head = u32(littleEndian(block, headBytes));
  const count = headBytes === 1 ? head >>> 3 : head >>> 4;
  const size = kind === RAW ? count : 1;
  if (count > limit || count > MAX_LITERALS || size > block.length - headBytes) return ZstdStatus.BadLiterals;
  literals.count = count;
  literals.sectionBytes = headBytes + size;
  const content = subslice(block, headBytes, size);
  const output = sliceOf(literals.bytes, 0, count);
  if (kind === RAW) for (let i: u32 = 0; i < count; i++) output[i] = content[i];
  else for (let i: u32 = 0; i < count; i++) output[i] = content[0];
  return ZstdStatus.More;
}
