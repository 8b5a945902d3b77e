/**
 * What the language forbids, beyond types: constructs outside the subset, addresses that go too far,
 * misused tags, recursion, folders in a circle. Reports everything and changes nothing; a program with tsc's or
 * type errors is checked like any other.
 */
import type { Diagnostics } from "../diagnostic.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { checkAddresses } from "./addresses.ts";
import { checkCalls } from "./calls.ts";
import { checkFolders } from "./folders.ts";
import { checkSyntax } from "./syntax.ts";
import { checkTags } from "./tags.ts";

export function check(typed: TypedProgram, diagnostics: Diagnostics): void {
  for (const file of typed.files) {
    checkSyntax(typed, file, diagnostics);
    checkTags(typed, file, diagnostics);
  }
  checkFolders(typed, diagnostics);
  checkCalls(typed, diagnostics);
  checkAddresses(typed, diagnostics);
}
