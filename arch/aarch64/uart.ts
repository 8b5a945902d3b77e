import type { BootInfo } from "../../boot/bootInfo";
import { flush, initPl011, type Pl011, send } from "../../drivers/pl011";
import { mapDevice } from "../../kernel/memory/kernelSpace";
import { platform } from "./platform";

/** The console's serial port: the PL011 of the device tree. The kernel only sends; receiving is the driver's affair (services/serial). */

const PL011_BYTES = 4096n;

const port: Pl011 = zeroed();

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
