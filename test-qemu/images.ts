import { ARCHES } from "../scripts/architecture.ts";
import { buildImage } from "../scripts/build.ts";
import { FLAVOURS } from "../scripts/image.ts";

/**
 * In whole runs: builds every image once, before the tests that share them start. A single file's tests build what they
 * boot.
 */
export async function setup(): Promise<void> {
  if (process.env.SKYSCOPE_WHOLE !== "1") return;
  for (const arch of ARCHES) {
    for (const flavour of FLAVOURS) await buildImage({ arch, flavour });
  }
}
