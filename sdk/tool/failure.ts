import { EXIT_BUILD, EXIT_UNAVAILABLE, EXIT_USAGE, Failure } from "../../scripts/failure.ts";

/** An expected end of a command says what is wrong, where, and the mend. */
export { EXIT_BUILD, EXIT_UNAVAILABLE, EXIT_USAGE, Failure };

/** Exit statuses: 0 done, 1 rejected, and those of sysexits.h. */
export const EXIT_REJECTED = 1;
export const EXIT_DATA = 65;
export const EXIT_NO_INPUT = 66;
export const EXIT_CANNOT_WRITE = 73;

export function usage(message: string): Failure {
  return new Failure(message, EXIT_USAGE);
}
