import { disableInterrupts } from "@arch/cpu";
import { exitEmulator, reboot as restart, powerOff as switchOff } from "@arch/power";
import { endWatch } from "@build/watch";
import { bootInfo, isOption } from "../../boot/bootInfo";
import { ErrorCode } from "../ipc/messageInfo";
import { argument, wrong } from "../syscall/request";

/** PowerControl.PowerOff: the status for the emulator's runner, 0 to 15. Fails with Busy when the machine stays on. */
export function powerOff(): ErrorCode {
  const status = argument(0);
  if (status > 15n) return wrong(ErrorCode.RangeError, 0);
  endWatch();
  disableInterrupts();
  if (isOption(bootInfo, "exit", "emulator")) exitEmulator(u32(status));
  switchOff();
  return ErrorCode.Busy;
}

/** PowerControl.Reboot. Fails with Busy when the machine goes on. */
export function reboot(): ErrorCode {
  disableInterrupts();
  restart();
  return ErrorCode.Busy;
}
