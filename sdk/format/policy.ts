import semver from "semver";
import { isUnder } from "./decode.ts";
import type { Fault } from "./faults.ts";
import type { Kind, Right } from "./kinds.ts";
import type { Ceiling, Manifest, TrustBody, Wanted } from "./types.ts";

/** What a module may be called and ask for, by a certificate and by a trust set's policy. */

type Limit = "Name" | "Kind" | "Rights" | "Budget" | "Priority";

export function allowsName(ceiling: Ceiling, name: string): boolean {
  return ceiling.prefixes.some((prefix) => isUnder(name, prefix));
}

function limitOfGrant(ceiling: Ceiling, kind: Kind, rights: readonly Right[]): Limit | null {
  const allowed = Object.hasOwn(ceiling.kinds, kind) ? ceiling.kinds[kind] : undefined;
  if (allowed === undefined) return "Kind";
  return rights.every((right) => allowed.includes(right)) ? null : "Rights";
}

interface Numbers {
  readonly budgetBytes: number;
  readonly priority: number;
}

function limitOfNumbers(ceiling: Ceiling, { budgetBytes, priority }: Numbers): Limit | null {
  if (budgetBytes > ceiling.budgetBytes) return "Budget";
  return priority > ceiling.priority ? "Priority" : null;
}

/** Whether `inner` allows nothing that `outer` does not. */
export function isWithin(inner: Ceiling, outer: Ceiling): boolean {
  const kinds = Object.entries(inner.kinds) as [Kind, readonly Right[]][];
  return (
    inner.prefixes.every((prefix) => allowsName(outer, prefix)) &&
    kinds.every(([kind, rights]) => limitOfGrant(outer, kind, rights) === null) &&
    limitOfNumbers(outer, inner) === null
  );
}

function limitOfIdentity(ceiling: Ceiling, manifest: Manifest): Limit | null {
  return allowsName(ceiling, manifest.name) ? limitOfNumbers(ceiling, manifest) : "Name";
}

const CEILING_FAULTS: Readonly<Record<Limit, Fault>> = {
  Name: "NameOutsideCeiling",
  Kind: "KindOutsideCeiling",
  Rights: "RightsOutsideCeiling",
  Budget: "BudgetAboveCeiling",
  Priority: "PriorityAboveCeiling",
};

const POLICY_FAULTS: Readonly<Record<Limit, Fault>> = {
  Name: "NameOutsidePolicy",
  Kind: "KindOutsidePolicy",
  Rights: "RightsOutsidePolicy",
  Budget: "BudgetAbovePolicy",
  Priority: "PriorityAbovePolicy",
};

/** What is wrong with the module's name, version, budget or priority; null when nothing is. */
export function faultOfIdentity(
  trust: TrustBody,
  ceiling: Ceiling,
  publisher: string,
  manifest: Manifest,
): Fault | null {
  const beyond = limitOfIdentity(ceiling, manifest);
  if (beyond !== null) return CEILING_FAULTS[beyond];
  const least = ownValue(trust.minimums, manifest.name);
  if (least !== undefined && semver.lt(manifest.version, least)) return "VersionBelowMinimum";
  const rule = ownValue(trust.policy.rules, publisher);
  const limit = limitOfIdentity(trust.policy.ceiling, manifest) ?? (rule && limitOfIdentity(rule, manifest)) ?? null;
  return limit === null ? null : POLICY_FAULTS[limit];
}

/** What is wrong with a capability that the module wants. */
export function faultOfWanted(
  trust: TrustBody,
  ceiling: Ceiling,
  publisher: string,
  module: string,
  name: string,
  { kind, rights }: Wanted,
): Fault | null {
  const beyond = limitOfGrant(ceiling, kind, rights);
  if (beyond !== null) return CEILING_FAULTS[beyond];
  const rule = ownValue(trust.policy.rules, publisher);
  const limit = limitOfGrant(trust.policy.ceiling, kind, rights) ?? (rule && limitOfGrant(rule, kind, rights)) ?? null;
  if (limit === null) return null;
  const isNamed = trust.policy.grants.some(
    (grant) =>
      grant.kind === kind &&
      grant.name === name &&
      rights.every((right) => grant.rights.includes(right)) &&
      isUnder(module, grant.prefix),
  );
  return isNamed ? null : POLICY_FAULTS[limit];
}

function ownValue<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
