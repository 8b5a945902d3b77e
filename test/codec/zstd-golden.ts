import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** zstd's golden files beside the checkout, where there are any. */

export const GOLDEN_FOLDER = path.resolve(import.meta.dirname, "../../../shared/vectors/zstd");
const MAX_WINDOW = 8 << 20;

export interface GoldenCase {
  readonly file: string;
  readonly plain: string | null;
  readonly accept: boolean;
  readonly plainSize?: number;
  readonly how: string;
  readonly frames?: readonly { readonly dictId: number | null; readonly windowSize: number }[];
}

export function goldenCases(): readonly GoldenCase[] {
  const manifest = path.join(GOLDEN_FOLDER, "manifest.json");
  if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, "utf8")) as { cases: GoldenCase[] }).cases;
  console.log("skipped: shared/vectors/zstd is not beside this checkout");
  return [];
}

/** Whether the file is one for a decoder without dictionaries and with windows up to 8 MiB. */
export function isGoldenAccepted({ accept, frames }: GoldenCase): boolean {
  return accept && !(frames?.some(({ windowSize, dictId }) => windowSize > MAX_WINDOW || dictId) ?? false);
}

/** What is at fault in the files to reject. */
const REJECTED: Readonly<Record<string, string>> = {
  "golden-decompression-errors/off0.bin.zst": "BadOffset at 13",
  "golden-decompression-errors/truncated_huff_state.zst": "BadHuffmanTree at 12",
  "golden-decompression-errors/zeroSeq_extraneous.zst": "BadSequences at 25",
  "made-reject/checksum-flip.zst": "ChecksumMismatch at 608",
  "made-reject/truncated-checksum.zst": "Truncated at 611",
  "made-reject/truncated-half.zst": "Truncated at 306",
  "made-reject/header-only.zst": "Truncated at 6",
  "made-reject/bad-magic.zst": "BadMagic at 0",
  "made-reject/reserved-bit.zst": "ReservedBit at 4",
  "made-reject/reserved-block.zst": "ReservedBlock at 6",
  "made-reject/content-size-lie.zst": "ContentSizeMismatch at 12",
  "made-reject/block-too-big.zst": "BlockTooLarge at 6",
  "made-reject/rle-over-128k.zst": "BlockTooLarge at 6",
  "made-reject/trailing-garbage.zst": "Truncated at 615",
  "made-reject/no-last-block.zst": "Truncated at 12",
  "made-reject/window-huge.zst": "WindowTooLarge at 5",
  "made-reject/skippable-cut.zst": "Truncated at 11",
};
const DICTIONARY = "DictionaryNeeded at 5";

/** What is wrong with a file that is not accepted, and where. */
export function faultOf({ file }: GoldenCase): string {
  return REJECTED[file] ?? DICTIONARY;
}
