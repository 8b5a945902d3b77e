import { concat, encodeItem, type Item } from "../../../sdk/format/cbor.ts";
import { decodeContainer } from "../../../sdk/format/decode.ts";
import {
  certificateItem,
  compressionItem,
  encodeChain,
  encodeManifest,
  manifestItem,
} from "../../../sdk/format/encode.ts";
import {
  assemble,
  BINARY,
  CERTIFICATE,
  CHAIN,
  COMPRESSION,
  certificateOf,
  MANIFEST_OF_BINARY,
  packageOf,
  ROOTS,
  signCertificate,
  WIDEST,
} from "../package-inputs.ts";

import { type Damage, replaceAt } from "./damage.ts";
import { packageWithCertificate, packageWithManifest } from "./packages.ts";

/** Packages whose encoding or fields are not as the format says, most of them soundly signed. */

const packageWithBody = (body: Uint8Array): Uint8Array =>
  packageOf({ chain: [signCertificate(body, ROOTS.slice(0, 2))] });

const sound = packageOf();
const payloadAt = decodeContainer(sound).headerBytes;

/** A map's encoding with raw pairs: keys as they are given. */
function rawMap(pairs: readonly (readonly [Item, Item])[]): Uint8Array {
  const items = pairs.flatMap(([key, value]) => [encodeItem(key), encodeItem(value)]);
  return concat(Uint8Array.of(0xa0 | pairs.length), ...items);
}

const manifestPairs = [...manifestItem(MANIFEST_OF_BINARY)];
const swapped = (pairs: readonly (readonly [number, Item])[], i: number): (readonly [number, Item])[] =>
  pairs.map((pair, k) => (k === i ? pairs[i + 1] : k === i + 1 ? pairs[i] : pair) as readonly [number, Item]);

/** The manifest's encoding with one piece of it replaced. */
function manifestReplacing(from: readonly number[], to: readonly number[]): Uint8Array {
  const bytes = Buffer.from(encodeManifest(MANIFEST_OF_BINARY));
  const at = bytes.indexOf(Buffer.from(from));
  if (at < 0) throw new Error("the piece is not in the manifest");
  return assemble({
    manifest: concat(bytes.subarray(0, at), Uint8Array.from(to), bytes.subarray(at + from.length)),
  });
}

