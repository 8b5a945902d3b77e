import { parseArgs } from "node:util";
import { isArch } from "./architecture.ts";
import { buildArchive, buildImage, buildKernel } from "./build.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { isFlavour } from "./image.ts";

/** `make build`; `--no-services` leaves the boot archive out, `--trust DIR` makes one with the keys there (docs/sila.md). */
async function main(): Promise<number> {
  const text = { type: "string", default: "" } as const;
  const { values } = parseArgs({
    options: {
      ...{ arch: text, flavour: text, trust: { type: "string" } },
      "no-services": { type: "boolean", default: false },
    },
  });
  const { arch, flavour, trust } = values;
  if (!isArch(arch)) throw new Failure(`there is no architecture ${arch}`, EXIT_USAGE);
  if (!isFlavour(flavour)) throw new Failure(`there is no flavour ${flavour}`, EXIT_USAGE);
  if (trust !== undefined) console.log(await buildArchive({ arch, flavour }, trust));
  else console.log(await (values["no-services"] ? buildKernel : buildImage)({ arch, flavour }));
  return 0;
}

await runScript(main);
