import { parseArgs } from "node:util";
import { isArch } from "./architecture.ts";
import { buildImage } from "./build.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { isFlavour } from "./image.ts";

/** `make build`. */
async function main(): Promise<number> {
  const text = { type: "string", default: "" } as const;
  const { arch, flavour } = parseArgs({ options: { arch: text, flavour: text } }).values;
  if (!isArch(arch)) throw new Failure(`there is no architecture ${arch}`, EXIT_USAGE);
  if (!isFlavour(flavour)) throw new Failure(`there is no flavour ${flavour}`, EXIT_USAGE);
  console.log(await buildImage({ arch, flavour }));
  return 0;
}

await runScript(main);
