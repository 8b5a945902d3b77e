import { beforeAll, expect, test, vi } from "vitest";
import { readTrust, type Trust, verifyPackage } from "../../sdk/format/verify.ts";
import { Packages, type Verdict } from "./package-host.ts";
import { PRESENT_TRUST, SOUND_PACKAGE } from "./sound-package.ts";

/**
 * Packages edited item by item, at any depth, with lengths and digests that follow: codec/package, the kernel's Verifier
 * and the SDK judge them alike. With signatures that are taken for valid the edits get behind them, and many are accepted.
 */

const held = vi.hoisted(() => ({ on: false }));

vi.mock("@noble/post-quantum/ml-dsa.js", async (original) => {
  const { ml_dsa87 } = await original<typeof import("@noble/post-quantum/ml-dsa.js")>();
  const verify: typeof ml_dsa87.verify = (...words) => held.on || ml_dsa87.verify(...words);
  return { ml_dsa87: { keygen: ml_dsa87.keygen, sign: ml_dsa87.sign, verify } };
});

const SEED = Number(process.env.SEED ?? 20_262);
const EDITS = process.env.SKYSCOPE_LONG === "1" ? 200_000 : 5_000;

let packages: Packages;
let trust: Trust;

beforeAll(async () => {
  packages = await Packages.load();
  expect(packages.loadKernelTrust(PRESENT_TRUST)).toBe(true);
  expect(packages.readTrust(PRESENT_TRUST).fault).toBe("None");
  trust = readTrust(PRESENT_TRUST).trust as Trust;
}, 120_000);

interface Judged {
  readonly verdict: Verdict;
  readonly outcome: string;
}

/** By all three; what differs fails the test. */
function judge(bytes: Uint8Array, what: string): Judged {
  const headerBytes = packages.findPayload(bytes);
  const verdict = packages.verify({ bytes, headerBytes });
  const { outcome, ...sealed } = packages.sealInKernel(bytes, headerBytes);
  expect(verifyPackage(bytes, trust, () => null, "x86_64").verdict, what).toEqual(
    verdict.fault === "None" ? { ...verdict, at: 0 } : verdict,
  );
  // The payload is the module manager's affair alone; what the kernel has no room for it does not refuse.
  const isSealed = outcome === "Sealed" || outcome === "NoRoom" || sealed.fault === "ElfAddress";
  if (verdict.fault === "None") expect({ what, isSealed }).toEqual({ what, isSealed: true });
  else if (verdict.part !== "Payload") expect({ ...sealed, what }).toEqual({ ...verdict, what });
  return { verdict, outcome };
}

test("the sound package is sealed", () => {
  expect(judge(SOUND_PACKAGE, "sound")).toMatchObject({ verdict: { fault: "None" }, outcome: "Sealed" });
});

test.each([false, true])(
  `${EDITS} edited packages are judged alike by codec, kernel and SDK, signatures taken for valid: %s (seed ${SEED})`,
  (isHeld) => {
    held.on = isHeld;
    packages.holdSignatures(isHeld);
    const counts = new Map<string, number>();
    try {
      for (let i = 0; i < EDITS; i++) {
        const bytes = packages.edit(SOUND_PACKAGE, SEED * 1_000_003 + i);
        if (Buffer.compare(bytes, SOUND_PACKAGE) === 0) continue;
        // The SDK takes 20 ms for a signature.
        if (!isHeld && i % 20 !== 0) {
          expect(packages.verify({ bytes }).fault, `case ${i}`).not.toBe("None");
          continue;
        }
        const { verdict, outcome } = judge(bytes, `case ${i}`);
        for (const what of [verdict.fault, outcome]) counts.set(what, (counts.get(what) ?? 0) + 1);
      }
    } finally {
      held.on = false;
      packages.holdSignatures(false);
    }
    console.log(`seed ${SEED}: ${JSON.stringify(Object.fromEntries(counts))}`);
    expect((counts.get("Sealed") ?? 0) > 0).toBe(isHeld);
    expect(counts.size).toBeGreaterThan(15);
  },
  3_600_000,
);
