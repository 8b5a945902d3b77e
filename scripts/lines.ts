import { $ } from "zx";
import { Failure } from "./failure.ts";

/**
 * The kernel's own line table: from addresses to function, TypeScript file and line, for backtraces without a
 * debugger. Made from the debug information of a first link; kernel/fault/backtrace.ts draws the format and
 * reads it.
 */

const MAGIC = 0x4c4e_4553;
const HEADER_BYTES = 16;
const ROW_BYTES = 12;

export interface LineRow {
  /** From the start of the kernel's text; the row holds up to the next one. */
  readonly offset: number;
  /** File index and line, as the compiler numbers panic sites; 0 for code without a TypeScript line. */
  readonly site: number;
  /** The function, with those that it was inlined in: `inner (in outer)`. */
  readonly name: string;
}

interface SymbolizedAddress {
  readonly Address: string;
  /** Innermost first. */
  readonly Symbol: readonly { readonly FileName: string; readonly FunctionName: string; readonly Line: number }[];
}

export interface TextSymbol {
  readonly address: bigint;
  readonly name: string;
}

/** The rows for every instruction in the text of `elf`; `files` are the program's, in the order of its indices. */
export async function lineRows(elf: string, files: readonly string[]): Promise<LineRow[]> {
  const symbols = await textSymbols(elf);
  const start = addressOf(symbols, "kernel_text_start");
  const end = addressOf(symbols, "kernel_text_end");
  const functions = symbols.filter(({ address, name }) => address >= start && address < end && isFunction(name));
  const addresses = new Set([...(await statementAddresses(elf)), ...functions.map(({ address }) => address)]);
  const wanted = [...addresses].filter((address) => address >= start && address < end).sort(ascending);
  const places = await symbolize(elf, wanted);
  const sites = new Map(files.map((file, index) => [file, index]));
  return mergeRows(places.map((place) => rowOf(place, start, sites, functions)));
}

/** Drops each row that says the same as the one before it. */
export function mergeRows(rows: readonly LineRow[]): LineRow[] {
  return rows.filter((row, i) => row.site !== rows[i - 1]?.site || row.name !== rows[i - 1]?.name);
}

/** The table's bytes, little-endian. */
export function encodeLines(rows: readonly LineRow[]): Buffer {
  const nameOffsets = new Map<string, number>();
  const names: Buffer[] = [];
  let nameBytes = 0;
  for (const { name } of rows) {
    if (nameOffsets.has(name)) continue;
    nameOffsets.set(name, nameBytes);
    const bytes = Buffer.from(`${name}\0`);
    names.push(bytes);
    nameBytes += bytes.length;
  }
  const table = Buffer.alloc(HEADER_BYTES + rows.length * ROW_BYTES);
  for (const [i, word] of [MAGIC, rows.length, nameBytes, 0].entries()) table.writeUInt32LE(word, i * 4);
  for (const [i, row] of rows.entries()) {
    const at = HEADER_BYTES + i * ROW_BYTES;
    table.writeUInt32LE(row.offset, at);
    table.writeUInt32LE(row.site, at + 4);
    table.writeUInt32LE(nameOffsets.get(row.name) ?? 0, at + 8);
  }
  return Buffer.concat([table, ...names]);
}

export async function textSymbols(elf: string): Promise<TextSymbol[]> {
  const { stdout } = await $`llvm-nm-19 --defined-only --numeric-sort ${elf}`;
  const symbols: TextSymbol[] = [];
  for (const [, address, name] of stdout.matchAll(/^([0-9a-f]+) [tTrRdDbB] (\S+)$/gm)) {
    if (address !== undefined && name !== undefined) symbols.push({ address: BigInt(`0x${address}`), name });
  }
  return symbols;
}

export function addressOf(symbols: readonly TextSymbol[], name: string): bigint {
  const symbol = symbols.find((each) => each.name === name);
  if (symbol === undefined) throw new Failure(`the linked kernel has no symbol ${name}`);
  return symbol.address;
}

/** Not a mapping symbol, a local label or a mark of the linker script. */
function isFunction(name: string): boolean {
  return !name.startsWith("$") && !name.includes(".") && !/^kernel_\w+_(?:start|end)$/.test(name);
}

async function statementAddresses(elf: string): Promise<bigint[]> {
  const { stdout } = await $`llvm-dwarfdump-19 --debug-line ${elf}`;
  return [...stdout.matchAll(/^(0x[0-9a-f]+) +\d+ +\d+ /gm)].map(([, address]) => BigInt(address ?? 0));
}

async function symbolize(elf: string, addresses: readonly bigint[]): Promise<SymbolizedAddress[]> {
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join("");
  const options = ["--output-style=JSON", "--inlines", "--functions=short", "--relativenames"];
  const { stdout } = await $({ input })`llvm-symbolizer-19 --obj=${elf} ${options}`;
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as SymbolizedAddress);
}

function rowOf(
  place: SymbolizedAddress,
  start: bigint,
  sites: ReadonlyMap<string, number>,
  functions: readonly TextSymbol[],
): LineRow {
  const address = BigInt(place.Address);
  const offset = Number(address - start);
  const frames = place.Symbol.filter(({ FileName, Line }) => sites.has(FileName) && Line !== 0);
  const [innermost, ...callers] = frames;
  if (innermost !== undefined) {
    const site = (((sites.get(innermost.FileName) ?? 0) << 16) | innermost.Line) >>> 0;
    const inlinedIn = callers.map(({ FunctionName }) => FunctionName).join(", ");
    return { offset, site, name: innermost.FunctionName + (inlinedIn === "" ? "" : ` (in ${inlinedIn})`) };
  }
  const symbol = functions.findLast((each) => each.address <= address);
  return { offset, site: 0, name: symbol?.name ?? "" };
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
