import { decodeCertificateBody, decodeTrust, decodeTrustBody, type Signed } from "../format/decode.ts";
import { encodeSigned } from "../format/encode.ts";
import { FaultError } from "../format/faults.ts";
import { decodeRelease } from "../format/release.ts";
import type { Purpose } from "../format/sign.ts";
import type { Command } from "../main.ts";
import { print } from "../tool/console.ts";
import { EXIT_DATA, Failure } from "../tool/failure.ts";
import { readInput, writeOutput } from "../tool/files.ts";
import { addSignature } from "../tool/signatures.ts";

export const sign: Command = {
  summary: "adds a root's signature to a certificate, a trust set or a release",
  help: `
  sila sign FILE --by KEY

Each root can sign on a machine of its own, one after the other, until the threshold is met. Packages are
signed as they are made: sila pack.

Examples:
  sila sign example.cert --by /media/vault-2/root-2.key
  sila sign skyscope.trust --by /media/vault-3/root-3.key
  sila sign skyscope-x86_64.iso.sig --by /media/vault-2/root-2.key
`,
  options: { by: "string" },
  mostArguments: 1,
  async run(given) {
    const file = given.at(0, "FILE");
    const bytes = readInput(file, "sila certify makes certificates and trust sets.");
    const keyFile = given.needed("by", "root-2.key");
    const { body, signatures } = decodeFile(file, bytes);
    const present = signatures.map((place) => place.bytes);
    const all = addSignature(file, purposeOf(file, body.bytes), body.bytes, present, keyFile);
    writeOutput(file, encodeSigned(body.bytes, all));
    print(`${file}: ${all.length} signatures`);
    return 0;
  },
};

function decodeFile(file: string, bytes: Uint8Array): Signed {
  try {
    return decodeTrust(bytes);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new Failure(
      `${file}: ${error.message}. It is neither a certificate, a trust set nor a release's signature`,
      EXIT_DATA,
    );
  }
}

function purposeOf(file: string, body: Uint8Array): Purpose {
  if (isRead(() => decodeTrustBody(body))) return "trust";
  if (isRead(() => decodeCertificateBody(body))) return "certificate";
  if (isRead(() => decodeRelease(body))) return "release";
  throw new Failure(`${file}: its body is neither a certificate's, a trust set's nor a release's`, EXIT_DATA);
}

function isRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof FaultError) return false;
    throw error;
  }
}
