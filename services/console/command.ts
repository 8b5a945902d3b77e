/** What a console command is; tables of them are constant. */

/** @storage u8 */
export const enum Outcome {
  Ok,
  /** `failure` says why. */
  Failed,
  /** No such command. */
  Unknown,
}

type Handler = (argument: Bytes) => Outcome;

export interface Command extends Struct<"Command"> {
  name: Bytes;
  /** Its arguments. */
  usage: Bytes;
  /** What it does, in half a line. */
  does: Bytes;
  /** What else there is to know, and what can go wrong: a line each, or nothing. */
  more: Bytes;
  fails: Bytes;
  /** Something to type. */
  example: Bytes;
  run: Handler;
}

export let failure: Bytes = "";

/** For `return fail("why, and the mend")`. */
export function fail(reason: Bytes): Outcome {
  failure = reason;
  return Outcome.Failed;
}
