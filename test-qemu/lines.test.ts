import { readFileSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { packArchive } from "../scripts/archive.ts";
import { buildImage, buildServicePackages } from "../scripts/build.ts";
import { signingKeys } from "../scripts/build-package.ts";
import { Machine } from "../scripts/machine.ts";
import { programFolder, testModule } from "./testPackages.ts";

/** Modules' lines at the console. */

const FLAVOUR = "release";
const SAID = 200;

test.each(ARCHES)(
  "lines for which there is no room are counted, and the next one tells how many, on %s",
  async (arch) => {
    const folder = await buildImage({ arch, flavour: FLAVOUR });
    const initrd = `build/${arch}/lines.cpio`;
    writeFileSync(
      initrd,
      packArchive([
        ...(await buildServicePackages({ arch, flavour: FLAVOUR })),
        await testModule({ arch, folder: programFolder("chatter") }),
        { name: "trust", contents: readFileSync(signingKeys().trust) },
      ]),
    );
    const machine = new Machine({ arch, folder, initrd, icount: true });
    onTestFinished(() => machine.stop());
    await machine.prompt();
    // The second command keeps the console waiting while the module talks.
    machine.type("load test.chatter\rverify test.chatter\r");
    await machine.expect("the last one");
    const told = [...machine.output.matchAll(/(\d+) lines were lost here/g)].map(([, count]) => Number(count));
    const lost = told.reduce((sum, count) => sum + count, 0);
    const shown = machine.output.split("one of many").length - 1;
    expect(lost).toBeGreaterThan(0);
    expect(shown + lost).toBe(SAID);
  },
);
