import { in8, in16, out8, out16, pause } from "./cpu";
import { EXIT_BASE, EXIT_PORT } from "./layout";
import { platform, writeRegister } from "./platform";
import { flushUart } from "./uart";

/**
 * Leaving: the emulator with a status, or the machine, once the console has sent its last byte. Each returns only
 * when the machine does not obey.
 */

/** In the PM1 control register (ACPI 6.5, 4.8.3.2.1): ACPI mode is on; sleep now. The type of sleep starts at bit 10. */
const PM1_ACPI_MODE = 1;
const PM1_SLEEP_ENABLE = 0x2000;
/** In the sleep control register of machines without PM1 (4.8.3.7). The type of sleep starts at bit 2. */
const SLEEP_ENABLE = 0x20;
const RESET_PORT = 0xcf9;
const RESET_HARD = 0x02;
const RESET_FULL = 0x06;
const KEYBOARD_COMMAND = 0x64;
const KEYBOARD_INPUT_FULL = 2;
const KEYBOARD_PULSE_RESET = 0xfe;
const PATIENCE = 1_000_000;

/** Resets the machine by an exception that cannot be delivered. @extern cpu_tripleFault */
declare function tripleFault(): never;

/** Ends QEMU by its isa-debug-exit device; `status` is 0 to 15. */
export function exitEmulator(status: u32): void {
  flushUart();
  out8(EXIT_PORT, u8(EXIT_BASE + status));
}

/** By ACPI's soft-off. */
export function powerOff(): void {
  flushUart();
  if (platform.pm1Control !== 0) {
    enterAcpiMode();
    out16(platform.pm1Control, u16(PM1_SLEEP_ENABLE | (platform.softOff << 10)));
  }
  writeRegister(platform.sleepControl, u8(SLEEP_ENABLE | (platform.softOff << 2)));
  // The transition is not immediate.
  rest();
}

/** By ACPI's reset register, the chipset's, the keyboard controller, and what no processor survives. */
export function reboot(): void {
  flushUart();
  writeRegister(platform.reset, platform.resetValue);
  rest();
  out8(RESET_PORT, RESET_HARD);
  out8(RESET_PORT, RESET_FULL);
  rest();
  for (let i: u32 = 0; i < PATIENCE && (in8(KEYBOARD_COMMAND) & KEYBOARD_INPUT_FULL) !== 0; i++) pause();
  out8(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
  rest();
  tripleFault();
}

/** Firmware that starts in legacy mode obeys PM1 only once it has been told to (4.8.2.5). */
function enterAcpiMode(): void {
  if (platform.smiCommand === 0 || platform.acpiEnable === 0) return;
  if ((in16(platform.pm1Control) & PM1_ACPI_MODE) !== 0) return;
  out8(platform.smiCommand, platform.acpiEnable);
  for (let i: u32 = 0; i < PATIENCE && (in16(platform.pm1Control) & PM1_ACPI_MODE) === 0; i++) pause();
}

function rest(): void {
  for (let i: u32 = 0; i < PATIENCE; i++) pause();
}
