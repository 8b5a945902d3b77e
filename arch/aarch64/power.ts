/** @unsafe hands the address of a parameter block to the emulator */
import { PsciMethod } from "../../boot/deviceTree";
import { platform } from "./platform";
import { flushUart } from "./uart";

/**
 * Leaving: the emulator with a status, or the machine, once the console has sent its last byte. Each returns only
 * when the machine does not obey.
 */

/** Semihosting for AArch64 and AArch32, 2.2: SYS_EXIT_EXTENDED, and the reason ADP_Stopped_ApplicationExit. */
const SYS_EXIT_EXTENDED = 0x20n;
const APPLICATION_EXIT = 0x2_0026n;
/** PSCI (DEN 0022), 5.9 and 5.10. */
const SYSTEM_OFF = 0x8400_0008n;
const SYSTEM_RESET = 0x8400_0009n;

interface ExitBlock extends Struct<"ExitBlock"> {
  reason: u64;
  status: u64;
}

const exitBlock: ExitBlock = zeroed();

/** @extern cpu_semihosting */
declare function semihosting(operation: u64, block: u64): void;
/** @extern cpu_hypervisorCall */
declare function hypervisorCall(operation: u64): u64;
/** @extern cpu_secureCall */
declare function secureCall(operation: u64): u64;

/** Ends QEMU by semihosting, which must be on. */
export function exitEmulator(status: u32): void {
  flushUart();
  exitBlock.reason = APPLICATION_EXIT;
  exitBlock.status = u64(status);
  compilerBarrier();
  semihosting(SYS_EXIT_EXTENDED, addressOf(exitBlock));
}

export function powerOff(): void {
  flushUart();
  callFirmware(SYSTEM_OFF);
}

export function reboot(): void {
  flushUart();
  callFirmware(SYSTEM_RESET);
}

function callFirmware(operation: u64): void {
  switch (platform.psci) {
    case PsciMethod.Hvc:
      hypervisorCall(operation);
      return;
    case PsciMethod.Smc:
      secureCall(operation);
      return;
    case PsciMethod.None:
      return;
    default:
      unreachable(platform.psci);
  }
}