export const FORMAT_DAMAGES: readonly Damage[] = [
  ["no bytes", "PackageFormatError: Truncated in File", () => new Uint8Array()],
  ["another array", "PackageFormatError: BadCount in File", () => Uint8Array.of(0x87, ...sound.subarray(1))],
  [
    "another magic",
    "PackageFormatError: UnknownFormat in File",
    () => Uint8Array.of(0x88, 0x64, 0x73, 0x69, 0x6c, 0x62),
  ],
  [
    "a longer magic",
    "PackageFormatError: TooLong in File",
    () => Uint8Array.of(0x88, 0x65, 0x73, 0x69, 0x6c, 0x61, 0x61, 0x01),
  ],
  [
    "another format",
    "PackageFormatError: UnknownFormat in File",
    () => Uint8Array.of(0x88, 0x64, 0x73, 0x69, 0x6c, 0x61, 0x02),
  ],
  ["a part that is no string", "PackageFormatError: WrongType in File", () => replaceAt(sound, 7, [0x80])],
  ["a part of indefinite length", "PackageFormatError: Indefinite in File", () => replaceAt(sound, 7, [0x5f])],
  ["a reserved head", "PackageFormatError: Reserved in File", () => replaceAt(sound, 7, [0x5c])],
  ["a byte more", "PackageFormatError: TrailingBytes in Payload", () => concat(sound, Uint8Array.of(0))],
  ["a byte less", "PackageFormatError: Truncated in Payload", () => sound.subarray(0, -1)],
  ["a length that is not shortest", "PackageFormatError: NotShortest in File", () => replaceAt(sound, 7, [0x5a, 0, 0])],
  ["a payload that is text", "PackageFormatError: WrongType in File", () => replaceAt(sound, payloadAt - 3, [0x79])],
  ["a huge part", "PackageFormatError: TooLong in File", () => assemble({ chain: new Uint8Array(60_000) })],
  [
    "a huge payload",
    "PackageFormatError: TooLong in File",
    () => concat(sound.subarray(0, payloadAt - 3), Uint8Array.of(0x5a, 0x10, 0, 0, 0)),
  ],
  [
    "headers beyond their limit",
    "PackageFormatError: TooLong in File",
    () => assemble({ chain: new Uint8Array(50_000) }),
  ],
  ["no certificate", "PackageFormatError: BadCount in Certificates", () => assemble({ chain: Uint8Array.of(0x80) })],
  [
    "three certificates",
    "PackageFormatError: BadCount in Certificates",
    () => packageOf({ chain: [...CHAIN, ...CHAIN, ...CHAIN] }),
  ],
  [
    "a certificate without signatures",
    "PackageFormatError: BadCount in Certificates",
    () => packageOf({ chain: [certificateOf(CERTIFICATE, [])] }),
  ],
  [
    "certificates with something behind",
    "PackageFormatError: TrailingBytes in Certificates",
    () => assemble({ chain: concat(encodeChain(CHAIN), Uint8Array.of(0)) }),
  ],
  [
    "a manifest with something behind",
    "PackageFormatError: TrailingBytes in Manifest",
    () => assemble({ manifest: concat(encodeManifest(MANIFEST_OF_BINARY), Uint8Array.of(0)) }),
  ],
  [
    "a manifest that ends early",
    "PackageFormatError: Truncated in Manifest",
    () => assemble({ manifest: encodeManifest(MANIFEST_OF_BINARY).subarray(0, -1) }),
  ],
  [
    "a field missing at the end",
    "PackageFormatError: MissingKey in Manifest",
    () => assemble({ manifest: rawMap(manifestPairs.slice(0, 13)) }),
  ],
  [
    "a field missing within",
    "PackageFormatError: MissingKey in Manifest",
    () => assemble({ manifest: rawMap(manifestPairs.filter(([key]) => key !== 4)) }),
  ],
  ["an unknown field", "PackageFormatError: UnknownKey in Manifest", () => packageWithManifest([15, 0])],
  [
    "an unknown field instead of one",
    "PackageFormatError: UnknownKey in Manifest",
    () => assemble({ manifest: rawMap([...manifestPairs.slice(0, 13), [99, 0]]) }),
  ],
  [
    "a field twice",
    "PackageFormatError: DuplicateKey in Manifest",
    () => assemble({ manifest: rawMap([...manifestPairs.slice(0, 2), ...manifestPairs.slice(1)]) }),
  ],
  [
    "the last field twice",
    "PackageFormatError: DuplicateKey in Manifest",
    () => assemble({ manifest: rawMap([...manifestPairs, ...manifestPairs.slice(13)]) }),
  ],
  [
    "fields out of order",
    "PackageFormatError: UnsortedKeys in Manifest",
    () => assemble({ manifest: rawMap(swapped(manifestPairs, 3)) }),
  ],
  ["a field of another type", "PackageFormatError: WrongType in Manifest", () => packageWithManifest([1, 5])],
  [
    "a key of another type",
    "PackageFormatError: WrongType in Manifest",
    () => assemble({ manifest: rawMap([["a", 0], ...manifestPairs.slice(1)]) }),
  ],
  [
    "a number that is not shortest",
    "PackageFormatError: NotShortest in Manifest",
    () => manifestReplacing([0x03, 0x18, 0x3e], [0x03, 0x19, 0x00, 0x3e]),
  ],
  [
    "a key that is not shortest",
    "PackageFormatError: NotShortest in Manifest",
    () => manifestReplacing([0x03, 0x18, 0x3e], [0x18, 0x03, 0x18, 0x3e]),
  ],
  [
    "text that is not UTF-8",
    "PackageFormatError: BadText in Manifest",
    () => manifestReplacing([0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x2e], [0x68, 0xff, 0x6c, 0x6c, 0x6f, 0x2e]),
  ],
  [
    "an unknown simple value",
    "PackageFormatError: UnknownSimple in Manifest",
    () => manifestReplacing([0x83, 0x06, 0x02, 0xf5], [0x83, 0x06, 0x02, 0xe0]),
  ],
  [
    "a name with an empty identifier",
    "PackageFormatError: BadName in Manifest",
    () => packageWithManifest([1, "hello..world"]),
  ],
  ["a name with a space", "PackageFormatError: BadName in Manifest", () => packageWithManifest([1, "hello world"])],
  ["an empty name", "PackageFormatError: BadName in Manifest", () => packageWithManifest([1, ""])],
  ["a name of 65 bytes", "PackageFormatError: TooLong in Manifest", () => packageWithManifest([1, "a".repeat(65)])],
  ["a version of two numbers", "PackageFormatError: BadVersion in Manifest", () => packageWithManifest([2, "1.2"])],
  ["a version with a prefix", "PackageFormatError: BadVersion in Manifest", () => packageWithManifest([2, "v1.2.3"])],
  [
    "a version with a space behind",
    "PackageFormatError: BadVersion in Manifest",
    () => packageWithManifest([2, "1.2.3 "]),
  ],
  ["a machine that is none", "PackageFormatError: OutOfRange in Manifest", () => packageWithManifest([3, 8])],
  ["a binary of no bytes", "PackageFormatError: OutOfRange in Manifest", () => packageWithManifest([4, 0])],
  [
    "a digest of 63 bytes",
    "PackageFormatError: BadLength in Manifest",
    () => packageWithManifest([5, new Uint8Array(63)]),
  ],
  [
    "an entry in the kernel",
    "PackageFormatError: OutOfRange in Manifest",
    () => packageWithManifest([6, 0xffff_8000_0000_0000n]),
  ],
  ["a budget of nothing", "PackageFormatError: OutOfRange in Manifest", () => packageWithManifest([8, 0])],
  ["a priority of 256", "PackageFormatError: OutOfRange in Manifest", () => packageWithManifest([9, 256])],
  [
    "wanted capabilities out of order",
    "PackageFormatError: UnsortedKeys in Manifest",
    () => assemble({ manifest: wantedRaw(["timer", "log"]) }),
  ],
  [
    "a wanted capability twice",
    "PackageFormatError: DuplicateKey in Manifest",
    () => assemble({ manifest: wantedRaw(["log", "log"]) }),
  ],
  [
    "a capability of no kind",
    "PackageFormatError: OutOfRange in Manifest",
    () => packageWithManifest([10, new Map([["log", [0, 1, true]]])]),
  ],
  [
    "a capability of an unknown kind",
    "PackageFormatError: OutOfRange in Manifest",
    () => packageWithManifest([10, new Map([["log", [23, 1, true]]])]),
  ],
  [
    "rights of 8",
    "PackageFormatError: OutOfRange in Manifest",
    () => packageWithManifest([10, new Map([["log", [6, 8, true]]])]),
  ],
  [
    "a wanted capability of two items",
    "PackageFormatError: BadCount in Manifest",
    () => packageWithManifest([10, new Map([["log", [6, 1]]])]),
  ],
  [
    "33 wanted capabilities",
    "PackageFormatError: BadCount in Manifest",
    () => packageWithManifest([10, many(33, [6, 1, true])]),
  ],
  ["17 offers", "PackageFormatError: BadCount in Manifest", () => packageWithManifest([11, many(17, "p")])],
  [
    "an offer without a protocol",
    "PackageFormatError: WrongType in Manifest",
    () => packageWithManifest([11, many(1, 5)]),
  ],
  [
    "a range of 129 bytes",
    "PackageFormatError: TooLong in Manifest",
    () => packageWithManifest([12, many(1, "1".repeat(129))]),
  ],
  ["a fault policy of 3", "PackageFormatError: OutOfRange in Manifest", () => packageWithManifest([13, 3])],
  ["a contract that is none", "PackageFormatError: WrongType in Manifest", () => packageWithManifest([14, false])],
  [
    "nine exported schemas",
    "PackageFormatError: BadCount in Manifest",
    () => packageWithManifest([14, contractWith(2, Array(9).fill(["a", 1, new Uint8Array(64)]))]),
  ],
  [
    "a schema without digest",
    "PackageFormatError: BadCount in Manifest",
    () => packageWithManifest([14, contractWith(3, [["a", 1]])]),
  ],
  [
    "a contract without time",
    "PackageFormatError: OutOfRange in Manifest",
    () => packageWithManifest([14, contractWith(4, 0)]),
  ],
  [
    "a contract with a field more",
    "PackageFormatError: UnknownKey in Manifest",
    () => packageWithManifest([14, contractWith(6, 0)]),
  ],
  [
    "a certificate's field missing",
    "PackageFormatError: MissingKey in Certificates",
    () => packageWithBody(certificateWithout(6)),
  ],
  [
    "a key of 2,591 bytes",
    "PackageFormatError: BadLength in Certificates",
    () => packageWithBody(certificateWith(2, new Uint8Array(2591))),
  ],
  [
    "epochs that end before they begin",
    "PackageFormatError: BadBounds in Certificates",
    () => packageWithCertificate({ firstEpoch: 8, lastEpoch: 7 }),
  ],
  [
    "a ceiling without prefix",
    "PackageFormatError: BadCount in Certificates",
    () => packageWithCertificate({ ceiling: { ...WIDEST, prefixes: [] } }),
  ],
  [
    "a ceiling of nine prefixes",
    "PackageFormatError: BadCount in Certificates",
    () => packageWithCertificate({ ceiling: { ...WIDEST, prefixes: Array(9).fill("a") } }),
  ],
  [
    "a ceiling's kinds out of order",
    "PackageFormatError: UnsortedKeys in Certificates",
    () =>
      packageWithBody(
        ceilingRaw([
          [6, 1],
          [5, 1],
        ]),
      ),
  ],
  [
    "a ceiling's kind twice",
    "PackageFormatError: DuplicateKey in Certificates",
    () =>
      packageWithBody(
        ceilingRaw([
          [6, 1],
          [6, 1],
        ]),
      ),
  ],
  ["a compression header's method of 2", "PackageFormatError: OutOfRange in Compression", () => compressionWith(1, 2)],
  ["an empty payload", "PackageFormatError: BadBounds in Compression", () => compressionWith(2, 0)],
  ["a window of a stored payload", "PackageFormatError: BadBounds in Compression", () => compressionWith(6, 1024)],
  [
    "a window of more than 8 MiB",
    "PackageFormatError: OutOfRange in Compression",
    () => compressionWith(6, 8 * 2 ** 20 + 1),
  ],
  ["no window of a frame", "PackageFormatError: BadBounds in Compression", () => compressionWith(1, 1)],
  [
    "two digests of a stored payload",
    "PackageFormatError: StoredDiffers in Compression",
    () => compressionWith(5, new Uint8Array(64)),
  ],
  [
    "a payload of another length",
    "PackageFormatError: PayloadLength in Compression",
    () => packedLengths(BINARY.length + 1),
  ],
];

