import { readFileSync } from "node:fs";
import { build } from "./commands/build.ts";
import { certify } from "./commands/certify.ts";
import { init } from "./commands/init.ts";
import { inspect } from "./commands/inspect.ts";
import { keygen } from "./commands/keygen.ts";
import { pack } from "./commands/pack.ts";
import { repo } from "./commands/repo.ts";
import { run } from "./commands/run.ts";
import { sign } from "./commands/sign.ts";
import { trace } from "./commands/trace.ts";
import { verify } from "./commands/verify.ts";
import { Arguments, type Options } from "./tool/arguments.ts";
import { complain, print } from "./tool/console.ts";
import { EXIT_BUILD, EXIT_USAGE, Failure } from "./tool/failure.ts";

/** `sila`: modules for Skyscope, from a scaffold to a signed package. */

export interface Command {
  readonly summary: string;
  /** What `--help` shows below the summary: usage, options, examples. */
  readonly help: string;
  readonly options: Options;
  /** Arguments that are no options. */
  readonly mostArguments: number;
  /** Answers the exit status. */
  run(given: Arguments): Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  init,
  build,
  pack,
  run,
  inspect,
  verify,
  repo,
  keygen,
  certify,
  sign,
  trace,
};

const HEAD = "sila: makes, signs, packs, runs, inspects and verifies modules for Skyscope";

export async function main(words: readonly string[]): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined) {
    complain(`a command is missing\n\n${overview()}`);
    return EXIT_USAGE;
  }
  if (first === "--version") {
    print((JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string }).version);
    return 0;
  }
  const isFirst = first === "help" || isHelpWord(first);
  const isHelp = isFirst || rest.some(isHelpWord);
  const name = isFirst ? rest[0] : first;
  if (name === undefined) {
    print(overview());
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    complain(`there is no command ${name}.${suggestion(name)} sila --help lists them`);
    return EXIT_USAGE;
  }
  if (isHelp) {
    print(`sila ${name}: ${command.summary}\n\n${command.help.trim()}`);
    return 0;
  }
  return await runCommand(name, command, rest);
}

const isHelpWord = (word: string): boolean => word === "--help" || word === "-h";

async function runCommand(name: string, command: Command, words: readonly string[]): Promise<number> {
  try {
    return await command.run(new Arguments(words, command.options, command.mostArguments));
  } catch (error) {
    if (error instanceof Failure) {
      complain(error.status === EXIT_USAGE ? `${error.message}. Try sila ${name} --help` : error.message);
      return error.status;
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    complain(`this is a fault of sila itself, and none of what it was given:\n${text}`);
    return EXIT_BUILD;
  }
}

/** The command that was meant, perhaps. */
function suggestion(name: string): string {
  const near = Object.keys(COMMANDS).find((each) => each.startsWith(name) || distance(each, name) <= 2);
  return near === undefined ? "" : ` Is sila ${near} meant?`;
}

/** Letters to put in, to leave out or to replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let k = 0; k < b.length; k++) {
      const replaced = (row[k] ?? 0) + (b[k] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[k + 1] ?? 0) + 1, (next[k] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  sila ${name.padEnd(8)} ${summary}`);
  const statuses =
    "Exit status: 0 when all is well, 1 when something was rejected, 64 for a wrong command line, 65 for wrong data,\n" +
    "66 for a missing file, 69 when a tool is missing, 70 when a program cannot be built, 73 when a file cannot be written.";
  const examples = "Examples:\n  sila init hello && cd hello && sila run\n  sila verify build/x86_64/hello-0.1.0.sila";
  return (
    `${HEAD}\n\n${lines.join("\n")}\n\n${examples}\n\n` +
    `sila COMMAND --help shows a command's options, with examples; sila --version the version.\n${statuses}`
  );
}
