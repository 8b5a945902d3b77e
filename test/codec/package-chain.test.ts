import { expect, test } from "vitest";
import { keyId } from "../../sdk/format/sign.ts";
import { Packages } from "./package-host.ts";
import { PUBLISHER, packageOf, ROOTS, TRUST, trustOf } from "./package-inputs.ts";

/** The certificates of the package before are not verified again while the trust set stays; others are. */
test("a chain of certificates is verified once for each trust set", async () => {
  const packages = await Packages.load();
  const sound = packageOf();
  const faultOf = (bytes: Uint8Array): string => packages.verify({ bytes }).fault;
  packages.readTrust(trustOf(TRUST));
  expect(faultOf(sound)).toBe("None");
  const first = packages.steps();
  expect(faultOf(packageOf({ manifest: { version: "1.3.0" } }))).toBe("None");
  // Two roots have signed; three signatures are the publisher's.
  expect(packages.steps()).toBeLessThan((first * 3.5) / 5);
  const place = 100 + Buffer.from(sound).indexOf(keyId(ROOTS[1]?.publicKey ?? new Uint8Array()));
  expect(place).toBeGreaterThan(100);
  expect(faultOf(Uint8Array.from(sound, (byte, i) => (i === place ? byte ^ 1 : byte)))).toBe("CertificateSignature");
  expect(faultOf(sound)).toBe("None");
  packages.readTrust(trustOf({ ...TRUST, version: TRUST.version + 1 }));
  expect(faultOf(sound)).toBe("None");
  expect(packages.steps()).toBe(first);
  packages.readTrust(trustOf({ ...TRUST, version: TRUST.version + 2, revoked: [keyId(PUBLISHER.publicKey)] }));
  expect(faultOf(sound)).toBe("KeyRevoked");
});
