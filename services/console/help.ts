import { writeByte, writeText } from "../../kernel/output";
import { isEqual } from "../../kernel/text";
import { writeCell } from "./columns";
import { type Command, fail, Outcome } from "./command";
import { commands } from "./commands";
import { Style, writeStyled } from "./terminal";

/** The command `help`: all commands, or all of one. */

const NAME_WIDTH = 9;
const USAGE_WIDTH = 30;
const LABEL_WIDTH = 8;

export function help(argument: Bytes): Outcome {
  if (argument.length === 0 || isEqual(argument, "help")) {
    writeRow("help", "[COMMAND]", "this list, or all of one command");
    for (let i: u32 = 0; i < commands.length; i++) writeRow(commands[i].name, commands[i].usage, commands[i].does);
    return Outcome.Ok;
  }
  for (let i: u32 = 0; i < commands.length; i++) {
    if (!isEqual(argument, commands[i].name)) continue;
    describe(commands[i]);
    return Outcome.Ok;
  }
  return fail("there is no such command; help alone lists them");
}

function writeRow(name: Bytes, usage: Bytes, does: Bytes): void {
  writeText("  ");
  writeCell(name, NAME_WIDTH);
  writeCell(usage, USAGE_WIDTH);
  writeText(does);
  writeByte(0x0a);
}

function describe(command: Command): void {
  writeStyled(Style.Heading, command.name);
  writeByte(0x20);
  writeText(command.usage);
  writeByte(0x0a);
  writePart("does", command.does);
  writePart("", command.more);
  writePart("fails", command.fails);
  writePart("example", command.example);
}

function writePart(label: Bytes, text: Bytes): void {
  if (text.length === 0) return;
  writeText("  ");
  writeCell(label, LABEL_WIDTH);
  writeText(text);
  writeByte(0x0a);
}
