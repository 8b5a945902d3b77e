import { writeByte, writeLine, writeText } from "../../kernel/output";

/** What a console command is; tables of them are constant. */

/** @storage u8 */
export const enum Outcome {
  Ok,
  /** The command has printed nothing; `failure` says why. */
  Failed,
  /** No such command. */
  Unknown,
}

type Handler = (argument: Bytes) => Outcome;

export interface Command extends Struct<"Command"> {
  name: Bytes;
  /** Arguments as the help shows them. */
  usage: Bytes;
  help: Bytes;
  run: Handler;
}

export let failure: Bytes = "";

/** For `return fail("why, and the mend")`. */
export function fail(reason: Bytes): Outcome {
  failure = reason;
  return Outcome.Failed;
}

/** One line of the help. */
export function writeHelp(name: Bytes, usage: Bytes, help: Bytes): void {
  writeText("  ");
  writeText(name);
  writeByte(0x20);
  writeText(usage);
  for (let width = name.length + usage.length; width < 20; width++) writeByte(0x20);
  writeLine(help);
}
