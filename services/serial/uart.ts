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
import { usePorts } from "../../user/io/ports";
import { SERIAL_PORTS } from "../slots";

/** The machine's serial port, by the same drivers as the kernel's own. */

const ns16550: Ns16550 = zeroed();
const pl011: Pl011 = zeroed();

/** `address`: its first port, or where its registers are mapped (0n when there is none). */
export function openUart(address: u64): void {
  usePorts(SERIAL_PORTS);
  if (HAS_PORTS) initNs16550(ns16550, u16(address));
  else initPl011(pl011, address);
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
