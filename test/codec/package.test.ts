import { beforeAll, expect, test } from "vitest";
import { Packages } from "./package-host.ts";
import { packageOf, TRUST, trustOf } from "./package-inputs.ts";

let packages: Packages;
const sound = { status: "Success", fault: "None" };

beforeAll(async () => {
  packages = await Packages.load();
  expect(packages.readTrust(trustOf(TRUST))).toMatchObject(sound);
}, 60_000);

test("a sound package is verified", () => {
  expect(packages.verify({ bytes: packageOf() })).toMatchObject(sound);
  console.log(packages.sizes(), packages.steps());
});
