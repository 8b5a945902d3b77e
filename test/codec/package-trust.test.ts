import { beforeAll, describe, expect, test } from "vitest";
import { concat, encodeItem, type Item } from "../../sdk/format/cbor.ts";
import { trustItem } from "../../sdk/format/encode.ts";
import { signBody } from "../../sdk/format/sign.ts";
import { readTrust } from "../../sdk/format/verify.ts";
import { EPOCH, ROOTS, STRANGER, TRUST, trustOf } from "./package-inputs.ts";
import { Judges, short } from "./package-judges.ts";

let judges: Judges;

beforeAll(async () => {
  judges = await Judges.load();
}, 120_000);

function replaceAt(bytes: Uint8Array, at: number, by: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(by, at);
  return copy;
}
const damagedEnd = (bytes: Uint8Array): Uint8Array => replaceAt(bytes, bytes.length - 200, [0x5a, 0xa5]);

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

  test.each<[string, string, () => Uint8Array]>([
    ["signed by one root of two", "TrustError: ThresholdNotMet", () => trustOf(newer, ROOTS.slice(0, 1))],
    ["signed by nobody", "TrustError: ThresholdNotMet", () => trustOf(newer, [])],
    [
      "signed by its own roots",
      "TrustError: UnknownSigner",
      () => trustOf({ ...newer, roots: [STRANGER.publicKey] }, [STRANGER]),
    ],
    ["signed twice by a root", "TrustError: DuplicateSigner", () => trustOf(newer, [ROOTS[0], ROOTS[0]] as never)],
    ["of the same version", "RolledBack: TrustNotNewer", () => trustOf(TRUST)],
    ["of an earlier epoch", "RolledBack: TrustEpochBack", () => trustOf({ ...newer, epoch: EPOCH - 1 })],
    ["with a threshold of 0", "TrustError: BadThreshold", () => trustOf({ ...newer, threshold: 0 })],
    ["with a threshold above its roots", "TrustError: BadThreshold", () => trustOf({ ...newer, threshold: 4 })],
    [
      "with a root twice",
      "TrustError: DuplicateRoot",
      () => trustOf({ ...newer, roots: [...TRUST.roots, TRUST.roots[0] as Uint8Array] }),
    ],
    ["without roots", "TrustError: BadCount", () => trustOf({ ...newer, roots: [] })],
    ["with nine roots", "TrustError: BadCount", () => trustOf({ ...newer, roots: Array(9).fill(STRANGER.publicKey) })],
    [
      "with a revoked key of 63 bytes",
      "TrustError: BadLength",
      () => trustOf({ ...newer, revoked: [new Uint8Array(63)] }),
    ],
    [
      "with 65 revoked keys",
      "TrustError: BadCount",
      () => trustOf({ ...newer, revoked: Array(65).fill(new Uint8Array(64)) }),
    ],
    ["with a least version that is none", "TrustError: BadVersion", () => trustOf({ ...newer, minimums: { a: "1" } })],
    ["with a grant of no kind", "TrustError: OutOfRange", () => rawTrust(7, policyWith(3, [["a", 0, 1, "b"]]))],
    ["with a policy's field more", "TrustError: UnknownKey", () => rawTrust(7, policyWith(4, 0))],
    ["with a field more", "TrustError: UnknownKey", () => rawTrust(8, 0)],
    ["with something behind", "TrustError: TrailingBytes", () => concat(trustOf(newer), Uint8Array.of(0))],
    ["signed as a certificate", "TrustError: SignPurpose", () => rawTrust(1, TRUST.version + 1, "certificate")],
    ["with a damaged signature", "TrustError: TrustSignature", () => damagedEnd(trustOf(newer))],
  ])("one %s: %s", (_, expected, make) => {
    expect(short(judges.judgeTrust(make()))).toBe(`${expected} in Trust`);
  });

  function policyWith(field: number, value: Item): Item {
    return new Map<number, Item>([...(trustItem(newer).get(7) as Map<number, Item>), [field, value]]);
  }

  function rawTrust(field: number, value: Item, purpose: "trust" | "certificate" = "trust"): Uint8Array {
    const body = encodeItem(new Map<number, Item>([...trustItem(newer), [field, value]]));
    return encodeItem([body, ROOTS.slice(0, 2).map((key) => signBody(key, purpose, body))]);
  }
});
