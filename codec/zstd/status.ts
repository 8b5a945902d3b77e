/** What a call of the decoder says; what is wrong with an input is named after the field that is at fault. */

/** @storage u8 */
export const enum ZstdStatus {
  /** All is well, and more input can follow. */
  More,
  /** A ring only: its new bytes have to be taken before the rest of the input is given. */
  Flush,
  /** The input was whole frames. */
  Done,

  /** Neither a frame nor a skippable frame begins here. */
  BadMagic,
  /** The frame header descriptor's reserved bit is set. */
  ReservedBit,
  /** The frame names a dictionary. */
  DictionaryNeeded,
  /** The frame needs a window above 8 MiB. */
  WindowTooLarge,
  /** The ring does not hold the frame's window and a block: see `ringBytes`. */
  RingTooSmall,
  /** The block's type is the reserved one. */
  ReservedBlock,
  /** The block's content, or what it decompresses to, exceeds the window or 128 KiB. */
  BlockTooLarge,
  /** The literals section's header, or its sizes. */
  BadLiterals,
  BadHuffmanTree,
  /** Treeless literals in a frame that had no tree so far. */
  NoHuffmanTree,
  BadHuffmanStream,
  /** The sequences section's header, or bytes after it where there are no sequences. */
  BadSequences,
  BadFseTable,
  /** A repeated table in a frame that had none so far. */
  NoFseTable,
  BadSequenceStream,
  /** Sequences use more literals than the block has. */
  LiteralsOverrun,
  /** A match begins before the frame or the window. */
  BadOffset,
  /** More output than the region has room for. */
  OutputTooLarge,
  /** The frame's content has another size than its header says. */
  ContentSizeMismatch,
  ChecksumMismatch,
  /** The input ends within a frame, or is empty. */
  Truncated,
}
