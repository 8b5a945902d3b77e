import type { BootInfo } from "../../boot/bootInfo";
import type { Screen } from "../../drivers/screen";
import type { PhysAddr } from "../../kernel/memory/address";

/** These machines have no screen: no loader tells of one. */

export function initScreen(_info: BootInfo): void {}

export function mapScreen(): void {}

export function clearScreen(): void {}

export function screenAddress(): PhysAddr {
  return 0n as PhysAddr;
}

export function screenBytes(): u64 {
  return 0n;
}

export function copyScreen(_to: Screen): void {}
