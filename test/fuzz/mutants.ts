import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BackName } from "./host-runner.ts";

/**
 * Deliberately wrong compilers: copies in which one rule of the language is broken. A fuzzer that does not find
 * each of them would not find an honest mistake either.
 */

export interface Mutant {
  readonly name: string;
  /** The rule that it breaks. */
  readonly rule: string;
  /** What the program is put through: one back end is enough to see it. */
  readonly back: BackName;
  /** The file to change, relative to `compiler/`, what stands there once, and what stands there instead. */
  readonly file: string;
  readonly find: RegExp;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "narrow-wrap",
    rule: "narrow results wrap: `u8(x)`, `++byte` and `byte += x` lose what does not fit",
    back: "c",
    file: "emit-c/expressions.ts",
    find: /from\.width === to\.width && from\.signed === to\.signed/,
    replace: "from.width >= to.width && from.width < 64 && from.signed === to.signed",
  },
  {
    name: "evaluation-order",
    rule: "operands are evaluated left to right: what is read before a call does not see the call's changes",
    back: "c",
    file: "lower/effects.ts",
    find: /\(later\.#writesMemory && \(this\.#readsMemory \|\| panics\)\)/,
    replace: "false",
  },
  {
    name: "switch-fall-through",
    rule: "a clause without `break` falls through into the next one",
    back: "c",
    file: "emit-c/statements.ts",
    find: /this\.writeAll\(clause\.body, depth \+ 1\);/,
    replace: `$& this.#out.next(depth, "break;");`,
  },
  {
    name: "porffor-narrow-wrap",
    rule: "narrow results wrap, in Porffor's words, too: a signed one keeps its sign",
    back: "porffor",
    file: "emit-porffor/words.ts",
    find: /(<< \$\{32 - width\}\)) >> \$/,
    replace: "$1 >>> $",
  },
  {
    name: "porffor-switch-fall-through",
    rule: "a clause without `break` falls through into the next one, through Porffor, too",
    back: "porffor",
    file: "emit-porffor/statements.ts",
    find: /\.\.\.this\.#captured\(clause\.body\),/,
    replace: `$& "break;",`,
  },
  {
    name: "porffor-upper-word",
    rule: "bits that a shift takes out of the lower word come into the upper one",
    back: "porffor",
    file: "emit-porffor/expressions.ts",
    find: /\((\(\$\{high\} << \$\{n\}\)) \| \(\$\{low\} >>> \$\{rest\}\)\)/,
    replace: "$1",
  },
];

/** Makes a mutated copy of the compiler below `build/`; answers its folder. Throws when the place is not found. */
export function makeMutant(mutant: Mutant, folder: string): string {
  const copy = join(folder, mutant.name, "compiler");
  rmSync(copy, { recursive: true, force: true });
  cpSync("compiler", copy, { recursive: true, filter: (from) => !from.includes("node_modules") });
  const file = join(copy, mutant.file);
  const text = readFileSync(file, "utf8");
  const places = text.match(new RegExp(mutant.find, "g"))?.length ?? 0;
  if (places !== 1) throw new Error(`${mutant.name}: ${mutant.file} has ${places} places like ${mutant.find}, not one`);
  writeFileSync(file, text.replace(mutant.find, mutant.replace));
  return copy;
}
