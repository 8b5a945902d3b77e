import { Invocation } from "../../kernel/syscall/invocation";
import { invoke, type Message } from "../message";

/** I/O ports by a capability to them, with the calls that the kernel has for the same (arch/x86_64/ports.ts). */

interface Ports extends Struct<"Ports"> {
  capability: u32;
}

const ports: Ports = zeroed();

/** The IoPort by whose right all that follows is done. */
export function usePorts(capability: u32): void {
  ports.capability = capability;
}

/** Reads 1, 2 or 4 bytes; all bits set when the capability does not reach so far. */
export function readPort(port: u16, bytes: u32): u32 {
  const message = local<Message>();
  message.words[0] = u64(bytes);
  message.words[1] = u64(u32(port));
  const error = invoke(message, ports.capability, u32(Invocation.IoPortIn), 2, 0);
  return error === 0 ? u32(message.words[0]) : u32(0xffff_ffff);
}

/** Writes 1, 2 or 4 bytes. */
export function writePort(port: u16, bytes: u32, value: u32): void {
  const message = local<Message>();
  message.words[0] = u64(bytes);
  message.words[1] = u64(u32(port));
  message.words[2] = u64(value);
  invoke(message, ports.capability, u32(Invocation.IoPortOut), 3, 0);
}
