import { Outcome } from "../../console/command";

/** Commands that only this image has: none. */
export function runImageCommand(name: Bytes, argument: Bytes): Outcome {
  return Outcome.Unknown;
}

export function printImageHelp(): void {}
