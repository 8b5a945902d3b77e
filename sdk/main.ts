import { build } from "./commands/build.ts";
import { certify } from "./commands/certify.ts";
import { init } from "./commands/init.ts";
import { inspect } from "./commands/inspect.ts";
import { keygen } from "./commands/keygen.ts";
import { pack } from "./commands/pack.ts";
import { repo } from "./commands/repo.ts";
import { sign } from "./commands/sign.ts";
import { verify } from "./commands/verify.ts";
import { complain, print } from "./tool/console.ts";
import { EXIT_USAGE, Failure } from "./tool/failure.ts";

/** `sila`: modules for Skyscope, from a scaffold to a signed package. */

export interface Command {
  readonly summary: string;
  /** What `--help` shows below the summary: usage, options, examples. */
  readonly help: string;
  run(words: readonly string[]): Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  init,
  build,
  keygen,
  certify,
  sign,
  pack,
  inspect,
  verify,
  repo,
};

const HEAD = "sila: makes, signs, packs, inspects and verifies modules for Skyscope";

export async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === "--help" || name === "help") {
    print(overview());
    return name === undefined ? EXIT_USAGE : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    complain(`there is no command ${name}. sila --help lists them`);
    return EXIT_USAGE;
  }
  if (rest.includes("--help")) {
    print(`sila ${name}: ${command.summary}\n\n${command.help.trim()}`);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    complain(error.message);
    return error.status;
  }
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  sila ${name.padEnd(8)} ${summary}`);
  const statuses =
    "Exit status: 0 when all is well, 1 when something was rejected, 64 for a wrong command line, 65 for wrong data,\n" +
    "66 for a missing file, 70 when a program cannot be built, 73 when a file cannot be written.";
  return `${HEAD}\n\n${lines.join("\n")}\n\nsila COMMAND --help shows a command's options, with examples.\n${statuses}`;
}
