import { parseArgs } from "node:util";
import { isArch } from "./architecture.ts";
import { buildImage, buildKernel } from "./build.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { isFlavour } from "./image.ts";

/** `make build`; `--no-services` leaves the boot archive out, `--trust DIR` signs it with the keys there (docs/sila.md). */
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
  console.log(
    values["no-services"] ? await buildKernel({ arch, flavour }) : await buildImage({ arch, flavour }, trust),
  );
  return 0;
}

await runScript(main);
