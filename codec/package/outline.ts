import { type Bench, openSignature, PURPOSE_MANIFEST } from "./bench";
import { type Container, readContainer } from "./container";
import { PackageFault } from "./fault";
import { isRight } from "./fields";
import { type Manifest, type ManifestReader, readManifest } from "./manifest";
import { bytesOf } from "./span";

/**
 * What a package says of itself. Nothing is verified: this is for lists, and for whoever prepares what the package asks
 * for before the kernel is asked to verify it.
 */
export interface Outline extends Struct<"Outline"> {
  readonly bench: Inline<Bench>;
  readonly reader: Inline<ManifestReader>;
  readonly container: Inline<Container>;
  /** Its spans count from `manifestBytes`, which lie in the file. */
  readonly manifest: Inline<Manifest>;
  manifestBytes: Bytes;
}

/** Reads headers and manifest of a file; answers what is wrong with them. */
export function readOutline(outline: Outline, file: Bytes): PackageFault {
  const fields = outline.bench.fields;
  outline.manifestBytes = subslice(file, 0, 0);
  readContainer(fields, file, outline.container);
  if (!isRight(fields)) return fields.fault;
  openSignature(outline.bench, bytesOf(file, outline.container.manifest), PURPOSE_MANIFEST, false);
  if (!isRight(fields)) return fields.fault;
  outline.manifestBytes = outline.bench.cose.payload;
  readManifest(fields, outline.reader, outline.manifestBytes, outline.manifest);
  if (!isRight(fields)) return fields.fault;
  const end = u64(outline.container.headerBytes) + outline.container.payloadBytes;
  return end === u64(file.length) ? PackageFault.None : PackageFault.PayloadLength;
}
