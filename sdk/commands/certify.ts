import { basename } from "node:path";
import { decodeCertificateBody, decodeTrustBody } from "../format/decode.ts";
import { encodeCertificateBody, encodeSigned, encodeTrustBody } from "../format/encode.ts";
import { FaultError } from "../format/faults.ts";
import { encodeRelease, releaseOf } from "../format/release.ts";
import { keyId, type Purpose } from "../format/sign.ts";
import type { NamedGrant, TrustBody } from "../format/types.ts";
import type { Command } from "../main.ts";
import type { Arguments } from "../tool/arguments.ts";
import { print } from "../tool/console.ts";
import { EXIT_DATA, Failure, usage } from "../tool/failure.ts";
import { Fields, readCeiling } from "../tool/fields.ts";
import { readInput, readJson, writeOutput } from "../tool/files.ts";
import { readPublicKey } from "../tool/keys.ts";
import { signAll } from "../tool/signatures.ts";

export const certify: Command = {
  summary: "makes a publisher's certificate, a trust set or a release's signature",
  help: `
  sila certify publisher FILE.json --key PUBLISHER.pub --by KEY… --out FILE.cert
  sila certify trust FILE.json --by KEY… --out FILE.trust
  sila certify release FILE --by KEY… [--out FILE.sig]

  --key FILE    the publisher's public key
  --by FILE     a secret key that signs: a root's, or for a second certificate the first one's; may stand
                several times, each key once. More signatures can be added later: sila sign
  --out FILE    what is written

A release is any file as it is, such as an ISO; its signature, which lies beside it, has its name, its length and its
SHA-512. sila verify FILE checks it.

A publisher's FILE.json:
  { "publisher": "example.org", "firstEpoch": 1, "lastEpoch": 10, "mayCertify": false,
    "ceiling": { "prefixes": ["example"], "kinds": { "Endpoint": ["read", "write"], "Timer": [] },
                 "budget": 16777216, "priority": 100 } }

A trust set's FILE.json, which names key files from its own folder:
  { "version": 2, "epoch": 1, "threshold": 2, "roots": ["root-1.pub", "root-2.pub", "root-3.pub"],
    "revoked": ["old.pub"], "minimums": { "hello": "1.2.0" },
    "policy": { "ceiling": { … }, "rules": { "example.org": { … } },
                "grants": [{ "prefix": "sila.console", "kind": "PowerControl", "rights": [], "name": "power" }] } }

Examples:
  sila certify publisher example.json --key example.pub --by root-1.key --by root-2.key --out example.cert
  sila certify trust trust.json --by root-1.key --out skyscope.trust
  sila certify release skyscope-x86_64.iso --by root-1.key
`,
  options: { key: "string", by: "list", out: "string" },
  mostArguments: 2,
  async run(given) {
    const what = given.at(0, "publisher, trust or release");
    if (what === "release") return writeRelease(given, given.at(1, "FILE"));
    const file = given.at(1, "FILE.json");
    const fields = new Fields(file, readJson(file, "sila certify --help shows one."));
    if (what === "publisher") return write(given, "certificate", publisherBody(given, fields), decodeCertificateBody);
    if (what === "trust") return write(given, "trust", encodeTrustBody(trustBody(fields)), decodeTrustBody);
    throw usage(`${what}: publisher, trust or release can be certified`);
  },
};

/** What `read`, which judges as the target does, does not take is not signed. */
function write(
  given: Arguments,
  purpose: Purpose,
  body: Uint8Array,
  read: (body: Uint8Array<ArrayBuffer>) => unknown,
): number {
  try {
    read(Uint8Array.from(body));
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new Failure(`${given.at(1, "FILE.json")}: a target would not take it: ${error.message}`, EXIT_DATA);
  }
  writeSigned(given, purpose, body, given.needed("out", `example.${purpose === "trust" ? "trust" : "cert"}`));
  return 0;
}

function writeRelease(given: Arguments, file: string): number {
  const contents = readInput(file, "A release is a file that is there.");
  writeSigned(given, "release", encodeRelease(releaseOf(basename(file), contents)), given.text("out") ?? `${file}.sig`);
  return 0;
}

function writeSigned(given: Arguments, purpose: Purpose, body: Uint8Array, out: string): void {
  const keyFiles = given.list("by");
  if (keyFiles.length === 0) throw usage("--by is missing, as in --by root-1.key");
  const signatures = signAll(out, purpose, body, keyFiles);
  writeOutput(out, encodeSigned(body, signatures));
  print(`${out}: ${signatures.length} ${signatures.length === 1 ? "signature" : "signatures"}`);
}

function publisherBody(given: Arguments, fields: Fields): Uint8Array {
  fields.only("publisher", "ceiling", "firstEpoch", "lastEpoch", "mayCertify");
  const firstEpoch = fields.number("firstEpoch", 0, 0xffff_ffff, 0);
  return encodeCertificateBody({
    publisher: fields.name("publisher", "example.org"),
    key: readPublicKey(given.needed("key", "publisher.pub")),
    ceiling: readCeiling(fields.object("ceiling")),
    firstEpoch,
    lastEpoch: fields.number("lastEpoch", firstEpoch, 0xffff_ffff),
    mayCertify: fields.flag("mayCertify", false),
  });
}

function trustBody(fields: Fields): TrustBody {
  fields.only("version", "epoch", "threshold", "roots", "revoked", "minimums", "policy");
  const policy = fields.object("policy");
  policy.only("ceiling", "rules", "grants");
  const minimums = fields.object("minimums");
  const rules = policy.object("rules");
  const files = fields.files("roots");
  const double = files.find((file, i) => files.indexOf(file) !== i);
  if (double !== undefined) throw fields.fail("roots", `${basename(double)} stands there twice`);
  const roots = files.map(readPublicKey);
  if (roots.length === 0) throw fields.fail("roots", 'public keys of roots are needed, such as ["root-1.pub"]');
  return {
    version: fields.number("version", 0, 0xffff_ffff),
    epoch: fields.number("epoch", 0, 0xffff_ffff),
    threshold: fields.number("threshold", 1, Math.min(4, roots.length)),
    roots,
    revoked: fields.files("revoked").map((file) => keyId(readPublicKey(file))),
    minimums: Object.fromEntries(minimums.names().map((name) => [name, minimums.version(name)])),
    policy: {
      ceiling: readCeiling(policy.object("ceiling")),
      rules: Object.fromEntries(rules.names().map((name) => [name, readCeiling(rules.object(name))])),
      grants: policy.objects("grants").map(readGrant),
    },
  };
}

function readGrant(fields: Fields): NamedGrant {
  fields.only("prefix", "kind", "rights", "name");
  return {
    prefix: fields.prefix("prefix"),
    kind: fields.kind("kind"),
    rights: fields.rights("rights"),
    name: fields.name("name", "power"),
  };
}
