import type { BootInfo } from "../../boot/bootInfo";
import { hasByte, initNs16550, type Ns16550, receive, send } from "../../drivers/ns16550";

/** The console's serial port: COM1, with a ring that the receive interrupt fills. */

const COM1 = 0x3f8;
/** COM1's line on the ISA bus. */
export const UART_LINE = 4;
const RING_BYTES = 256;

const port: Ns16550 = zeroed();
const ring: FixedArray<u8, typeof RING_BYTES> = zeroed();
/** Bytes ever put into the ring, and ever taken out; their difference never exceeds RING_BYTES. */
let filled: u32 = 0;
let taken: u32 = 0;

export function initUart(info: BootInfo): void {
  initNs16550(port, COM1);
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
