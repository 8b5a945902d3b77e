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
