import type { BootInfo } from "../../boot/bootInfo";
import { flush, initNs16550, type Ns16550, send } from "../../drivers/ns16550";
import { showByte } from "./screen";

/**
 * The console's serial port: COM1, and the screen beside it; either may be missing. The kernel only sends; receiving is the
 * drivers' affair (services/serial, services/screen).
 */

const COM1 = 0x3f8;
/** COM1's line on the ISA bus. */
const UART_LINE = 4;

const port: Ns16550 = zeroed();

export function initUart(info: BootInfo): void {
  initNs16550(port, COM1);
}

export function putByte(byte: u8): void {
  send(port, byte);
  showByte(byte);
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
