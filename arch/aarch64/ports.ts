/** There are no I/O ports, and no capability to any is ever made. */

export function readPort(_port: u16, _bytes: u32): u32 {
  panic("there are no ports");
}

export function writePort(_port: u16, _bytes: u32, _value: u32): void {
  panic("there are no ports");
}
