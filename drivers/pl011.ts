/** @unsafe reads and writes the device's registers */

/** The PL011 serial port (DDI 0183): 8 bits, no parity, received bytes announced by an interrupt. */

const DATA = 0x00n;
const FLAGS = 0x18n;
const LINE_CONTROL = 0x2cn;
const CONTROL = 0x30n;
const INTERRUPT_MASK = 0x38n;
const INTERRUPT_CLEAR = 0x44n;

const IS_SENDING = 0x08;
const CANNOT_SEND = 0x20;
const NOTHING_RECEIVED = 0x10;
/** 8 bits, FIFOs on. */
const EIGHT_BITS_FIFO = 0x70;
/** On, sending, receiving. */
const ENABLED = 0x301;
/** A FIFO is half full, or has kept a byte for a while. */
const RECEIVED = 0x50;
const ALL_INTERRUPTS = 0x7ff;

export interface Pl011 extends Struct<"Pl011"> {
  /** Where its registers are, or 0n when there is none. */
  base: u64;
}

/** The rate stays as the firmware has set it. */
export function initPl011(port: Pl011, base: u64): void {
  port.base = base;
  if (base === 0n) return;
  flush(port);
  volatileStore32(base + INTERRUPT_MASK, 0);
  volatileStore32(base + CONTROL, 0);
  volatileStore32(base + LINE_CONTROL, EIGHT_BITS_FIFO);
  volatileStore32(base + CONTROL, ENABLED);
  volatileStore32(base + INTERRUPT_CLEAR, ALL_INTERRUPTS);
  volatileStore32(base + INTERRUPT_MASK, RECEIVED);
}

/** Waits for room, then sends. */
export function send(port: Pl011, byte: u8): void {
  if (port.base === 0n) return;
  while ((volatileLoad32(port.base + FLAGS) & CANNOT_SEND) !== 0) {}
  volatileStore32(port.base + DATA, byte);
}

/** Waits until everything has been sent. */
export function flush(port: Pl011): void {
  if (port.base === 0n) return;
  while ((volatileLoad32(port.base + FLAGS) & IS_SENDING) !== 0) {}
}

export function hasByte(port: Pl011): boolean {
  return port.base !== 0n && (volatileLoad32(port.base + FLAGS) & NOTHING_RECEIVED) === 0;
}

/** The next received byte; the caller knows that there is one. */
export function receive(port: Pl011): u8 {
  return u8(volatileLoad32(port.base + DATA));
}
