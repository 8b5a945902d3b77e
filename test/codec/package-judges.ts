import { expect } from "vitest";
import type { Machine, TrustBody } from "../../sdk/format/types.ts";
import { readTrust, type Trust, verifyPackage } from "../../sdk/format/verify.ts";
import { Packages, type Verdict } from "./package-host.ts";
import { TRUST, trustOf } from "./package-inputs.ts";

export const short = ({ status, fault, part }: Verdict): string => `${status}: ${fault} in ${part}`;

/** codec/package and the SDK's own judgement, which have to agree in every verdict: status, fault, part and place. */
export class Judges {
  readonly packages: Packages;
  #trust: Trust;

  private constructor(packages: Packages, trust: Trust) {
    this.packages = packages;
    this.#trust = trust;
  }

  /** With the sound trust set in place. */
  static async load(): Promise<Judges> {
    const packages = await Packages.load();
    return new Judges(packages, takeOver(packages, TRUST));
  }

  /** Judges by another trust set while `act` runs. */
  under(body: TrustBody, act: () => void): void {
    const before = this.#trust;
    this.#trust = takeOver(this.packages, body);
    try {
      act();
    } finally {
      this.#trust = before;
      this.packages.readTrust(trustOf(TRUST));
    }
  }

  /** What both say of a file on a machine. */
  judge(bytes: Uint8Array, machine: Machine = "x86_64"): Verdict {
    const verdict = this.packages.verify({ bytes, machine: machine === "x86_64" ? 62 : 183 });
    expect(this.judgeAlone(bytes, machine)).toEqual(verdict.fault === "None" ? { ...verdict, at: 0 } : verdict);
    return verdict;
  }

  /** What the SDK says. */
  judgeAlone(bytes: Uint8Array, machine: Machine = "x86_64"): Verdict {
    return verifyPackage(bytes, this.#trust, () => null, machine).verdict;
  }

  /** What both say of a trust set that shall follow the present one. */
  judgeTrust(bytes: Uint8Array): Verdict {
    const verdict = this.packages.readTrust(bytes, 1, 0);
    expect(this.judgeTrustAlone(bytes)).toEqual(verdict);
    return verdict;
  }

  judgeTrustAlone(bytes: Uint8Array): Verdict {
    return readTrust(bytes, this.#trust).verdict;
  }
}

/** Both take `body` as the boot image's trust set. */
function takeOver(packages: Packages, body: TrustBody): Trust {
  const bytes = trustOf(body);
  const own = readTrust(bytes);
  const verdict = packages.readTrust(bytes);
  expect(verdict).toEqual(own.verdict);
  expect(verdict.fault).toBe("None");
  return own.trust as Trust;
}
