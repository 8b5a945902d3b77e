import type { BootInfo } from "../../boot/bootInfo";
import { type ByteRing, putIn, takeOut } from "../../drivers/byteRing";
import { flush, hasByte, initNs16550, type Ns16550, receive, send } from "../../drivers/ns16550";

/** The console's serial port: COM1, with a ring that the receive interrupt fills. */

const COM1 = 0x3f8;
/** COM1's line on the ISA bus. */
const UART_LINE = 4;

const port: Ns16550 = zeroed();
const ring: ByteRing = zeroed();

export function initUart(info: BootInfo): void {
  initNs16550(port, COM1);
}

export function putByte(byte: u8): void {
  send(port, byte);
}

/** Waits until everything has been sent: what is still in the port when the machine ends is lost. */
export function flushUart(): void {
  flush(port);
}

/** Its first port. */
export function uartAddress(): u64 {
  return u64(COM1);
}

/** Its interrupt line. */
export function uartLine(): u32 {
  return UART_LINE;
}

/** The next received byte, or -1. With interrupts off it asks the port itself, so that none is needed. */
export function takeByte(): i32 {
  drainUart();
  return takeOut(ring);
}

/** Moves what the port has received into the ring. */
export function drainUart(): void {
  while (hasByte(port)) putIn(ring, receive(port));
}
