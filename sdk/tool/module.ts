import { join } from "node:path";
import semver from "semver";
import type { PackRequest } from "../format/pack.ts";
import { digest } from "../format/sign.ts";
import { type Contract, FAULT_POLICIES, type Machine, type Schema, type Wanted } from "../format/types.ts";
import { Fields } from "./fields.ts";
import { readJson } from "./files.ts";

/** `module.json`: what a module's author says of it. Entry and digest of the binary come from the program. */

const MODULE_FILE = "module.json";
const DEFAULT_STACK_BYTES = 16_384;
const DEFAULT_BUDGET_BYTES = 2 ** 20;
const DEFAULT_PRIORITY = 100;
const DEFAULT_TIMEOUT_MS = 1000;
const MAX_TIMEOUT_MS = 86_400_000;

export type Description = Omit<PackRequest["manifest"], "machine" | "entry">;

export function readModule(folder: string): Description {
  const file = join(folder, MODULE_FILE);
  const fields = new Fields(file, readJson(file, "sila init NAME makes a module with one."));
  fields.only(
    "name",
    "version",
    "stack",
    "budget",
    "priority",
    "capabilities",
    "offers",
    "dependencies",
    "faultPolicy",
    "contract",
  );
  return {
    name: fields.name("name", "hello"),
    version: fields.version("version"),
    stackBytes: fields.number("stack", 1, 2 ** 23, DEFAULT_STACK_BYTES),
    budgetBytes: fields.number("budget", 1, 2 ** 47, DEFAULT_BUDGET_BYTES),
    priority: fields.number("priority", 0, 255, DEFAULT_PRIORITY),
    wanted: readWanted(fields.object("capabilities")),
    offers: readNames(fields.object("offers"), "protocol"),
    dependencies: readRanges(fields.object("dependencies")),
    faultPolicy: fields.choice("faultPolicy", FAULT_POLICIES, "terminate"),
    contract: fields.has("contract") ? readContract(fields.object("contract")) : null,
  };
}

function readWanted(fields: Fields): Record<string, Wanted> {
  const entries = fields.names().map((name) => {
    const wanted = fields.object(name);
    wanted.only("kind", "rights", "required");
    const read: Wanted = {
      kind: wanted.kind("kind"),
      rights: wanted.rights("rights"),
      required: wanted.flag("required", true),
    };
    return [name, read] as const;
  });
  return Object.fromEntries(entries);
}

function readNames(fields: Fields, what: string): Record<string, string> {
  return Object.fromEntries(fields.names().map((name) => [name, fields.name(name, `a ${what}'s name`)]));
}

function readRanges(fields: Fields): Record<string, string> {
  const entries = fields.names().map((name) => {
    const range = fields.text(name, "^1.0.0");
    if (semver.validRange(range) === null)
      throw fields.fail(name, `${JSON.stringify(range)} is no range such as ^1.0.0`);
    return [name, range] as const;
  });
  return Object.fromEntries(entries);
}

function readContract(fields: Fields): Contract {
  fields.only("drains", "exports", "imports", "prepareTimeoutMs", "healthCheck");
  return {
    drains: fields.flag("drains", true),
    exports: fields.objects("exports").map(readSchema),
    imports: fields.objects("imports").map(readSchema),
    prepareTimeoutMs: fields.number("prepareTimeoutMs", 1, MAX_TIMEOUT_MS, DEFAULT_TIMEOUT_MS),
    healthCheck: fields.name("healthCheck", "an offered service's name"),
  };
}

/** The digest is that of the schema's text. */
function readSchema(fields: Fields): Schema {
  fields.only("name", "version", "text");
  return {
    name: fields.name("name", "hello.state"),
    version: fields.number("version", 0, 0xffff_ffff),
    digest: digest(Buffer.from(fields.text("text", "interface State { count: u64 }"))),
  };
}

/** Where `build` puts a machine's program, and `pack` its package. */
export function outputFolder(folder: string, machine: Machine): string {
  return join(folder, "build", machine);
}
