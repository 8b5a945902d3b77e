import { randomInt } from "node:crypto";
import { test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { killServices } from "./killsRun.ts";

/** A few kills of each service under load; kills.long.ts has 300. SEED= repeats a run. */

const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const KILLS = 20;
const TIMEOUT_SECONDS = 110;

test.each(ARCHES)(`every service but init is killed ${KILLS} times under load on %s (seed ${SEED})`, async (arch) => {
  await killServices({ arch, seed: SEED, kills: KILLS, timeoutSeconds: TIMEOUT_SECONDS });
});
