import { Failure } from "../../scripts/failure.ts";

/** An expected end of a command says what is wrong, where, and the mend. */
export { Failure };

/** Exit statuses: 0 done, 1 rejected, and those of sysexits.h. */
export const EXIT_REJECTED = 1;
export const EXIT_USAGE = 64;
export const EXIT_DATA = 65;
export const EXIT_NO_INPUT = 66;
export const EXIT_CANNOT_WRITE = 73;
export const EXIT_UNAVAILABLE = 69;
export const EXIT_BUILD = 70;

export function usage(message: string): Failure {
  return new Failure(message, EXIT_USAGE);
}
