/** Exit statuses: 0 done, 1 rejected, and those of sysexits.h. */
export const EXIT_REJECTED = 1;
export const EXIT_USAGE = 64;
export const EXIT_DATA = 65;
export const EXIT_NO_INPUT = 66;
export const EXIT_CANNOT_WRITE = 73;
export const EXIT_BUILD = 70;

/** An expected end of a command: says what is wrong, where, and the mend. */
export class Failure extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export function usage(message: string): Failure {
  return new Failure(`${message}\nTry --help.`, EXIT_USAGE);
}
