import type { BootInfo } from "../../boot/bootInfo";
import { hasByte, initPl011, type Pl011, receive, send } from "../../drivers/pl011";
import { mapDevice } from "../../kernel/memory/kernelSpace";
import { platform } from "./platform";

/** The console's serial port: the PL011 of the device tree, with a ring that the receive interrupt fills. */

const RING_BYTES = 256;
const PL011_BYTES = 4096n;

const port: Pl011 = zeroed();
const ring: FixedArray<u8, typeof RING_BYTES> = zeroed();
/** Bytes ever put into the ring, and ever taken out; their difference never exceeds RING_BYTES. */
let filled: u32 = 0;
let taken: u32 = 0;

export function initUart(info: BootInfo): void {
  initPl011(port, platform.uart === 0n ? 0n : mapDevice(platform.uart, PL011_BYTES));
}

export function putByte(byte: u8): void {
  send(port, byte);
}

/** The next received byte, or -1. With interrupts off it asks the port itself, so that none is needed. */
export function takeByte(): i32 {
  drainUart();
  if (filled === taken) return -1;
  const byte = ring[taken & (RING_BYTES - 1)];
  taken++;
  return i32(u32(byte));
}

/** Moves what the port has received into the ring; bytes for which there is no room are dropped. */
export function drainUart(): void {
  while (hasByte(port)) {
    const byte = receive(port);
    if (filled - taken < RING_BYTES) {
      ring[filled & (RING_BYTES - 1)] = byte;
      filled++;
    }
  }
}
