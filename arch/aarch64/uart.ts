import type { BootInfo } from "../../boot/bootInfo";
import { type ByteRing, putIn, takeOut } from "../../drivers/byteRing";
import { flush, hasByte, initPl011, type Pl011, receive, send } from "../../drivers/pl011";
import { mapDevice } from "../../kernel/memory/kernelSpace";
import { platform } from "./platform";

/** The console's serial port: the PL011 of the device tree, with a ring that the receive interrupt fills. */

const PL011_BYTES = 4096n;

const port: Pl011 = zeroed();
const ring: ByteRing = zeroed();

export function initUart(info: BootInfo): void {
  initPl011(port, platform.uart === 0n ? 0n : mapDevice(platform.uart, PL011_BYTES));
}

export function putByte(byte: u8): void {
  send(port, byte);
}

/** Waits until everything has been sent: what is still in the port when the machine ends is lost. */
export function flushUart(): void {
  flush(port);
}

/** Physical address of its registers; 0n when there is none. */
export function uartAddress(): u64 {
  return platform.uart;
}

/** Its interrupt line. */
export function uartLine(): u32 {
  return platform.uartLine;
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