function wantedRaw(names: readonly string[]): Uint8Array {
  const entries = names.map((name) => concat(encodeItem(name), encodeItem([6, 2, true])));
  const wanted = concat(Uint8Array.of(0xa0 | names.length), ...entries);
  const before = manifestPairs.slice(0, 9).flatMap(([key, value]) => [encodeItem(key), encodeItem(value)]);
  const behind = manifestPairs.slice(10).flatMap(([key, value]) => [encodeItem(key), encodeItem(value)]);
  return concat(Uint8Array.of(0xae), ...before, Uint8Array.of(10), wanted, ...behind);
}

function many(count: number, value: Item): ReadonlyMap<string, Item> {
  return new Map(Array.from({ length: count }, (_, i) => [`n${String(i).padStart(2, "0")}`, value]));
}

function contractWith(field: number, value: Item): ReadonlyMap<number, Item> {
  return new Map<number, Item>([...(manifestItem(MANIFEST_OF_BINARY).get(14) as Map<number, Item>), [field, value]]);
}

const certificateWith = (field: number, value: Item): Uint8Array =>
  encodeItem(new Map<number, Item>([...certificateItem(CERTIFICATE), [field, value]]));

const certificateWithout = (field: number): Uint8Array =>
  rawMap([...certificateItem(CERTIFICATE)].filter(([key]) => key !== field));

function ceilingRaw(kinds: readonly (readonly [number, number])[]): Uint8Array {
  const ceiling = concat(Uint8Array.of(0xa4, 1, 0x81, 0x60, 2), rawMap(kinds), Uint8Array.of(3, 1, 4, 1));
  const [publisher, key, , first, last, may] = [...certificateItem(CERTIFICATE)].map(([number, value]) =>
    concat(encodeItem(number), encodeItem(value)),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return concat(Uint8Array.of(0xa6), publisher, key, Uint8Array.of(3), ceiling, first, last, may);
}

const compressionWith = (field: number, value: Item): Uint8Array =>
  assemble({ compression: encodeItem(new Map<number, Item>([...compressionItem(COMPRESSION), [field, value]])) });

function packedLengths(bytes: number): Uint8Array {
  const item = compressionItem({ ...COMPRESSION, packedBytes: bytes, method: "zstd", windowBytes: 1024 });
  return assemble({ compression: encodeItem(item) });
}
