import { in8, out8, out16, pause } from "./cpu";
import { EXIT_BASE, EXIT_PORT } from "./layout";
import { sleepControlPort, softOffType } from "./platform";

/** Leaving: the emulator with a status, or the machine. Each returns only when the machine does not obey. */

/** Soft-off is the sleep type with this bit set (ACPI 6.5, 4.8.3.2.1). */
const SLEEP_ENABLE = 0x2000;
const RESET_PORT = 0xcf9;
const RESET_FULL = 0x06;
const KEYBOARD_COMMAND = 0x64;
const KEYBOARD_INPUT_FULL = 2;
const KEYBOARD_PULSE_RESET = 0xfe;

/** @extern cpu_tripleFault */
declare function tripleFault(): never;

/** Ends QEMU by its isa-debug-exit device; `status` is 0 to 15. */
export function exitEmulator(status: u32): void {
  out8(EXIT_PORT, u8(EXIT_BASE + status));
}

export function powerOff(): void {
  const port = sleepControlPort();
  if (port !== 0) out16(port, u16(SLEEP_ENABLE | (softOffType() << 10)));
  // The transition is not immediate.
  for (let i: u32 = 0; i < 1_000_000; i++) pause();
}

/** By the chipset's reset register, then by the keyboard controller, then by the processor itself. */
export function reboot(): void {
  out8(RESET_PORT, RESET_FULL);
  for (let i: u32 = 0; i < 1_000_000 && (in8(KEYBOARD_COMMAND) & KEYBOARD_INPUT_FULL) !== 0; i++) pause();
  out8(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
  for (let i: u32 = 0; i < 1_000_000; i++) pause();
  tripleFault();
}
