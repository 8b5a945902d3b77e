import { concat, encodeItem } from "../../../sdk/format/cbor.ts";
import { compressionItem, encodeCertificateBody, encodeChain, encodeManifest } from "../../../sdk/format/encode.ts";
import { RIGHTS } from "../../../sdk/format/kinds.ts";
import { digest, signAttached, signBody } from "../../../sdk/format/sign.ts";
import type { CertificateBody } from "../../../sdk/format/types.ts";
import {
  assemble,
  BINARY,
  CERTIFICATE,
  CHAIN,
  COMPRESSION,
  certificateOf,
  EPOCH,
  MANIFEST_OF_BINARY,
  OTHER_PUBLISHER,
  PUBLISHER,
  packageOf,
  ROOTS,
  STRANGER,
} from "../package-inputs.ts";

import { type Damage, damagedEnd } from "./damage.ts";
import { packageWithCertificate, packageWithManifest } from "./packages.ts";

/** Packages that are not signed as they should be, or not certified. */

const sound = packageOf();

/** Parts of another module of the same publisher. */
const other = packPartsOfOther();

function packPartsOfOther() {
  const manifest = signAttached(PUBLISHER, "manifest", encodeManifest({ ...MANIFEST_OF_BINARY, version: "1.9.0" }));
  const statement = encodeItem([digest(manifest), digest(BINARY), BINARY.length]);
  return { manifest, binarySignature: signAttached(PUBLISHER, "binary", statement) };
}

const manifestBytes = encodeManifest(MANIFEST_OF_BINARY);
const bodyBytes = encodeCertificateBody(CERTIFICATE);
const issuer: CertificateBody = { ...CERTIFICATE, key: OTHER_PUBLISHER.publicKey, mayCertify: true };
const chainUnder = (above: Partial<CertificateBody>, below: Partial<CertificateBody> = {}): Uint8Array =>
  packageOf({
    chain: [certificateOf({ ...issuer, ...above }), certificateOf({ ...CERTIFICATE, ...below }, [OTHER_PUBLISHER])],
  });

