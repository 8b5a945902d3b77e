import { nextRandom } from "../../../user/random";

/** Random numbers and bytes for the makers of sound inputs. */

export interface Maker extends Struct<"Maker"> {
  random: u64;
  bytes: Bytes;
  /** Bytes made; what does not fit any more is lost. */
  position: u32;
}

export function startMaker(maker: Maker, seed: u32, bytes: Bytes, position: u32): void {
  maker.random = (u64(seed) << 20n) | 1n;
  maker.bytes = bytes;
  maker.position = position;
}

/** A random number below `limit` > 0. */
export function below(maker: Maker, limit: u32): u32 {
  maker.random = nextRandom(maker.random);
  return u32(maker.random >> 33n) % limit;
}

export function put(maker: Maker, value: u32): void {
  if (maker.position < maker.bytes.length) maker.bytes[maker.position++] = u8(value & 0xff);
}

/** Big-endian. */
export function putBig(maker: Maker, value: u64, bytes: u32): void {
  for (let i = bytes; i > 0; i--) put(maker, u32((value >> u64((i - 1) * 8)) & 0xffn));
}

/** Little-endian. */
export function putLittle(maker: Maker, value: u64, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i++) put(maker, u32((value >> u64(i * 8)) & 0xffn));
}
