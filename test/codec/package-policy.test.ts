import { beforeAll, expect, test } from "vitest";
import { LIMIT_DAMAGES, programDamages, REGIMES } from "./damages/policy.ts";
import { packageOf } from "./package-inputs.ts";
import { Judges, short } from "./package-judges.ts";

let judges: Judges;

beforeAll(async () => {
  judges = await Judges.load();
}, 120_000);

const MACHINES = ["x86_64", "aarch64"] as const;
const ruled = REGIMES.flatMap(({ name, trust, rows }) => rows.map((row) => ({ name, trust, row, verdict: row[1] })));
const programs = MACHINES.flatMap((machine) => programDamages(machine).map((row) => ({ machine, name: row[0], row })));

test.each(LIMIT_DAMAGES)("the certificate's limits: %s: %s", (_, expected, make) => {
  expect(short(judges.judge(make()))).toBe(expected);
});

test.each(ruled)("under $name, $row.0: $verdict", ({ trust, row: [, expected, make] }) => {
  judges.under(trust, () => expect(short(judges.judge(make()))).toBe(expected));
});

test.each(programs)("a program $name, on $machine", ({ machine, row: [, expected, make] }) => {
  expect(short(judges.judge(make(), machine))).toBe(expected);
});

test("grants are those that the manifest lists", () => {
  judges.judge(packageOf());
  const [endpoint, timer] = [6, 12];
  expect(judges.packages.grantFault(0, endpoint, 2)).toBe("None");
  expect(judges.packages.grantFault(0, 0, 0)).toBe("GrantMissing");
  expect(judges.packages.grantFault(0, timer, 2)).toBe("GrantWrongKind");
  expect(judges.packages.grantFault(0, endpoint, 3)).toBe("GrantTooWide");
  expect(judges.packages.grantFault(1, 0, 0)).toBe("None");
  expect(judges.packages.grantFault(2, endpoint, 2)).toBe("GrantUnlisted");
  const counts = [0, 1, 2, 3].map((count) => judges.packages.grantCountFault(count));
  expect(counts).toEqual(["GrantMissing", "None", "None", "GrantUnlisted"]);
});
