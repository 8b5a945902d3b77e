import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { FLAVOURS, isFlavour } from "./image.ts";
import { buildIso } from "./iso.ts";
import { grouped } from "./table.ts";

/** `make iso`. */
async function main(): Promise<number> {
  const { flavour } = parseArgs({ options: { flavour: { type: "string", default: "release" } } }).values;
  if (!isFlavour(flavour)) {
    throw new Failure(`there is no flavour ${flavour}; there are ${FLAVOURS.join(", ")}`, EXIT_USAGE);
  }
  const iso = await buildIso(flavour);
  console.log(
    `${iso}: ${grouped(statSync(iso).size)} bytes; its SHA-512 is in ${iso}.sha512, the development root's signature in ${iso}.sig`,
  );
  return 0;
}

await runScript(main);
