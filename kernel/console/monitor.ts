import { printImageHelp, runImageCommand } from "@image/commands";
import { isEqual } from "../text";
import { failure, Outcome, writeHelp } from "./command";
import { commands, noteFailure } from "./commands";
import { argumentOf, type Line, nameOf, readLine } from "./line";
import { Sink, setSink, writeLine, writeText } from "./output";

/**
 * The console in the kernel: reads a line, runs its command, and ends every command with `OK` or
 * `FAILED: reason`, so that a program at the other end of the wire can follow.
 */

const line: Line = zeroed();

/** @noreturn */
export function runMonitor(): never {
  setSink(Sink.Console);
  writeLine("type help for the commands");
  for (;;) {
    writeText("skyscope> ");
    readLine(line);
    const name = nameOf(line);
    if (name.length > 0) report(name, runCommand(name, argumentOf(line)));
  }
}

function runCommand(name: Bytes, argument: Bytes): Outcome {
  if (isEqual(name, "help")) return help();
  for (let i: u32 = 0; i < commands.length; i++) {
    const command = commands[i];
    if (isEqual(name, command.name)) return commands[i].run(argument);
  }
  return runImageCommand(name, argument);
}

function report(name: Bytes, outcome: Outcome): void {
  switch (outcome) {
    case Outcome.Ok:
      writeLine("OK");
      return;
    case Outcome.Failed:
      noteFailure();
      writeText("FAILED: ");
      writeLine(failure);
      return;
    case Outcome.Unknown:
      noteFailure();
      writeText("FAILED: there is no command ");
      writeText(name);
      writeLine("; type help");
      return;
    default:
      unreachable(outcome);
  }
}

function help(): Outcome {
  writeHelp("help", "", "this list");
  for (let i: u32 = 0; i < commands.length; i++) {
    const command = commands[i];
    writeHelp(command.name, command.usage, command.help);
  }
  printImageHelp();
  return Outcome.Ok;
}
