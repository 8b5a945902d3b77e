import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { FLAVOURS } from "../scripts/image.ts";

/** Builds every image once, before the tests that share them start. */
export async function setup(): Promise<void> {
  for (const arch of ARCHES) {
    for (const flavour of FLAVOURS) await buildImage({ arch, flavour });
  }
}
