import {
  decodeCertificateBody,
  decodeChain,
  decodeCompression,
  decodeContainer,
  decodeManifest,
  decodeTrust,
  decodeTrustBody,
  type Place,
} from "../format/decode.ts";
import { FaultError } from "../format/faults.ts";
import { digest, keyId } from "../format/sign.ts";
import { decodeSign1 } from "../format/sign1.ts";
import type { Ceiling } from "../format/types.ts";
import type { Command } from "../main.ts";
import { print, strong } from "../tool/console.ts";
import { EXIT_DATA, Failure } from "../tool/failure.ts";
import { readInput } from "../tool/files.ts";

export const inspect: Command = {
  summary: "shows what a package, a certificate or a trust set says; nothing is verified",
  help: `
  sila inspect FILE [--json]

Examples:
  sila inspect hello-0.1.0.sila
  sila inspect --json skyscope.trust | jq .body.minimums
`,
  options: { json: "flag" },
  mostArguments: 1,
  async run(given) {
    const file = given.at(0, "FILE");
    const bytes = readInput(file, "sila pack makes packages, sila certify certificates and trust sets.");
    const described = describe(file, bytes);
    if (given.flag("json")) print(JSON.stringify(described, plain, 2));
    else print(outline(described, 0));
    return 0;
  },
};

/** Bytes as hexadecimal text, large numbers as text. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}

export function describe(file: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const faults: string[] = [];
  for (const read of [describePackage, describeTrust, describeCertificate]) {
    try {
      return read(bytes);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      faults.push(error.message);
    }
  }
  throw new Failure(`${file}: no package (${faults[0]}), no trust set (${faults[1]}), no certificate`, EXIT_DATA);
}

function describePackage(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const container = decodeContainer(bytes);
  const chain = decodeChain(container.certificates.bytes);
  const manifest = decodeSign1(container.manifest.bytes);
  return {
    format: "sila package 1",
    bytes: bytes.length,
    digest: digest(bytes),
    certificates: chain.map(({ body, signatures }) => ({
      ...certificateOf(body.bytes),
      signedBy: signatures.map(signerOf),
    })),
    manifest: decodeManifest(manifest.payload ?? new Uint8Array()),
    manifestDigest: digest(container.manifest.bytes),
    compression: decodeCompression(container.compression.bytes),
    signedBy: {
      manifest: manifest.keyId,
      binary: signerOf(container.binarySignature),
      package: signerOf(container.packageSignature),
    },
  };
}

function describeTrust(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const { body, signatures } = decodeTrust(bytes);
  const { roots, ...rest } = decodeTrustBody(body.bytes);
  return {
    format: "sila trust set",
    body: { ...rest, roots: roots.map(keyId) },
    signedBy: signatures.map(signerOf),
  };
}

function describeCertificate(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const { body, signatures } = decodeTrust(bytes);
  return { format: "sila certificate", ...certificateOf(body.bytes), signedBy: signatures.map(signerOf) };
}

interface ShownCertificate {
  readonly publisher: string;
  readonly keyId: Uint8Array;
  readonly epochs: string;
  readonly mayCertify: boolean;
  readonly ceiling: Ceiling;
}

function certificateOf(bytes: Uint8Array): ShownCertificate {
  const { publisher, key, ceiling, firstEpoch, lastEpoch, mayCertify } = decodeCertificateBody(bytes);
  return { publisher, keyId: keyId(key), epochs: `${firstEpoch} to ${lastEpoch}`, mayCertify, ceiling };
}

function signerOf({ bytes }: Place): Uint8Array {
  return decodeSign1(bytes).keyId;
}

/** A field a line; ids and digests by their first bytes. */
function outline(value: Readonly<Record<string, unknown>>, depth: number): string {
  const lines = Object.entries(value).map(([name, each]) => {
    const label = `${"  ".repeat(depth)}${depth === 0 ? strong(name) : name}`;
    const text = inline(each);
    if (text !== null) return `${label}: ${text}`;
    const inner = outline(Object.fromEntries(Object.entries(each as object)), depth + 1);
    return inner === "" ? `${label}: none` : `${label}:\n${inner}`;
  });
  return lines.join("\n");
}

/** What fits a line; null when it does not. */
function inline(value: unknown): string | null {
  if (value instanceof Uint8Array) return `${Buffer.from(value.subarray(0, 8)).toString("hex")}…`;
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (value === null) return "none";
  if (Array.isArray(value)) {
    const items = value.map(inline);
    return items.every((item) => item !== null) ? items.map((item) => item || '""').join(", ") || "none" : null;
  }
  return typeof value === "object" ? null : String(value);
}
