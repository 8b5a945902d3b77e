import { HAS_PORTS } from "@arch/layout";
import {
  hasByte as hasByteOf16550,
  initNs16550,
  type Ns16550,
  receive as receiveFrom16550,
  send as sendTo16550,
} from "../../drivers/ns16550";
import {
  hasByte as hasByteOfPl011,
  initPl011,
  type Pl011,
  receive as receiveFromPl011,
  send as sendToPl011,
} from "../../drivers/pl011";
import { SLOT_SPACE } from "../../kernel/object/processSlots";
import { mapAll } from "../../user/calls";
import { usePorts } from "../../user/io/ports";
import { TERMINAL_PORTS, TERMINAL_REGISTERS } from "../slots";

/** The machine's serial port, by the same drivers as the kernel's own. */

const COM1 = 0x3f8;
/** Where this program maps them. */
const REGISTERS = 0x5000_0000n;
const READ_WRITE = 3n;

const ns16550: Ns16550 = zeroed();
const pl011: Pl011 = zeroed();

/** On a machine without ports its registers are mapped first; there may be none. */
export function openUart(): void {
  usePorts(TERMINAL_PORTS);
  if (HAS_PORTS) initNs16550(ns16550, COM1);
  else initPl011(pl011, mapAll(SLOT_SPACE, TERMINAL_REGISTERS, REGISTERS, 1n, READ_WRITE) === 0 ? REGISTERS : 0n);
}

export function sendByte(byte: u8): void {
  if (HAS_PORTS) sendTo16550(ns16550, byte);
  else sendToPl011(pl011, byte);
}

export function hasByte(): boolean {
  return HAS_PORTS ? hasByteOf16550(ns16550) : hasByteOfPl011(pl011);
}

/** The caller knows that there is one. */
export function receiveByte(): u8 {
  return HAS_PORTS ? receiveFrom16550(ns16550) : receiveFromPl011(pl011);
}
