import { encodeItem, type Item } from "../../../sdk/format/cbor.ts";
import { manifestItem } from "../../../sdk/format/encode.ts";
import type { CertificateBody } from "../../../sdk/format/types.ts";
import { assemble, CERTIFICATE, certificateOf, MANIFEST_OF_BINARY, packageOf } from "../package-inputs.ts";

/** The sound package with other fields in one of its parts, soundly signed. */

/** The sound manifest, with some fields of its encoding replaced. */
export const manifestWith = (fields: readonly (readonly [number, Item])[]): Uint8Array =>
  encodeItem(new Map<number, Item>([...manifestItem(MANIFEST_OF_BINARY), ...fields]));

export const packageWithManifest = (...fields: readonly (readonly [number, Item])[]): Uint8Array =>
  assemble({ manifest: manifestWith(fields) });

export const packageWithCertificate = (certificate: Partial<CertificateBody>): Uint8Array =>
  packageOf({ chain: [certificateOf({ ...CERTIFICATE, ...certificate })] });