export const SIGNATURE_DAMAGES: readonly Damage[] = [
  [
    "a certificate of strangers",
    "CertificateError: UnknownSigner in Certificates",
    () => packageOf({ chain: [certificateOf(CERTIFICATE, [STRANGER])] }),
  ],
  [
    "one root where two have to sign",
    "CertificateError: ThresholdNotMet in Certificates",
    () => packageOf({ chain: [certificateOf(CERTIFICATE, ROOTS.slice(0, 1))] }),
  ],
  [
    "the same root twice",
    "CertificateError: DuplicateSigner in Certificates",
    () => packageOf({ chain: [certificateOf(CERTIFICATE, [ROOTS[0], ROOTS[0]] as never)] }),
  ],
  [
    "a root's signature of something else",
    "CertificateError: CertificateSignature in Certificates",
    () =>
      assemble({
        chain: encodeChain([
          concat(
            Uint8Array.of(0x82),
            encodeItem(bodyBytes),
            encodeItem([signBody(ROOTS[0] as never, "certificate", manifestBytes)]),
          ),
        ]),
      }),
  ],
  [
    "a certificate signed as a trust set",
    "PackageFormatError: SignPurpose in Certificates",
    () =>
      assemble({
        chain: encodeChain([
          concat(
            Uint8Array.of(0x82),
            encodeItem(bodyBytes),
            encodeItem([signBody(ROOTS[0] as never, "trust", bodyBytes)]),
          ),
        ]),
      }),
  ],
  [
    "a certificate with the body inside its signature",
    "PackageFormatError: SignPayload in Certificates",
    () =>
      assemble({
        chain: encodeChain([
          concat(
            Uint8Array.of(0x82),
            encodeItem(bodyBytes),
            encodeItem([signAttached(ROOTS[0] as never, "certificate", digest(bodyBytes))]),
          ),
        ]),
      }),
  ],
  [
    "a certificate of a later epoch",
    "CertificateError: NotYetValid in Certificates",
    () => packageWithCertificate({ firstEpoch: EPOCH + 1 }),
  ],
  [
    "an expired certificate",
    "CertificateError: Expired in Certificates",
    () => packageWithCertificate({ lastEpoch: EPOCH - 1 }),
  ],
  [
    "an issuer that may not certify",
    "CertificateError: CannotCertify in Certificates",
    () => chainUnder({ mayCertify: false }),
  ],
  ["an expired issuer", "CertificateError: Expired in Certificates", () => chainUnder({ lastEpoch: EPOCH - 1 })],
  [
    "a second certificate by another than the first's key",
    "CertificateError: UnknownSigner in Certificates",
    () => packageOf({ chain: [certificateOf(issuer), certificateOf(CERTIFICATE, [STRANGER])] }),
  ],
  [
    "a second certificate with two signatures",
    "PackageFormatError: BadCount in Certificates",
    () => packageOf({ chain: [certificateOf(issuer), certificateOf(CERTIFICATE, [OTHER_PUBLISHER, OTHER_PUBLISHER])] }),
  ],
  [
    "a prefix that the issuer has not",
    "CertificateError: CeilingWider in Certificates",
    () => chainUnder({ ceiling: { ...CERTIFICATE.ceiling, prefixes: ["hello.world", "dev"] } }),
  ],
  [
    "a kind that the issuer has not",
    "CertificateError: CeilingWider in Certificates",
    () => chainUnder({ ceiling: { ...CERTIFICATE.ceiling, kinds: { Endpoint: RIGHTS } } }),
  ],
  [
    "a right that the issuer has not",
    "CertificateError: CeilingWider in Certificates",
    () =>
      chainUnder({
        ceiling: { ...CERTIFICATE.ceiling, kinds: { ...CERTIFICATE.ceiling.kinds, Endpoint: ["read"] } },
      }),
  ],
  [
    "a budget above the issuer's",
    "CertificateError: CeilingWider in Certificates",
    () => chainUnder({ ceiling: { ...CERTIFICATE.ceiling, budgetBytes: 1 } }),
  ],
  [
    "a priority above the issuer's",
    "CertificateError: CeilingWider in Certificates",
    () => chainUnder({ ceiling: { ...CERTIFICATE.ceiling, priority: 1 } }),
  ],
  [
    "a manifest signed by another publisher",
    "PackageSignatureError: ManifestSigner in Manifest",
    () => assemble({ manifestPart: signAttached(OTHER_PUBLISHER, "manifest", manifestBytes) }),
  ],
  [
    "a manifest signed as a package",
    "PackageFormatError: SignPurpose in Manifest",
    () => assemble({ manifestPart: signAttached(PUBLISHER, "package", manifestBytes) }),
  ],
  [
    "a manifest whose signature is damaged",
    "PackageSignatureError: ManifestSignature in Manifest",
    () => assemble({ manifestPart: damagedEnd(signAttached(PUBLISHER, "manifest", manifestBytes)) }),
  ],
  [
    "a detached manifest",
    "PackageFormatError: SignPayload in Manifest",
    () => assemble({ manifestPart: signBody(PUBLISHER, "manifest", manifestBytes) }),
  ],
  [
    "a binary signed by another publisher",
    "BinarySignatureError: BinarySigner in BinarySignature",
    () => assemble({ binarySignature: signAttached(OTHER_PUBLISHER, "binary", manifestBytes) }),
  ],
  [
    "a binary signed as a manifest",
    "PackageFormatError: SignPurpose in BinarySignature",
    () => assemble({ binarySignature: signAttached(PUBLISHER, "manifest", manifestBytes) }),
  ],
  [
    "a binary whose signature is damaged",
    "BinarySignatureError: BinarySignature in BinarySignature",
    () => assemble({ binarySignature: damagedEnd(other.binarySignature) }),
  ],
  [
    "a binary signature of another manifest",
    "BinarySignatureError: OtherManifest in BinarySignature",
    () => assemble({ binarySignature: other.binarySignature }),
  ],
  [
    "a manifest of another binary",
    "BinarySignatureError: OtherBinary in BinarySignature",
    () => packageWithManifest([5, digest(sound)]),
  ],
  [
    "a binary signature of another size",
    "BinarySignatureError: OtherBinary in BinarySignature",
    () => packageWithManifest([4, 1]),
  ],
  [
    "a binary signature of two items",
    "PackageFormatError: BadCount in BinarySignature",
    () => assemble({ binaryStatement: [digest(sound), digest(sound)] }),
  ],
  [
    "a package signed by another publisher",
    "PackageSignatureError: PackageSigner in PackageSignature",
    () => assemble({ packageSignature: signAttached(OTHER_PUBLISHER, "package", manifestBytes) }),
  ],
  [
    "a package signed as a release",
    "PackageFormatError: SignPurpose in PackageSignature",
    () => assemble({ packageSignature: signAttached(PUBLISHER, "binary", manifestBytes) }),
  ],
  [
    "a package whose signature is damaged",
    "PackageSignatureError: PackageSignature in PackageSignature",
    () => assemble({ packageSignature: damagedEnd(signAttached(PUBLISHER, "package", manifestBytes)) }),
  ],
  [
    "the signature of another package",
    "PackageSignatureError: OtherPart in PackageSignature",
    () =>
      assemble({
        packageStatement: [encodeChain(CHAIN), other.manifest, other.manifest, other.manifest].map(digest),
      }),
  ],
  [
    "the payload of another package",
    "PackageSignatureError: PayloadDigest in Payload",
    () => assemble({ payload: BINARY.map((byte, i) => (i === 200 ? byte ^ 1 : byte)) }),
  ],
  [
    "a compression header of another binary",
    "BinarySignatureError: OtherBinary in Compression",
    () =>
      assemble({
        compression: encodeItem(
          compressionItem({ ...COMPRESSION, packedDigest: digest(sound), binaryDigest: digest(sound) }),
        ),
      }),
  ],
];
