import { beforeAll, describe, expect, test } from "vitest";
import { readTrust } from "../../sdk/format/verify.ts";
import { TRUST_DAMAGES } from "./damages/trust.ts";
import { ROOTS, STRANGER, TRUST, trustOf } from "./package-inputs.ts";
import { Judges, short } from "./package-judges.ts";

let judges: Judges;

beforeAll(async () => {
  judges = await Judges.load();
}, 120_000);

describe("trust sets", () => {
  const newer = { ...TRUST, version: TRUST.version + 1 };

  test("a newer one that enough of the present roots have signed is taken over, with other roots", () => {
    const other = { ...newer, roots: [STRANGER.publicKey], threshold: 1 };
    expect(judges.judgeTrust(trustOf(other)).fault).toBe("None");
    expect(judges.judgeTrust(trustOf(newer, ROOTS)).fault).toBe("None");
  });

  test("a boot image's needs no signature", () => {
    const bytes = trustOf(TRUST, []);
    expect(judges.packages.readTrust(bytes, 1)).toEqual(readTrust(bytes).verdict);
    expect(readTrust(bytes).verdict.fault).toBe("None");
  });

  test.each(TRUST_DAMAGES)("one %s: %s", (_, expected, make) => {
    expect(short(judges.judgeTrust(make()))).toBe(expected);
  });
});
