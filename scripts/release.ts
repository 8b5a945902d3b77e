import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { encodeSigned } from "../sdk/format/encode.ts";
import { encodeRelease, releaseOf } from "../sdk/format/release.ts";
import { writeOutput } from "../sdk/tool/files.ts";
import { developmentKeys } from "../sdk/tool/keys.ts";
import { signAll } from "../sdk/tool/signatures.ts";

/**
 * What stands beside a file that leaves the project:
 *
 *   file ─┬── SHA-512 ────▶ file.sha512
 *         └── root's key ─▶ file.sig
 *
 * The root is that of the development keys, as the packages in an image are signed with them; others sign by `sila certify
 * release`.
 */
export function signRelease(file: string): void {
  const contents = Uint8Array.from(readFileSync(file));
  const digest = createHash("sha512").update(contents).digest("hex");
  writeFileSync(`${file}.sha512`, `${digest}  ${basename(file)}\n`);
  const body = encodeRelease(releaseOf(basename(file), contents));
  writeOutput(`${file}.sig`, encodeSigned(body, signAll(file, "release", body, [developmentKeys().root])));
}
