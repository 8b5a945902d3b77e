import { readPort, writePort } from "@io/ports";

/**
 * The 16550 serial port behind IO ports (PC16550D data sheet): 115,200 baud, 8 bits, no parity, received bytes
 * announced by an interrupt. For the kernel and for a driver in user mode: `@io` reaches the ports.
 */

const DATA = 0;
const INTERRUPT_ENABLE = 1;
const FIFO_CONTROL = 2;
const LINE_CONTROL = 3;
const MODEM_CONTROL = 4;
const LINE_STATUS = 5;

const DIVISOR_LATCH = 0x80;
const EIGHT_BITS = 0x03;
const DIVISOR_115200 = 1;
/** FIFOs on and emptied, an interrupt at the first byte. */
const FIFO_ON = 0x07;
/** DTR, RTS, and OUT2, which lets interrupts out of the chip. */
const MODEM_READY = 0x0b;
const RECEIVED = 0x01;
const CAN_SEND = 0x20;
/** The last byte has left the chip. */
const HAS_SENT = 0x40;
/** A port that is not there answers with all bits set. */
const ABSENT = 0xff;

export interface Ns16550 extends Struct<"Ns16550"> {
  base: u16;
  isPresent: boolean;
}

export function initNs16550(port: Ns16550, base: u16): void {
  port.base = base;
  port.isPresent = read(port, LINE_STATUS) !== ABSENT;
  // Emptying the FIFO would lose what is still in it.
  flush(port);
  write(port, INTERRUPT_ENABLE, 0);
  write(port, LINE_CONTROL, DIVISOR_LATCH | EIGHT_BITS);
  write(port, DATA, DIVISOR_115200);
  write(port, INTERRUPT_ENABLE, 0);
  write(port, LINE_CONTROL, EIGHT_BITS);
  write(port, FIFO_CONTROL, FIFO_ON);
  write(port, MODEM_CONTROL, MODEM_READY);
  write(port, INTERRUPT_ENABLE, RECEIVED);
}

/** Waits for room, then sends. */
export function send(port: Ns16550, byte: u8): void {
  if (!port.isPresent) return;
  while ((read(port, LINE_STATUS) & CAN_SEND) === 0) {}
  write(port, DATA, byte);
}

/** Waits until everything has been sent. */
export function flush(port: Ns16550): void {
  if (!port.isPresent) return;
  while ((read(port, LINE_STATUS) & HAS_SENT) === 0) {}
}

export function hasByte(port: Ns16550): boolean {
  return port.isPresent && (read(port, LINE_STATUS) & RECEIVED) !== 0;
}

/** The next received byte; the caller knows that there is one. */
export function receive(port: Ns16550): u8 {
  return read(port, DATA);
}

function read(port: Ns16550, register: u16): u8 {
  return u8(readPort(u16(port.base + register), 1) & 0xff);
}

function write(port: Ns16550, register: u16, value: u8): void {
  writePort(u16(port.base + register), 1, u32(value));
}
