import { exit } from "../../../user/exit";

/** A module that offers a service, and ends at once. */

/** @entry program_start */
export function main(_info: u64): void {
  exit(0n);
}
