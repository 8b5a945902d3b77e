import type { Kind, Right } from "./kinds.ts";

/** What the parts of a package and of a trust set say; docs/module-format.md describes each field. */

export interface Ceiling {
  readonly prefixes: readonly string[];
  readonly kinds: Readonly<Partial<Record<Kind, readonly Right[]>>>;
  readonly budgetBytes: number;
  readonly priority: number;
}

export interface CertificateBody {
  readonly publisher: string;
  readonly key: Uint8Array;
  readonly ceiling: Ceiling;
  readonly firstEpoch: number;
  readonly lastEpoch: number;
  readonly mayCertify: boolean;
}

export interface Wanted {
  readonly kind: Kind;
  readonly rights: readonly Right[];
  readonly required: boolean;
}

export interface Schema {
  readonly name: string;
  readonly version: number;
  readonly digest: Uint8Array;
}

export interface Contract {
  readonly drains: boolean;
  readonly exports: readonly Schema[];
  readonly imports: readonly Schema[];
  readonly prepareTimeoutMs: number;
  readonly healthCheck: string;
}

export const MACHINES = { x86_64: 62, aarch64: 183 } as const;
export type Machine = keyof typeof MACHINES;

export const FAULT_POLICIES = ["terminate", "restart", "stop"] as const;
export type FaultPolicy = (typeof FAULT_POLICIES)[number];

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly machine: Machine;
  readonly binaryBytes: number;
  readonly binaryDigest: Uint8Array;
  readonly entry: bigint;
  readonly stackBytes: number;
  readonly budgetBytes: number;
  readonly priority: number;
  readonly wanted: Readonly<Record<string, Wanted>>;
  readonly offers: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly faultPolicy: FaultPolicy;
  readonly contract: Contract | null;
}

export type Method = "stored" | "zstd";
export const METHODS: readonly Method[] = ["stored", "zstd"];

export interface Compression {
  readonly method: Method;
  readonly packedBytes: number;
  readonly packedDigest: Uint8Array;
  readonly binaryBytes: number;
  readonly binaryDigest: Uint8Array;
  readonly windowBytes: number;
}

export interface NamedGrant {
  readonly prefix: string;
  readonly kind: Kind;
  readonly rights: readonly Right[];
  readonly name: string;
}

export interface Policy {
  readonly ceiling: Ceiling;
  readonly rules: Readonly<Record<string, Ceiling>>;
  readonly grants: readonly NamedGrant[];
}

export interface TrustBody {
  readonly version: number;
  readonly epoch: number;
  readonly threshold: number;
  readonly roots: readonly Uint8Array[];
  readonly revoked: readonly Uint8Array[];
  readonly minimums: Readonly<Record<string, string>>;
  readonly policy: Policy;
}
