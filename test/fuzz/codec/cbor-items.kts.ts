import { MAX_DEPTH } from "../../../codec/cbor/validate";
import { below, type Maker, put, putBig } from "./random.kts";

/** Random data items in the deterministic encoding: what a mutation of single bytes hardly ever keeps sound. */

const LEVELS = MAX_DEPTH + 1;

interface Open extends Struct<"Open"> {
  left: u32;
  isMap: boolean;
  /** Of a map's next pair: keys are numbers that grow. */
  key: u32;
}

interface Levels extends Struct<"Levels"> {
  readonly levels: FixedArray<Inline<Open>, typeof LEVELS>;
}

/** Appends one item with everything inside. */
export function makeItem(maker: Maker): void {
  const open = local<Levels>();
  let depth: u32 = 0;
  open.levels[0].left = 1;
  open.levels[0].isMap = false;
  for (;;) {
    const level = open.levels[depth];
    if (level.left === 0) {
      if (depth === 0) return;
      depth--;
      continue;
    }
    level.left--;
    if (level.isMap) {
      level.key += 1 + below(maker, 40);
      putHead(maker, 0, u64(level.key));
    }
    const count = makeOne(maker, depth < MAX_DEPTH);
    if (count.items === 0 && !count.isMap) continue;
    depth++;
    open.levels[depth].left = count.items;
    open.levels[depth].isMap = count.isMap;
    open.levels[depth].key = 0;
  }
}

interface Contents extends Struct<"Contents"> {
  items: u32;
  isMap: boolean;
}

const contents: Contents = zeroed();

/** A head, and the contents of a string; answers what has to follow. */
function makeOne(maker: Maker, canNest: boolean): Contents {
  const kind = below(maker, canNest ? 9 : 6);
  contents.items = kind < 6 ? 0 : kind === 8 ? 1 : below(maker, 5);
  contents.isMap = kind === 7;
  if (kind < 2) putHead(maker, kind, u64(below(maker, 0x7fff_ffff)) >> u64(below(maker, 31)));
  else if (kind < 4) makeString(maker, kind);
  else if (kind === 4) put(maker, 0xf4 + below(maker, 4));
  else if (kind === 5) putFloat(maker);
  else if (kind === 8) putHead(maker, 6, u64(below(maker, 60)));
  else putHead(maker, kind === 6 ? 4 : 5, u64(contents.items));
  return contents;
}

function makeString(maker: Maker, major: u32): void {
  const length = below(maker, 2) === 0 ? below(maker, 8) : below(maker, 300);
  putHead(maker, major, u64(length));
  for (let i: u32 = 0; i < length; i++) put(maker, 0x20 + below(maker, 0x5f));
}

/** A half is as short as can be, and so is a single with its last bit set. */
function putFloat(maker: Maker): void {
  if (below(maker, 2) === 0) {
    put(maker, 0xf9);
    putBig(maker, u64(below(maker, 0x7c00)), 2);
  } else {
    put(maker, 0xfa);
    putBig(maker, 0x4000_0001n | u64(below(maker, 0x100_0000)), 4);
  }
}

export function putHead(maker: Maker, major: u32, argument: u64): void {
  if (argument < 24n) {
    put(maker, (major << 5) | u32(argument));
    return;
  }
  const size: u32 = argument <= 0xffn ? 0 : argument <= 0xffffn ? 1 : argument <= 0xffff_ffffn ? 2 : 3;
  put(maker, (major << 5) | (24 + size));
  putBig(maker, argument, 1 << size);
}
