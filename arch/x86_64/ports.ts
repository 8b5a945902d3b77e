import { in8, in16, in32, out8, out16, out32 } from "./cpu";

/** I/O ports (SDM volume 1, chapter 19). */

/** Reads 1, 2 or 4 bytes. */
export function readPort(port: u16, bytes: u32): u32 {
  if (bytes === 1) return u32(in8(port));
  return bytes === 2 ? u32(in16(port)) : in32(port);
}

/** Writes 1, 2 or 4 bytes. */
export function writePort(port: u16, bytes: u32, value: u32): void {
  if (bytes === 1) out8(port, u8(value & 0xff));
  else if (bytes === 2) out16(port, u16(value & 0xffff));
  else out32(port, value);
}
