import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Arch, isArch } from "./architecture.ts";
import { buildEfiDisk } from "./efiDisk.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { FLAVOURS, type Flavour, isFlavour } from "./image.ts";
import { buildIso } from "./iso.ts";
import { grouped } from "./table.ts";

const BUILDERS: Readonly<Record<Arch, (flavour: Flavour) => Promise<string>>> = {
  x86_64: buildIso,
  aarch64: buildEfiDisk,
};

/** `make iso`. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { arch: { type: "string", default: "x86_64" }, flavour: { type: "string", default: "release" } },
  });
  const { arch, flavour } = values;
  if (!isArch(arch)) throw new Failure(`there is no architecture ${arch}`, EXIT_USAGE);
  if (!isFlavour(flavour)) {
    throw new Failure(`there is no flavour ${flavour}; there are ${FLAVOURS.join(", ")}`, EXIT_USAGE);
  }
  const file = await BUILDERS[arch](flavour);
  console.log(
    `${file}: ${grouped(statSync(file).size)} bytes; its SHA-512 is in ${file}.sha512, the development root's signature in ${file}.sig`,
  );
  return 0;
}

await runScript(main);
