import { HAS_PORTS } from "@arch/layout";
import { CapType } from "../../kernel/cap/capability";
import {
  SLOT_CNODE,
  SLOT_IMAGE,
  SLOT_INSPECT,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_POWER_CONTROL,
} from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, copyInto, mapAll, mintInto, retypeInto, revoke, slotIn } from "../../user/calls";
import { cutPage } from "../../user/device";
import { initInfo } from "../../user/initInfo";
import { CNODE, SLOTS_OF_PROCESS, SPACE, THREAD } from "../../user/process";
import {
  CONSOLE_ENDPOINT,
  CONSOLE_FAULTS,
  CONSOLE_INSPECT,
  CONSOLE_MEMORY,
  CONSOLE_NOTIFICATION,
  CONSOLE_POWER,
  CONSOLE_REPLY,
  CONSOLE_SERIAL,
  CONSOLE_TIMER,
  SERIAL_CONSOLE,
  SERIAL_ENDPOINT,
  SERIAL_IRQ,
  SERIAL_IRQ_BADGE,
  SERIAL_PORTS,
  SERIAL_REPLY,
} from "../slots";
import { SLOT_CONSOLE, SLOT_DEVICE, SLOT_DEVICE_PIECES, SLOT_SERIAL } from "./slots";

/** What each service is given, before it starts: nothing else is in its reach. */

const RECEIVE = 1n;
const SEND = 2n;
const ALL_RIGHTS = 7n;
const READ_WRITE = 3n;
const UART_PORTS = 8n;
const DEVICE_ADDRESS = 0x5000_0000n;
const CONSOLE_BADGE = 1n;
const SERIAL_BADGE = 2n;
const MEMORY_SIZE = 18n;

/** Of a service, behind its process's slots in init's CNode. */
const NOTIFICATION = SLOTS_OF_PROCESS;
const IRQ_SIGNAL = SLOTS_OF_PROCESS + 1;

let firstError: u32 = 0;

/** The first error of what has been granted since the last time; 0 when there was none. */
export function takeGrantError(): u32 {
  const error = firstError;
  firstError = 0;
  return error;
}

function note(error: u32): void {
  if (firstError === 0) firstError = error;
}

/** The driver: its port, its interrupt, where it sends what it receives. Answers its argument. */
export function giveSerial(address: u64, first: u32, budget: u32, _image: u32): u64 {
  const info = initInfo(address);
  const cnode = first + CNODE;
  note(mintInto(cnode, SLOT_SERIAL, SERIAL_ENDPOINT, RECEIVE, 0n));
  note(mintInto(cnode, SLOT_CONSOLE, SERIAL_CONSOLE, SEND, SERIAL_BADGE));
  note(retypeInto(cnode, budget, CapType.Reply, 0n, SERIAL_REPLY));
  note(retypeInto(SLOT_CNODE, budget, CapType.Notification, 0n, first + NOTIFICATION));
  note(mintInto(SLOT_CNODE, first + NOTIFICATION, first + IRQ_SIGNAL, ALL_RIGHTS, SERIAL_IRQ_BADGE));
  note(ask(first + THREAD, Invocation.ThreadBindNotification, 0n, 0n, first + NOTIFICATION));
  note(ask(SLOT_IRQ_CONTROL, Invocation.IrqControlClaim, info.uartLine, u64(SERIAL_IRQ), cnode));
  note(ask(slotIn(cnode, SERIAL_IRQ), Invocation.IrqHandlerSetNotification, 0n, 0n, first + IRQ_SIGNAL));
  if (HAS_PORTS) {
    const last = info.uartAddress + UART_PORTS - 1n;
    note(mintInto(cnode, SLOT_IO_PORT, SERIAL_PORTS, ALL_RIGHTS, info.uartAddress | (last << 16n)));
    return info.uartAddress;
  }
  if (info.uartAddress === 0n) return 0n;
  if (cutPage(address, info.uartAddress, SLOT_DEVICE, SLOT_DEVICE_PIECES) === 0) return 0n;
  note(mapAll(first + SPACE, SLOT_DEVICE, DEVICE_ADDRESS, 1n, READ_WRITE));
  return DEVICE_ADDRESS;
}

/** Device memory is not part of a service's budget. */
export function takeBackDevice(untyped: u32): void {
  if (untyped !== 0) revoke(untyped);
}

/** The console: input, output, what it can ask the kernel, and memory for processes that fault. */
export function giveConsole(_address: u64, first: u32, budget: u32, image: u32): u64 {
  const cnode = first + CNODE;
  note(copyInto(cnode, cnode, SLOT_CNODE));
  note(copyInto(cnode, image, SLOT_IMAGE));
  note(mintInto(cnode, SLOT_CONSOLE, CONSOLE_ENDPOINT, RECEIVE, 0n));
  note(mintInto(cnode, SLOT_SERIAL, CONSOLE_SERIAL, SEND, CONSOLE_BADGE));
  note(copyInto(cnode, SLOT_INSPECT, CONSOLE_INSPECT));
  note(copyInto(cnode, SLOT_POWER_CONTROL, CONSOLE_POWER));
  note(retypeInto(cnode, budget, CapType.Timer, 0n, CONSOLE_TIMER));
  note(retypeInto(cnode, budget, CapType.Notification, 0n, CONSOLE_NOTIFICATION));
  note(retypeInto(cnode, budget, CapType.Reply, 0n, CONSOLE_REPLY));
  note(retypeInto(cnode, budget, CapType.Endpoint, 0n, CONSOLE_FAULTS));
  // Last: it takes the budget's second half.
  note(retypeInto(cnode, budget, CapType.Untyped, MEMORY_SIZE, CONSOLE_MEMORY));
  return 0n;
}
