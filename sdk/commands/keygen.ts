import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "../main.ts";
import { print } from "../tool/console.ts";
import { EXIT_CANNOT_WRITE, Failure, usage } from "../tool/failure.ts";
import { DEVELOPMENT_FOLDER, developmentKeys, makeKey, publicFileOf } from "../tool/keys.ts";

export const keygen: Command = {
  summary: "makes ML-DSA-87 keys: the development set, or one for production",
  help: `
  sila keygen [--out DIR]                      makes what is missing of the development keys:
                                               a root, a publisher, its certificate, a trust set
  sila keygen --production NAME --out DIR      makes DIR/NAME.key (secret, mode 600) and DIR/NAME.pub,
                                               outside of any git work tree

Examples:
  sila keygen
  sila keygen --production root-1 --out /media/vault/skyscope
`,
  options: { out: "string", production: "flag" },
  mostArguments: 1,
  async run(given) {
    if (!given.flag("production")) {
      if (given.positionals.length > 0)
        throw usage("the development keys have no name: --production makes a key that has one");
      return makeDevelopment(given.text("out") ?? DEVELOPMENT_FOLDER);
    }
    return makeProduction(given.at(0, "the key's name"), resolve(given.needed("out", "/media/vault/skyscope")));
  },
};

function makeDevelopment(folder: string): number {
  const { root, publisher, certificate, trust } = developmentKeys(folder);
  for (const file of [root, publisher, certificate, trust]) print(file);
  return 0;
}

function makeProduction(name: string, folder: string): number {
  if (!/^[\w.-]+$/.test(name)) throw usage(`${name}: a key's name is letters, digits, dots, - and _`);
  const file = join(folder, `${name}.key`);
  if (existsSync(file)) throw new Failure(`${file} exists already. A key is never overwritten`, EXIT_CANNOT_WRITE);
  if (isInWorkTree(folder)) {
    throw new Failure(`${folder} is in a git work tree. Give a folder elsewhere with --out`, EXIT_CANNOT_WRITE);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const id = makeKey(file);
  print(`${file}\n${publicFileOf(file)}\nid ${id}`);
  return 0;
}

/** Whether the folder, or where it will be, is below one with `.git`: also where there is no git to ask. */
function isInWorkTree(folder: string): boolean {
  if (!existsSync(folder)) return isInWorkTree(dirname(folder));
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return true;
    if (dirname(at) === at) return false;
  }
}
