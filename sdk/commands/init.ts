import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { aliasesOf } from "../../scripts/build-program.ts";
import { ROOT_FOLDER } from "../../scripts/root.ts";
import { isName } from "../format/reader.ts";
import type { Command } from "../main.ts";
import { print, working } from "../tool/console.ts";
import { EXIT_BUILD, EXIT_CANNOT_WRITE, Failure, usage } from "../tool/failure.ts";
import { writeOutput } from "../tool/files.ts";
import { grantsText } from "../tool/grants.ts";

export const init: Command = {
  summary: "scaffolds a KTS module that builds and runs",
  help: `
  sila init NAME [--no-install]

Makes the folder NAME with module.json, main.ts, grants.ts, a tsconfig.json for the editor, and a package.json through
which npx --no-install sila works inside it.

Examples:
  sila init hello && cd hello && npx --no-install sila run
`,
  options: { "no-install": "flag" },
  mostArguments: 1,
  async run(given) {
    const folder = given.at(0, "NAME");
    const name = basename(resolve(folder));
    if (!isName(name)) throw usage(`${name}: a module's name is letters, digits, - and _, dots between them`);
    if (existsSync(folder) && !statSync(folder).isDirectory()) {
      throw new Failure(`${folder} exists already, and is a file. Choose another name`, EXIT_CANNOT_WRITE);
    }
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      throw new Failure(`${folder} exists already, and has files in it. Choose another name`, EXIT_CANNOT_WRITE);
    }
    for (const [file, text] of Object.entries(scaffold(folder, name))) writeOutput(join(folder, file), text);
    if (!given.flag("no-install")) await working("installing", () => install(folder));
    print(`${folder}: cd ${folder} && npx --no-install sila run`);
    return 0;
  },
};

function install(folder: string): void {
  const words = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, stderr, error } = spawnSync("npm", words, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Failure(`npm install in ${folder}: ${error?.message ?? stderr.trim()}`, EXIT_BUILD);
}

function scaffold(folder: string, name: string): Readonly<Record<string, string>> {
  const root = relative(resolve(folder), ROOT_FOLDER);
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  return {
    "package.json": json({
      name: name.toLowerCase(),
      version: "0.1.0",
      private: true,
      type: "module",
      scripts: { build: "sila build", pack: "sila build && sila pack", start: "sila run" },
      devDependencies: { sila: `file:${join(root, "sdk")}` },
    }),
    "module.json": json({
      name,
      version: "0.1.0",
      stack: 16_384,
      budget: 1_048_576,
      priority: 100,
      capabilities: { log: { kind: "Endpoint", rights: ["write"] } },
      offers: {},
      dependencies: {},
      faultPolicy: "terminate",
    }),
    "tsconfig.json": json({
      extends: join(root, "tsconfig.kts.json"),
      compilerOptions: {
        paths: Object.fromEntries(
          Object.entries(aliasesOf("x86_64")).map(([alias, folder]) => [`${alias}/*`, [join(root, folder, "*")]]),
        ),
      },
      files: [join(root, "compiler/lib/kts.d.ts")],
      include: ["*.ts"],
    }),
    "main.ts": MAIN.replace("NAME", name),
    "grants.ts": grantsText({ log: { kind: "Endpoint", rights: ["write"], required: true } }),
    ".gitignore": "build/\nnode_modules/\n",
  };
}

const MAIN = `import { exit } from "@user/exit";
import { logLine, openLog } from "@user/log";
import { LOG } from "./grants";

/** Where the module begins. @entry program_start */
export function start(): void {
  openLog(LOG);
  logLine("hello from NAME");
  exit(0n);
}
`;
