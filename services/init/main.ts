import { waitFor } from "../../user/calls";
import { boot } from "./boot";
import { SLOT_ENDED } from "./slots";
import { attend } from "./supervise";

/**
 * The first process: lists the boot repository, has the kernel verify every package in it, makes and starts their
 * processes, and makes those again that end.
 *
 *   kernel ─▶ init ─┬▶ serial    the serial port's driver
 *                   ├▶ console   commands
 *                   └▶ others    in the repository's order
 */

/** @entry program_start */
export function main(address: u64): void {
  boot(address);
  for (;;) attend(address, waitFor(SLOT_ENDED));
}
