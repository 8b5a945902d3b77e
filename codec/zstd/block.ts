import { executeBlock } from "./execute";
import { decodeLiterals, type Literals } from "./literals";
import type { Output } from "./output";
import { openSequences, prepareSequences, resetSequences, type Sequences } from "./sequences";
import { ZstdStatus } from "./status";

/**
 * Compressed blocks (RFC 8878, section 3.1.1.3), and what one leaves to the next of its frame: the Huffman tree, the
 * FSE tables and the offsets used last.
 *
 *   literals section │ sequences section
 */

export interface BlockDecoder extends Struct<"BlockDecoder"> {
  readonly literals: Inline<Literals>;
  readonly sequences: Inline<Sequences>;
  /** What is at fault begins so far behind the start of the block's content. */
  faultAt: u32;
}

/** Once, before the first frame. */
export function prepareBlocks(block: BlockDecoder): void {
  prepareSequences(block.sequences);
}

/** A frame begins. */
export function resetBlocks(block: BlockDecoder): void {
  block.literals.tree.log = 0;
  resetSequences(block.sequences);
}

/** Appends what `content` stands for, `limit` bytes at most. */
export function decodeBlock(block: BlockDecoder, content: Bytes, output: Output, limit: u32): ZstdStatus {
  const literals = block.literals;
  const status = decodeLiterals(literals, content, limit);
  block.faultAt = literals.faultAt;
  if (status !== ZstdStatus.More) return status;
  const from = literals.sectionBytes;
  const opened = openSequences(block.sequences, subslice(content, from, content.length - from));
  block.faultAt = from + block.sequences.faultAt;
  return opened === ZstdStatus.More ? executeBlock(output, literals, block.sequences, limit) : opened;
}
