import { ProcessOutput } from "zx";
import { BuildError } from "../compiler/build-error.ts";

/** Exit statuses of the scripts beside 0 and the runner's own 1, 2 and 3 (the numbers are those of sysexits.h). */
export const EXIT_USAGE = 64;
export const EXIT_UNAVAILABLE = 69;
export const EXIT_BUILD = 70;

/** An expected end of a script: its text is all that the user sees, and says the mend. */
export class Failure extends Error {
  readonly status: number;

  constructor(message: string, status: number = 1) {
    super(message);
    this.status = status;
  }
}

/** Runs a script's main function; turns a Failure or a failed command into text and an exit status. */
export async function runScript(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = describe(error);
  }
}

function describe(error: unknown): number {
  if (error instanceof Failure) {
    console.error(error.message);
    return error.status;
  }
  if (error instanceof BuildError) {
    console.error(error.message);
    return EXIT_BUILD;
  }
  if (error instanceof ProcessOutput) {
    process.stderr.write(`${error.stdout}${error.stderr}`);
    return EXIT_BUILD;
  }
  throw error;
}
